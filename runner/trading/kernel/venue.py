"""What the venue does with a symbol's orders at one row of the fill clock.

A row has a first price and, where it is a bar, a range that is known later. `visit` does one of the two:

    first price  market orders fill; stops that it lies beyond become market orders; a limit it lies beyond fills at it.
                 A position whose exit it lies beyond is closed at it.
    range        a stop inside fills at its price, or is passed; a limit fills at its price once the market trades through
                 it by `THROUGH`, as if we had been the last in the queue. Of two exits of one bar the loss comes first, and
                 profit isn't taken in the range that opened the position. An order has one part of a row.

Slippage worsens what takes from the market; what waited in the book fills at its own price. A limit is never passed by what
slippage adds. Exits are market orders of their own, sent and filled at the row that triggers them.

Nothing fills at a price that the market made, even in part, while the venue was out: a bar that an outage touches has no
range for us, and an open only if the bar opened before or after it. All orders that a symbol has at one row share what of
its size may be taken.

What isn't known keeps out and lets go: an order that opens or enlarges a position is rejected where its cost is undefined,
as nobody can have wanted it at any cost, and the next row may ask again; one that closes a position waits for a row whose
cost is known. Of one that turns a position round, the part beyond zero is rejected, and the rest waits where its cost isn't
known either. In the same way a time in force ends what opens, whatever venue and prices do meanwhile, never what closes.
"""

import numpy as np

from runner.compiler import calling, inner_part, load, load_code, load_whole, melted_part, stay_apart
from runner.trading.fees import FEE
from runner.trading.kernel.booking import begin_session, book_fill, charge_nights
from runner.trading.kernel.layout import (
    ALIVE_IN,
    ASK,
    AVERAGE,
    BEST,
    BEST_ASK,
    BEST_BID,
    BID,
    BOOK_LEVELS,
    BOUGHT,
    BUY,
    BUY_HIGH,
    BUY_LOW,
    CANCELLED,
    CASH,
    COST_COLUMN,
    COST_COLUMNS,
    COST_SCALE,
    DAY,
    EXPIRED,
    EXPIRES,
    FIRST_AT,
    FROM,
    GIVEN,
    KIND,
    LAST,
    LAST_AT,
    LEVELS,
    LIFE,
    LIMIT,
    LONG_AGO,
    LOT,
    MARKET,
    NO_CASH,
    NO_COST,
    NONE,
    ORDER,
    PHASE,
    POINTS,
    POSITION,
    PRICE,
    QUEUED,
    RANGES,
    REALISED,
    REJECTED,
    REJECTION,
    ROW,
    SEEN,
    SELL,
    SELL_HIGH,
    SELL_LOW,
    SESSION,
    SHARE,
    SINCE,
    SIZE,
    SOLD,
    STOP_AT,
    STOP_LOSS,
    STOP_LOSS_AT,
    TAKE_AT,
    TAKE_PROFIT,
    TAKE_PROFIT_AT,
    TAKEN_ROW,
    THROUGH,
    TRAIL_AT,
    TRAILING_STOP,
    VISITS,
    VOLUME,
    WANTED,
    WINDOWS,
)
from runner.trading.kernel.log import log_fill
from runner.trading.kernel.orders import closes, end, let_go, queue_row, release_flight, send
from runner.trading.kernel.quantities import fitting
from runner.trading.kernel.random import drawn
from runner.trading.kernel.world import log_at, state_at, venue_at
from runner.trading.slippage import PRICE as PRICE_OF

__all__ = ["beyond", "fills_simply", "visit"]

slipped = calling(PRICE_OF)
charged = calling(FEE)

FIRST_ROW_ONLY = -2
SESSION_ONLY = -1
EXITS_ALONE = 2
"""Phase of a row whose range is only there for exits: the order has had its part of the row."""


@inner_part
def visit(s, where):
    """Let a symbol meet its next row, or the range of the row it met, and put the row after it into the queue."""
    stay_apart()
    venue, state = venue_at(where), state_at(where)
    times, switches = state.times, venue.switches
    row, phase = times[ROW, s], times[PHASE, s]
    instant = load_whole(venue.columns[FIRST_AT if phase == 0 else LAST_AT], row)
    times[QUEUED, s] = 0
    # The nights before a session are charged to who held through them, not to who trades in it.
    if load_code(venue.columns[DAY], row) > state.account[SESSION]:
        charge_nights(load_code(venue.columns[DAY], row), instant, where)
    came = load_whole(venue.columns[FIRST_AT], row) >= times[FROM, s]
    if came:
        _grow_older(s, row, phase, instant, venue, state, where)
    wanted = state.book[WANTED, s]
    is_open = not _is_out(load_whole(venue.columns[SINCE if phase == 0 else FIRST_AT], row), instant, venue.outages)
    if np.isfinite(_of(BUY, row, venue)) and np.isfinite(_of(SELL, row, venue)) and is_open:
        _meet(s, row, phase, instant, came, venue, state, where)
    elif came and _is_for_one_row(s, venue, state):
        end(s, instant, EXPIRED, where)
    # Whoever wasn't there when a bar opened can't know what of its range was still to come.
    if phase == 0 and switches[RANGES] == 1 and is_open and _has_prices(s, state, venue.settings):
        has_part = state.book[KIND, s] == LIMIT and state.book[WANTED, s] != wanted
        times[PHASE, s] = EXITS_ALONE if has_part else 1
    else:
        times[ROW, s] = row + 1
        times[PHASE, s] = 0
    if state.book[KIND, s] != NONE or _has_exits(s, state, venue.settings):
        queue_row(s, state, venue)


@melted_part
def fills_simply(s, venue, state, log, where):
    """Fill a symbol's order at its next row where orders are `SIMPLE`, and tell whether it was; else nothing is done.

    It is what `visit` does where nothing has to be looked into: a market order whose first row has prices, which is paid for
    and doesn't turn a position round.
    """
    book, times, account = state.book, state.times, state.account
    row, wanted, position = times[ROW, s], book[WANTED, s], book[POSITION, s]
    instant = load_whole(venue.columns[FIRST_AT], row)
    if load_code(venue.columns[DAY], row) > account[SESSION]:
        begin_session(load_code(venue.columns[DAY], row), instant, venue, state, where)
    buy, sell = load(venue.columns[BUY], row), load(venue.columns[SELL], row)
    is_first = times[PHASE, s] == 0 and times[ALIVE_IN, s] == LONG_AGO and times[FROM, s] <= instant < times[EXPIRES, s]
    is_first = is_first and wanted != 0.0  # a symbol may wait in the queue whose order is gone
    if not (is_first and np.isfinite(buy) and np.isfinite(sell)) or position * (position + wanted) < 0.0:
        return False
    reference = buy if wanted > 0.0 else sell
    price = _worsened(s, row, wanted, reference, reference, venue, state)
    fee = _fee(wanted, price, 0.0, venue)
    if not (np.isfinite(price) and np.isfinite(fee)) or not (wanted * price + fee <= account[CASH] or closes(s, book)):
        return False
    book_fill(s, wanted, price, fee, instant, state, venue.settings)
    venue.traded[0] += abs(wanted) * price
    log_fill(
        log, state.counters, int(book[ORDER, s]), instant, s, 0, wanted, reference, price, fee,
        book[POSITION, s], book[AVERAGE, s], book[REALISED, s],
    )  # fmt: skip
    let_go(s, state)
    times[QUEUED, s] = 0
    times[ROW, s] = row + 1
    return True


@melted_part
def _of(column, row, venue):
    """Return a row's value of a column; NaN where there is no such column."""
    place = venue.columns[column]
    return load(place, row) if place != 0 else np.nan


@melted_part
def _is_out(since, until, outages):
    """Tell whether an outage touches a stretch of time, both of whose ends count."""
    for k in range(outages.shape[1]):
        if outages[0, k] <= until and since < outages[1, k]:
            return True
    return False


@melted_part
def _has_exits(s, state, settings):
    """Tell whether a position has to be watched for its exits."""
    if state.book[POSITION, s] == 0.0:
        return False
    return not (np.isnan(settings[STOP_LOSS_AT]) and np.isnan(settings[TAKE_PROFIT_AT]) and np.isnan(settings[TRAIL_AT]))


@melted_part
def _has_prices(s, state, settings):
    """Tell whether anything waits for a price."""
    return state.book[KIND, s] > MARKET or _has_exits(s, state, settings)


@melted_part
def _meet(s, row, phase, instant, came, venue, state, where):
    book, times = state.book, state.times
    position = book[POSITION, s]
    if came and book[KIND, s] != NONE:
        if times[VISITS, s] == 0 and _is_refused(s, times, venue.settings):
            end(s, instant, REJECTED, where)
        elif phase != EXITS_ALONE:
            wanted = book[WANTED, s]
            _work(s, row, phase, instant, venue, state, where)
            times[VISITS, s] += 1
            is_last = book[WANTED, s] != wanted or _is_last_look(phase, s, venue, state)
            if is_last and _is_for_one_row(s, venue, state):
                end(s, instant, EXPIRED, where)
    is_closing = came and book[KIND, s] == MARKET and book[WANTED, s] == -book[POSITION, s]
    if _has_exits(s, state, venue.settings) and not is_closing:
        # What was bought somewhere in a range doesn't know whether the best of the range came after it.
        takes_profit = phase == 0 or book[POSITION, s] == position
        _watch(s, row, phase, instant, takes_profit, venue, state, where)


@melted_part
def _is_refused(s, times, settings):
    return settings[REJECTION] > 0.0 and drawn(times, s, 0) < settings[REJECTION]


@melted_part
def _is_for_one_row(s, venue, state):
    """Tell whether the working order ends with the first row it meets."""
    return state.book[KIND, s] != NONE and venue.switches[LIFE] == FIRST_ROW_ONLY and not closes(s, state.book)


@melted_part
def _is_last_look(phase, s, venue, state):
    return phase == 1 or venue.switches[RANGES] == 0 or state.book[KIND, s] == MARKET


@melted_part
def _grow_older(s, row, phase, instant, venue, state, where):
    """End the working order where its time is over, whether or not the venue could fill it."""
    times, switches = state.times, venue.switches
    day = load_code(venue.columns[DAY], row)
    if times[ALIVE_IN, s] == LONG_AGO:
        times[ALIVE_IN, s] = day
    kind = state.book[KIND, s]
    # The range of a bar is nothing to an order for its first price.
    if kind == NONE or (kind == MARKET and phase != 0) or closes(s, state.book):
        return
    if switches[LIFE] == SESSION_ONLY:
        is_over = day != times[ALIVE_IN, s]
    elif phase != 0 or (switches[RANGES] == 0 and switches[POINTS] == 0):
        # What is known when a bar ends happened before.
        is_over = instant > times[EXPIRES, s]
    else:
        is_over = instant >= times[EXPIRES, s]
    if is_over:
        end(s, instant, EXPIRED, where)


@melted_part
def _work(s, row, phase, instant, venue, state, where):
    """Fill the working order if the row lets it."""
    book = state.book
    kind, limit = book[KIND, s], book[PRICE, s]
    buys = book[WANTED, s] > 0.0
    first = _of(BUY, row, venue) if buys else _of(SELL, row, venue)
    if phase == 0:
        if kind == MARKET:
            _fill(s, row, instant, first, np.nan, False, where)
        elif kind == LIMIT:
            if (first <= limit) if buys else (first >= limit):
                waited = venue.switches[POINTS] == 1 and state.times[VISITS, s] > 0
                if not waited:
                    _fill(s, row, instant, first, limit, False, where)
                elif (first < limit - venue.settings[THROUGH]) if buys else (first > limit + venue.settings[THROUGH]):
                    _fill(s, row, instant, limit, limit, True, where)
        elif (first >= limit) if buys else (first <= limit):
            book[KIND, s] = MARKET
            _fill(s, row, instant, first, np.nan, False, where)
        return
    low = _of(BUY_LOW, row, venue) if buys else _of(SELL_LOW, row, venue)
    high = _of(BUY_HIGH, row, venue) if buys else _of(SELL_HIGH, row, venue)
    if kind == LIMIT:
        if (low < limit - venue.settings[THROUGH]) if buys else (high > limit + venue.settings[THROUGH]):
            _fill(s, row, instant, limit, limit, True, where)
    elif kind != MARKET and ((high >= limit) if buys else (low <= limit)):
        book[KIND, s] = MARKET
        _fill(s, row, instant, limit, np.nan, False, where)


@melted_part
def _watch(s, row, phase, instant, takes_profit, venue, state, where):
    """Close a position whose stop loss, trailing stop or profit is reached; the loss comes first."""
    book, settings = state.book, venue.settings
    side = 1.0 if book[POSITION, s] > 0.0 else -1.0
    # What closes a long position is sold, what closes a short one bought.
    first = _of(SELL, row, venue) if side > 0.0 else _of(BUY, row, venue)
    low = _of(SELL_LOW, row, venue) if side > 0.0 else _of(BUY_LOW, row, venue)
    high = _of(SELL_HIGH, row, venue) if side > 0.0 else _of(BUY_HIGH, row, venue)
    worst = first if phase == 0 else (low if side > 0.0 else high)
    best = first if phase == 0 else (high if side > 0.0 else low)
    stop, reason = book[STOP_AT, s], STOP_LOSS
    trail = book[BEST, s] * (1.0 - side * settings[TRAIL_AT])
    if np.isnan(stop) or side * (trail - stop) > 0.0:
        stop, reason = trail, TRAILING_STOP
    if side * (worst - stop) <= 0.0:
        _exit(s, row, instant, first if phase == 0 else stop, False, reason, where)
        return
    take = book[TAKE_AT, s]
    through = 0.0 if phase == 0 else settings[THROUGH]
    if takes_profit and (side * (best - take) > through or (phase == 0 and best == take)):
        _exit(s, row, instant, first if phase == 0 else take, phase != 0, TAKE_PROFIT, where)


@inner_part
def _exit(s, row, instant, reference, waited, reason, where):
    """Close a position at once; an order that still works is cancelled."""
    stay_apart()
    state = state_at(where)
    book = state.book
    if book[KIND, s] != NONE:
        end(s, instant, CANCELLED, where)
    # The row that triggers it fills it, so it must not be queued a second time.
    state.times[QUEUED, s] = 1
    send(s, instant, -book[POSITION, s], MARKET, np.nan, reason, book[LAST, s], where)
    # It is at the venue already, at its first row.
    state.times[FROM, s] = instant
    state.times[VISITS, s] = 1
    state.times[QUEUED, s] = 0
    _fill(s, row, instant, reference, np.nan, waited, where)


@melted_part
def _available(s, row, wanted, venue, state):
    """Return how much of a quantity a row can take, beside what it gave the symbol's orders before."""
    settings = venue.settings
    if np.isnan(settings[SHARE]):
        return abs(wanted)
    taken = _taken(s, row, BOUGHT, state) + _taken(s, row, SOLD, state)
    return fitting(wanted, settings[SHARE] * _of(SIZE, row, venue) - taken, settings[LOT])


@melted_part
def _taken(s, row, side, state):
    """Return how much of a row a symbol's orders of one side have had."""
    return state.book[side, s] if state.times[TAKEN_ROW, s] == row else 0.0


@melted_part
def _take(s, row, quantity, state):
    """Count a signed quantity as had of a row."""
    book = state.book
    if state.times[TAKEN_ROW, s] != row:
        state.times[TAKEN_ROW, s] = row
        book[BOUGHT, s] = book[SOLD, s] = 0.0
    if quantity > 0.0:
        book[BOUGHT, s] += quantity
    else:
        book[SOLD, s] -= quantity


@inner_part
def _fill(s, row, instant, reference, limit, waited, where):
    """Fill as much of the working order as the row has at a reference price; reject it if that can't be paid or isn't known.

    Of an order that turns a position round and can't be opened, what closes the position is filled all the same; what closes
    one at a cost nobody knows waits.
    """
    stay_apart()
    venue, state, log = venue_at(where), state_at(where), log_at(where)
    book, cash = state.book, state.account[CASH]
    wanted, position = book[WANTED, s], book[POSITION, s]
    side = 1.0 if wanted > 0.0 else -1.0
    most = _available(s, row, wanted, venue, state)
    units, price, fee = _offered(s, row, side * most, reference, limit, waited, where)
    if not units > 0.0:
        return
    is_known = np.isfinite(price) and np.isfinite(fee)
    turns, closing = position * (position + side * units) < 0.0, closes(s, book)
    fails = 0
    if not is_known:
        fails = NO_COST
    elif not side * units * price + fee <= cash and (turns or not closing):
        fails = NO_CASH
    if turns and fails != 0:
        units, price, fee = _offered(s, row, -position, reference, limit, waited, where)
        is_known = np.isfinite(price) and np.isfinite(fee)
    if closing and not is_known:
        return
    if fails != 0 and not closing:
        end(s, instant, fails, where)
        return
    quantity = side * units
    book_fill(s, quantity, price, fee, instant, state, venue.settings)
    _take(s, row, quantity, state)
    venue.traded[0] += units * price
    log_fill(
        log, state.counters, int(book[ORDER, s]), instant, s, 1 if waited else 0, quantity, reference, price, fee,
        book[POSITION, s], book[AVERAGE, s], book[REALISED, s],
    )  # fmt: skip
    if fails != 0:
        end(s, instant, fails, where)
    elif units >= abs(wanted):
        end(s, instant, 0, where)
    else:
        release_flight(s, 1.0 - beyond(position + quantity, wanted - quantity) / beyond(position, wanted), state)
        book[WANTED, s] = wanted - quantity


@melted_part
def beyond(position, wanted):
    """Return how much of what is wanted would be a position that isn't there yet; at least a hair, to divide by."""
    after = abs(position + wanted)
    return max(after if position * (position + wanted) < 0.0 else after - abs(position), 1e-300)


@inner_part
def _offered(s, row, quantity, reference, limit, waited, where):
    """Return how many of the units wanted a row gives, the price they cost, and the fee."""
    stay_apart()
    venue, state = venue_at(where), state_at(where)
    settings = venue.settings
    side, units = (1.0 if quantity > 0.0 else -1.0), abs(quantity)
    price = reference
    if venue.switches[BOOK_LEVELS] > 0:
        shown, average = _walked(s, row, side, units, limit, waited, where)
        part = fitting(units, shown, settings[LOT])
        if part < shown:
            shown, average = _walked(s, row, side, part, limit, waited, where)
        units, price = part, (reference if waited else average)
    if not units > 0.0:
        return 0.0, np.nan, np.nan
    if not waited:
        price = _worsened(s, row, side * units, price, reference, venue, state)
        if not np.isnan(limit):
            price = min(price, limit) if side > 0.0 else max(price, limit)
    return units, price, _fee(side * units, price, 1.0 if waited else 0.0, venue)


@melted_part
def _worsened(s, row, quantity, price, reference, venue, state):
    """Return a price after slippage.

    Whatever a kind says, and however often it is multiplied: nothing fills better than its reference, and nobody pays for
    selling what has a price.
    """
    _tell(s, row, venue, state)
    price += slipped(venue.price, (venue.price_p, quantity, price, venue.given)) - price
    price = reference + venue.settings[COST_SCALE] * (price - reference)
    if (price - reference if quantity > 0.0 else reference - price) < 0.0:
        price = reference
    return 0.0 if price < 0.0 < reference else price


@melted_part
def _fee(quantity, price, maker, venue):
    return venue.settings[COST_SCALE] * charged(venue.fee, (venue.fee_p, venue.traded, quantity, price, maker))


@melted_part
def _tell(s, row, venue, state):
    """Tell the slippage function of the row, of its own expressions as they were last known, and of events up to now."""
    given, switches = venue.given, venue.switches
    given[BID] = _of(BEST_BID, row, venue)
    given[ASK] = _of(BEST_ASK, row, venue)
    given[VOLUME] = _of(SIZE, row, venue)
    seen = state.times[SEEN, s]
    for j in range(switches[COST_COLUMNS]):
        given[GIVEN + j] = venue.extras[seen, switches[COST_COLUMN] + j]
    windows = LEVELS + 4 * switches[BOOK_LEVELS] + min(state.times[PHASE, s], 1)
    for k in range(switches[WINDOWS]):
        given[GIVEN + switches[COST_COLUMNS] + k] = load(venue.columns[windows + 2 * k], row)


@inner_part
def _walked(s, row, side, units, limit, waited, where):
    """Return how many units the book has, up to those wanted and inside the limit, and their average price.

    What waited at its limit was only reached by whoever would have traded beyond it. What orders of the symbol have had of
    this very book isn't there any more.
    """
    stay_apart()
    venue, state = venue_at(where), state_at(where)
    levels = venue.switches[BOOK_LEVELS]
    prices = LEVELS + (2 * levels if side > 0.0 else 0)
    bound = limit - side * venue.settings[THROUGH] if waited else limit
    gone = _taken(s, row, BOUGHT if side > 0.0 else SOLD, state)
    taken = 0.0
    paid = 0.0
    for level in range(levels):
        price = load(venue.columns[prices + level], row)
        size = load(venue.columns[prices + levels + level], row)
        if not (size > 0.0 and np.isfinite(price)) or side * (price - bound) > 0.0 or (waited and price == bound):
            break
        part = min(max(size - gone, 0.0), units - taken)
        gone = max(gone - size, 0.0)
        # What is left, added to what was taken, may be more than the whole by a rounding.
        taken = min(taken + part, units)
        paid += part * price
        if taken >= units:
            break
    if not taken > 0.0:
        return 0.0, np.nan
    return taken, paid / taken

"""From what the rules say of a row to an order.

A position whose exit holds is closed; a symbol without a position, or whose position is being closed, is opened where
exactly one side's entry holds; a target says which position is wanted. While an order works nothing is decided but its end:
an entry is cancelled once the exit of its side holds, one towards a target once the target leaves its side. What of it would
have closed a position is sent anew.
"""

import numpy as np

from runner.compiler import calling, inner_part, melted_part, stay_apart
from runner.trading.kernel.gate import allowed
from runner.trading.kernel.layout import (
    BOTH_SIDES,
    CANCELLED,
    ENTERED,
    EQUITY,
    EXPIRED,
    EXPIRES,
    FLATTEN,
    HAS_TARGET,
    KIND,
    LAST,
    LIMIT,
    LONG_ENTER,
    LONG_EXIT,
    MARKET,
    MAX_HOLDING,
    NO_EQUITY,
    NO_PRICE,
    NONE,
    OFFSET,
    ORDER_KIND,
    POSITION,
    PRICE_COLUMN,
    SHORT_ENTER,
    SHORT_EXIT,
    SIZE_COLUMNS,
    SIZING,
    TARGET,
    TIME_EXIT,
    TO_LONG,
    TO_SHORT,
    WANTED,
    WORKING,
)
from runner.trading.kernel.log import log_refusal
from runner.trading.kernel.orders import closes, end, place, send
from runner.trading.kernel.quantities import is_dust
from runner.trading.kernel.world import log_at, rules_at, state_at, venue_at
from runner.trading.sizing import SIZE

__all__ = [
    "LONG_ENTERS",
    "LONG_LEAVES",
    "SHORT_ENTERS",
    "SHORT_LEAVES",
    "act",
    "decides_simply",
    "flatten",
    "holding",
    "is_idle",
    "withdraw",
]

# which of a row's rules hold, added up
LONG_ENTERS = 1
LONG_LEAVES = 2
SHORT_ENTERS = 4
SHORT_LEAVES = 8

sized = calling(SIZE)


@melted_part
def is_idle(row, s, rules, book):
    """Tell whether a row's rules ask for nothing, as most do; not of targets, nor where positions have a time limit."""
    if book[KIND, s] != NONE:
        return False
    position = book[POSITION, s]
    if position > 0.0:
        return not _holds(rules.long_exit, row)
    if position < 0.0:
        return not _holds(rules.short_exit, row)
    return not (_holds(rules.long_enter, row) or _holds(rules.short_enter, row))


@inner_part
def act(row, s, ts, holds, demand, who, where):
    """Send the order that a row's rules ask for, if any; `holds` says which of them hold, as `holding` does."""
    stay_apart()
    rules, venue, state, log = rules_at(where), venue_at(where), state_at(where), log_at(where)
    book, times, switches = state.book, state.times, venue.switches
    position = book[POSITION, s]
    has_target = switches[HAS_TARGET] == 1
    ready = row >= rules.ready[s]
    if not ready and position == 0.0:
        return
    leaves_long = not has_target and ready and holds & LONG_LEAVES != 0
    leaves_short = not has_target and ready and holds & SHORT_LEAVES != 0
    timed = position != 0.0 and switches[MAX_HOLDING] > 0 and ts - times[ENTERED, s] >= switches[MAX_HOLDING]
    if book[KIND, s] != NONE and ts >= times[EXPIRES, s] and not closes(s, book):
        end(s, ts, EXPIRED, where)
    if book[KIND, s] != NONE:
        wanted = book[WANTED, s]
        after = position + wanted
        turns = position * after < 0.0
        leaves = leaves_long if wanted > 0.0 else leaves_short
        if has_target and ready and not np.isnan(rules.long_enter[row]):
            leaves = wanted * rules.long_enter[row] <= 0.0
        if not ((turns or abs(after) > abs(position)) and (leaves or timed)):
            return
        end(s, ts, CANCELLED, where)
        if turns and not has_target:
            # What would have opened the other side is no longer wanted; what closes this one still is.
            reason = LONG_EXIT if position > 0.0 else SHORT_EXIT
            send(s, ts, -position, MARKET, np.nan, reason, book[LAST, s], where)
            return
    if has_target:
        _aim(row, s, ts, timed, ready, demand, who, rules, venue, state, log, where)
        return
    if position != 0.0 and not (timed or (leaves_long if position > 0.0 else leaves_short)):
        return
    enters_long = ready and holds & LONG_ENTERS != 0
    enters_short = ready and holds & SHORT_ENTERS != 0
    if enters_long and enters_short:
        log_refusal(log, state.counters, ts, s, BOTH_SIDES, 0.0, 0.0)
        enters_long = enters_short = False
    side = 1.0 if enters_long else (-1.0 if enters_short else 0.0)
    if side * position > 0.0:
        side = 0.0
    wanted = 0.0
    if side != 0.0:
        wanted = _sized(row, s, ts, side, 1.0, rules, venue, state, log)
        if wanted != 0.0:
            wanted = allowed(s, ts, wanted, 0.0, demand, who, where)
    quantity = wanted - position
    if quantity == 0.0:
        return
    if position == 0.0:
        kind, price = _priced(row, side, book[LAST, s], venue)
        if kind != MARKET and not np.isfinite(price):
            log_refusal(log, state.counters, ts, s, NO_PRICE, quantity, 0.0)
            return
        reason = LONG_ENTER if side > 0.0 else SHORT_ENTER
        send(s, ts, quantity, kind, price, reason, book[LAST, s], where)
        return
    if position > 0.0:
        reason = TO_SHORT if wanted < 0.0 else (LONG_EXIT if leaves_long else TIME_EXIT)
    else:
        reason = TO_LONG if wanted > 0.0 else (SHORT_EXIT if leaves_short else TIME_EXIT)
    send(s, ts, quantity, MARKET, np.nan, reason, book[LAST, s], where)


@melted_part
def decides_simply(row, s, ts, holds, rules, venue, state, log):
    """Send the order of a symbol without one at work where orders are `SIMPLE` and nobody limits them.

    Tells whether that is all there is to do; else nothing is done. It is what `act` does where one side's rules hold, of an
    account that is worth something.
    """
    book = state.book
    position = book[POSITION, s]
    if book[KIND, s] != NONE or row < rules.ready[s]:
        return False
    leaves_long, leaves_short = holds & LONG_LEAVES != 0, holds & SHORT_LEAVES != 0
    enters = holds & (LONG_ENTERS | SHORT_ENTERS)
    if position != 0.0:
        if enters != 0 or not (leaves_long if position > 0.0 else leaves_short):
            return False
        reason = LONG_EXIT if position > 0.0 else SHORT_EXIT
        place(s, ts, -position, MARKET, np.nan, reason, book[LAST, s], venue, state, log)
        return True
    if enters == LONG_ENTERS | SHORT_ENTERS or enters == 0 or not state.account[EQUITY] > 0.0:
        return False
    side = 1.0 if enters == LONG_ENTERS else -1.0
    wanted = _sized(row, s, ts, side, 1.0, rules, venue, state, log)
    if wanted != 0.0:
        reason = LONG_ENTER if side > 0.0 else SHORT_ENTER
        place(s, ts, wanted, MARKET, np.nan, reason, book[LAST, s], venue, state, log)
    return True


@melted_part
def holding(row, rules):
    """Return which of a row's rules hold, added up."""
    found = LONG_ENTERS if _holds(rules.long_enter, row) else 0
    found += LONG_LEAVES if _holds(rules.long_exit, row) else 0
    found += SHORT_ENTERS if _holds(rules.short_enter, row) else 0
    return found + (SHORT_LEAVES if _holds(rules.short_exit, row) else 0)


@melted_part
def _holds(condition, row):
    return condition.shape[0] > 0 and condition[row] == 1.0


@melted_part
def _priced(row, side, last, venue):
    """Return the sort of order that opens a position, and its price."""
    kind = venue.settings[ORDER_KIND]
    column = venue.switches[PRICE_COLUMN]
    if kind == MARKET:
        return kind, np.nan
    if column >= 0:
        return kind, venue.extras[row, column]
    away = venue.settings[OFFSET] if kind == LIMIT else -venue.settings[OFFSET]
    return kind, last * (1.0 - side * away)


@melted_part
def _sized(row, s, ts, side, share, rules, venue, state, log):
    """Return the signed units of a position, 0 and a refusal if there is no such size, or nothing to pay for one."""
    given = venue.extras[row, : venue.switches[SIZE_COLUMNS]]
    units = sized(rules.size, (rules.size_p, state.account[EQUITY], state.book[LAST, s], share, given))
    if units > 0.0 and np.isfinite(units):
        return side * units
    who = SIZING if state.account[EQUITY] > 0.0 else NO_EQUITY
    log_refusal(log, state.counters, ts, s, who, side * units, 0.0)
    return 0.0


@melted_part
def _aim(row, s, ts, timed, ready, demand, who, rules, venue, state, log, where):
    """Send the order that leads to the target, where it is defined."""
    book = state.book
    position = book[POSITION, s]
    target = 0.0 if timed else (rules.long_enter[row] if ready else np.nan)
    if np.isnan(target):
        return
    wanted = 0.0
    if target != 0.0:
        side = 1.0 if target > 0.0 else -1.0
        wanted = _sized(row, s, ts, side, min(abs(target), 1.0), rules, venue, state, log)
    quantity = _opened(s, ts, wanted, position, demand, who, where)
    if quantity != 0.0:
        reason = TIME_EXIT if timed else TARGET
        send(s, ts, quantity, MARKET, np.nan, reason, book[LAST, s], where)


@melted_part
def _opened(s, ts, wanted, position, demand, who, where):
    """Return the signed order that turns `position` into what the risk rules allow of `wanted`; 0 for what rounding left."""
    if is_dust(wanted - position, wanted, position):
        return 0.0
    if wanted * position > 0.0:
        if abs(wanted) <= abs(position):
            return wanted - position
        return allowed(s, ts, wanted - position, position, demand, who, where)
    if wanted == 0.0:
        return -position
    return allowed(s, ts, wanted, 0.0, demand, who, where) - position


@inner_part
def flatten(ts, where):
    """Close every position at the market, and cancel what would increase one."""
    stay_apart()
    book = state_at(where).book
    for s in range(book.shape[1]):
        position, wanted = book[POSITION, s], book[WANTED, s]
        if book[KIND, s] != NONE:
            if position != 0.0 and wanted == -position and book[KIND, s] == MARKET:
                continue
            end(s, ts, CANCELLED, where)
        if position != 0.0:
            send(s, ts, -position, MARKET, np.nan, FLATTEN, book[LAST, s], where)


@inner_part
def withdraw(ts, where):
    """Cancel what would increase a position; of an order that turns one round, what closes it is sent anew."""
    stay_apart()
    state = state_at(where)
    book = state.book
    if state.counters[WORKING] == 0:
        return
    for s in range(book.shape[1]):
        if book[KIND, s] == NONE:
            continue
        position, after = book[POSITION, s], book[POSITION, s] + book[WANTED, s]
        if abs(after) > abs(position) or position * after < 0.0:
            end(s, ts, CANCELLED, where)
            if position * after < 0.0:
                send(s, ts, -position, MARKET, np.nan, FLATTEN, book[LAST, s], where)

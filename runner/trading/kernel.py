"""The decision kernel: what happens at one instant, compiled once and run by every mode.

`advance` walks over groups of events. A group is everything of one sort that happens at one instant:

    fills      orders waiting for these rows are filled at the reference price, worsened by slippage, charged with fees
    closes     1. mark: the rows' closes become the symbols' last prices
               2. record cash, equity and gross exposure
               3. rules or target → sizing → risk → orders, symbol after symbol, all with the equity of this instant

State lives in two arrays, `account` and `book`, and in nothing else: a backtest hands in all groups at once, a replay or a
live session one by one, with the same result. Output goes to buffers of fixed size; when one might overflow, `advance`
stops before the group and says where, the caller takes the rows away and goes on.

Money is float64 in quote currency. An undefined (NaN) rule decides nothing. What reduces a position is never refused; of an
order that turns a position round, the risk rules see the part beyond zero. A reference price that isn't finite fills
nothing: the order waits.

What the rules said of a row comes as two numbers, see `signal.rules`: `enter` is the side to open, 1, -1 or 0, CONFLICT if
both; `leave` the sides to close, CLOSE_LONG, CLOSE_SHORT or CLOSE_BOTH. With a target, `enter` is the target and `leave`
isn't read.
"""

import numpy as np

from runner.compiler import CODES, FLAT, INT, INTS, MATRIX, SERIES, Compiled, compile_function, functions, part_of_kernel
from runner.signal.rules import CLOSE_BOTH, CLOSE_LONG, CLOSE_SHORT, CONFLICT
from runner.trading.fees import FEE
from runner.trading.risk import ALLOWED
from runner.trading.sizing import SIZE
from runner.trading.slippage import PRICE

__all__ = [
    "BOOK_FIELDS",
    "EQUITY_FIELDS",
    "FILLED",
    "FILL_FIELDS",
    "ORDER_FIELDS",
    "REASONS",
    "REFUSAL_FIELDS",
    "REFUSERS",
    "RISK",
    "compiled_advance",
]

# account
CASH = 0
ORDERS = 1  # orders sent so far

# book: one row per field, one column per symbol
POSITION = 0
LAST = 1  # last close, NaN before the first
AVERAGE = 2  # average price of what is held, NaN when flat
REALISED = 3  # profit so far, after slippage and fees
PENDING = 4  # signed quantity waiting to be filled
ORDER = 5  # number of the waiting order
BOOK_FIELDS = 6

# counters: rows used in each buffer, and the group to go on with
N_ORDERS = 0
N_FILLS = 1
N_EQUITY = 2
N_REFUSALS = 3

ORDER_FIELDS = ("order", "row", "quantity", "reason")
FILL_FIELDS = ("order", "row", "quantity", "reference", "price", "fee", "position", "average", "realised", "status")
EQUITY_FIELDS = ("equity", "cash", "gross")
REFUSAL_FIELDS = ("row", "rule", "wanted", "allowed")


# reasons
NOTHING = 0
LONG_ENTER = 1
LONG_EXIT = 2
SHORT_ENTER = 3
SHORT_EXIT = 4
TO_SHORT = 5
TO_LONG = 6
TARGET = 7
REASONS = {
    LONG_ENTER: "long.enter",
    LONG_EXIT: "long.exit",
    SHORT_ENTER: "short.enter",
    SHORT_EXIT: "short.exit",
    TO_SHORT: "long.exit, short.enter",
    TO_LONG: "short.exit, long.enter",
    TARGET: "target",
}
"""Code of an order's reason → the rule that asked for it."""

# who made an order smaller or stopped it; risk rules count on from RISK, in the order of their names
SIZING = 0
BOTH_SIDES = 1
RISK = 2
REFUSERS = ("sizing", "signal: long and short at once")
"""Who refuses, by code, before the risk rules."""

# status of a line of fills
FILLED = 0.0
NO_CASH = 1.0


@part_of_kernel
def _fill(s, quantity, price, fee, account, book):
    """Book a fill: cash, position, average price and realised profit."""
    position = book[POSITION, s]
    after = position + quantity
    account[CASH] -= quantity * price + fee
    if position == 0.0:
        book[AVERAGE, s] = price
    elif position * quantity > 0.0:
        book[AVERAGE, s] = (book[AVERAGE, s] * position + price * quantity) / after
    else:
        closed = min(abs(quantity), abs(position))
        book[REALISED, s] += closed * (price - book[AVERAGE, s]) * (1.0 if position > 0.0 else -1.0)
        if position * after < 0.0:
            book[AVERAGE, s] = price
    if after == 0.0:
        book[AVERAGE, s] = np.nan
    book[REALISED, s] -= fee
    book[POSITION, s] = after


@part_of_kernel
def _fill_or_reject(row, s, reference, account, book, slippage, slippage_p, fees, fees_p, line):
    """Fill the order waiting for a row, or reject it for lack of cash; writes one line of `FILL_FIELDS`."""
    quantity = book[PENDING, s]
    position = book[POSITION, s]
    price = slippage(slippage_p, quantity, reference)
    fee = fees(fees_p, quantity, price)
    increases = abs(position + quantity) > abs(position)
    affordable = quantity * price + fee <= account[CASH]
    filled = affordable or not increases
    if filled:
        _fill(s, quantity, price, fee, account, book)
    book[PENDING, s] = 0.0
    line[0] = book[ORDER, s]
    line[1] = row
    line[2] = quantity
    line[3] = reference
    line[4] = price
    line[5] = fee
    line[6] = book[POSITION, s]
    line[7] = book[AVERAGE, s]
    line[8] = book[REALISED, s]
    line[9] = FILLED if filled else NO_CASH


@part_of_kernel
def _value(account, book, line):
    """Write equity, cash and gross exposure at the last closes."""
    equity = account[CASH]
    gross = 0.0
    for s in range(book.shape[1]):
        if book[POSITION, s] != 0.0:
            value = book[POSITION, s] * book[LAST, s]
            equity += value
            gross += abs(value)
    line[0] = equity
    line[1] = account[CASH]
    line[2] = gross


@part_of_kernel
def _refuse(row, rule, wanted, allowed, refusals, counters):
    """Write one line of `REFUSAL_FIELDS`."""
    k = counters[N_REFUSALS]
    refusals[k, 0] = row
    refusals[k, 1] = rule
    refusals[k, 2] = wanted
    refusals[k, 3] = allowed
    counters[N_REFUSALS] = k + 1


@part_of_kernel
def _checked(row, wanted, position, price, equity, rules, rules_p, refusals, counters):
    """Return what every rule allows of a signed quantity that increases a position."""
    side = 1.0 if wanted > 0.0 else -1.0
    j = 0
    for rule in rules:
        allowed = side * rule(rules_p[j], wanted, position, price, equity)
        allowed = min(side * wanted, allowed) if allowed > 0.0 else 0.0
        if allowed < side * wanted:
            _refuse(row, RISK + j, wanted, side * allowed, refusals, counters)
            wanted = side * allowed
        j += 1
    return wanted


@part_of_kernel
def _sized(row, side, share, price, equity, size, size_p, refusals, counters):
    """Return the signed units of a position, 0 and a refusal if there is no such size."""
    units = size(size_p, equity, price, share)
    if units > 0.0:
        return side * units
    _refuse(row, SIZING, side * units, 0.0, refusals, counters)
    return 0.0


@part_of_kernel
def _opened(row, wanted, position, price, equity, rules, rules_p, refusals, counters):
    """Return the signed order that turns `position` into what the risk rules allow of `wanted`."""
    if wanted * position > 0.0:
        if abs(wanted) <= abs(position):
            return wanted - position
        return _checked(row, wanted - position, position, price, equity, rules, rules_p, refusals, counters)
    if wanted == 0.0:
        return -position
    return _checked(row, wanted, 0.0, price, equity, rules, rules_p, refusals, counters) - position


@part_of_kernel
def _by_target(row, price, target, equity, position, size, size_p, rules, rules_p, refusals, counters):
    """Return the signed quantity that leads to the target."""
    if np.isnan(target):
        return 0.0
    wanted = 0.0
    if target != 0.0:
        side = 1.0 if target > 0.0 else -1.0
        wanted = _sized(row, side, min(abs(target), 1.0), price, equity, size, size_p, refusals, counters)
    return _opened(row, wanted, position, price, equity, rules, rules_p, refusals, counters)


@part_of_kernel
def _decide(
    row, s, price, enter, leave, has_target, equity, book, size, size_p, rules, rules_p, refusals, counters
):  # fmt: skip
    """Return the signed quantity to order and the reason, (0, 0) for none."""
    position = book[POSITION, s]
    if has_target:
        return _by_target(row, price, enter, equity, position, size, size_p, rules, rules_p, refusals, counters), TARGET
    closes = leave == CLOSE_BOTH or leave == (CLOSE_LONG if position > 0.0 else CLOSE_SHORT)  # noqa: PLR1714 - compiled
    if position != 0.0 and not closes:
        return 0.0, NOTHING
    if enter == CONFLICT:
        _refuse(row, BOTH_SIDES, 0.0, 0.0, refusals, counters)
    side = enter if abs(enter) == 1.0 and enter * position <= 0.0 else 0.0
    wanted = 0.0
    if side != 0.0:
        wanted = _sized(row, side, 1.0, price, equity, size, size_p, refusals, counters)
        wanted = _opened(row, wanted, 0.0, price, equity, rules, rules_p, refusals, counters)
    if position > 0.0:
        return wanted - position, (TO_SHORT if wanted < 0.0 else LONG_EXIT)
    if position < 0.0:
        return wanted - position, (TO_LONG if wanted > 0.0 else SHORT_EXIT)
    return wanted, (LONG_ENTER if side > 0.0 else SHORT_ENTER)


@part_of_kernel
def _order(row, s, quantity, reason, account, book, orders, counters):
    """Send an order: it waits for the symbol's next row."""
    account[ORDERS] += 1.0
    book[PENDING, s] = quantity
    book[ORDER, s] = account[ORDERS]
    k = counters[N_ORDERS]
    orders[k, 0] = account[ORDERS]
    orders[k, 1] = row
    orders[k, 2] = quantity
    orders[k, 3] = reason
    counters[N_ORDERS] = k + 1


@part_of_kernel
def _has_room(n, rules, orders, fills, equity, refusals, counters):
    """Tell whether one more group of at most `n` rows fits into every buffer."""
    return (
        counters[N_ORDERS] + n <= orders.shape[0]
        and counters[N_FILLS] + n <= fills.shape[0]
        and counters[N_EQUITY] + 1 <= equity.shape[0]
        and counters[N_REFUSALS] + n * (2 + rules) <= refusals.shape[0]
    )


def _advance(
    events, bounds, is_fill, start, stop,
    symbol, close, reference, enter, leave, has_target,
    account, book,
    size, size_p, slippage, slippage_p, fees, fees_p, rules, rules_p,
    orders, fills, equity, refusals, counters,
):  # fmt: skip
    """Advance over groups `start` to `stop`; return the first group that wasn't done."""
    for g in range(start, stop):
        if not _has_room(bounds[g + 1] - bounds[g], rules_p.shape[0], orders, fills, equity, refusals, counters):
            return g
        rows = events[bounds[g] : bounds[g + 1]]
        if is_fill[g] != 0:
            for row in rows:
                s = symbol[row]
                if book[PENDING, s] != 0.0 and np.isfinite(reference[row]):
                    line = fills[counters[N_FILLS]]
                    _fill_or_reject(row, s, reference[row], account, book, slippage, slippage_p, fees, fees_p, line)
                    counters[N_FILLS] += 1
            continue
        for row in rows:
            book[LAST, symbol[row]] = close[row]
        worth = equity[counters[N_EQUITY]]
        _value(account, book, worth)
        counters[N_EQUITY] += 1
        for row in rows:
            s = symbol[row]
            if book[PENDING, s] != 0.0:
                continue
            quantity, reason = _decide(
                row, s, close[row], enter[row], leave[row], has_target, worth[0], book, size, size_p, rules, rules_p,
                refusals, counters,
            )  # fmt: skip
            if quantity != 0.0:
                _order(row, s, quantity, reason, account, book, orders, counters)
    return stop


def compiled_advance(rules: int) -> Compiled:
    """Return `advance`, compiled for a number of risk rules."""
    return compile_function(
        _advance,
        INT(
            INTS, INTS, INTS, INT, INT,
            CODES, SERIES, SERIES, SERIES, SERIES, INT,
            FLAT, MATRIX,
            functions(SIZE), FLAT, functions(PRICE), FLAT, functions(FEE), FLAT,
            functions(ALLOWED, rules), MATRIX,
            MATRIX, MATRIX, MATRIX, MATRIX, INTS,
        ),
    )  # fmt: skip

"""Books in TickDB's usual form, read from text straight into numbers, many at once and in compiled code.

Whoever reads any JSON into objects spends most of the time on the objects. Nearly all messages of a feed of books look
alike:

    {"cmd":"depth","data":{"symbol":"BTCUSDT","bids":[["43250.5","0.25"], …],"asks":[…],"timestamp":1710000000000}}

with keys in any order, spaces anywhere, numbers with or without quotes. `read_books` reads those of them that are nothing
but a good book: every price and size a plain decimal number above 0, both sides sorted, the best bid below the best ask.
Everything else, whatever is wrong or merely unusual with it, is left to the decoder of the dialect, which would say the same
of what is read here.

A number's digits make a whole number below 2^53, divided by a power of ten that float64 has exactly: the quotient is the
nearest float64, as any correct decoder gives it.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from runner.compiler import BYTES, INT, INTS, MATRIX, ROWS, Compiled, build, melted_part
from runner.live.feed.stamps import EARLIEST_MS, LATEST_MS, MS, SECOND

__all__ = ["SIGNATURE", "Read", "Words", "read_books"]

MOST_DIGITS = 15
"""Of the whole number that a number's digits make."""
POWERS = np.array([10.0**k for k in range(MOST_DIGITS + 1)])
MOST_STAMP = 16
"""Digits of a stamp."""

QUOTE, COLON, COMMA, DOT, BACKSLASH = (ord(c) for c in '":,.\\')
BEGIN, END, OPEN, CLOSE = (ord(c) for c in "{}[]")
ZERO, NINE, SPACE, TAB, LINE, RETURN, DELETE = (ord(c) for c in "09 \t\n\r\x7f")
NOTHING = -1
"""Where reading ends of what isn't of the usual form."""
NAN = np.nan


def _word(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)


CMD, DATA, DEPTH = _word("cmd"), _word("data"), _word("depth")
SYMBOL, BIDS, ASKS, TIMESTAMP = _word("symbol"), _word("bids"), _word("asks"), _word("timestamp")
HAS_CMD, HAS_DATA = 1, 2
HAS_SYMBOL, HAS_BIDS, HAS_ASKS, HAS_TIMESTAMP = 4, 8, 16, 32
ALL = HAS_CMD | HAS_DATA | HAS_SYMBOL | HAS_BIDS | HAS_ASKS | HAS_TIMESTAMP


@melted_part
def _white(data, at, end):
    """Return where the next byte is that isn't a space."""
    while at < end and (data[at] == SPACE or data[at] == TAB or data[at] == LINE or data[at] == RETURN):
        at += 1
    return at


@melted_part
def _after(data, at, end, byte):
    """Return where to go on after a byte and the spaces around it; NOTHING if it isn't there."""
    if at == NOTHING:
        return NOTHING
    at = _white(data, at, end)
    return _white(data, at + 1, end) if at < end and data[at] == byte else NOTHING


@melted_part
def _closing(data, at, end):
    """Return where the quote is that ends a plain text whose own quote was before; NOTHING if it isn't plain."""
    while at < end and data[at] != QUOTE:
        if data[at] < SPACE or data[at] >= DELETE or data[at] == BACKSLASH:
            return NOTHING
        at += 1
    return at if at < end else NOTHING


@melted_part
def _is(data, begin, end, word):
    """Tell whether a text is a word."""
    if end - begin != word.size:
        return False
    for k in range(word.size):
        if data[begin + k] != word[k]:
            return False
    return True


@melted_part
def _is_known(data, begin, end, words, ends):
    """Tell whether a key is one that means something to the dialect."""
    at = 0
    for k in range(ends.size):
        if _is(data, begin, end, words[at : ends[k]]):
            return True
        at = ends[k]
    return False


@melted_part
def _digits(data, at, end, most):
    """Return the whole number that begins at a digit, and where it ends; NOTHING where it isn't plain."""
    if at == NOTHING:
        return 0, NOTHING
    begin, value = at, 0
    while at < end and ZERO <= data[at] <= NINE:
        value = 10 * value + (data[at] - ZERO)
        at += 1
        if at - begin > most:
            return 0, NOTHING
    if at == begin or (data[begin] == ZERO and at - begin > 1):
        return 0, NOTHING
    return value, at


@melted_part
def _number(data, at, end):
    """Return a plain decimal number, in quotes or not, and where it ends; NOTHING where it isn't one."""
    if at == NOTHING:
        return NAN, NOTHING
    is_quoted = at < end and data[at] == QUOTE
    if is_quoted:
        at += 1
    begin = at
    value, at = _digits(data, at, end, MOST_DIGITS)
    if at == NOTHING:
        return NAN, NOTHING
    places = 0
    if at < end and data[at] == DOT:
        at += 1
        while at < end and ZERO <= data[at] <= NINE:
            value = 10 * value + (data[at] - ZERO)
            places += 1
            at += 1
            if at - begin > MOST_DIGITS + 1:
                return NAN, NOTHING
        if places == 0:
            return NAN, NOTHING
    if is_quoted:
        if at >= end or data[at] != QUOTE:
            return NAN, NOTHING
        at += 1
    return value / POWERS[places], at


@melted_part
def _side(data, at, end, sign, first, levels, row):
    """Read the levels of a side; return where it ends, NOTHING unless they are sorted and above 0.

    Args:
        data: text.
        at: where its bracket may be.
        end: where the message ends.
        sign: 1 where prices rise from level to level, -1 where they fall.
        first: place of the first price in the row.
        levels: of a side in the row; those beyond are only looked at.
        row: takes prices, and sizes behind all prices.
    """
    at = _after(data, at, end, OPEN)
    last, level = -np.inf, 0
    while at != NOTHING:
        price, at = _number(data, _after(data, at, end, OPEN), end)
        if at == NOTHING:
            return NOTHING
        size, at = _number(data, _after(data, at, end, COMMA), end)
        at = _after(data, at, end, CLOSE)
        if at == NOTHING or not (price > 0.0 and size > 0.0 and sign * price > last):
            return NOTHING
        last = sign * price
        if level < levels:
            row[first + level] = price
            row[first + levels + level] = size
        level += 1
        if at < end and data[at] == CLOSE:
            return at + 1
        at = _after(data, at, end, COMMA)
    return NOTHING


@melted_part
def _idle(data, at, end):
    """Pass over a plain text or a whole number that nobody asked for."""
    if at < end and data[at] == QUOTE:
        at = _closing(data, at + 1, end)
        return NOTHING if at == NOTHING else at + 1
    return _digits(data, at, end, MOST_STAMP + 3)[1]


@melted_part
def _stamp(value):
    """Return the instant of a stamp in UTC nanoseconds; 0 if it is neither milliseconds nor seconds."""
    if EARLIEST_MS <= value < LATEST_MS:
        return value * MS
    if EARLIEST_MS // 1_000 <= value < LATEST_MS // 1_000:
        return value * SECOND
    return 0


@melted_part
def _one(j, data, at, end, levels, words, ends, name, until, ts, cells):
    """Read one message; return whether it is a good book."""
    row = cells[j]
    row[:] = NAN
    ts[j] = 0
    depth, has = 0, 0
    at = _after(data, at, end, BEGIN)
    while at != NOTHING:
        if at >= end or data[at] != QUOTE:
            return False
        begin = at + 1
        stop = _closing(data, begin, end)
        if stop == NOTHING:
            return False
        at = _after(data, stop + 1, end, COLON)
        if at == NOTHING:
            return False
        bit = 0
        if depth == 0 and _is(data, begin, stop, CMD):
            bit = HAS_CMD
            stop = _closing(data, at + 1, end) if data[at] == QUOTE else NOTHING
            if stop == NOTHING or not _is(data, at + 1, stop, DEPTH):
                return False
            at = stop + 1
        elif depth == 0 and _is(data, begin, stop, DATA):
            bit = HAS_DATA
            depth = 1
            at = _after(data, at, end, BEGIN)
        elif depth == 1 and _is(data, begin, stop, BIDS):
            bit = HAS_BIDS
            at = _side(data, at, end, -1.0, 0, levels, row)
        elif depth == 1 and _is(data, begin, stop, ASKS):
            bit = HAS_ASKS
            at = _side(data, at, end, 1.0, 2 * levels, levels, row)
        elif depth == 1 and _is(data, begin, stop, SYMBOL):
            bit = HAS_SYMBOL
            stop = _closing(data, at + 1, end) if data[at] == QUOTE else NOTHING
            if stop == NOTHING:
                return False
            name[j], until[j] = at + 1, stop
            at = stop + 1
        elif depth == 1 and _is(data, begin, stop, TIMESTAMP):
            bit = HAS_TIMESTAMP
            value, at = _digits(data, at, end, MOST_STAMP)
            ts[j] = _stamp(value)
        elif _is_known(data, begin, stop, words, ends):
            return False
        else:
            at = _idle(data, at, end)
        if at == NOTHING or has & bit != 0:
            return False
        has |= bit
        if bit == HAS_DATA:
            continue
        at = _white(data, at, end)
        while depth >= 0 and at < end and data[at] == END:
            depth -= 1
            at = _white(data, at + 1, end)
        if depth < 0:
            return at == end and has == ALL and ts[j] > 0 and row[0] < row[2 * levels]
        at = _after(data, at, end, COMMA)
    return False


def _read(data, begins, levels, words, ends, is_book, name, until, ts, cells):
    """Read some messages that lie one behind the other.

    Args:
        data: texts.
        begins: [M+1] where each of them begins.
        levels: of a side in a row.
        words: keys that mean something to the dialect, one behind the other.
        ends: where each of them ends.
        is_book: [M] takes 1 for a good book.
        name: [M] takes where a book's symbol begins.
        until: [M] takes where it ends.
        ts: [M] takes its stamp, UTC nanoseconds.
        cells: [M, 4 * levels] takes bid prices, bid sizes, ask prices, ask sizes.

    Returns:
        How many good books there are.
    """
    count = 0
    for j in range(begins.size - 1):
        found = _one(j, data, begins[j], begins[j + 1], levels, words, ends, name, until, ts, cells)
        is_book[j] = 1 if found else 0
        count += is_book[j]
    return count


SIGNATURE = INT(BYTES, ROWS, INT, BYTES, ROWS, INTS, INTS, INTS, INTS, MATRIX)

TEXT = '''"""Books of TickDB, read from text."""

from runner.compiler import exactly
from runner.live.feed.dialects.tickdb_books import SIGNATURE


@exactly(SIGNATURE)
def read({names}):
    """Read some messages."""
    return body({names})
'''


@cache
def _compiled() -> Compiled:
    code = _read.__code__
    names = ", ".join(code.co_varnames[: code.co_argcount])
    compiled: Compiled = build("tickdb_books", TEXT.format(names=names), {"body": _read}).read
    return compiled


class Words(NamedTuple):
    """Keys that mean something to the dialect."""

    text: NDArray[np.uint8]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, keys: Iterable[str]) -> "Words":
        """Put some keys one behind the other."""
        encoded = [key.encode() for key in keys]
        return cls(np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([len(key) for key in encoded]))


class Read(NamedTuple):
    """What was read of some messages."""

    names: list[bytes]
    """Symbols as they are spelled; empty of a message that isn't a good book."""
    ts: list[int]
    """Stamps, UTC nanoseconds."""
    cells: NDArray[np.float64]
    """[M, 4 * levels] bid prices, bid sizes, ask prices, ask sizes; NaN where there is no such level."""


def read_books(texts: Sequence[bytes], levels: int, words: Words) -> Read:
    """Read those of some messages that are nothing but a good book.

    Args:
        texts: The messages.
        levels: Of a side that are wanted.
        words: Keys that mean something to the dialect.
    """
    count, data = len(texts), b"".join(texts)
    begins = np.array([0, *accumulate(map(len, texts))], np.int64)
    found, cells = np.empty((4, count), np.int64), np.empty((count, 4 * levels))
    _compiled()(np.frombuffer(data, np.uint8), begins, levels, *words, *found, cells)
    are_books, begin, end, ts = found.tolist()
    names = [data[begin[k] : end[k]] if is_book else b"" for k, is_book in enumerate(are_books)]
    return Read(names, ts, cells)

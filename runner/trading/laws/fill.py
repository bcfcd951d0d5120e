"""The laws of fills: orders meet the market that was there, when it was there.

1. `_tape` draws rows of each stream that the kind can take for its clock; of some rows nothing is known.
2. Each row's instant and prices are held against the row.
3. `_foresight` changes what came after an instant: the prices up to it must stay what they were.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from runner.market.streams import STREAMS, Stream, columns_of, price_columns
from runner.market.tape import Tape
from runner.trading.fill import Fill, FillClock, Prices
from runner.trading.laws.broken import Broken

__all__ = ["fill_laws"]

Values = NDArray[np.float64]

ROWS = 40
LEVELS = 3
CUTS = 6
MINUTE = 60_000_000_000
SLACK = 1e-12
"""What rounding may add up to, as a share of a price."""


def fill_laws(fill: Fill, rng: Generator) -> Iterator[Broken]:
    """Yield what breaks the laws of fills."""
    named: dict[Stream, None] = {}
    for deciding in STREAMS:
        streams = fill.streams(deciding)
        if not (isinstance(streams, tuple) and set(streams) <= set(get_args(Stream))):
            yield Broken("must name streams, best first, in a tuple", f"{streams!r} where {deciding} decide")
            return
        named |= dict.fromkeys(streams)
    if not named:
        yield Broken("must name a stream for its clock", "none, whatever decides")
    for stream in named:
        tape = _tape(stream, rng)
        clock = fill.of(tape)
        if isinstance(clock, FillClock) and clock.at_once and not fill.optimistic:
            yield Broken("must say in `optimistic` why results flatter where a row fills what it decided", "nothing")
        shape = list(_shape(clock, tape))
        yield from shape or (*_instants(clock), *_prices(clock), *_foresight(fill, clock, rng))


def _tape(stream: Stream, rng: Generator) -> Tape:
    """Draw a tape of two symbols, and one without rows."""
    steps = rng.integers(1, 4, 2 * ROWS) * MINUTE
    ts = np.concatenate([np.cumsum(part) for part in np.split(steps, 2)]) + 1_000 * MINUTE
    opened = ts - MINUTE if stream == "bars" else ts.copy()
    values = np.array([_row(stream, rng) for _ in range(2 * ROWS)])
    values[rng.random(2 * ROWS) < 0.1] = np.nan
    columns = {name: np.ascontiguousarray(column) for name, column in zip(_names(stream), values.T, strict=True)}
    for each in (ts, opened, *columns.values()):
        each.flags.writeable = False
    symbol = np.repeat(np.arange(2, dtype=np.int32), ROWS)
    days = (ts // (1_440 * MINUTE)).astype(np.int32)
    return Tape(("A", "B", "C"), ts, opened, days, symbol, columns, np.array([0, ROWS, 2 * ROWS, 2 * ROWS]), stream)


def _names(stream: Stream) -> tuple[str, ...]:
    return columns_of(stream, LEVELS)


def _row(stream: Stream, rng: Generator) -> list[float]:
    """Draw the values of a row."""
    middle, half = float(rng.uniform(5.0, 500.0)), float(rng.uniform(0.01, 0.5))
    sizes = rng.integers(1, 100, 2 * LEVELS).astype(float).tolist()
    if stream == "bars":
        opened, close = middle + half * rng.normal(size=2)
        above, below = half * rng.random(2)
        return [opened, max(opened, close) + above, min(opened, close) - below, close, sizes[0]]
    if stream == "quotes":
        return [middle - half, sizes[0], middle + half, sizes[1]]
    if stream == "trades":
        return [middle, sizes[0], float(rng.choice([-1.0, 1.0]))]
    away = half * (1.0 + np.arange(LEVELS))
    return [*(middle - away), *sizes[:LEVELS], *(middle + away), *sizes[LEVELS:]]


def _shape(clock: object, tape: Tape) -> Iterator[Broken]:
    """Yield what the kernel couldn't take."""
    if not isinstance(clock, FillClock) or not isinstance(clock.buy, Prices) or not isinstance(clock.sell, Prices):
        yield Broken("must give a FillClock with Prices for buyers and sellers", f"{type(clock).__name__}")
        return
    if clock.tape is not tape:
        yield Broken("must have the stream that it is given for its clock, every row of it", "another tape")
        return
    if not _is_column(clock.first, tape, np.int64):
        yield Broken("must give the instant of each row as int64", _looks(clock.first))
    prices = {f"{side}.{name}": price for side, name, price in _each_price(clock)}
    others = {"size": clock.size, "bid": clock.bid, "ask": clock.ask}
    for name, column in (prices | {name: each for name, each in others.items() if each is not None}).items():
        if not _is_column(column, tape, np.float64):
            yield Broken("must give a float64 per row of its clock", f"{name}: {_looks(column)}")


def _each_price(clock: FillClock) -> Iterator[tuple[str, str, Values]]:
    for side, prices in (("buy", clock.buy), ("sell", clock.sell)):
        for name in ("first", "low", "high"):
            yield side, name, getattr(prices, name)


def _is_column(column: object, tape: Tape, kind: type) -> bool:
    return isinstance(column, np.ndarray) and column.dtype == kind and column.shape == (tape.rows,)


def _looks(column: object) -> str:
    if isinstance(column, np.ndarray):
        return f"{column.dtype} of the shape {column.shape}"
    return f"a {type(column).__name__}"


def _instants(clock: FillClock) -> Iterator[Broken]:
    tape = clock.tape
    early, late = clock.first < tape.opened, clock.first > tape.ts
    if early.any():
        yield Broken("must not fill before a row opens", f"{early.sum()} of {tape.rows} rows of {tape.stream}")
    if late.any():
        yield Broken("must not fill after a row is known, which is the next row's turn", f"{late.sum()} of {tape.rows} rows")
    if clock.at_once and (clock.first != tape.ts).any():
        yield Broken("must not fill before the decision, where a row fills what it decided", "an earlier instant")


def _prices(clock: FillClock) -> Iterator[Broken]:
    """Yield prices that the market didn't have."""
    tape = clock.tape
    market = np.array([tape.columns[name] for name in price_columns(tape.stream, LEVELS)])
    lowest, highest = market.min(axis=0), market.max(axis=0)
    slack = SLACK * highest
    for side, name, price in _each_price(clock):
        outside = (price < lowest - slack) | (price > highest + slack)
        if outside.any():
            row = int(np.flatnonzero(outside)[0])
            was = f"{side}.{name} of {price[row]:g}, the row of {tape.stream} has {lowest[row]:g} to {highest[row]:g}"
            yield Broken("must fill at prices that the row has", was)
        if np.isfinite(price[np.isnan(lowest)]).any():
            yield Broken("must have no price where the row has none", f"{side}.{name} is finite there")
    if (clock.buy.first < clock.sell.first).any():
        yield Broken("must not let a buyer pay less than a seller gets", "buy.first is below sell.first")
    for side, prices in (("buy", clock.buy), ("sell", clock.sell)):
        if ((prices.first < prices.low) | (prices.first > prices.high)).any():
            yield Broken("must have its first price between its lowest and its highest", f"{side}.first isn't")


def _foresight(fill: Fill, clock: FillClock, rng: Generator) -> Iterator[Broken]:
    """Yield prices that change with what comes after them."""
    tape = clock.tape
    for row in rng.integers(0, tape.rows, CUTS).tolist():
        cut = int(clock.first[row])
        other = fill.of(_changed(tape, cut))
        firsts, ranges = clock.first <= cut, tape.ts <= cut
        for side, name, price in _each_price(clock):
            known = firsts if name == "first" else ranges
            again = getattr(getattr(other, side), name)
            if price[known].tobytes() != again[known].tobytes():
                was = f"{side}.{name} of rows of {tape.stream} changes with what is known later"
                yield Broken("must not know prices before their time", was)
                return


def _changed(tape: Tape, cut: int) -> Tape:
    """Return a tape that is another one after an instant."""
    columns = {}
    for name, column in tape.columns.items():
        later = (tape.opened if name == "open" else tape.ts) > cut
        columns[name] = np.where(later, column * 1.5 + 1.0, column)
    return replace(tape, columns=columns)

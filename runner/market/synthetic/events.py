"""What happens to one symbol, event by event: a new quote and book each time, and a trade at the touch.

Events come at irregular distances, between 0.1 and 1.9 of the declared mean, counted in trading time. The price lies on the
straight line from the bar's open to its close, bent towards its high or low, so the first and last price of a bar are near
its open and close, and bid and offer stay between its low and high.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.market.streams import Stream, columns_of
from runner.market.synthetic.draws import Draws, pieces, shares
from runner.market.synthetic.path import Path, Quoting
from runner.market.synthetic.sessions import Sessions

__all__ = ["NEAREST", "WIDEST", "Events", "clock", "columns", "events_of"]

NEAREST, WIDEST = 0.1, 1.9
"""Distances between events, as multiples of their mean."""


@dataclass(frozen=True, slots=True)
class Events:
    """The events of one symbol; all arrays have one entry per event."""

    ts: NDArray[np.int64]
    """UTC nanoseconds, ascending, no two alike."""
    bids: NDArray[np.int64]
    """Best bid in ticks; the best offer is the spread above it."""
    draws: NDArray[np.uint64]
    """Bits for the sizes at the touch, the trade's size and its side."""


def clock(symbol: str, seed: int, mean: int, length: int) -> NDArray[np.int64]:
    """Draw when a symbol's events happen in trading time: ascending nanoseconds below `length`, `mean` apart on average."""
    draws, found, reached = Draws(seed, symbol, "clock"), [], 0
    while reached < length:
        # Enough for all that is left nearly always; the rest is drawn from the same stream, so blocks leave no mark.
        count = int((length - reached) / mean * 1.01) + 64
        steps = np.maximum((shares(draws.raw(count)) * ((WIDEST - NEAREST) * mean) + NEAREST * mean).astype(np.int64), 1)
        found.append(reached + np.cumsum(steps))
        reached = int(found[-1][-1])
    instants = np.concatenate(found)
    return instants[: np.searchsorted(instants, length)]


def events_of(
    symbol: str, seed: int, trading: NDArray[np.int64], sessions: Sessions, path: Path, quoting: Quoting
) -> Events:
    """Place events on the path; events inside of holes are left out."""
    draws = Draws(seed, symbol, "events").raw(trading.size)
    bar = trading // sessions.interval
    share = (trading - bar * sessions.interval) / sessions.interval
    low, high = path.lows[bar] + quoting.below, path.highs[bar] - quoting.above
    opens, closes = path.opens[bar], path.closes[bar]
    # Bars bend up and down in turn: over the middle of the bar the price reaches its high or its low.
    bend = np.where(bar % 2 == 0, high - np.maximum(opens, closes), low - np.minimum(opens, closes))
    exact = opens + (closes - opens) * share + bend * (4.0 * share * (1.0 - share)) + pieces(draws, 3) * 2.0**-15 - 1.0
    price = np.clip(np.rint(exact).astype(np.int64), low, high)
    kept = ~path.holes[bar]
    return Events(sessions.instants(trading[kept]), (price - quoting.below)[kept], draws[kept])


def columns(stream: Stream, symbol: str, seed: int, events: Events, quoting: Quoting) -> dict[str, NDArray[np.float64]]:
    """Return the columns of a stream of events, in their order."""
    bids, asks = events.bids, events.bids + quoting.spread
    bid_sizes, ask_sizes = (_size(pieces(events.draws, which)) for which in (0, 1))
    if stream == "trades":
        buys = (events.draws & np.uint64(1)).astype(np.bool_)
        values = [quoting.prices(np.where(buys, asks, bids)), _size(pieces(events.draws, 2)), np.where(buys, 1.0, -1.0)]
    elif stream == "quotes":
        values = [quoting.prices(bids), bid_sizes, quoting.prices(asks), ask_sizes]
    else:
        deeper = _deeper(symbol, seed, events.ts.size, quoting.levels)
        levels = range(quoting.levels)
        values = [
            *(quoting.prices(bids - level) for level in levels),
            *(bid_sizes if level == 0 else deeper[2 * level] for level in levels),
            *(quoting.prices(asks + level) for level in levels),
            *(ask_sizes if level == 0 else deeper[2 * level + 1] for level in levels),
        ]
    return dict(zip(columns_of(stream, quoting.levels), values, strict=True))


def _deeper(symbol: str, seed: int, count: int, levels: int) -> list[NDArray[np.float64]]:
    """Return sizes below the touch: bid and offer of each level in turn; events draw side by side, so a longer day adds."""
    each = -(-2 * levels // 4)
    draws = Draws(seed, symbol, "depth").raw(count * each).reshape(count, each)
    return [_size(pieces(draws[:, number // 4], number % 4)) for number in range(2 * levels)]


def _size(piece: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return whole units, 1 to 1,024."""
    return ((piece >> np.uint64(6)) + np.uint64(1)).astype(np.float64)

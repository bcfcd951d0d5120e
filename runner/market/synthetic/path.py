"""One symbol's prices, bar by bar, in whole ticks: the path that its bars, quotes, trades and books are all read off.

Per bar the price moves by `drift · interval / year + volatility · √(interval / year) · z` with `z` bell-shaped, so the path
is a random walk of relative moves; within the bar it strays from the straight line by at most `up` and `down`. A bar's high
and low leave room for the touch on both sides: every bid and offer at level 0 lies inside its bar.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.market.synthetic.draws import Draws, bell, pieces, shares

__all__ = ["Path", "Quoting", "largest_move", "path_of"]

BEYOND = 3.47
"""No drawn move is larger than this many deviations."""
STRAY = 0.7
"""Farthest stray from the straight line within a bar, as a multiple of the deviation of its move."""
LARGEST = 10**12
"""Ticks a price never exceeds: beyond it float64 can't tell one from the next."""


@dataclass(frozen=True, slots=True)
class Quoting:
    """How prices are written."""

    price: float
    """Where symbols start: between half and one and a half of it."""
    decimals: int
    """Places after the decimal point; a tick is one in the last."""
    spread: int
    """Ticks between bid and offer."""
    levels: int
    """Levels of the book below and above."""

    @property
    def below(self) -> int:
        """Ticks from the price down to the bid."""
        return self.spread // 2

    @property
    def above(self) -> int:
        """Ticks from the price up to the offer."""
        return self.spread - self.spread // 2

    def prices(self, ticks: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return ticks as prices: the float64 nearest to the decimal number."""
        return ticks / 10.0**self.decimals


@dataclass(frozen=True, slots=True)
class Path:
    """Prices in ticks; all arrays have one entry per bar."""

    opens: NDArray[np.int64]
    closes: NDArray[np.int64]
    highs: NDArray[np.int64]
    lows: NDArray[np.int64]
    volumes: NDArray[np.float64]
    """Whole units."""
    holes: NDArray[np.bool_]
    """Whether nothing is known of the bar."""


def largest_move(volatility: float, drift: float, *, interval: int, year: int) -> float:
    """Return the largest relative move of one bar, as a fraction."""
    share = interval / year
    return volatility * math.sqrt(share) * BEYOND + abs(drift) * share


def path_of(
    symbol: str,
    seed: int,
    deviation: NDArray[np.float64],
    mean: NDArray[np.float64],
    quoting: Quoting,
    *,
    gaps: float,
) -> Path:
    """Draw the path of a symbol from the deviation and mean of each bar's relative move."""
    count = deviation.size
    moves = bell(Draws(seed, symbol, "moves").raw(count))
    moves *= deviation
    moves += mean
    moves += 1.0
    start = quoting.price * (0.5 + float(shares(Draws(seed, symbol, "start").raw(1))[0])) * 10.0**quoting.decimals
    floor = quoting.levels + quoting.spread + 1
    exact = np.minimum(np.cumprod(moves, out=moves) * start, LARGEST)
    closes = np.maximum(np.rint(exact).astype(np.int64), floor)
    opens = np.empty_like(closes)
    opens[:1], opens[1:] = max(round(start), floor), closes[:-1]
    shape = Draws(seed, symbol, "shape").raw(count)
    stray = deviation * exact
    stray *= STRAY / 65_536
    highs = np.maximum(opens, closes)
    highs += (pieces(shape, 0) * stray).astype(np.int64) + quoting.above
    lows = np.minimum(opens, closes)
    lows -= np.minimum((pieces(shape, 1) * stray).astype(np.int64), lows - floor) + quoting.below
    holes = pieces(shape, 3) < np.uint64(round(gaps * 65_536))
    return Path(opens, closes, highs, lows, (pieces(shape, 2) + np.uint64(1)).astype(np.float64), holes)

"""The market a run was in: bull or bear, and how much prices moved, from the closes of its own universe.

1. `market_index` averages the returns of all symbols from session to session, each with the same weight.
2. A bear market begins when the index has fallen a fifth from its highest since the bull market began, a bull market when
   it has risen a fifth from its lowest since the bear market began: the filter of Lunde and Timmermann (2004), "Duration
   Dependence in Stock Prices", Journal of Business & Economic Statistics 22(3), with one fifth for both.
3. Volatility is the sample deviation of the latest 20 returns. It is high if at least four fifths of those seen before are
   lower, of which there must be 60.

A session's market is what was known when the session before it closed, so nobody needed to see ahead to stand aside. The
first session is a bull market of usual volatility.

Why a filter and not the drawdown from the highest ever: the years after a crash, when prices double, would all be bear.
"""

from bisect import bisect_left, insort
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape
from runner.trading.marks import marks

__all__ = ["Market", "bear_markets", "high_volatility", "market_index", "market_of"]

TURN = 0.2
"""Fall from a peak, and rise from a trough, that turn the market."""
WINDOW = 20
"""Sessions of a volatility."""
TOP = 0.8
"""Share of earlier volatilities that a high one exceeds."""
LEAST_KNOWN = 60
"""Earlier volatilities it takes to tell."""

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Market:
    """The market at each session of a tape."""

    sessions: NDArray[np.int32]
    """[S] session dates, days since 1970-01-01, ascending."""
    levels: Values
    """[S] the index at each close; the first is 1."""
    bear: Flags
    """[S] whether the session lies in a bear market, as known the session before."""
    high: Flags
    """[S] whether volatility is high, as known the session before."""

    @property
    def returns(self) -> Values:
        """[S] the index's return of each session; 0 in the first."""
        return np.append(np.zeros(min(self.levels.size, 1)), self.levels[1:] / self.levels[:-1] - 1.0)


def market_of(tape: Tape) -> Market:
    """Return the market at each session of a tape."""
    sessions, levels = market_index(tape)
    return Market(sessions, levels, _known_before(bear_markets(levels)), _known_before(high_volatility(levels)))


def market_index(tape: Tape) -> tuple[NDArray[np.int32], Values]:
    """Return the session dates of a tape and the equal-weighted index of its symbols at each.

    A symbol's return goes from its close before, however long ago, to that of the session; a symbol without a price in a
    session doesn't count then, and a session without any leaves the index where it was. Prices of zero or less are none.
    """
    sessions = np.unique(tape.session).astype(np.int32)
    price = marks(tape)
    known = np.flatnonzero(np.isfinite(price) & (price > 0.0))
    symbol, session = tape.symbol[known], tape.session[known]
    last = np.flatnonzero(np.append((np.diff(symbol) != 0) | (np.diff(session) != 0), [True] * (known.size > 0)))
    close, symbol, session = price[known[last]], symbol[last], session[last]
    same = symbol[1:] == symbol[:-1]
    moved = (close[1:] / close[:-1] - 1.0)[same] if close.size else close
    place = np.searchsorted(sessions, session[1:][same])
    total = np.bincount(place, weights=moved, minlength=sessions.size)
    mean = total / np.maximum(np.bincount(place, minlength=sessions.size), 1)
    return sessions, np.cumprod(1.0 + mean, dtype=np.float64)


def bear_markets(levels: Values) -> Flags:
    """Return at which closes the market is a bear market, by what is known at that close."""
    found = np.zeros(levels.size, dtype=bool)
    bear, extreme = False, float(levels[0]) if levels.size else 0.0
    for place, level in enumerate(levels.tolist()):
        extreme = min(extreme, level) if bear else max(extreme, level)
        if level >= extreme * (1.0 + TURN) if bear else level <= extreme * (1.0 - TURN):
            bear, extreme = not bear, level
        found[place] = bear
    return found


def high_volatility(levels: Values) -> Flags:
    """Return at which closes volatility is high, by what is known at that close."""
    found = np.zeros(levels.size, dtype=bool)
    if levels.size <= WINDOW:
        return found
    returns = levels[1:] / levels[:-1] - 1.0
    deviations = np.lib.stride_tricks.sliding_window_view(returns, WINDOW).std(axis=1, ddof=1)
    earlier: list[float] = []
    for place, deviation in enumerate(deviations.tolist(), start=WINDOW):
        found[place] = len(earlier) >= LEAST_KNOWN and bisect_left(earlier, deviation) >= TOP * len(earlier)
        insort(earlier, deviation)
    return found


def _known_before(known: Flags) -> Flags:
    """Return for each session what was known at the close before it."""
    return np.append(np.zeros(min(known.size, 1), dtype=bool), known[:-1])

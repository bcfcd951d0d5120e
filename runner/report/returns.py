"""Figures of a series of session returns, each None where it is undefined.

`levels` is the equity a series starts from followed by the equity at each session's close; `r` are the returns between
them; `Y` is the number of sessions in a year. Growth a year goes by the calendar instead, in years of 365.25 days: it must
not depend on how many sessions a year is thought to have. The risk-free return is 0.

Why nothing a year of less than four weeks: a good day annualised is a growth of millions of percent, and a Sharpe ratio of
two returns is chance. Such figures are None, and readers are told that the run is too short.

Why a threshold: a series that grows by the same rate every session has returns that differ in their last digit only. The
deviation of that rounding isn't risk, so it counts as zero and the ratio is undefined rather than astronomically large.
"""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "annual_growth",
    "can_be_annualised",
    "deepest_drawdown",
    "drawdowns",
    "finite",
    "longest_drawdown",
    "rolling_sharpe",
    "session_returns",
    "sharpe",
    "sortino",
    "volatility",
]

_ROUNDING = 16 * float(np.finfo(np.float64).eps)
"""Returns are ratios near one; a deviation this small is what rounding leaves of them."""

Levels = NDArray[np.float64]

_LEAST_DAYS = 28
"""Calendar days from which on figures a year are given."""
_DAYS = 365.25


def can_be_annualised(years: float) -> bool:
    """Return whether a stretch of time, in years of 365.25 days, is long enough to speak of a year."""
    return round(years * _DAYS, 6) >= _LEAST_DAYS  # to less than a second: 28 days as years are a little less than 28 days


def finite(value: float) -> float | None:
    """Return `value` as a Python float, or None if it is NaN or infinite."""
    return float(value) if math.isfinite(value) else None


def session_returns(levels: Levels) -> Levels | None:
    """Return `levels[i] / levels[i − 1] − 1`; None if any level but the last is zero or less, where no return exists."""
    if not np.all(levels[:-1] > 0):
        return None
    return levels[1:] / levels[:-1] - 1


def annual_growth(ratio: float, *, years: float) -> float | None:
    """Return `ratio ** (1 / years) − 1`; None in no time, below zero, or beyond what a float can say."""
    if years <= 0 or ratio < 0:
        return None
    with np.errstate(over="ignore"):
        return finite(float(np.power(np.float64(ratio), 1 / years) - 1))


def volatility(returns: Levels, *, sessions_per_year: float) -> float | None:
    """Return `std(r, ddof=1) × √Y`; None with fewer than two returns."""
    deviation = _deviation(returns)
    return None if deviation is None else deviation * math.sqrt(sessions_per_year)


def sharpe(returns: Levels, *, sessions_per_year: float) -> float | None:
    """Return `mean(r) / std(r, ddof=1) × √Y`; None with fewer than two returns or without deviation."""
    deviation = _deviation(returns)
    if not deviation:
        return None
    return finite(float(returns.mean()) / deviation * math.sqrt(sessions_per_year))


def rolling_sharpe(returns: Levels, *, window: int, sessions_per_year: float) -> Levels:
    """Return the Sharpe ratio of each `window` returns in a row, from the first full one on; NaN where it is undefined."""
    if returns.size < window:
        return np.empty(0)
    windows = np.lib.stride_tricks.sliding_window_view(returns, window)
    deviations = windows.std(axis=1, ddof=1)
    rounding = _ROUNDING * (1.0 + np.abs(windows).max(axis=1))
    found = np.full(deviations.size, np.nan)
    np.divide(windows.mean(axis=1) * math.sqrt(sessions_per_year), deviations, out=found, where=deviations > rounding)
    return found


def sortino(returns: Levels, *, sessions_per_year: float) -> float | None:
    """Return `mean(r) × Y / (√mean(min(r, 0)²) × √Y)`; None with fewer than two returns or none below zero."""
    if returns.size < 2:
        return None
    downside = math.sqrt(float(np.mean(np.square(np.minimum(returns, 0.0)))))
    if downside <= _ROUNDING:
        return None
    return finite(float(returns.mean()) * sessions_per_year / (downside * math.sqrt(sessions_per_year)))


def drawdowns(levels: Levels) -> Levels:
    """Return `level / highest level so far − 1` at every point, 0 at a peak; the first level must be above zero."""
    return levels / np.maximum.accumulate(levels) - 1


def deepest_drawdown(levels: Levels) -> tuple[float, int]:
    """Return the lowest drawdown (≤ 0) and the sessions from its peak until that peak is reached again, or the end."""
    below = drawdowns(levels)
    low = int(np.argmin(below))
    if below[low] == 0:
        return 0.0, 0
    peak = int(np.flatnonzero(below[:low] == 0)[-1])
    recovered = np.flatnonzero(levels[low:] >= levels[peak])
    end = low + int(recovered[0]) if recovered.size else levels.size - 1
    return float(below[low]), end - peak


def longest_drawdown(levels: Levels) -> int:
    """Return the sessions of the longest stretch from a peak until it is reached again, or the end."""
    below = np.flatnonzero(drawdowns(levels) < 0)
    if below.size == 0:
        return 0
    breaks = np.flatnonzero(np.diff(below) > 1)
    first, last = below[np.append(0, breaks + 1)], below[np.append(breaks, below.size - 1)]
    return int((np.minimum(last + 1, levels.size - 1) - (first - 1)).max())


def _deviation(returns: Levels) -> float | None:
    """Return the sample deviation, zero where it is rounding only; None with fewer than two returns."""
    if returns.size < 2:
        return None
    deviation = float(returns.std(ddof=1))
    return 0.0 if deviation <= _ROUNDING * (1.0 + float(np.abs(returns).max())) else deviation

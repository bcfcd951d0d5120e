"""What equity alone says: growth, ratios of session returns, and drawdowns; the formulas are those of `report.returns`."""

import math

import numpy as np

from runner.compiler import inner_part, spliced_part
from runner.report.kernel.layout import (
    FINAL_EQUITY,
    GROWTH,
    LONGEST_DRAWDOWN_SESSIONS,
    MAX_DRAWDOWN,
    MAX_DRAWDOWN_SESSIONS,
    SHARPE,
    SORTINO,
    TOTAL_RETURN,
    VOLATILITY,
)
from runner.report.kernel.sums import deviation, mean, total

__all__ = ["is_long", "performed"]

ROUNDING = 16 * float(np.finfo(np.float64).eps)
DAYS = 365.25
LEAST_DAYS = 27.9999995
"""What is 28 days when it is rounded to six digits."""


@spliced_part
def is_long(years):
    """Return whether a stretch of time is long enough to speak of a year."""
    return years * DAYS >= LEAST_DAYS


@spliced_part
def _finite(value):
    return value if math.isfinite(value) else math.nan


@inner_part
def _drawdowns(levels, size, out):
    """Write the deepest drawdown, its length, and that of the longest; the first level must be above zero."""
    peak, at = levels[0], 0
    lowest, began, reached, ended = 0.0, 0, levels[0], 0
    longest = 0
    for i in range(1, size):
        level = levels[i]
        if level >= reached and ended < 0:
            ended = i
        if level >= peak:
            # A stretch below the peak lasts from the last session at it until this one.
            peak, at = level, i
            continue
        longest = max(longest, min(i + 1, size - 1) - at)
        below = level / peak - 1.0
        if below < lowest:
            lowest, began, reached, ended = below, at, peak, -1
    out[MAX_DRAWDOWN] = lowest
    out[MAX_DRAWDOWN_SESSIONS] = (ended if ended >= 0 else size - 1) - began
    out[LONGEST_DRAWDOWN_SESSIONS] = longest


@inner_part
def _ratios(levels, size, year, returns, spare, out):
    """Write volatility, Sharpe and Sortino, as far as they are defined."""
    count = size - 1
    least, largest = math.inf, 0.0
    for i in range(count):
        least = min(least, levels[i])
        change = levels[i + 1] / levels[i] - 1.0
        returns[i] = change
        largest = max(largest, abs(change))
    if not least > 0.0 or count < 2:
        return
    middle, root = mean(returns, count), math.sqrt(year)
    spread = deviation(returns, count, spare)
    if spread <= ROUNDING * (1.0 + largest):
        spread = 0.0
    else:
        out[SHARPE] = _finite(middle / spread * root)
    out[VOLATILITY] = spread * root
    for i in range(count):
        loss = min(returns[i], 0.0)
        spare[i] = loss * loss
    downside = math.sqrt(total(spare, count) / count)
    if not downside <= ROUNDING:
        out[SORTINO] = _finite(middle * year / (downside * root))


@inner_part
def performed(levels, size, years, year, returns, spare, out):
    """Write what the equity at the sessions' closes says; `out` must be NaN where nothing is known yet.

    Args:
        levels: The equity that the returns start from, then that at each close.
        size: How many levels there are.
        years: Time from the first to the last, in years.
        year: Sessions in a year.
        returns: Scratch, as long.
        spare: Scratch, as long.
        out: The figures.
    """
    if size < 2:
        return
    base, final = levels[0], levels[size - 1]
    out[FINAL_EQUITY] = final
    if base <= 0.0:
        return
    out[TOTAL_RETURN] = final / base - 1.0
    _drawdowns(levels, size, out)
    if is_long(years):
        out[GROWTH] = final / base
        _ratios(levels, size, year, returns, spare, out)

"""Sharpe ratios per period, of one lane or of many, over all rows or over some.

    s = mean(r) / std(r, ddof=1)

Nothing is annualised and no risk-free return is subtracted: every formula of this folder is stated for the returns as they
are. Multiply by √(periods per year) for the ratio that people quote.

Why sums: the sums and the sums of squares of each stretch of rows are all it takes to know the ratio over any union of
stretches, which turns thousands of selections of rows into one product of matrices. Squares are taken about each lane's own
mean, where they lose no digits.

A lane that never moves has no deviation and no ratio. `sharpe_ratios` says NaN; where lanes are ranked against each other,
`sharpe_of_sums` says 0, since who ventures nothing gains nothing and loses nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.statistics.lane_chunks import lane_chunks

__all__ = [
    "Centred",
    "Moments",
    "centred",
    "closeness",
    "first_best",
    "is_still",
    "moments_of",
    "sharpe_of_sums",
    "sharpe_ratios",
]

Values = NDArray[np.float64]

ROUNDING = 16 * float(np.finfo(np.float64).eps)
"""Returns are ratios near one less one; a deviation this small is what rounding leaves of them."""

CANCELLED = 1e-12
"""Share of a mean square that is rounding once the square of the mean is taken from it."""
EQUAL = 1e-10
"""Ratios this close, absolute or relative to their size, are equal: sums of many numbers round copies of a lane apart."""


@dataclass(frozen=True, slots=True)
class Moments:
    """What the tests of one lane's Sharpe ratio need to know of its returns."""

    sharpe: float
    """Mean over sample deviation (ddof=1), per period; NaN where there is no deviation."""
    skewness: float
    """m3 / m2^1.5 of the central moments, not corrected for bias; 0 for normal returns."""
    kurtosis: float
    """m4 / m2², raw: 3 for normal returns, not 0."""
    periods: int
    """Number of returns."""

    def __post_init__(self) -> None:
        if self.kurtosis < (1.0 + self.skewness**2) * (1.0 - 1e-9):
            raise ValueError(
                f"kurtosis must be raw (3 for normal returns) and at least 1 + skewness² = {1.0 + self.skewness**2:.6g},"
                f" was {self.kurtosis:.6g}"
            )


@dataclass(frozen=True, slots=True)
class Centred:
    """Where each lane's returns lie, and which lanes never move."""

    mean: Values
    """[N] mean return of each lane."""
    floor: Values
    """[N] a variance up to this is rounding."""


def is_still(deviation: Values, largest: Values) -> NDArray[np.bool_]:
    """Tell where a deviation is what rounding leaves of returns that don't differ; `largest` is their largest size."""
    return np.asarray(deviation <= ROUNDING * (1.0 + largest))


def moments_of(returns: Values) -> Moments:
    """Return the moments of one lane's returns [T]; all NaN with fewer than two of them or without deviation."""
    if returns.size < 2 or is_still(returns.std(ddof=1), np.abs(returns).max()):
        return Moments(np.nan, np.nan, np.nan, int(returns.size))
    distance = returns - returns.mean()
    unit = float(np.sqrt(np.mean(distance**2)))
    scaled = distance / unit
    sharpe = float(returns.mean() / returns.std(ddof=1))
    return Moments(sharpe, float(np.mean(scaled**3)), float(np.mean(scaled**4)), int(returns.size))


def sharpe_ratios(returns: Values) -> Values:
    """Return each lane's Sharpe ratio per period, [N], from returns [T, N].

    NaN where a lane's returns have no deviation, are fewer than two, or hold a NaN.
    """
    rows, lanes = returns.shape
    ratios = np.full(lanes, np.nan)
    if rows < 2:
        return ratios
    for chunk in lane_chunks(lanes, rows=rows):
        part = returns[:, chunk]
        deviation = part.std(axis=0, ddof=1)
        moves = ~is_still(deviation, np.abs(part).max(axis=0))
        np.divide(part.mean(axis=0), deviation, out=ratios[chunk], where=moves)
    return ratios


def centred(returns: Values) -> Centred:
    """Return where the lanes of returns [T, N] lie."""
    rows, lanes = returns.shape
    mean, floor = np.empty(lanes), np.empty(lanes)
    for chunk in lane_chunks(lanes, rows=rows):
        mean[chunk] = returns[:, chunk].mean(axis=0)
        floor[chunk] = (ROUNDING * (1.0 + np.abs(returns[:, chunk]).max(axis=0))) ** 2
    return Centred(mean, floor)


def sharpe_of_sums(sums: Values, squares: Values, counts: Values, about: Centred) -> Values:
    """Return the Sharpe ratios of lanes over selections of rows, [K, N]; 0 where the returns of a selection don't differ.

    Args:
        sums: [K, N] per selection and lane, the sum of returns less the lane's mean. Overwritten.
        squares: [K, N] the sum of their squares. Overwritten.
        counts: [K, 1] rows of each selection, two or more.
        about: The lanes' means, over all rows.
    """
    sums /= counts
    squares /= counts
    floor = np.maximum(CANCELLED * squares, about.floor)
    squares -= sums * sums
    moves = squares > floor
    squares *= counts / (counts - 1.0)
    sums += about.mean
    np.sqrt(squares, out=squares, where=moves)
    ratios = np.zeros_like(sums)
    np.divide(sums, squares, out=ratios, where=moves)
    return ratios


def closeness(ratios: Values) -> Values:
    """Return how far from each ratio another may be and still be equal."""
    return EQUAL * (1.0 + np.abs(ratios))


def first_best(ratios: Values) -> NDArray[np.intp]:
    """Return the place of the highest ratio in each row of [K, N], [K]: the first of equals, however they were rounded."""
    highest = ratios.max(axis=1)
    return np.asarray((ratios >= (highest - closeness(highest))[:, None]).argmax(axis=1))

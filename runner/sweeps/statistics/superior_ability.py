"""Whether any lane beats a benchmark, when the best of many is looked at: White's reality check and Hansen's test.

`d` are the lanes' returns less the benchmark's, `d̄` their means over T rows, `d̄*` the means over a drawn history, `ω²` the
variance of √T d̄* over all histories that can be drawn. Nobody is better is the hypothesis, and a p-value is the share of
drawn histories whose statistic reaches the one that was seen:

    reality check   max √T d̄          against   max √T (d̄* − d̄)
    Hansen          max(0, √T d̄ / ω)  against   max(0, √T (d̄* − g(d̄)) / ω)

    upper: g(d̄) = d̄    consistent: g(d̄) = d̄ where d̄ ≥ −√(2 ln ln T / T) ω, else 0    lower: g(d̄) = max(d̄, 0)

The reality check and the upper p-value take every lane for as good as the benchmark, so hopeless lanes hide a good one. The
lower takes those that did worse for as bad as they looked, and is too quick to believe; the consistent one lies between.
Dividing by ω lets no lane win by being wild.

Drawn histories come from the stationary bootstrap, the same rows for all lanes. Their means are one product of matrices: the
share of each row in each history times the returns, some histories and some lanes at a time. The p-value of B histories is
(1 + number that reach) / (B + 1), which is never zero: so few can't prove that (Davison and Hinkley 1997, section 4.2).

Source: White (2000), "A Reality Check for Data Snooping", Econometrica 68(5); Hansen (2005), "A Test for Superior Predictive
Ability", Journal of Business & Economic Statistics 23(4): the statistic, the three g and their bootstrap; the variance of
the stationary bootstrap after Politis and Romano (1994).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from runner.sweeps.statistics.lane_chunks import lane_chunks
from runner.sweeps.statistics.sharpe import ROUNDING
from runner.sweeps.statistics.stationary_bootstrap import drawn_rows, row_shares

__all__ = ["SuperiorAbility", "long_run_deviation", "superior_ability", "superior_ability_of_draws"]

Values = NDArray[np.float64]

HISTORIES_AT_ONCE = 1 << 20
"""Rows of all histories that are drawn at once."""


@dataclass(frozen=True, slots=True)
class SuperiorAbility:
    """p-values, 0 to 1, of the hypothesis that no lane is better than the benchmark."""

    reality_check: float
    """White's."""
    lower: float
    """Hansen's, too quick to believe."""
    consistent: float
    """Hansen's, the one to go by."""
    upper: float
    """Hansen's, too slow to believe."""
    lanes: int
    resamples: int
    """Drawn histories, B; no p-value is below 1 / (B + 1)."""
    mean_block: float
    """Mean rows of a block."""


def superior_ability(excess: Values, generator: Generator, *, mean_block: float, resamples: int = 1_000) -> SuperiorAbility:
    """Return the p-values of the hypothesis that no lane is better than its benchmark.

    Args:
        excess: [T, N] per period, the lanes' returns less the benchmark's, all finite; the returns themselves against
            holding nothing. T at least 3, so that ln ln T is defined and above 0; N at least 1.
        generator: Where chance comes from; its state moves on.
        mean_block: Mean rows of a block, 1 to T; see `mean_block_length`.
        resamples: Histories to draw, at least 1.

    Raises:
        ValueError: the shape or an argument is out of its range, or a return isn't finite.
    """
    rows = excess.shape[0]
    if resamples < 1:
        raise ValueError(f"resamples must be at least 1, was {resamples}")
    most = max(1, HISTORIES_AT_ONCE // max(rows, 1))
    batches = (min(most, resamples - done) for done in range(0, resamples, most))
    draws = (drawn_rows(generator, rows=rows, resamples=count, mean_block=mean_block) for count in batches)
    return superior_ability_of_draws(excess, draws, mean_block=mean_block)


def superior_ability_of_draws(excess: Values, draws: Iterator[NDArray[np.int64]], *, mean_block: float) -> SuperiorAbility:
    """Return the p-values by batches of histories drawn already, [histories, T] rows each; else as `superior_ability`."""
    rows, lanes = excess.shape
    if rows < 3 or lanes < 1 or not 1.0 <= mean_block <= rows:
        raise ValueError(f"there must be 3 rows, a lane and a block within them, were {rows}, {lanes} and {mean_block}")
    mean, deviation = excess.mean(axis=0), long_run_deviation(excess, mean_block=mean_block)
    if not np.isfinite(mean).all():
        raise ValueError("returns must be finite")
    seen = _Seen.of(mean, deviation, rows)
    reached, count = np.zeros(4, dtype=np.int64), 0
    for drawn in draws:
        highest = _highest(excess, row_shares(drawn), seen)
        reached += np.count_nonzero(highest >= seen.statistics[:, None], axis=1)
        count += len(drawn)
    check, lower, consistent, upper = ((1 + reached) / (1 + count)).tolist()
    return SuperiorAbility(check, lower, consistent, upper, lanes, count, mean_block)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The statistics of the history as it was, without the √T all of them have."""

    mean: Values
    """[N]"""
    inverse: Values
    """[N] 1 / ω; 0 for a lane that never moves, which can't win."""
    statistics: Values
    """[4] reality check, lower, consistent, upper."""
    raised_lower: Values
    """[N] (d̄ − g(d̄)) / ω for the lower p-value."""
    raised_consistent: Values
    """[N] likewise for the consistent one."""

    @classmethod
    def of(cls, mean: Values, deviation: Values, rows: int) -> "_Seen":
        moves = deviation > ROUNDING
        inverse = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=moves)
        scaled = mean * inverse
        hansen = max(0.0, float(scaled.max()))
        # Also where ln ln T is 0 or below it: then every lane that did worse is let go.
        bound = -math.sqrt(2.0 * max(math.log(math.log(rows)), 0.0) / rows)
        let_go = np.where(scaled < bound, scaled, 0.0)
        return cls(mean, inverse, np.array([mean.max(), hansen, hansen, hansen]), np.minimum(scaled, 0.0), let_go)


def _highest(excess: Values, shares: Values, seen: _Seen) -> Values:
    """Return the four statistics of each drawn history, [4, histories]."""
    highest = np.zeros((4, len(shares)))
    highest[0] = -np.inf
    for chunk in lane_chunks(excess.shape[1], rows=max(len(shares), excess.shape[0])):
        distance = shares @ excess[:, chunk] - seen.mean[chunk]
        np.maximum(highest[0], distance.max(axis=1), out=highest[0])
        distance *= seen.inverse[chunk]
        np.maximum(highest[3], distance.max(axis=1), out=highest[3])
        np.maximum(highest[1], (distance + seen.raised_lower[chunk]).max(axis=1), out=highest[1])
        np.maximum(highest[2], (distance + seen.raised_consistent[chunk]).max(axis=1), out=highest[2])
    return highest


def long_run_deviation(excess: Values, *, mean_block: float) -> Values:
    """Return each lane's ω, [N]: the deviation of √T times the mean of a drawn history, over all that can be drawn.

        ω² = R(0) + 2 Σ κ(k) R(k),   κ(k) = (T − k)/T (1 − q)^k + k/T (1 − q)^(T − k),   q = 1 / mean_block

    `R(k)` are the lane's autocovariances with the divisor T. The sum is taken by one Fourier transform per lane.
    """
    rows, lanes = excess.shape
    lag = np.arange(rows)
    stay = 1.0 - 1.0 / mean_block
    kernel = (rows - lag) / rows * stay**lag + lag / rows * stay ** (rows - lag)
    length = 1 << (2 * rows - 1).bit_length()
    around = np.zeros(length)
    around[:rows], around[length - rows + 1 :] = kernel, kernel[:0:-1]
    spectrum = np.fft.rfft(around).real
    spectrum[1 : (length + 1) // 2] *= 2.0  # each frequency stands for its negative as well
    variance = np.empty(lanes)
    for chunk in lane_chunks(lanes, rows=4 * length):
        part = excess[:, chunk]
        waves = np.fft.rfft(part - part.mean(axis=0), n=length, axis=0)
        variance[chunk] = spectrum @ (np.square(waves.real) + np.square(waves.imag)) / (length * rows)
    return np.sqrt(np.maximum(variance, 0.0))

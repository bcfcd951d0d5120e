"""Probabilistic Sharpe ratio and minimum track record, against the examples of Bailey and López de Prado (2012)."""

import math

import numpy as np
import pytest

from runner.sweeps.statistics.probabilistic_sharpe import minimum_track_record, probabilistic_sharpe
from runner.sweeps.statistics.sharpe import Moments, moments_of

# "The Sharpe Ratio Efficient Frontier", the example of the section on the probabilistic Sharpe ratio: 24 months with a
# ratio of 0.458 a month, skewness −2.448 and kurtosis 10.164.
HEDGE_FUND = Moments(sharpe=0.458, skewness=-2.448, kurtosis=10.164, periods=24)


def normal(sharpe, periods):
    return Moments(sharpe, 0.0, 3.0, periods)


def test_the_published_hedge_fund():
    """The fund's ratio is above zero with 0.913; who takes its returns for normal believes 0.982."""
    assert probabilistic_sharpe(HEDGE_FUND) == pytest.approx(0.913, abs=5e-4)
    assert probabilistic_sharpe(normal(0.458, 24)) == pytest.approx(0.982, abs=5e-4)


@pytest.mark.parametrize(
    ("periods_per_year", "skewness", "kurtosis", "years"),
    [(252, 0.0, 3.0, 2.73), (52, 0.0, 3.0, 2.83), (12, 0.0, 3.0, 3.24), (12, -0.72, 5.78, 4.99)],
)
def test_the_published_track_records(periods_per_year, skewness, kurtosis, years):
    """A ratio of 2 a year is above 1 with 95 % after so many years, by the same paper's section on track records."""
    s, benchmark = (value / math.sqrt(periods_per_year) for value in (2.0, 1.0))

    needed = minimum_track_record(Moments(s, skewness, kurtosis, 100), benchmark=benchmark, confidence=0.95)

    assert needed / periods_per_year == pytest.approx(years, abs=0.005)


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_the_track_record_is_where_the_probability_reaches_the_confidence(confidence):
    """The two formulas answer one question from both ends."""
    needed = minimum_track_record(HEDGE_FUND, benchmark=0.1, confidence=confidence)

    # n needn't be whole in the formula of the probability.
    reached = Moments(HEDGE_FUND.sharpe, HEDGE_FUND.skewness, HEDGE_FUND.kurtosis, needed)
    assert probabilistic_sharpe(reached, benchmark=0.1) == pytest.approx(confidence, abs=1e-12)


def test_what_is_undefined_stays_undefined():
    """Without deviation there is no ratio to be sure of; below the benchmark no record is long enough."""
    still = moments_of(np.zeros(10))

    assert math.isnan(probabilistic_sharpe(still))
    assert math.isnan(minimum_track_record(still))
    assert minimum_track_record(normal(0.1, 50), benchmark=0.1) == math.inf
    assert math.isnan(probabilistic_sharpe(normal(0.1, 1)))


def test_returns_of_two_values_have_an_error_of_nothing():
    """Where the formula's variance vanishes it has no answer: here s = 2 / skewness, with the least kurtosis there is."""
    assert math.isnan(probabilistic_sharpe(Moments(sharpe=1.0, skewness=2.0, kurtosis=5.0, periods=20)))


@pytest.mark.parametrize("confidence", [0.5, 1.0, 95.0, math.nan])
def test_a_confidence_that_is_none_is_refused(confidence):
    """Percent, certainty and a coin are slips."""
    with pytest.raises(ValueError, match=r"confidence must be above 0\.5 and below 1"):
        minimum_track_record(HEDGE_FUND, confidence=confidence)


def test_the_probability_is_right_where_there_is_no_skill():
    """Of 4,000 normal records without skill, one in twenty looks 95 % sure (binomial error 0.0034, four of them allowed)."""
    records = np.random.default_rng(11).normal(size=(4_000, 120))

    sure = np.mean([probabilistic_sharpe(moments_of(record)) > 0.95 for record in records])

    assert sure == pytest.approx(0.05, abs=0.0136)

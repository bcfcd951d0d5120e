"""The deflated Sharpe ratio, against the example of Bailey and López de Prado (2014) and an independent implementation."""

import math

import pytest

from runner.sweeps.statistics.deflated_sharpe import deflated_sharpe, expected_maximum
from runner.sweeps.statistics.sharpe import Moments, moments_of, sharpe_ratios

# "The Deflated Sharpe Ratio", section "A Numerical Example": 2.5 a year over 1,250 days of 250 a year, the trials' ratios with a
# variance of one half a year.
DEVIATION = math.sqrt(0.5 / 250)


def found(skewness, kurtosis):
    return Moments(2.5 / math.sqrt(250), skewness, kurtosis, 1_250)


def test_the_published_expected_maximum():
    """A hundred trials without skill are expected to show 0.1132 a day."""
    assert expected_maximum(trials=100, deviation=DEVIATION) == pytest.approx(0.1132, abs=5e-5)


@pytest.mark.parametrize(
    ("trials", "skewness", "kurtosis", "expected"),
    [(100, -3.0, 10.0, 0.9004), (46, -3.0, 10.0, 0.9505), (88, 0.0, 3.0, 0.9505)],
)
def test_the_published_deflated_ratios(trials, skewness, kurtosis, expected):
    """0.9004 after 100 trials; 0.9505 would have been had after 46 of them, or after 88 if returns were normal."""
    assert deflated_sharpe(found(skewness, kurtosis), trials=trials, deviation=DEVIATION) == pytest.approx(
        expected, abs=5e-5
    )


def test_an_independent_implementation_agrees(waves):
    """The package holdout-backtest 0.1.0 says for the best of these six lanes: maximum 0.0914774651, deflated 0.6734038587."""
    returns = waves(200, 6)
    ratios = sharpe_ratios(returns)
    moments = moments_of(returns[:, ratios.argmax()])
    deviation = ratios.std(ddof=1)

    assert expected_maximum(trials=6, deviation=deviation) == pytest.approx(0.09147746513589325, rel=1e-9)
    assert deflated_sharpe(moments, trials=6, deviation=deviation) == pytest.approx(0.6734038587118507, rel=1e-9)


@pytest.mark.parametrize(("trials", "exact"), [(10, 1.53875), (100, 2.50759), (1_000, 3.24144)])
def test_the_expected_maximum_is_that_of_normal_trials(trials, exact):
    """It is above the exact mean of the highest of so many (Harter 1961, Biometrika 48) by at most 2.5 %, never below."""
    found = expected_maximum(trials=trials, deviation=1.0)

    assert exact < found < 1.025 * exact


def test_one_trial_is_no_choice():
    """A single trial is held against nothing, and no number of trials against less."""
    assert expected_maximum(trials=1, deviation=0.3) == 0.0
    assert expected_maximum(trials=1.05, deviation=0.3) == 0.0
    assert expected_maximum(trials=2, deviation=0.3) > 0.0


def test_more_trials_or_wilder_ones_deflate_more():
    """The probability falls with the number of trials and with how much they differ."""
    by_trials = [deflated_sharpe(found(-1.0, 6.0), trials=trials, deviation=DEVIATION) for trials in (1, 2, 10, 1e3, 1e6)]
    by_deviation = [deflated_sharpe(found(-1.0, 6.0), trials=50, deviation=wide) for wide in (0.0, 0.01, 0.05, 0.2)]

    assert by_trials == sorted(by_trials, reverse=True)
    assert by_deviation == sorted(by_deviation, reverse=True)
    assert len(set(by_trials)) == 5
    assert len(set(by_deviation)) == 4


@pytest.mark.parametrize(("trials", "deviation"), [(0.5, 1.0), (math.nan, 1.0), (5, -0.1)])
def test_impossible_trials_are_refused(trials, deviation):
    """Less than one trial, or a deviation below zero, is a slip."""
    with pytest.raises(ValueError, match="trials must be at least 1 and deviation at least 0"):
        expected_maximum(trials=trials, deviation=deviation)


def test_an_unknown_deviation_gives_nothing_known():
    """One lane's ratio has no deviation, and nothing is made up in its place."""
    assert math.isnan(deflated_sharpe(found(0.0, 3.0), trials=10, deviation=math.nan))

"""Figures of session returns against empyrical, where the definitions coincide.

They differ on purpose in three places: empyrical answers NaN or infinity where we answer None; its Sortino of one session
is a number where ours needs two; and it annualises by a period's name, so the sessions in a year are passed explicitly.
"""

import math

import empyrical
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.report import returns as series

FIXED = {
    "mixed": [0.01, -0.02, 0.015, 0.003, -0.007, 0.0, 0.02],
    "falling": [-0.01, -0.02, -0.03],
    "rising": [0.01, 0.03, 0.02],
    "two": [0.05, -0.04],
    "crash and recovery": [-0.5, 1.0, 0.1, -0.2, 0.5],
}
DRAWN = st.lists(st.integers(-2_000, 2_000).map(lambda bps: bps / 10_000), min_size=2, max_size=80).map(np.array)
YEARS = st.sampled_from([52, 252, 365])
EXACT = {"rel": 1e-12, "abs": 1e-12}


def levels_of(returns):
    return 100_000.0 * np.cumprod(np.concatenate(([1.0], 1.0 + np.asarray(returns))))


def defined(value):
    """Return empyrical's answer, None where it says NaN or infinity."""
    return float(value) if math.isfinite(value) else None


def agree(ours, theirs):
    assert (ours is None) == (theirs is None)
    assert ours is None or ours == pytest.approx(theirs, **EXACT)


def check_all(levels, year):
    returns = series.session_returns(levels)
    ratio = levels[-1] / levels[0]
    lowest, _ = series.deepest_drawdown(levels)
    growth = series.annual_growth(ratio, years=returns.size / year)
    agree(
        series.volatility(returns, sessions_per_year=year), defined(empyrical.annual_volatility(returns, annualization=year))
    )
    agree(series.sharpe(returns, sessions_per_year=year), defined(empyrical.sharpe_ratio(returns, annualization=year)))
    agree(series.sortino(returns, sessions_per_year=year), defined(empyrical.sortino_ratio(returns, annualization=year)))
    agree(growth, defined(empyrical.annual_return(returns, annualization=year)))
    assert lowest == pytest.approx(float(empyrical.max_drawdown(returns)), **EXACT)
    if lowest < 0:
        agree(growth / -lowest, defined(empyrical.calmar_ratio(returns, annualization=year)))


@pytest.mark.parametrize("name", FIXED)
@pytest.mark.parametrize("year", [252, 365])
def test_fixed_series_agree_with_empyrical(name, year):
    """Volatility, Sharpe, Sortino, annual return, drawdown and Calmar equal an independent implementation's."""
    check_all(levels_of(FIXED[name]), year)


@given(DRAWN.filter(lambda returns: np.unique(returns).size > 1), YEARS)
def test_drawn_series_agree_with_empyrical(returns, year):
    """Whatever the returns, the figures equal an independent implementation's to twelve digits."""
    check_all(levels_of(returns), year)


@given(st.integers(-500, 500).map(lambda bps: bps / 10_000), st.integers(2, 300))
def test_constant_growth_has_no_sharpe(rate, count):
    """Growing by the same rate every session leaves rounding only, which is not a deviation."""
    returns = series.session_returns(levels_of([rate] * count))

    assert series.volatility(returns, sessions_per_year=252) == 0.0
    assert series.sharpe(returns, sessions_per_year=252) is None


def test_fewer_than_two_returns_have_no_ratio():
    """One return has no deviation."""
    returns = np.array([0.01])

    assert series.volatility(returns, sessions_per_year=252) is None
    assert series.sharpe(returns, sessions_per_year=252) is None
    assert series.sortino(returns, sessions_per_year=252) is None


def test_growth_beyond_a_float_is_undefined():
    """Twentyfold in one session, compounded 252 times, can't be said and isn't infinity."""
    assert series.annual_growth(20.0, years=1 / 252) is None


def test_losing_everything_grows_by_minus_one():
    """Nothing left is −1 a year, and less than nothing has no rate."""
    assert series.annual_growth(0.0, years=0.04) == -1.0
    assert series.annual_growth(-0.5, years=0.04) is None


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([100.0, 110.0, 120.0], (0.0, 0)),
        ([100.0, 100.0], (0.0, 0)),
        ([100.0, 90.0, 95.0], (-0.1, 2)),
        ([100.0, 200.0, 150.0, 180.0, 200.0, 190.0], (-0.25, 3)),
        ([100.0, 100.0, 50.0, 100.0], (-0.5, 2)),
        ([100.0, 80.0, 100.0, 60.0, 70.0], (-0.4, 2)),
    ],
)
def test_drawdown_lasts_from_its_peak_to_recovery_or_the_end(levels, expected):
    """The deepest drawdown counts from the last session at its peak until that level is reached again."""
    depth, length = series.deepest_drawdown(np.array(levels))

    assert (pytest.approx(depth, abs=1e-15), length) == expected


def test_returns_from_zero_do_not_exist():
    """After equity of zero there is nothing to divide by, but ending at zero is a return of −1."""
    assert series.session_returns(np.array([100.0, 0.0, 50.0])) is None
    assert series.session_returns(np.array([100.0, 0.0])).tolist() == [-1.0]

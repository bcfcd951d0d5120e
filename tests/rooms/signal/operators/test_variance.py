"""Rolling variance and standard deviation, against two passes and polars."""

import numpy as np
import polars as pl
import pytest
from held_windows import HELD, Case

from runner.signal.operators.variance import std, var


def two_passes(x):
    """Return the sample's variance; 0 exactly where all values are equal, where a rounded mean would leave a trace."""
    return 0.0 if np.ptp(x) == 0 else np.var(x - x[0], ddof=1)


CASES = [
    Case(var, two_passes, least=2),
    Case(std, lambda x: np.sqrt(two_passes(x)), least=2),
]


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_that_of_the_windows_rows(case, held):
    """In both kinds of windows, to 1e-9 of the value."""
    held(case)


def test_it_agrees_with_polars():
    """Where polars has the digits: around zero."""
    x = np.random.default_rng(1).normal(size=10_000)

    for case, expected in ((CASES[0], pl.Series(x).rolling_var(30)), (CASES[1], pl.Series(x).rolling_std(30))):
        np.testing.assert_allclose(case.rows([x], 30), expected.to_numpy(), rtol=1e-9)


def test_equal_values_deviate_by_zero_exactly():
    """Also after others were in the window, and for values that binary numbers can't hold exactly."""
    x = np.concatenate([np.random.default_rng(2).normal(size=1000) * 1e6, np.full(100, 0.1)])

    for case in CASES:
        assert {0.0} == set(case.rows([x], 50)[-50:].tolist())

"""Rolling extremes and their ages, against looking through each window."""

import numpy as np
import polars as pl
import pytest
from held_windows import HELD, Case

from runner.signal.operators.extremes import argmax, argmin, max_, min_

CASES = [
    Case(max_, np.max),
    Case(min_, np.min),
    Case(argmax, lambda x: float(np.argmax(x[::-1]))),
    Case(argmin, lambda x: float(np.argmin(x[::-1]))),
]


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_that_of_the_windows_rows(case, held):
    """In both kinds of windows; of equal values the latest counts."""
    held(case)


@pytest.mark.parametrize("rows", [1, 2, 3, 10, 64])
def test_extremes_agree_with_polars_to_the_bit(rows):
    """Random, rising, falling and stepwise series."""
    rng = np.random.default_rng(rows)
    ramp = np.arange(3000.0)

    for x in (rng.normal(size=3000), ramp, -ramp, rng.integers(0, 4, 3000) * 1.0, np.abs(ramp - 1500)):
        np.testing.assert_array_equal(CASES[0].rows([x], rows), pl.Series(x).rolling_max(rows).to_numpy())
        np.testing.assert_array_equal(CASES[1].rows([x], rows), pl.Series(x).rolling_min(rows).to_numpy())

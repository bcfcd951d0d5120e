"""Rolling mean, against exact means."""

import math

import numpy as np
import pytest
from held_windows import HELD, Case

from runner.signal.operators.mean import mean

MEAN = Case(mean, lambda x: math.fsum(x) / x.size, size=lambda x: np.abs(x).mean())


@pytest.mark.parametrize("held", HELD)
def test_it_is_the_mean_of_the_windows_rows(held):
    """In both kinds of windows, to 1e-9 of the sizes that are added."""
    held(MEAN)


def test_what_was_lost_over_many_rows_is_made_good():
    """Values that shrink tenfold per row, from 1e100 down to ones: the mean of the ones is one."""
    x = np.concatenate([10.0 ** np.arange(100, 0, -1), np.ones(60)])

    assert MEAN.rows([x], 50)[-1] == 1.0

"""Standard score of the newest value, against scipy."""

import numpy as np
import pytest
from held_windows import HELD, Case
from scipy.stats import zscore as scipys

from runner.signal.operators.zscore import zscore


def newest(x):
    """Return the newest value's score; undefined where all values are equal."""
    return np.nan if np.ptp(x) == 0 else scipys(x - x[0], ddof=1)[-1]


ZSCORE = Case(zscore, newest, lambda _: 1.0, least=2)


@pytest.mark.parametrize("held", HELD)
def test_it_is_that_of_the_windows_rows(held):
    """In both kinds of windows, to 1e-9."""
    held(ZSCORE)


def test_equal_values_have_no_score():
    """Never infinite, also for values that binary numbers can't hold exactly, and after others were in the window."""
    x = np.concatenate([np.random.default_rng(2).normal(size=1000) * 1e6, np.full(100, 0.1)])

    assert np.isnan(ZSCORE.rows([x], 50)[-50:]).all()

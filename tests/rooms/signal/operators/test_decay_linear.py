"""Linearly weighted mean, against numpy's weighted average."""

import numpy as np
import pytest
from held_windows import HELD, Case

from runner.signal.operators.decay_linear import decay_linear

DECAY = Case(decay_linear, lambda x: np.average(x, weights=np.arange(1, x.size + 1)), lambda x: np.abs(x).mean())


@pytest.mark.parametrize("held", HELD)
def test_it_is_that_of_the_windows_rows(held):
    """In both kinds of windows, to 1e-9 of the sizes that are averaged."""
    held(DECAY)


def test_the_newest_row_weighs_most():
    """(3·9 + 2·6 + 1·3) / 6."""
    assert DECAY.rows([np.array([3.0, 6.0, 9.0])], 3)[2] == 7.0

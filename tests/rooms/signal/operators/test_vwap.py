"""Volume-weighted average price, against exact sums."""

import math

import numpy as np
import pytest
from held_windows import HELD, Case

from runner.signal.operators.vwap import vwap


def exact(price, volume):
    traded = math.fsum(volume)
    return math.fsum(price * volume) / traded if traded != 0 else np.nan


VWAP = Case(vwap, exact, lambda price, volume: np.abs(price * volume).sum() / max(abs(volume.sum()), 1e-300))


@pytest.mark.parametrize("held", HELD)
def test_it_is_that_of_the_windows_rows(held):
    """In both kinds of windows, to 1e-9 of the amounts that are added."""
    held(VWAP)


def test_a_window_without_volume_has_no_price():
    """Also after windows that had some: what rounding would leave is not taken for volume."""
    rng = np.random.default_rng(1)
    volume = np.concatenate([rng.random(100), np.zeros(20), [2.0]])

    actual = VWAP.rows([np.full(121, 7.0), volume], 10)

    assert np.isnan(actual[109:120]).all()
    assert actual[120] == 7.0


def test_a_huge_volume_leaves_nothing_behind():
    """Also where the price was zero, so that nothing was paid for it."""
    price = np.array([1.0, 0.0, 2.0, 2.0, 2.0])
    volume = np.array([1.0, 1e17, 3.0, 5.0, 7.0])

    assert VWAP.rows([price, volume], 2)[3:].tolist() == [2.0, 2.0]

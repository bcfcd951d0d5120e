"""Commodity channel index, against numpy over sliding windows."""

import math

import numpy as np
import pytest
from evaluated import bars, values

from runner.signal.kernel import kernel
from runner.signal.operators.cci import cci
from runner.signal.scan import scanned

MINUTE = 60e6


def reference(high, low, close, lookback, every=1):
    windows = np.lib.stride_tricks.sliding_window_view((high + low + close) / 3, lookback)[::every]
    shifted = windows - windows[:, :1]
    apart = shifted - shifted.mean(axis=1, keepdims=True)
    return apart[:, -1] / (0.015 * np.abs(apart).mean(axis=1))


@pytest.mark.parametrize("lookback", [2, 20])
def test_it_agrees_with_two_passes_over_every_window(lookback):
    """A million bars around 1e6; near zero, to 1e-9 of the index's unit scale."""
    data = bars(1_000_000)

    actual = values(cci, *data.values(), p=(lookback,))

    assert np.isnan(actual[: lookback - 1]).all()
    np.testing.assert_allclose(actual[lookback - 1 :][::97], reference(*data.values(), lookback, 97), rtol=1e-9, atol=1e-9)


def test_prices_that_do_not_differ_have_no_index():
    """Undefined, not one rounding error divided by another."""
    flat = np.full(40, 0.1)

    assert np.isnan(values(cci, flat, flat, flat, p=(7,))).all()


@pytest.mark.parametrize("odd", [math.nan, math.inf, 1e17, 1e308])
def test_nothing_remains_of_an_odd_bar_that_has_left(odd):
    """Undefined or huge, in one price or all: the rows after the window are what they would have been."""
    data = np.array(list(bars(60, offset=50.0).values()))
    spoilt = data.copy()
    spoilt[:, 20:23] = odd

    assert values(cci, *spoilt, p=(5,))[27:].tobytes() == values(cci, *data, p=(5,))[27:].tobytes()


def test_a_window_of_time_over_even_stamps_is_the_window_of_rows():
    """Ten minutes of minute bars are ten rows, once they have gone by."""
    data = list(bars(80, offset=50.0).values())
    known, session = np.arange(80) * MINUTE, np.zeros(80)

    out, _ = scanned(cci, [*data, known, session], (10 * MINUTE,), offsets=np.array([0, 80]), form="span")

    np.testing.assert_allclose(out[9:], values(cci, *data, p=(10,))[9:], rtol=1e-12)


def test_a_window_of_time_grows_without_changing_a_value():
    """Pushed with room for two rows that doubles when full, and with room enough from the start: the same bits."""
    data = np.array([*bars(60, offset=50.0).values(), np.cumsum(np.arange(60) % 4) * MINUTE, np.arange(60) // 25])
    compiled, p = kernel(cci, "span", 5), np.array([12 * MINUTE])
    small, large = (compiled.fresh(1, (12 * MINUTE,), room)[0] for room in (2, 64))

    for row in data.T:
        if compiled.is_full(small):
            small = compiled.grown(small, (12 * MINUTE,))
        one, other = compiled.step(small, row.copy(), p), compiled.step(large, row.copy(), p)

        assert np.float64(one).tobytes() == np.float64(other).tobytes()

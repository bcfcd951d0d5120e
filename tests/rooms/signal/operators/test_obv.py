"""On-balance volume."""

import math

import numpy as np
from evaluated import values

from runner.signal.operators.obv import obv

NAN = math.nan


def test_volume_is_added_on_a_rise_and_taken_off_on_a_fall():
    """Granville's rule worked by hand: an unchanged close leaves it as it is."""
    close, volume = [10, 11, 11, 9, 12], [100, 20, 30, 40, 5]

    assert values(obv, close, volume).tolist() == [0, 20, 20, -20, -15]


def test_it_agrees_with_an_exact_sum_on_long_data():
    """A million rows of fractional volumes around 1e6."""
    draw = np.random.default_rng(12)
    close, volume = draw.integers(0, 5, 1_000_000).astype(float), 1e6 + draw.normal(size=1_000_000)
    signed = np.sign(np.diff(close, prepend=close[0])) * volume
    rows = range(9_999, 1_000_000, 99_000)

    actual = values(obv, close, volume)

    np.testing.assert_allclose(actual[list(rows)], [math.fsum(signed[: t + 1]) for t in rows], rtol=1e-14)


def test_undefined_rows_are_as_if_they_had_not_been_there():
    """A price without a volume isn't the price that the next is compared with."""
    close, volume = np.array([10, 11, NAN, 12, 11.5]), np.array([1, 1, 1, NAN, 1])

    np.testing.assert_array_equal(values(obv, close, volume), [0, 1, NAN, NAN, 2])

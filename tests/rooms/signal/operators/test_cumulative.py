"""Sums and extremes since the first row."""

import math

import numpy as np
from evaluated import values

from runner.signal.operators.cumulative import cumulative_max, cumulative_min, cumulative_sum

NAN, INF = math.nan, math.inf
ALL = (cumulative_sum, cumulative_max, cumulative_min)


def test_a_long_sum_loses_nothing():
    """A million values around 1e6, and 1e17 that comes and goes: every sampled sum is the correctly rounded one."""
    x = 1e6 + np.random.default_rng(6).normal(size=1_000_000)
    x[1_000], x[2_000] = 1e17, -1e17
    rows = range(999, 1_000_000, 99_900)

    actual = values(cumulative_sum, x)

    np.testing.assert_allclose(actual[list(rows)], [math.fsum(x[: t + 1]) for t in rows], rtol=1e-15)


def test_extremes_agree_with_numpy():
    """From the first row on, with ties and signs."""
    x = np.random.default_rng(8).integers(-50, 50, 10_000).astype(float)

    np.testing.assert_array_equal(values(cumulative_max, x), np.maximum.accumulate(x))
    np.testing.assert_array_equal(values(cumulative_min, x), np.minimum.accumulate(x))


def test_undefined_rows_are_as_if_they_had_not_been_there():
    """Also in front, and also infinite ones."""
    x = np.array([NAN, -3.0, INF, -4.0, -INF, 5.0])
    holes = ~np.isfinite(x)

    for op in ALL:
        actual = values(op, x)

        assert np.isnan(actual[holes]).all()
        assert actual[~holes].tobytes() == values(op, x[~holes]).tobytes()


def test_a_sum_that_overflows_stays_undefined():
    """It can't be known any more; it doesn't turn into an ordinary number again."""
    actual = values(cumulative_sum, [1e308, 1e308, -1e308, 1.0])

    assert actual[0] == 1e308
    assert not np.isfinite(actual[1:]).any()

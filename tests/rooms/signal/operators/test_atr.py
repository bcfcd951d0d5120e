"""True range and its average, against numpy and pandas."""

import math

import numpy as np
import pandas as pd
from evaluated import bars, expressed, values

from runner.signal.operators.atr import true_range

NAN, INF = math.nan, math.inf


def ranges(high, low, close):
    return np.max([high[1:] - low[1:], np.abs(high[1:] - close[:-1]), np.abs(low[1:] - close[:-1])], axis=0)


def test_it_counts_the_gap_since_the_close_before():
    """A bar within reach of the last close, one that opened above it, one below it."""
    actual = values(true_range, [11, 12, 20, 9], [9, 9, 18, 8], [10, 11, 19, 8.5])

    np.testing.assert_array_equal(actual, [NAN, 3, 9, 11])


def test_it_agrees_with_numpy_on_long_offset_data():
    """A million bars around 1e6, to the bit."""
    data = bars(1_000_000)

    np.testing.assert_array_equal(values(true_range, *data.values())[1:], ranges(**data))


def test_the_average_agrees_with_pandas():
    """atr is the true range averaged with a weight of 1 / lookback."""
    data = bars(1_000_000)
    expected = pd.Series(ranges(**data)).ewm(alpha=1 / 14, adjust=False).mean().to_numpy()

    actual = expressed("atr(high, low, close, 14)", **data)
    first = int(np.isnan(actual).sum())

    assert first == 1 + 187
    np.testing.assert_allclose(actual[first:], expected[first - 1 :], rtol=1e-9)


def test_undefined_rows_are_as_if_they_had_not_been_there():
    """Whichever price it is that isn't there, the next bar is measured from the last close that is."""
    high, low, close = np.array([[11, 9, 10], [NAN, 9, 9], [12, INF, 9], [12, 9, NAN], [12, 9, 11], [1e308, -1e308, 1]]).T
    kept = [0, 4]

    actual = values(true_range, high, low, close)

    assert actual[kept].tobytes() == values(true_range, high[kept], low[kept], close[kept]).tobytes()
    assert np.isnan(actual).tolist() == [True, True, True, True, False, True]

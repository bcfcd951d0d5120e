"""Rate of change and efficiency, against pandas."""

import numpy as np
import pandas as pd
from evaluated import bars, expressed


def test_the_rate_of_change_is_in_hundredths():
    """pandas' `pct_change`, times a hundred."""
    x = pd.Series(bars(1_000, offset=100.0)["close"])

    np.testing.assert_allclose(expressed("rate_of_change(close, 10)", close=x), 100 * x.pct_change(10), rtol=1e-9)


def test_efficiency_is_distance_over_way():
    """Kaufman's ratio on a million rows around 1e6: 1 for a straight line, undefined where nothing moves."""
    x = pd.Series(bars(1_000_000)["close"])
    way = np.lib.stride_tricks.sliding_window_view(np.abs(np.diff(x)), 10).sum(axis=1)
    expected = np.abs(x.to_numpy()[10:] - x.to_numpy()[:-10]) / way

    actual = expressed("efficiency_ratio(close, 10)", close=x)

    assert np.isnan(actual[:10]).all()
    np.testing.assert_allclose(actual[10:], expected, rtol=1e-9)
    assert expressed("efficiency_ratio(close, 4)", close=np.arange(9.0))[4:].tolist() == [1] * 5
    assert np.isnan(expressed("efficiency_ratio(close, 4)", close=np.full(9, 0.1))).all()

"""Donchian's channel, against pandas."""

import numpy as np
import pandas as pd
from evaluated import bars, expressed


def test_the_channel_agrees_with_pandas():
    """Highest high, lowest low and the middle of the last 20 bars, a million bars around 1e6."""
    data = bars(1_000_000)
    upper, lower = pd.Series(data["high"]).rolling(20).max(), pd.Series(data["low"]).rolling(20).min()

    np.testing.assert_array_equal(expressed("donchian_upper(high, 20)", **data), upper)
    np.testing.assert_array_equal(expressed("donchian_lower(low, 20)", **data), lower)
    np.testing.assert_allclose(expressed("donchian_middle(high, low, 20)", **data), (upper + lower) / 2, rtol=1e-15)

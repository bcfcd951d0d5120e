"""Keltner's channel, against pandas."""

import numpy as np
import pandas as pd
from evaluated import bars, expressed


def test_the_channel_agrees_with_pandas():
    """An average of 20 closes and twice the average true range of 10 bars."""
    data = bars(100_000)
    high, low, close = (pd.Series(each) for each in data.values())
    reach = np.maximum(high, close.shift()) - np.minimum(low, close.shift())
    middle, span = close.ewm(span=20, adjust=False).mean(), reach[1:].ewm(alpha=0.1, adjust=False).mean()

    upper, lower = (expressed(f"keltner_{side}(high, low, close, 20)", **data) for side in ("upper", "lower"))

    np.testing.assert_allclose(upper[2_000:], (middle + 2 * span)[2_000:], rtol=1e-12)
    np.testing.assert_allclose(lower[2_000:], (middle - 2 * span)[2_000:], rtol=1e-12)

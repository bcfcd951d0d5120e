"""Stochastic oscillators, against pandas."""

import numpy as np
import pandas as pd
from evaluated import bars, expressed


def test_the_oscillators_agree_with_pandas():
    """%K, %D and Williams' %R of the last 14 bars, a million bars around 1e6."""
    data = bars(1_000_000)
    high, low, close = (pd.Series(each) for each in data.values())
    highest, lowest = high.rolling(14).max(), low.rolling(14).min()
    k = 100 * (close - lowest) / (highest - lowest)

    np.testing.assert_allclose(expressed("stochastic(high, low, close, 14)", **data), k, rtol=1e-12)
    np.testing.assert_allclose(expressed("williams_r(high, low, close, 14)", **data), k - 100, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(expressed("stochastic_signal(high, low, close, 14)", **data), k.rolling(3).mean(), rtol=1e-9)


def test_a_window_without_range_has_no_place_in_it():
    """Undefined, not zero, which is inside the scale and means "at the low"."""
    flat = {name: np.full(20, 5.0) for name in ("high", "low", "close")}

    assert np.isnan(expressed("stochastic(high, low, close, 5)", **flat)).all()

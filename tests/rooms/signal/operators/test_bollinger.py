"""Bollinger's bands, against pandas."""

import numpy as np
import pandas as pd
from evaluated import bars, expressed


def test_the_bands_agree_with_pandas():
    """Mean and sample deviation of 20 rows, twice the deviation unless another width is given."""
    x = 100 + np.random.default_rng(4).normal(size=20_000)
    rolling = pd.Series(x).rolling(20)
    mean, std = rolling.mean(), rolling.std()

    for text, expected in {
        "bollinger_upper(close, 20)": mean + 2 * std,
        "bollinger_lower(close, 20, 1.5)": mean - 1.5 * std,
        "bollinger_position(close, 20)": (x - (mean - 2 * std)) / (4 * std),
    }.items():
        np.testing.assert_allclose(expressed(text, close=x), expected, rtol=1e-9, atol=1e-9)


def test_the_bands_are_exact_far_from_zero():
    """A million rows around 1e6, two passes over sampled windows."""
    x = bars(1_000_000)["close"]
    windows = np.lib.stride_tricks.sliding_window_view(x, 50)[::997]
    shifted = windows - windows[:, :1]

    actual = expressed("bollinger_upper(close, 50) - bollinger_lower(close, 50)", close=x)[49:][::997]

    np.testing.assert_allclose(actual, 4 * shifted.std(axis=1, ddof=1), rtol=1e-9)


def test_equal_values_have_bands_of_no_width_and_no_place_between_them():
    """Upper and lower band meet; where between them the value lies is undefined, not infinite."""
    x = np.full(200, 0.1)

    width = expressed("bollinger_upper(close, 30) - bollinger_lower(close, 30)", close=x)

    assert set(width[29:].tolist()) == {0.0}
    assert np.isnan(expressed("bollinger_position(close, 30)", close=x)).all()

"""MACD, against pandas."""

import numpy as np
import pandas as pd
from evaluated import bars, expressed


def ewm(x, span):
    return pd.Series(x).ewm(span=span, adjust=False).mean()


def test_the_three_lines_agree_with_pandas():
    """A million rows around 1e6; a difference of averages is as exact as the averages, so the scale is theirs."""
    x = bars(1_000_000)["close"]
    line = ewm(x, 12) - ewm(x, 26)
    signal = ewm(line, 9)

    for text, expected in {
        "macd(close)": line,
        "macd_signal(close)": signal,
        "macd_histogram(close)": line - signal,
    }.items():
        actual = expressed(text, close=x)

        np.testing.assert_allclose(actual[2_000:], expected.to_numpy()[2_000:], rtol=0, atol=1e-9 * 1e3)


def test_a_constant_has_no_divergence_at_all():
    """Exactly zero, so that nothing crosses zero by rounding."""
    for text in ("macd(close)", "macd_signal(close)", "macd_histogram(close)"):
        actual = expressed(text, close=np.full(1_000, 1e6 + 0.1))

        assert set(actual[~np.isnan(actual)].tolist()) == {0.0}


def test_lengths_may_be_given():
    """macd(x, 3, 7) is the difference of those two averages."""
    x = bars(2_000)["close"]

    actual = expressed("macd(close, 3, 7)", close=x)

    np.testing.assert_allclose(actual[200:], (ewm(x, 3) - ewm(x, 7)).to_numpy()[200:], rtol=0, atol=1e-8)

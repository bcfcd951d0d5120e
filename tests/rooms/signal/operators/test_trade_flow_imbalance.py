"""Trade-flow imbalance and the tick rule, against plain loops."""

import math

import numpy as np
import pytest
from evaluated import expressed, values
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.operators.tick_rule import tick_rule


def sides(prices):
    """Follow the tick test from trade to trade."""
    found, last, side = [], None, 0.0
    for price in prices:
        if not math.isfinite(price):
            found.append(math.nan)
            continue
        if last is not None and price != last:
            side = 1.0 if price > last else -1.0
        found.append(math.nan if last is None else side)
        last = price
    return found


PRICES = st.one_of(st.integers(-3, 3).map(float), st.sampled_from([math.nan, math.inf, -0.0]))


@given(prices=st.lists(PRICES, min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_the_tick_rule_follows_the_last_change(prices):
    """An unchanged price keeps the side, an undefined one is passed over, and before any change there is no side."""
    got = values(tick_rule, prices)

    np.testing.assert_array_equal(got, sides(prices))


def test_trade_flow_is_what_was_bought_in_excess():
    """Of 2 + 3 + 5 units five were bought and five sold; then the two leave and four are sold."""
    got = expressed("trade_flow_imbalance(size, side, 3)", size=[2.0, 3.0, 5.0, 4.0], side=[1.0, 1.0, -1.0, -1.0])

    assert np.isnan(got[:2]).all()
    assert got[2:].tolist() == pytest.approx([0.0, (3 - 5 - 4) / 12])


def test_trade_flow_agrees_with_sliding_windows():
    """Fifty thousand trades; an unknown side leaves the window undefined until it has left."""
    draw = np.random.default_rng(5)
    size, side = draw.gamma(1.0, 100.0, 50_000), draw.choice([-1.0, 1.0], 50_000)
    side[1_000] = math.nan
    windows = np.lib.stride_tricks.sliding_window_view

    got = expressed("trade_flow_imbalance(size, side, 50)", size=size, side=side)[49:]

    expected = windows(size * side, 50).sum(axis=1) / windows(size, 50).sum(axis=1)
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)
    assert np.isnan(got).sum() == 50

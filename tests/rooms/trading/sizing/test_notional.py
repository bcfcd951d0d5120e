"""A fixed value per position."""

import math
from decimal import ROUND_FLOOR, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.trading.sizing.notional import Notional


def size(kind, price, *, equity=1e5, share=1.0):
    return kind.size(np.array(kind.numbers(3)), equity, price, share, ())


@pytest.mark.parametrize(
    ("notional", "lot", "price", "share", "expected"),
    [(1000, 1, 30, 1.0, 33), (1000, 10, 30, 1.0, 30), (1000, 1, 30, 0.5, 16), (1000, 0.1, 30, 1.0, 33.3), (20, 1, 30, 1, 0)],
)
def test_a_value_buys_as_many_whole_lots_as_it_pays_for(notional, lot, price, share, expected):
    """A thousand buys 33 at 30, three lots of ten, or 16 for half a target; twenty buys none."""
    assert size(Notional(notional=notional, lot=lot), price, share=share) == pytest.approx(expected)


@given(notional=st.integers(1, 10**7), price=st.decimals("0.01", "5000", places=2))
def test_exact_arithmetic_agrees(notional, price):
    """Decimal arithmetic gives the same number of whole units."""
    expected = int((notional / price).to_integral_value(ROUND_FLOOR))

    actual = size(Notional(notional=float(notional)), float(price))

    assert actual == expected or (notional % price == Decimal(0) and actual == expected - 1)


@pytest.mark.parametrize(("equity", "price"), [(math.nan, 1), (1, math.nan), (0, 1), (-5, 1), (5, 0), (5, -1)])
def test_undefined_or_worthless_gives_nothing(equity, price):
    """An account that has nothing, or nobody knows what, opens nothing."""
    assert size(Notional(), price, equity=equity) == 0.0

"""A share of equity in whole lots."""

import math
from decimal import ROUND_FLOOR, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.trading.sizing.equity_share import EquityShare


def size(kind: EquityShare, equity: float, price: float, share: float = 1.0) -> float:
    return kind.size(np.array(kind.numbers(3)), equity, price, share, ())


@pytest.mark.parametrize(
    ("share", "lot", "equity", "price", "expected"),
    [(0.5, 1, 1000, 30, 16), (0.5, 10, 1000, 30, 10), (1, 0.01, 100, 30, 3.33), (0.1, 1, 100, 11, 0)],
)
def test_sizes_are_rounded_down_to_lots(share, lot, equity, price, expected):
    """Half of 1,000 buys 16 at 30, or one lot of ten."""
    assert size(EquityShare(share=share, lot=lot), equity, price) == pytest.approx(expected)


@given(share=st.decimals("0.01", "1", places=2), equity=st.integers(1, 10**7), price=st.decimals("0.01", "5000", places=2))
def test_exact_arithmetic_agrees(share, equity, price):
    """Decimal arithmetic gives the same number of whole units, or one less where the quotient is whole."""
    exact = int((share * equity / price).to_integral_value(ROUND_FLOOR))
    is_whole = share * equity % price == Decimal(0)

    actual = size(EquityShare(share=float(share)), float(equity), float(price))

    assert actual == exact or (is_whole and actual == exact - 1)


@pytest.mark.parametrize(("equity", "price"), [(math.nan, 1), (1, math.nan), (-5, 1), (5, 0), (5, -1)])
def test_undefined_or_worthless_gives_nothing(equity, price):
    """Without equity or a price there is no size."""
    assert size(EquityShare(), equity, price) == 0.0


def test_a_target_of_a_part_is_that_part_of_the_position():
    """A quarter of half of 1,000 buys 4 at 30."""
    assert size(EquityShare(share=0.5), 1000.0, 30.0, 0.25) == 4.0

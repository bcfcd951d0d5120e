"""A limit on the size of one position."""

import math

import numpy as np
import pytest

from runner.trading.risk.position_limit import PositionLimit


def allowed(kind: PositionLimit, wanted: float, position: float = 0.0, price: float = 10.0, equity: float = 1000.0) -> float:
    return kind.allowed(np.array(kind.numbers()), wanted, position, price, equity)


@pytest.mark.parametrize(("wanted", "block", "reduce"), [(24, 24, 24), (25, 25, 25), (26, 0, 25)])
def test_just_below_at_and_just_above_the_limit(wanted, block, reduce):
    """A quarter of 1,000 at a price of 10 is 25 units."""
    assert allowed(PositionLimit(share=0.25, action="block"), wanted) == block
    assert allowed(PositionLimit(share=0.25, action="reduce"), wanted) == reduce


def test_what_is_held_counts():
    """With 20 held, 5 more are allowed; shorts count by size."""
    kind = PositionLimit(share=0.25, action="reduce")

    assert allowed(kind, 10, position=20) == 5
    assert allowed(kind, -10, position=-20) == -5
    assert allowed(kind, 10, position=30) == 0


@pytest.mark.parametrize(("price", "equity"), [(math.nan, 1000), (10, math.nan), (0, 1000), (-1, 1000), (10, 0), (10, -5)])
def test_it_fails_closed(price, equity):
    """Without a price or equity nothing is allowed."""
    assert allowed(PositionLimit(), 1, price=price, equity=equity) == 0

"""A fixed number of units."""

import math

import numpy as np
import pytest

from runner.trading.sizing.units import Units


def size(kind, equity=1.0, price=1e9, share=1.0):
    return kind.size(np.array(kind.numbers(3)), equity, price, share, ())


def test_equity_and_price_do_not_matter():
    """The size is what was written."""
    assert size(Units(units=7)) == 7.0


@pytest.mark.parametrize(("lot", "expected"), [(0, 3.5), (1, 3.0), (2, 2.0), (4, 0.0)])
def test_a_part_of_a_position_is_rounded_down_to_lots(lot, expected):
    """Half of seven, with lots of none, one, two and four."""
    assert size(Units(units=7, lot=lot), share=0.5) == expected


@pytest.mark.parametrize("known", [{"equity": math.nan}, {"price": math.nan}, {"price": math.inf}])
def test_without_a_price_or_equity_nothing_is_ordered(known):
    """What isn't known is no reason to trade."""
    assert size(Units(units=7), **known) == 0.0

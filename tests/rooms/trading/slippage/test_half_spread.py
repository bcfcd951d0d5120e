"""Half the spread of the row that fills."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.trading.slippage.half_spread import HalfSpread

NAN = np.nan


def price(kind, quantity, reference, bid, ask):
    return kind.price(np.array(kind.numbers()), quantity, reference, np.array([bid, ask, NAN]))


@pytest.mark.parametrize(("quantity", "expected"), [(1.0, 100.5), (-1.0, 99.5), (1e6, 100.5)])
def test_half_of_a_spread_of_one_is_paid_on_either_side(quantity, expected):
    """Half-way between 99.5 and 100.5 buys pay the ask and sells get the bid, whatever the size."""
    assert price(HalfSpread(), quantity, 100.0, 99.5, 100.5) == expected


@pytest.mark.parametrize(("quantity", "reference"), [(1.0, 100.5), (1.0, 101.0), (-1.0, 99.5), (-1.0, 99.0)])
def test_a_reference_at_the_touch_or_beyond_has_paid_for_it(quantity, reference):
    """The spread isn't paid twice under `fill: touch`, nor where the levels of a book were walked."""
    assert price(HalfSpread(), quantity, reference, 99.5, 100.5) == reference


@pytest.mark.parametrize(("bid", "ask"), [(NAN, NAN), (99.5, NAN), (NAN, 100.5), (100.5, 99.5)])
@pytest.mark.parametrize(("quantity", "expected"), [(1.0, 100.1), (-1.0, 99.9)])
def test_without_a_quote_the_declared_cost_counts(bid, ask, quantity, expected):
    """10 bps of 100, where a side is missing or the book is crossed."""
    assert price(HalfSpread(fallback=10), quantity, 100.0, bid, ask) == pytest.approx(expected)


@given(reference=st.floats(-1e6, 1e6), bid=st.floats(-1e6, 1e6), width=st.floats(0, 1e3))
def test_the_price_is_never_better_than_reference_or_quote(reference, bid, width):
    """Whatever the quote: a buyer pays the larger of the two, a seller gets the smaller."""
    ask = bid + width

    assert price(HalfSpread(), 1.0, reference, bid, ask) == max(reference, ask)
    assert price(HalfSpread(), -1.0, reference, bid, ask) == min(reference, bid)

"""One rate for what waited in the book, another for what took from it."""

import numpy as np
import pytest

from runner.trading.fees.maker_taker import MakerTaker


def charged(kind, quantity, price, *, maker):
    return kind.fee(np.array(kind.numbers()), np.zeros(2), quantity, price, float(maker))


@pytest.mark.parametrize(("maker", "expected"), [(False, 1.5), (True, 0.3)])
def test_each_side_of_the_book_has_its_rate(maker, expected):
    """3,000 at 1 bps for who waited and 5 bps for who didn't."""
    assert charged(MakerTaker(maker=1, taker=5), -100, 30.0, maker=maker) == pytest.approx(expected)


def test_a_rate_below_zero_is_paid_out():
    """A rebate of 0.2 bps on a million is 20."""
    assert charged(MakerTaker(maker=-0.2), 1e4, 100.0, maker=True) == pytest.approx(-20.0)
    assert MakerTaker.rebates

"""Prices of the best level, against exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from drawn_books import agree, books, columns_of, named, valued, whole_books
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.operators.microprice import microprice, mid, spread, spread_bps


def prices(book):
    return Fraction(book.bids.prices[0]), Fraction(book.asks.prices[0])


def exact_mid(book):
    return sum(prices(book)) / 2 if book.has_prices() else None


def exact_spread(book):
    return prices(book)[1] - prices(book)[0] if book.has_prices() else None


def exact_spread_bps(book):
    middle = exact_mid(book)
    return 10_000 * exact_spread(book) / middle if middle is not None and middle > 0 else None


def exact_microprice(book):
    if not book.has_best_sizes():
        return None
    (bid, ask), bid_size, ask_size = prices(book), Fraction(book.bids.sizes[0]), Fraction(book.asks.sizes[0])
    return (ask * bid_size + bid * ask_size) / (bid_size + ask_size)


@given(drawn=st.lists(books(), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_they_are_what_their_formulas_say_or_undefined(drawn):
    """Whatever book comes; the microprice lies between the best prices, to the bit."""
    columns = columns_of(drawn)

    for op, exact in (
        (mid, exact_mid),
        (spread, exact_spread),
        (spread_bps, exact_spread_bps),
        (microprice, exact_microprice),
    ):
        agree([exact(book) for book in drawn], valued(op, columns))
    inner = valued(microprice, columns)
    defined = ~np.isnan(inner)
    assert ((columns["bid_price_0"] <= inner) & (inner <= columns["ask_price_0"]))[defined].all()


def test_the_microprice_leans_to_the_side_about_to_be_used_up():
    """Nine units bid against one asked: the next trade more likely lifts the ask, nine tenths of the way up."""
    book = named(*np.array([[[10.0]], [[9.0]], [[11.0]], [[1.0]]]))

    assert valued(microprice, book).tolist() == pytest.approx([10.9], rel=1e-15)
    assert valued(mid, book).tolist() == [10.5]
    assert valued(spread, book).tolist() == [1.0]
    assert valued(spread_bps, book).tolist() == pytest.approx([1e4 / 10.5], rel=1e-15)


def test_prices_are_enough_for_the_middle_and_the_spread():
    """Quotes that come without sizes have a mid; a size of zero says that nobody is there."""
    unknown = named(*np.array([[[10.0]], [[math.nan]], [[11.0]], [[math.nan]]]))
    nobody = named(*np.array([[[10.0]], [[math.nan]], [[11.0]], [[0.0]]]))

    assert [valued(op, unknown).tolist() for op in (mid, spread)] == [[10.5], [1.0]]
    assert np.isnan([valued(op, nobody)[0] for op in (mid, spread, spread_bps)]).all()
    assert np.isnan(valued(microprice, unknown)).all()


def test_long_columns_agree_with_wider_arithmetic():
    """A hundred thousand books around 1e6, against NumPy's long double."""
    bid, bid_size, ask, ask_size = (sheet.astype(np.longdouble) for sheet in whole_books(100_000, levels=1))

    got = valued(microprice, named(*whole_books(100_000, levels=1)))

    exact = (ask * bid_size + bid * ask_size) / (bid_size + ask_size)
    np.testing.assert_allclose(got, exact[0].astype(np.float64), rtol=1e-15)

"""Prices made by the depth of the book, against exact fractions and wider arithmetic."""

import math
from fractions import Fraction

import numpy as np
import pytest
from drawn_books import LEVELS, agree, books, columns_of, named, valued, whole_books
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.operators.depth_price import buy_price, depth_price, sell_price

QUANTITIES = (0.3, 60.0, 400.0)


def weighted(book):
    if not book.is_readable():
        return None
    levels = [*book.bids.levels(), *book.asks.levels()]
    return sum(price * size for price, size in levels) / sum(size for _, size in levels)


def walked(book, side, quantity):
    """Take unit after unit from the best level; a shortage of less than rounding is none."""
    if not book.is_readable():
        return None
    left, paid = Fraction(quantity), Fraction(0)
    for price, size in side.levels():
        taken = min(left, size)
        left, paid = left - taken, paid + taken * price
    return paid / Fraction(quantity) if left <= Fraction(quantity) * Fraction(1, 10**12) else None


@given(drawn=st.lists(books(), min_size=1, max_size=8), quantity=st.sampled_from(QUANTITIES))
@settings(max_examples=60, deadline=None)
def test_they_are_what_their_formulas_say_or_undefined(drawn, quantity):
    """Whatever book comes, also one that is out of order or too thin for the quantity."""
    columns = columns_of(drawn)

    agree([weighted(book) for book in drawn], valued(depth_price, columns, LEVELS))
    agree([walked(book, book.asks, quantity) for book in drawn], valued(buy_price, columns, quantity, LEVELS))
    agree([walked(book, book.bids, quantity) for book in drawn], valued(sell_price, columns, quantity, LEVELS))


def test_an_order_walks_the_book():
    """Four units: three at the best price and one at the next; a book of ten holds ten and no more."""
    book = named(*np.array([[[10.0], [9.0], [8.0]], [[3.0], [2.0], [5.0]], [[11.0], [12.0], [13.0]], [[3.0], [2.0], [5.0]]]))

    assert valued(buy_price, book, 4.0, LEVELS).tolist() == [(3 * 11 + 12) / 4]
    assert valued(sell_price, book, 4.0, LEVELS).tolist() == [(3 * 10 + 9) / 4]
    assert valued(buy_price, book, 10.0, LEVELS).tolist() == [(3 * 11 + 2 * 12 + 5 * 13) / 10]
    assert np.isnan(valued(buy_price, book, 10.001, LEVELS)).all()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("bid_price_2", 9.5),  # better than the level before it, worse than the best
        ("ask_price_2", 11.5),
        ("bid_price_2", 9.0),  # the level before it again
        ("ask_price_1", 11.0),  # the best again
        ("bid_price_1", math.nan),  # a size at no price
        ("ask_price_2", math.inf),
        ("bid_size_1", -1.0),
        ("ask_size_2", math.inf),
    ],
)
def test_levels_that_can_t_be_leave_every_price_undefined(column, value):
    """Also a fault on the other side, or behind what the order would take: such a book isn't one to trade on."""
    book = named(np.array([[10.0], [9.0], [8.0]]), np.ones((3, 1)), np.array([[11.0], [12.0], [13.0]]), np.ones((3, 1)))
    book[column][0] = value

    assert np.isnan(valued(depth_price, book, LEVELS)).all()
    assert np.isnan([valued(op, book, 1.0, LEVELS)[0] for op in (buy_price, sell_price)]).all()


def test_sizes_that_add_up_in_writing_are_enough():
    """0.7 + 0.1 + 0.2 falls short of 1 by a rounding, which is no thin book."""
    sizes = np.array([[0.7], [0.1], [0.2]])
    book = named(np.array([[10.0], [9.0], [8.0]]), sizes, np.array([[11.0], [12.0], [13.0]]), sizes)

    assert valued(sell_price, book, 1.0, LEVELS).tolist() == pytest.approx([0.7 * 10 + 0.1 * 9 + 0.2 * 8], rel=1e-14)


def test_a_small_order_gets_the_best_price_exactly():
    """No rounding of a weighted mean shows where a single price is paid."""
    bid, bid_size, ask, ask_size = whole_books(1_000)

    got = valued(buy_price, named(bid + 0.1, bid_size + 0.3, ask + 0.1, ask_size + 0.3), 0.3, LEVELS)

    assert got.tolist() == (ask + 0.1)[0].tolist()


def test_long_columns_agree_with_wider_arithmetic():
    """A hundred thousand books around 1e6, against NumPy's long double."""
    sheets = whole_books(100_000)
    columns = named(*sheets)
    bid, bid_size, ask, ask_size = (sheet.astype(np.longdouble) for sheet in sheets)
    taken = np.diff(np.minimum(np.cumsum(ask_size, axis=0), 60.0), axis=0, prepend=0.0)
    enough = ask_size.sum(axis=0) >= 60.0

    mean, paid = valued(depth_price, columns, LEVELS), valued(buy_price, columns, 60.0, LEVELS)

    exact = ((bid * bid_size).sum(axis=0) + (ask * ask_size).sum(axis=0)) / (bid_size.sum(axis=0) + ask_size.sum(axis=0))
    np.testing.assert_allclose(mean, exact.astype(np.float64), rtol=1e-15)
    np.testing.assert_allclose(paid[enough], ((ask * taken).sum(axis=0) / 60.0).astype(np.float64)[enough], rtol=1e-15)
    assert np.isnan(paid[~enough]).all()
    assert 1_000 < enough.sum() < 99_000

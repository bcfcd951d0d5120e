"""Imbalances of the book, against exact fractions and NumPy."""

from fractions import Fraction

import numpy as np
from drawn_books import LEVELS, agree, books, columns_of, named, valued, whole_books
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.operators.imbalance import imbalance, queue_imbalance


def share(bids, asks):
    return (bids - asks) / (bids + asks)


def whole(book):
    return share(book.bids.size(), book.asks.size()) if book.has_sizes() else None


def queues(book):
    return share(Fraction(book.bids.sizes[0]), Fraction(book.asks.sizes[0])) if book.has_best_sizes() else None


@given(drawn=st.lists(books(), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_they_are_shares_of_the_sizes_or_undefined(drawn):
    """Over all levels and at the best one, whatever book comes; never beyond -1 and 1."""
    columns = columns_of(drawn)

    got, top = valued(imbalance, columns, LEVELS), valued(queue_imbalance, columns)

    agree([whole(book) for book in drawn], got, relative=1e-9)
    agree([queues(book) for book in drawn], top, relative=1e-9)
    assert np.nanmax(np.abs([*got, *top, 0.0])) <= 1.0


def test_one_level_is_the_queue():
    """Three units bid against one asked: half of all is bid in excess."""
    book = named(*np.array([[[10.0]], [[3.0]], [[11.0]], [[1.0]]]))

    assert valued(imbalance, book, 1).tolist() == [0.5]
    assert valued(queue_imbalance, book).tolist() == [0.5]


def test_sizes_too_large_to_add_are_undefined():
    """An overflow isn't a balance: the sum of two sizes of 1e308 is no number, and the value is not 0."""
    book = named(*np.array([[[10.0]], [[1.2e308]], [[11.0]], [[1e308]]]))

    assert np.isnan([*valued(imbalance, book, 1), *valued(queue_imbalance, book)]).all()


def test_long_columns_agree_with_numpy():
    """A hundred thousand books; near balance the scale is that of the whole."""
    bid, bid_size, ask, ask_size = whole_books(100_000)

    got = valued(imbalance, named(bid, bid_size, ask, ask_size), LEVELS)

    np.testing.assert_allclose(got, share(bid_size.sum(axis=0), ask_size.sum(axis=0)), rtol=0, atol=1e-12)

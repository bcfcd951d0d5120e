"""The pressure ratio of the book, against exact fractions and NumPy."""

import math

import numpy as np
import pytest
from drawn_books import LEVELS, agree, books, columns_of, named, valued, whole_books
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.operators.pressure_ratio import pressure_ratio


def ratio(book):
    if not book.has_sizes():
        return None
    return book.bids.size() / book.asks.size()


@given(drawn=st.lists(books(), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_it_is_the_ratio_of_the_sizes_or_undefined(drawn):
    """Whatever book comes: missing levels count as no size, a book that can't be is undefined and never 0."""
    got = valued(pressure_ratio, columns_of(drawn), LEVELS)

    agree([ratio(book) for book in drawn], got)
    assert not (got == 0.0).any()


def test_only_the_levels_asked_for_count():
    """Three units bid against two on the first level, 3 + 1 against 2 + 6 on two."""
    book = named(*np.array([[[10.0], [9.0], [8.0]], [[3.0], [1.0], [5.0]], [[11.0], [12.0], [13.0]], [[2.0], [6.0], [9.0]]]))

    assert valued(pressure_ratio, book, 1).tolist() == [1.5]
    assert valued(pressure_ratio, book, 2).tolist() == [0.5]


@pytest.mark.parametrize("column", ["bid_price_0", "bid_size_0", "ask_price_0", "ask_size_0"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_the_best_level_must_be_known(column, value):
    """Anything missing or infinite at the best level leaves nothing to say."""
    book = named(*whole_books(1))
    book[column][0] = value

    assert np.isnan(valued(pressure_ratio, book, LEVELS)).all()


@pytest.mark.parametrize(
    ("price", "size", "expected"),
    [
        (math.nan, math.nan, 1.5),
        (math.nan, 0.0, 1.5),
        (9.0, 0.0, 1.5),
        (9.0, 1.0, 2.0),
        (9.0, math.nan, math.nan),
        (9.0, math.inf, math.nan),
        (9.0, -1.0, math.nan),
        (math.nan, 1.0, math.nan),
    ],
)
def test_a_deeper_level_is_there_or_isnt(price, size, expected):
    """With neither price nor size it counts as no size; with one of them alone nobody knows what rests there."""
    book = named(*np.array([[[10.0], [price]], [[3.0], [size]], [[11.0], [math.nan]], [[2.0], [math.nan]]]))

    np.testing.assert_equal(valued(pressure_ratio, book, 2).tolist(), [expected])
    assert valued(pressure_ratio, book, 1).tolist() == [1.5]


def test_long_columns_agree_with_numpy():
    """A hundred thousand books."""
    bid, bid_size, ask, ask_size = whole_books(100_000)

    got = valued(pressure_ratio, named(bid, bid_size, ask, ask_size), LEVELS)

    np.testing.assert_allclose(got, bid_size.sum(axis=0) / ask_size.sum(axis=0), rtol=1e-12)

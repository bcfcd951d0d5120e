"""Slopes of the book, against exact fractions and least squares by NumPy."""

from fractions import Fraction

import numpy as np
import pytest
from drawn_books import LEVELS, agree, books, columns_of, named, valued, whole_books
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.operators.book_slope import ask_slope, bid_slope, book_slope


def slope(book, side):
    """Follow Ghysels & Nguyen (2019): the share of the side's size within each distance, regressed on the distance."""
    middle = (Fraction(book.bids.prices[0]) + Fraction(book.asks.prices[0])) / 2 if book.is_readable() else 0
    levels = side.levels() if middle > 0 else []
    if len(levels) < 2:
        return None
    n, whole = len(levels), sum(size for _, size in levels)
    distances = [10_000 * abs(price - middle) / middle for price, _ in levels]
    shares = [sum(size for _, size in levels[: i + 1]) / whole for i in range(n)]
    covariance = n * sum(d * s for d, s in zip(distances, shares, strict=True)) - sum(distances) * sum(shares)
    return covariance / (n * sum(d * d for d in distances) - sum(distances) ** 2)


def mean_slope(book):
    both = slope(book, book.bids), slope(book, book.asks)
    return None if None in both else sum(both) / 2


@given(drawn=st.lists(books(), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_they_are_regression_slopes_or_undefined(drawn):
    """Whatever book comes; two levels that are there are enough."""
    columns = columns_of(drawn)

    agree([slope(book, book.bids) for book in drawn], valued(bid_slope, columns, LEVELS), relative=1e-10)
    agree([slope(book, book.asks) for book in drawn], valued(ask_slope, columns, LEVELS), relative=1e-10)
    agree([mean_slope(book) for book in drawn], valued(book_slope, columns, LEVELS), relative=1e-10)


def test_equal_sizes_at_equal_distances_are_a_straight_line():
    """A third of each side comes with every basis point of a mid of 10000."""
    book = named(
        np.array([[9999.0], [9998.0], [9997.0]]), np.full((3, 1), 4.0),
        np.array([[10001.0], [10002.0], [10003.0]]), np.full((3, 1), 0.5),
    )  # fmt: skip

    for op in (bid_slope, ask_slope, book_slope):
        assert valued(op, book, LEVELS).tolist() == pytest.approx([1 / 3], rel=1e-13)


def test_long_columns_agree_with_numpy():
    """Every hundredth of twenty thousand books around 1e6, fitted by NumPy."""
    sheets = whole_books(20_000)
    bid, bid_size, ask, _ = sheets
    middle = (bid[0] + ask[0]) / 2

    got = valued(bid_slope, named(*sheets), LEVELS)

    for row in range(0, 20_000, 100):
        distance = (middle - bid)[:, row] / middle[row] * 1e4
        share = np.cumsum(bid_size[:, row]) / bid_size[:, row].sum()
        assert got[row] == pytest.approx(np.polyfit(distance - distance.mean(), share, 1)[0], rel=1e-9)

"""Order-flow imbalance, against the published formula in exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest
from drawn_books import LEVELS, books, columns_of, named, valued, whole_books
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.signal.operators.order_flow_imbalance import order_flow_imbalance


def level(side, number, nowhere):
    """Return price and size of a level; one that isn't there is nowhere and empty."""
    price, size = side.prices[number], side.sizes[number]
    return (price, Fraction(size)) if size > 0 else (nowhere, Fraction(0))


def contribution(before, now):
    """Follow Cont, Kukanov & Stoikov (2014), equation by equation, at every level (Xu, Gould & Howison 2018)."""
    total = Fraction(0)
    for number in range(len(now.bids.prices)):
        (b0, q0), (b1, q1) = (level(book.bids, number, -math.inf) for book in (before, now))
        (a0, r0), (a1, r1) = (level(book.asks, number, math.inf) for book in (before, now))
        total += (b1 >= b0) * q1 - (b1 <= b0) * q0 - (a1 <= a0) * r1 + (a1 >= a0) * r0
    return total


def flows(drawn):
    """Return the imbalance at every book that can be read, against the last one before it that could."""
    found, before = [], None
    for book in drawn:
        readable = book.is_readable()
        found.append(contribution(before, book) if readable and before is not None else None)
        before = book if readable else before
    return found


@given(drawn=st.lists(books(), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_it_is_the_published_sum_over_books_that_can_be_read(drawn):
    """Whatever books come; one that can't be read is as if it had not been there."""
    got = valued(order_flow_imbalance, columns_of(drawn), LEVELS)

    expected = flows(drawn)
    assert [value is None for value in expected] == np.isnan(got).tolist()
    np.testing.assert_allclose(got, [math.nan if v is None else float(v) for v in expected], rtol=1e-12, atol=1e-4)


@pytest.mark.parametrize(
    ("bid", "bid_size", "ask", "ask_size", "flow"),
    [
        (10.0, 8.0, 11.0, 5.0, 3.0),  # three more units join the bid
        (10.0, 1.0, 11.0, 5.0, -4.0),  # four units leave it
        (10.5, 2.0, 11.0, 5.0, 2.0),  # two units improve it
        (9.5, 7.0, 11.0, 5.0, -5.0),  # the best bid is used up
        (10.0, 5.0, 11.0, 9.0, -4.0),  # four more units join the ask
        (10.0, 5.0, 10.5, 2.0, -2.0),  # two units improve it
        (10.0, 5.0, 11.5, 7.0, 5.0),  # the best ask is used up
        (10.0, 5.0, 11.0, 5.0, 0.0),  # nothing happens
    ],
)
def test_each_kind_of_event_counts_with_its_size(bid, bid_size, ask, ask_size, flow):
    """From five units at 10 against five at 11; the first book has nothing before it."""
    sheets = ([[10.0, bid]], [[5.0, bid_size]], [[11.0, ask]], [[5.0, ask_size]])

    got = valued(order_flow_imbalance, named(*np.array(sheets)), 1)

    assert np.isnan(got[0])
    assert got[1] == flow


def test_long_columns_agree_with_the_formula_on_arrays():
    """Fifty thousand books of one level, which is what quotes have and what is taken if nothing is said."""
    sheets = whole_books(50_000, levels=1)
    b, q, a, r = (sheet[0] for sheet in sheets)
    now, before = slice(1, None), slice(None, -1)

    got = valued(order_flow_imbalance, named(*sheets), 1)

    expected = (b[now] >= b[before]) * q[now] - (b[now] <= b[before]) * q[before]
    expected = expected - (a[now] <= a[before]) * r[now] + (a[now] >= a[before]) * r[before]
    np.testing.assert_allclose(got[1:], expected, rtol=1e-12, atol=1e-12 * q.max())
    assert order_flow_imbalance.usage == "order_flow_imbalance(levels=1)"

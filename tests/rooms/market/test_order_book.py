"""The book against a plain dictionary sorted anew each time."""

from math import isnan

from hypothesis import given
from hypothesis import strategies as st

from runner.market.order_book import OrderBook

LEVEL = st.tuples(st.integers(1, 30).map(float), st.integers(0, 3).map(float))
LEVELS = 4


def sorted_levels(sizes, *, descending):
    held = sorted(((price, size) for price, size in sizes.items() if size), reverse=descending)[:LEVELS]
    return held + [None] * (LEVELS - len(held))


def flat(bids, asks):
    return [None if level is None else level[what] for side in (bids, asks) for what in (0, 1) for level in side]


@given(st.lists(st.tuples(st.lists(LEVEL, max_size=4), st.lists(LEVEL, max_size=4)), max_size=30))
def test_the_best_levels_are_those_of_a_sorted_dictionary(changes):
    """After every change: best first, taken-away levels gone, absent levels NaN."""
    book, bids, asks = OrderBook(), {}, {}
    for bid_changes, ask_changes in changes:
        book.put(bid_changes, ask_changes)
        bids.update(bid_changes)
        asks.update(ask_changes)

        found = [None if isnan(value) else value for value in book.row(LEVELS)]

        assert found == flat(sorted_levels(bids, descending=True), sorted_levels(asks, descending=False))

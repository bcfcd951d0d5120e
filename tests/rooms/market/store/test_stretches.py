"""What isn't covered of a stretch, held against counting instants one by one."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from runner.market.store.stretches import missing

STRETCHES = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda pair: (min(pair), max(pair) + 1))


@given(covered=st.lists(STRETCHES, max_size=6), wanted=STRETCHES)
def test_exactly_the_uncovered_instants_are_missing(covered, wanted):
    """Counting instants gives the same answer, and neighbours are told as one stretch."""
    expected = {instant for instant in range(*wanted) if not any(start <= instant < end for start, end in covered)}

    found = missing(covered, wanted)

    assert {instant for stretch in found for instant in range(*stretch)} == expected
    assert sum(end - start for start, end in found) == len(expected)
    assert all(one[1] < following[0] for one, following in itertools.pairwise(found))

"""Keys that are found again, in whichever of the two lists they are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from runner.sweeps import sorted_keys
from runner.sweeps.sorted_keys import SortedKeys

KEYS = st.integers(0, 40) | st.integers(2**64 - 5, 2**64 - 1)


@given(added=st.lists(st.sets(KEYS, max_size=12), max_size=8), bounds=st.tuples(KEYS, KEYS))
def test_every_key_has_the_place_it_came_in(added, bounds):
    """Against a dictionary, with lists so short that keys move from one to the other all the time."""
    least, sorted_keys.LEAST_MOVED = sorted_keys.LEAST_MOVED, 3
    try:
        held, places = SortedKeys(), {}
        for keys in added:
            fresh = sorted(keys - places.keys())
            came = held.add(np.array(fresh, dtype=np.uint64))
            places |= {key: len(places) + number for number, key in enumerate(fresh)}
            assert came.tolist() == [places[key] for key in fresh]
    finally:
        sorted_keys.LEAST_MOVED = least

    asked = [*range(45), *range(2**64 - 6, 2**64)]
    assert held.places(np.array(asked, dtype=np.uint64)).tolist() == [places.get(key, -1) for key in asked]
    assert len(held) == len(places)
    first, last = sorted(bounds)
    assert held.between(first, last).tolist() == sorted(key for key in places if first <= key <= last)

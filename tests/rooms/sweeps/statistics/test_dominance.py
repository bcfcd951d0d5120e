"""Stochastic dominance: cases that can be seen, and integrals by loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.sweeps.statistics.dominance import Dominance, dominance


@pytest.mark.parametrize(
    ("outcomes", "over", "expected"),
    [
        ([2, 3], [1, 2], Dominance(first=True, second=True, share=1.0)),
        ([1, 2], [2, 3], Dominance(first=False, second=False, share=0.0)),
        ([2, 2], [1, 3], Dominance(first=False, second=True, share=0.5)),
        ([1, 3], [2, 2], Dominance(first=False, second=False, share=0.5)),
        ([1, 2], [1, 2], Dominance(first=False, second=False, share=1.0)),
        ([5], [5], Dominance(first=False, second=False, share=1.0)),
        ([0, 10], [1, 2], Dominance(first=False, second=False, share=0.9)),
    ],
    ids=["better", "worse", "calmer", "wilder", "same", "point", "mixed"],
)
def test_what_dominates_can_be_seen(outcomes, over, expected):
    """Better outcomes win for all; calmer ones with the same mean win for those who dislike risk."""
    found = dominance(np.array(outcomes, dtype=float), over=np.array(over, dtype=float))

    assert found == expected


@given(
    st.lists(st.integers(-5, 5), min_size=1, max_size=8),
    st.lists(st.integers(-5, 5), min_size=1, max_size=8),
)
@settings(max_examples=200, deadline=None)
def test_plain_sums_find_the_same(outcomes, over):
    """On whole numbers the shares are counts, and the integral is their sum over the numbers below."""
    f = [sum(x <= point for x in outcomes) / len(outcomes) for point in range(-6, 7)]
    g = [sum(x <= point for x in over) / len(over) for point in range(-6, 7)]
    area = np.cumsum(np.array(g) - np.array(f))

    found = dominance(np.array(outcomes, dtype=float), over=np.array(over, dtype=float))

    assert found.first == (all(a <= b for a, b in zip(f, g, strict=True)) and f != g)
    assert found.second == (area.min() >= -1e-9 and area.max() > 1e-9)


def test_nothing_dominates_nothing():
    """Without outcomes there is no answer."""
    with pytest.raises(ValueError, match="outcomes on both sides"):
        dominance(np.array([]), over=np.array([1.0]))

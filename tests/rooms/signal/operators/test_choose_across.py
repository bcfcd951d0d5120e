"""The highest and lowest symbols, against Python's sorting."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from instants import across, assert_instants_are_apart, assert_the_order_of_symbols_is_nothing, tables

from runner.signal.operators.choose_across import bottom, top


def chosen(row, count, sign):
    """Mark the first `count` of a stable sort; the sort keeps equals in the order of the universe."""
    places = sorted((i for i, value in enumerate(row) if math.isfinite(value)), key=lambda i: sign * row[i])
    return [float(i in places[:count]) if math.isfinite(value) else math.nan for i, value in enumerate(row)]


@given(drawn=tables(), count=st.integers(1, 6))
@settings(max_examples=80, deadline=None)
def test_they_are_the_first_of_a_stable_sort(drawn, count):
    """Exactly `count` where there are as many, all where not; the undefined are neither chosen nor passed over."""
    for op, sign in ((top, -1), (bottom, 1)):
        got = across(op, drawn[0], p=(count,))

        np.testing.assert_array_equal(got, [chosen(row, count, sign) for row in drawn[0]])
        assert_instants_are_apart(op, drawn, p=(count,))


@given(values=st.lists(st.integers(-50, 50), min_size=1, max_size=9, unique=True), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_without_ties_the_order_of_the_universe_is_nothing(values, seed):
    """Different values decide by themselves."""
    for op in (top, bottom):
        assert_the_order_of_symbols_is_nothing(op, [[[float(value) for value in values]]], seed, p=(3,))


def test_a_tie_at_the_border_goes_to_the_first():
    """Never more than asked for: shares of a third each must not add up to more than one."""
    assert across(top, [[2.0, 5.0, 2.0, 2.0, 1.0]], p=(3,)).tolist() == [[1.0, 1.0, 1.0, 0.0, 0.0]]
    assert across(bottom, [[2.0, 5.0, 2.0, 2.0, 1.0]], p=(3,)).tolist() == [[1.0, 0.0, 1.0, 0.0, 1.0]]

"""Compiled sums against numpy's own: equal to the bit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.compiler import FLAT, FLOAT, row_function
from runner.report.kernel import sums


def _total(values):
    return sums.total(values, values.size)


def _deviation(values, spare):
    return sums.deviation(values, values.size, spare)


total = row_function(_total, FLOAT(FLAT))
deviation = row_function(_deviation, FLOAT(FLAT, FLAT))

LENGTHS = st.one_of(st.integers(0, 40), st.sampled_from([127, 128, 129, 135, 136, 255, 257, 1031]), st.integers(0, 5000))
ODD = (0.0, -0.0, 1e300, -1e300, 1e-300, np.inf, np.nan)


@st.composite
def columns(draw):
    """Draw numbers of many sizes and both signs, some of them odd."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(LENGTHS)
    found = rng.normal(0.0, 1.0, count) * 10.0 ** rng.integers(-12, 12, count)
    for place in draw(st.lists(st.integers(0, max(count - 1, 0)), max_size=2)) if count else ():
        found[place] = draw(st.sampled_from(ODD))
    return found


def same(ours, theirs):
    """Tell whether two numbers are equal to the bit; one NaN is as good as another."""
    return (np.isnan(ours) and np.isnan(theirs)) or np.float64(ours).tobytes() == np.float64(theirs).tobytes()


@given(columns())
def test_a_sum_is_that_of_numpy(values):
    """Whatever the length: below eight, up to 128, and any number of halvings."""
    assert same(total(values), np.sum(values))


@pytest.mark.parametrize("count", [*range(140), 4096, 100_003])
def test_sums_of_every_short_length_and_of_long_ones_are_those_of_numpy(count):
    """Each remainder, each edge of a block, and a sum of many blocks."""
    values = np.random.default_rng(count).normal(0.0, 1.0, count)

    assert same(total(values), np.sum(values))
    assert same(total(-0.0 * np.ones(count)), np.sum(-0.0 * np.ones(count)))


@given(columns().filter(lambda values: values.size > 1))
def test_a_deviation_is_that_of_numpy(values):
    """The mean first, then the squares of what is away from it."""
    with np.errstate(all="ignore"):
        theirs = values.std(ddof=1)

    assert same(deviation(values, np.empty(values.size)), theirs)

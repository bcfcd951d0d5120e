"""The grid: Hydra's own order, zipped axes, and what is refused."""

from itertools import product

import numpy as np
import pytest
from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import ConfigError
from runner.spec.sweep import Sweep
from runner.sweeps.axes import Axis
from runner.sweeps.grid import grid_of

SIZES = st.lists(st.integers(1, 4), min_size=0, max_size=4)


def axis(number, size):
    """Return an axis of numbers."""
    return Axis(f"a{number}.k{number}", tuple(map(str, range(size))), is_choice=False, plain=tuple(range(size)))


def overrides(grid):
    """Return the overrides of every cell, in their order."""
    places = map(grid.places, range(grid.cells))
    return [[axis.override(place) for axis, place in zip(grid.axes, row, strict=True)] for row in places]


@given(SIZES)
def test_cells_come_in_the_order_of_hydras_own_sweeper(sizes):
    """A product of axes lists what Hydra's sweeper lists for the same words, in the same order."""
    axes = [axis(number, size) for number, size in enumerate(sizes)]
    words = [f"{each.key}=choice({','.join(each.values)})" for each in axes]

    (expected,) = BasicSweeper.split_arguments(OverridesParser.create().parse_overrides(words), None)

    assert overrides(grid_of(axes, Sweep())) == expected


@given(SIZES, st.data())
def test_zipped_axes_advance_together_where_the_first_of_them_stands(sizes, data):
    """A zipped group is one axis of pairs in the place of its first."""
    axes = [axis(number, size) for number, size in enumerate([*sizes, 3, 3])]
    one, other = sorted(data.draw(st.permutations([n for n, each in enumerate(axes) if len(each.values) == 3]))[:2])

    grid = grid_of(axes, Sweep(zip=[f"k{other}", f"k{one}"]))

    rows = product(*(range(len(each.values)) for place, each in enumerate(axes) if place != other))
    expected = [(*row[:other], row[one], *row[other:]) for row in rows]
    assert list(map(grid.places, range(grid.cells))) == expected


@given(SIZES)
def test_all_places_are_those_of_each_cell(sizes):
    """Asking for all cells at once gives what asking for each gives."""
    grid = grid_of([axis(number, size) for number, size in enumerate(sizes)], Sweep())

    found = grid.all_places(np.arange(grid.cells, dtype=np.int64))

    assert list(map(tuple, found.tolist())) == list(map(grid.places, range(grid.cells)))


def test_an_axis_that_has_one_value_elsewhere_leaves_its_group():
    """A lane of a zipped sweep can be run alone: its axes are given by hand, and nothing is left to zip."""
    grid = grid_of([axis(0, 3)], Sweep(zip=["k0", "slow"]), settled=["signal.params.slow"])

    assert grid.turns == ((0,),)


@pytest.mark.parametrize(
    ("zipped", "message"),
    [
        (["k0", "k1"], "sweep.zip: must join axes of equal length, was a0.k0 has 2, a1.k1 has 3. Give each as many values."),
        (["k0", "k7"], "sweep.zip: must name an axis, was k7. Known: a0.k0, a1.k1"),
        ([["k0", "k2"], ["k2"]], "sweep.zip: must name an axis once, was a2.k2."),
        (["k0", "same"], "sweep.zip: must have one meaning, was same. Write the whole key: b.same or c.same."),
    ],
)
def test_what_cannot_be_zipped_is_said(zipped, message):
    """Lengths that differ, and names that mean nothing or too much."""
    named = [Axis(f"{above}.same", ("1", "2"), is_choice=False, plain=(1, 2)) for above in "bc"]

    with pytest.raises(ConfigError) as error:
        grid_of([axis(0, 2), axis(1, 3), axis(2, 2), *named], Sweep(zip=zipped))

    assert message in str(error.value)


def test_a_grid_nobody_waits_for_is_refused():
    """Ten axes of a hundred values are more cells than atoms a desk has."""
    with pytest.raises(ConfigError, match=r"sweep: must have at most 10,000,000 combinations"):
        grid_of([axis(number, 100) for number in range(10)], Sweep())

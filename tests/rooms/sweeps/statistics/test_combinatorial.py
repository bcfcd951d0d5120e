"""Combinatorial purged cross-validation, against the book's own table of six groups."""

from itertools import combinations
from math import comb

import numpy as np
import pytest

from runner.sweeps.statistics.combinatorial import combinatorial_splits, path_returns

DAY = 86_400 * 10**9


def days(count):
    return np.arange(count, dtype=np.int64) * DAY


def test_six_groups_two_of_them_tested_are_fifteen_splits_and_five_paths():
    """López de Prado (2018), figures 12.1 and 12.2: which split gives each path its part of each group, numbered from 1."""
    plan = combinatorial_splits(days(60), groups=6, tested=2)

    assert len(plan.splits) == 15
    assert (plan.paths.T + 1).tolist() == [
        [1, 2, 3, 4, 5],
        [1, 6, 7, 8, 9],
        [2, 6, 10, 11, 12],
        [3, 7, 10, 13, 14],
        [4, 8, 11, 13, 15],
        [5, 9, 12, 14, 15],
    ]


@pytest.mark.parametrize(("groups", "tested"), [(2, 1), (5, 1), (6, 2), (7, 3), (8, 7)])
def test_paths_use_every_test_once(groups, tested):
    """φ = k/n C(n, k) paths go through all rows; every group of every split's test lies in exactly one of them."""
    plan = combinatorial_splits(days(3 * groups + 1), groups=groups, tested=tested)

    ways = list(combinations(range(groups), tested))
    used = [(int(place), group) for path in plan.paths for group, place in enumerate(path)]
    assert len(plan.paths) == tested * comb(groups, tested) // groups
    assert sorted(used) == sorted((place, group) for place, way in enumerate(ways) for group in way)


def test_rows_test_or_teach_or_are_purged():
    """With a day of span and one of embargo, one row before and two after each stretch of tests teach nothing."""
    plan = combinatorial_splits(days(30), groups=5, tested=2, span_ns=DAY, embargo_ns=DAY)

    second = plan.splits[1]  # groups 0 and 2
    assert second.test.tolist() == [*range(6), *range(12, 18)]
    assert second.train.tolist() == [8, 9, 10, *range(20, 30)]


def test_a_path_has_the_returns_of_the_lanes_chosen_for_it(waves):
    """Group by group, a path's returns are those of the lane that was best in the training of its split."""
    returns = waves(33, 6)
    plan = combinatorial_splits(days(33), groups=5, tested=2, span_ns=DAY)

    found = path_returns(returns, plan)

    assert found.shape == (4, 33)
    for path, places in zip(found, plan.paths, strict=True):
        for group, place in enumerate(places):
            train = returns[plan.splits[place].train]
            lane = (train.mean(axis=0) / train.std(axis=0, ddof=1)).argmax()
            rows = slice(plan.edges[group], plan.edges[group + 1])
            assert path[rows].tolist() == returns[rows, lane].tolist()


def test_a_lane_that_is_always_best_is_every_path(waves):
    """Where one lane is better in all rows, all paths are that lane."""
    returns = waves(40, 3)
    returns[:, 1] = 1.0 + 0.01 * np.arange(40)

    assert np.array_equal(path_returns(returns, combinatorial_splits(days(40))), np.tile(returns[:, 1], (5, 1)))


@pytest.mark.parametrize(("groups", "tested"), [(1, 1), (11, 2), (5, 0), (5, 5)])
def test_impossible_groups_are_refused(groups, tested):
    """There are two groups, a row in each, and some left to train by."""
    with pytest.raises(ValueError, match="groups must be 2 to 10 rows and tested below them"):
        combinatorial_splits(days(10), groups=groups, tested=tested)


def test_returns_of_other_rows_are_refused(waves):
    """A plan holds for the rows it was made for; one that purging has emptied can't choose."""
    plan = combinatorial_splits(days(12), groups=4, tested=2)
    emptied = combinatorial_splits(days(12), groups=4, tested=2, span_ns=12 * DAY)

    with pytest.raises(ValueError, match="must have the 12 rows that were split, had 13"):
        path_returns(waves(13, 2), plan)
    with pytest.raises(ValueError, match="too few rows in sets"):
        path_returns(waves(12, 2), emptied)

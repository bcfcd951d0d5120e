"""Optuna behind ask and tell: the optimum is found, and the same is proposed again."""

import pytest

pytest.importorskip("optuna", reason="the extra optuna isn't installed")

from runner.compose.swept import Interval
from runner.spec.sweep import Search
from runner.sweeps.dimension import Dimension
from runner.sweeps.optuna_search import OptunaGuide

SPACE = (
    Dimension("step", 41),
    Dimension("level", 2, interval=Interval(0.0, 1.0)),
    Dimension("whole", 2, interval=Interval(1, 9, is_whole=True)),
    Dimension("word", 3, is_ordered=False),
)


def height(point):
    """Return a hill with its top at step 17, level 0.3, whole 4, word 2."""
    step, level, whole, word = point
    return -(((step - 17) / 20) ** 2) - (level - 0.3) ** 2 - ((whole - 4) / 8) ** 2 + 0.2 * (word == 2)


def climbed(search, space=SPACE, *, maximises=True, nothing=lambda _: False):
    """Return the points of a search with what they came to, a generation at a time."""
    guide, found = OptunaGuide(search, space, maximises=maximises), []
    while len(found) < search.trials:
        points = [guide.ask() for _ in range(search.generation)]
        for number, point in enumerate(points, len(found)):
            guide.tell(number, None if nothing(point) else height(point) if maximises else -height(point))
        found += points
    return found


@pytest.mark.parametrize("maximises", [True, False])
def test_the_top_of_a_hill_is_found(maximises):
    """Near the top on every axis, after a sliver of the space, whichever way is up."""
    found = climbed(Search(trials=200, generation=20), maximises=maximises)

    step, level, whole, word = max(found, key=height)
    assert abs(step - 17) <= 3
    assert abs(level - 0.3) < 0.15
    assert abs(whole - 4) <= 1
    assert word == 2


def test_a_cloud_finds_the_top_among_numbers():
    """cmaes, on axes that are all numbers."""
    found = climbed(Search(trials=300, generation=20, sampler="cmaes"), (*SPACE[:3], Dimension("word", 3)))

    assert height(max(found, key=height)) > 0.17


@pytest.mark.parametrize("sampler", ["tpe", "random", "cmaes"])
def test_the_same_seed_proposes_the_same_and_another_seed_something_else(sampler):
    """So that a search that is started again finds its lanes in the store."""
    space = (*SPACE[:3], Dimension("word", 3))
    first, again, other = (
        climbed(Search(trials=60, generation=20, sampler=sampler, seed=seed), space) for seed in (5, 5, 6)
    )

    assert first == again
    assert first != other


def test_where_nothing_comes_of_points_others_are_proposed():
    """Half of the space fails: the search learns to stay away."""
    found = climbed(Search(trials=200, generation=20), nothing=lambda point: point[0] < 20)

    assert sum(point[0] < 20 for point in found[100:]) < sum(point[0] < 20 for point in found[:100])

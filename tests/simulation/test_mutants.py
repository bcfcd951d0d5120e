"""The tests of the test: planted bugs, each of which a simulation has to find within two hundred seeds."""

from inspect import signature

import pytest

from runner.venue.simulation import simulate
from tests.simulation.mutants.all_mutants import MUTANTS

SEEDS = 200


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_bug_is_found(mutant):
    """Within two hundred seeds some world breaks a promise."""
    with mutant.planted():
        found = next((seed for seed in range(SEEDS) if simulate(seed).breach is not None), None)

    assert found is not None, mutant.story


def test_there_are_enough_of_them():
    """At least twenty-five bugs, each with a name of its own."""
    names = {mutant.name for mutant in MUTANTS}

    assert len(names) == len(MUTANTS) >= 25


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_bug_can_be_called_as_the_real_thing(mutant):
    """One that fails because it is called with other arguments than it takes would be found for the wrong reason."""
    for graft in mutant.grafts:
        real = graft.owner.__dict__[graft.name]
        with mutant.planted():
            bug = graft.owner.__dict__[graft.name]
        if not callable(real) or isinstance(real, type):
            continue
        wanted = [each for each in signature(real).parameters.values() if each.default is each.empty]
        signature(bug).bind(
            *(each.name for each in wanted if each.kind in {each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD}),
            **{each.name: None for each in wanted if each.kind is each.KEYWORD_ONLY},
        )


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_bug_leaves_nothing_behind(mutant):
    """Once it is taken out, everything is the real thing again."""
    before = [graft.owner.__dict__[graft.name] for graft in mutant.grafts]

    with mutant.planted():
        during = [graft.owner.__dict__[graft.name] for graft in mutant.grafts]

    assert all(one is not other for one, other in zip(before, during, strict=True))
    assert before == [graft.owner.__dict__[graft.name] for graft in mutant.grafts]

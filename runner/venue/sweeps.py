"""Families of worlds: seeds, every place to die in one of them, every pair of faults in every phase."""

from collections.abc import Iterator

from runner.venue.faults import Fault, Phase, all_pairs
from runner.venue.outcome import Outcome
from runner.venue.simulation import Shape, simulate
from runner.venue.world import SECOND

__all__ = ["BRIEF", "crash_point", "crash_points", "matrix_cell"]

BRIEF = 12 * SECOND
"""How long a world trades whose every step is a place to die."""


def crash_points(seed: int) -> int:
    """Return how many places to die a brief world has: the steps it takes when nobody kills it there."""
    return simulate(seed, Shape(safety=BRIEF)).steps


def crash_point(seed: int, step: int) -> Outcome:
    """Run a brief world whose process is killed before one step, whatever else happens to it."""
    return simulate(seed, Shape(safety=BRIEF, dies_at=(step,)))


def matrix_cell(seed: int, aims: tuple[tuple[Fault, Phase], ...]) -> Outcome:
    """Run a world in which nothing goes wrong but what is aimed."""
    return simulate(seed, Shape(safety=BRIEF, aims=aims))


def matrix(first: int = 0, every: int = 1) -> Iterator[tuple[int, tuple[tuple[Fault, Phase], ...]]]:
    """Yield (seed, aims) of every `every`-th cell of the matrix of all pairs in all phases."""
    for number, aims in enumerate(all_pairs()):
        if number % every == 0:
            yield first + number, aims

"""Whole worlds by their seeds: whatever fails in them, no promise of the order path is broken."""

from collections import Counter

import pytest

from runner.venue.faults import KINDS
from runner.venue.simulation import simulate
from tests.long import many
from tests.simulation.worlds import told

EACH = 50
"""Worlds of one test."""
SEEDS = many(2_000, 10_000)


@pytest.mark.parametrize("first", range(0, SEEDS, EACH))
def test_no_promise_is_broken(first):
    """Fifty worlds, each with faults, kills and restarts of its own, keep S1 to S10 and end in L1 to L5."""
    outcomes = [(f"seed {seed}", simulate(seed)) for seed in range(first, first + EACH)]

    assert told(outcomes) == []


def test_the_worlds_are_worth_the_name():
    """Over a hundred seeds every kind of fault strikes, orders are placed and filled, and processes die."""
    struck, orders, fills, lives = Counter(), 0, 0, 0
    for seed in range(100):
        outcome = simulate(seed)
        struck.update(outcome.struck.keys())
        orders += outcome.orders
        fills += outcome.fills
        lives += outcome.lives

    assert orders > 1_000
    assert fills > 1_000
    assert lives > 150
    assert {str(kind) for kind in KINDS} - {str(kind) for kind in struck} <= {"crash"}  # counted by lives

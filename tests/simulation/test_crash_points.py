"""Every place to die: a process killed before any of its steps leaves a journal from which the next one recovers."""

import pytest

from runner.venue.sweeps import crash_point, crash_points
from tests.long import many
from tests.simulation.worlds import told

SEEDS = range(20)
PLACES = many(100, 10**9)
"""Places of each seed: spread over all of its steps, or all of them."""


@pytest.mark.parametrize("seed", SEEDS)
def test_f1_killed_at_any_step_nothing_is_lost(seed):
    """Killed between any two steps and started again, the session finds out everything and agrees with the venue."""
    steps = crash_points(seed)
    places = range(seed % 7, steps, max(steps // PLACES, 1))

    outcomes = [(f"seed {seed} killed at step {step}", crash_point(seed, step)) for step in places]

    assert len(outcomes) >= min(PLACES, steps // 2)
    assert told(outcomes) == []

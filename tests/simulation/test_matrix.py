"""Every kind of fault in every phase, alone and in every pair: most failures need no more than two things to go wrong."""

import pytest

from runner.venue.sweeps import matrix, matrix_cell
from tests.long import many
from tests.simulation.worlds import told

CELLS = tuple(matrix(every=many(41, 1)))
PARTS = 20


@pytest.mark.parametrize("part", range(PARTS))
def test_no_pair_of_faults_breaks_a_promise(part):
    """In a world where only the aimed faults strike, all promises hold."""
    outcomes = [
        (f"seed {seed} {' and '.join(f'{kind} after {phase}' for kind, phase in aims)}", matrix_cell(seed, aims))
        for seed, aims in CELLS[part::PARTS]
    ]

    assert told(outcomes) == []


def test_most_aims_strike():
    """The matrix would be worth nothing if its faults found no opportunity."""
    cells = CELLS[:: max(len(CELLS) // 150, 1)]

    struck = sum(
        outcome.struck[kind] > 0 for seed, aims in cells for outcome in [matrix_cell(seed, aims)] for kind, _ in aims
    )

    assert struck / sum(len(aims) for _, aims in cells) > 0.6

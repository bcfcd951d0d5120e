"""The same seed is the same world, to the last line of its trace: in this process, in another, with any hash seed."""

import os
import subprocess
import sys
from pathlib import Path

from runner.venue.simulation import simulate
from tests.long import many

SEEDS = many(20, 1_000)
ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from runner.venue.simulation import simulate
for seed in range(int(sys.argv[1])):
    print(simulate(seed).digest)
"""


def digests_elsewhere(hash_seed):
    """Return the digests that another process comes to."""
    surroundings = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM, str(SEEDS)]
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_same_seed_gives_the_same_trace():
    """Twice here, and once in each of three processes with three hash seeds."""
    once = [simulate(seed).digest for seed in range(SEEDS)]
    again = [simulate(seed).digest for seed in range(SEEDS)]

    assert once == again
    for hash_seed in ("0", "1", "4242"):
        assert once == digests_elsewhere(hash_seed)


def test_seeds_are_different_worlds():
    """Otherwise a thousand of them would be one."""
    assert len({simulate(seed).digest for seed in range(SEEDS)}) == SEEDS

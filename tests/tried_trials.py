"""Trials that nobody ran: what became of them follows from their names."""

from collections.abc import Sequence

import numpy as np

from runner.sweeps.kept_specs import Base, base_of
from runner.sweeps.results import Results
from runner.sweeps.store import Tried

BASE: Base = base_of(['"name":"base"', '"seed":0'])
SESSIONS = 3


def trial(number: int) -> str:
    """Return the name of a trial."""
    return f"{number * 7_919 + 1:016x}"


def spec_hash(name: str) -> str:
    """Return the spec hash of a trial."""
    return name[::-1] * 4


def strategy(name: str) -> str:
    """Return what a trial tries."""
    return name * 4


def figures(name: str) -> tuple[float | None, int, str]:
    """Return the Sharpe ratio, trades and end of a trial."""
    value = int(name, 16)
    return (None if value % 5 == 0 else value / 3), value % 1_000, f"20{value % 90 + 10}-01-01"


def returns_of(name: str) -> list[float]:
    """Return the session returns of a trial."""
    return [int(name, 16) * place / 7 for place in range(SESSIONS)]


def tried(names: Sequence[str], *, failed: Sequence[str] = (), digest: str = "", start: int | None = 5) -> Tried:
    """Return trials as a sweep hands them over; a failed one has an error and nothing else."""
    is_done = [bool(name) and name not in failed for name in names]
    rows = [figures(name) if done else (None, None, None) for name, done in zip(names, is_done, strict=True)]
    results = Results(
        np.arange(len(names), dtype=np.int64),
        list(names),
        ["DONE" if done else "FAILED" for done in is_done],
        ["" if done else f"broke {name}" for name, done in zip(names, is_done, strict=True)],
        [(digest or name) if done else "" for name, done in zip(names, is_done, strict=True)],
        {name: [row[place] for row in rows] for place, name in enumerate(("sharpe", "trades", "start"))},
        np.array([returns_of(name) if done else [np.nan] * SESSIONS for name, done in zip(names, is_done, strict=True)]),
    )
    hashes = [spec_hash(name) for name in names]
    return Tried(results, hashes, [strategy(name) for name in names], ["{}"] * len(names), BASE, start)

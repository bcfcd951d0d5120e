"""A journal of a million lines is read again before a market has moved far."""

import asyncio
import itertools
import time

import pytest

from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.events import Snapshot
from runner.live.journal import Journal, restore
from runner.live.snapshot import text
from tests.live_bench import INSTRUMENTS, Bench, setup
from tests.live_journals import fill, intent, opened
from tests.long import many

LINES = many(100_000, 1_000_000)
LONGEST = many(3.0, 10.0)
"""Seconds of processor time."""


@pytest.mark.timeout(900)
def test_j6_restart_of_a_long_journal(tmp_path):
    """Every hash is computed anew and the state is there, in seconds."""

    async def write(disk):
        await disk.found(setup().head())
        journal = Journal(disk, Bench().clock, restore(disk, dict(INSTRUMENTS)))
        anchor = 0
        for thousand in itertools.count():
            rows = []
            for number in range(1_000 * thousand + 1, 1_000 * thousand + 1_001):
                rows += [journal.stamped(intent(number))]
                rows += [journal.stamped(fill(number, exec_id=f"{number}/{part}", quantity=2)) for part in range(5)]
            if journal.appended - anchor >= max(50_000, anchor // 2):
                rows.append(journal.stamped(Snapshot(text(journal.state))))
                anchor = journal.appended
            await disk.commit(rows)
            if journal.appended >= LINES:
                break
        return journal

    disk = SqliteDisk(tmp_path)
    journal = asyncio.run(write(disk))
    disk.close()
    with opened(tmp_path) as disk:
        began = time.process_time()
        state, seq, _ = restore(disk, dict(INSTRUMENTS))
        took = time.process_time() - began

    assert seq == journal.appended >= LINES
    assert state.position("XYZ") == journal.state.position("XYZ")
    assert took < LONGEST

"""A real process on a real disk, killed at any moment: no acknowledged line is ever lost, and the chain is whole.

The child appends orders and fills and prints the number of each line once it was told that the line is durable. It is killed
at a random moment; the journal then holds every number that was printed, and the next child goes on with it.
"""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runner.live.model import Status
from tests.live_journals import folded
from tests.long import many

ROOT = Path(__file__).parents[3]
CHILD = """
import asyncio, sys
from pathlib import Path
from runner.live.edge.clock import MachineClock
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.journal import Journal, restore
from tests.live_bench import INSTRUMENTS, setup
from tests.live_journals import fill, intent

async def main():
    disk = SqliteDisk(Path(sys.argv[1]))
    if not disk.head():
        await disk.found(setup().head())
    journal = Journal(disk, MachineClock(), restore(disk, dict(INSTRUMENTS)))
    running = asyncio.create_task(journal.run())
    print("begun", journal.appended, flush=True)
    number = journal.state.intents
    for coid in list(journal.state.live):
        journal.append(fill(int(coid[2:]), quantity=journal.state.live[coid].remaining, exec_id=f"late {coid}"))
    hog = []
    while True:
        number += 1
        journal.append(intent(number))
        journal.append(fill(number, quantity=4))
        await journal.durable(seq := journal.append(fill(number, quantity=6, exec_id=f"rest {number}")))
        print(seq, flush=True)
        if len(sys.argv) > 2:
            hog.append(bytearray(4_000_000))

asyncio.run(main())
"""


def child(folder, *more, **options):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment,
        **options,
    )


def acknowledged(process):
    """Return the last number a child was told is durable, from what it printed before it died."""
    words = process.stdout.read().split()
    process.stdout.close()
    return int(words[-1]) if words else 0


@pytest.mark.timeout(1_800)
def test_f1_no_acknowledged_line_is_lost_by_sigkill(tmp_path):
    """Killed again and again, early, late and in the middle of a commit, on one and the same journal."""
    chance = random.Random(1)
    kills = many(50, 500)
    lost, known = [], 0
    for number in range(kills):
        process = child(tmp_path)
        word, begun = process.stdout.readline().split()
        assert word == b"begun"
        if int(begun) < known:
            lost.append((known, int(begun)))
        time.sleep(chance.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        known = acknowledged(process) or known
        assert process.wait() == -signal.SIGKILL
        if number % 10 == 9 or number == kills - 1:
            state, seq = folded(tmp_path)
            if seq < known or any(order.filled > order.quantity for order in state.orders.values()):
                lost.append((known, seq))

    assert lost == []
    assert known > kills


def test_f10_process_that_runs_out_of_memory_leaves_a_clean_journal(tmp_path):
    """The child may have so much memory and takes more: it dies of it, and the next session reads every line."""
    most = 600 * 1024 * 1024
    process = child(tmp_path, "hog", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)))
    known = acknowledged(process)
    assert process.wait() != 0

    state, seq = folded(tmp_path)

    assert seq >= known > 0
    assert all(order.status in {Status.FILLED, Status.PARTIAL, Status.UNKNOWN} for order in state.orders.values())


def test_f4_second_process_is_refused_while_the_first_lives_and_not_after(tmp_path):
    """The lock dies with its process, however it died."""
    first = child(tmp_path)
    first.stdout.readline()
    second = child(tmp_path)
    assert second.wait() == 1
    second.stdout.close()
    first.send_signal(signal.SIGKILL)
    acknowledged(first)
    first.wait()

    third = child(tmp_path)
    line = third.stdout.readline()
    third.send_signal(signal.SIGKILL)
    acknowledged(third)
    third.wait()

    assert line.startswith(b"begun")

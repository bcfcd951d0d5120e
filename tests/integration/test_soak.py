"""A day of the market in one session: nothing that it holds open or keeps grows with how long it lasts."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.command import runner
from tests.long import many

DAYS = many(1, 5)
MOST_MB = 40.0
"""Growth over the second half: what it keeps of its rows and lines, and no more."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="measured in /proc")


def looked_at(process):
    """Return seconds, memory in MB, open files and threads of a process; None once it has ended."""
    folder = Path(f"/proc/{process.pid}")
    try:
        pages = int((folder / "statm").read_text().split()[1])
        return (
            time.monotonic(),
            pages * 4096 / 2**20,
            len(list((folder / "fd").iterdir())),
            len(list((folder / "task").iterdir())),
        )
    except (FileNotFoundError, ProcessLookupError, PermissionError, IndexError):
        return None


def test_j5_a_day_leaves_nothing_growing(tmp_path):
    """24 hours of one-minute bars: open files and threads are the same, and memory is bounded, from the middle to the end."""
    words = ["data=generated", 'data.start="2024-01-01"', f'data.end="2024-01-{1 + DAYS:02d}"', "timezone=crypto"]
    command = ["mode=live", *words, 'universe.symbols=["A","B"]', f"session.sessions={DAYS}", "runs=runs"]
    command += ["timezone.stamp=open", 'timezone.interval="1min"', "session.limits.loss_value=unlimited"]
    with subprocess.Popen(
        [sys.executable, "-m", "runner", *command], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        found = []
        while process.poll() is None:
            log = next(tmp_path.glob("runs/*/*/decisions.jsonl"), None)
            look = looked_at(process)
            if (
                look is not None
                and log is not None
                and log.stat().st_size > 0
                and not (log.parent / "session.json").exists()
            ):
                found.append((*look, log.read_bytes().count(b'["i",')))
            time.sleep(0.1)
        said = process.stdout.read()
    assert process.returncode == 0, said
    seen = np.array(found)
    late = seen[(seen[:, 4] >= seen[:, 4].max() / 2) & (seen[:, 4] < seen[:, 4].max())]

    assert seen[:, 4].max() == DAYS * 1_440
    assert len(late) >= 5
    assert np.ptp(late[:, 2]) <= 2
    assert np.ptp(late[:, 3]) <= 2
    assert late[-1, 1] - late[0, 1] < MOST_MB * DAYS
    run = next(tmp_path.glob("runs/*/*"))
    assert runner("verify", str(run), cwd=tmp_path).returncode == 0

"""A sweep that is killed again and again, at any moment, comes to the same as one that nobody disturbed.

Some kills here; a hundred with RUNNER_LONG=1.
"""

import json
import os
import random
import subprocess
import sys
import time

import polars as pl

KILLS = 100 if os.environ.get("RUNNER_LONG") else 3
WORDS = ("universe=apple", "window.start=2008-01-01", "report.sensitivity=false")
AXES = ("signal.params.lookback=range(5,25)", "signal.params.buy_below=0.4,0.5,0.6,0.7", "slippage.bps=0,1,2,5")


def started(folder):
    """Start the sweep in a folder."""
    command = [sys.executable, "-m", "runner", "-m", *WORDS, *AXES]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def finished(folder):
    """Run the sweep in a folder to its end, and return its table and how long it took."""
    began = time.monotonic()
    assert started(folder).wait(timeout=240) == 0
    path = max(folder.glob("runs/*/*-sweep-*"), key=lambda each: each.stat().st_mtime_ns)
    assert json.loads((path / "sweep.json").read_text())["status"] == "DONE"
    return pl.read_parquet(path / "trials.parquet"), time.monotonic() - began


def ledger_of(folder):
    """Return the lines of the one ledger below a folder."""
    (path,) = folder.glob("runs/.trials/*/ledger.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_sweep_killed_at_any_moment_goes_on_where_it_was(tmp_path):
    """The table is that of the undisturbed sweep, cell by cell, and the ledger counts every lane once."""
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    undisturbed.mkdir(), killed.mkdir()
    expected, seconds = finished(undisturbed)
    chance = random.Random(7)
    for _ in range(KILLS):
        process = started(killed)
        time.sleep(chance.uniform(0.2, 1.0) * seconds)
        process.kill()
        process.wait()

    found, _ = finished(killed)

    assert found.equals(expected, null_equal=True)
    assert found.height == found["trial"].n_unique() == 320
    assert [sum(line["trials"] for line in ledger_of(each)) for each in (undisturbed, killed)] == [320, 320]

"""Processes that are killed at random moments while they share a sweep: nothing is lost, nothing is doubled.

`RUNNER_TEST_KILLS` says how many are killed, 8 unless it does.
"""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl

from runner.sweeps.store import TrialStore
from tests.sharing_worker import batches_of
from tests.tried_trials import tried

DATA = "00112233445566ff"
KILLS = int(os.environ.get("RUNNER_TEST_KILLS", "8"))
SIZE = 3
ROOT = Path(__file__).resolve().parents[3]


def started(runs, batches, *more):
    """Start a process that shares the batches, and wait until it is at work."""
    words = [sys.executable, str(ROOT / "tests" / "sharing_worker.py"), str(runs), DATA, str(batches), str(SIZE), *more]
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}
    )


def killed(workers, chance):
    """Kill processes, each some moments after all are at work; return how many died of it."""
    for worker in workers:
        worker.stdout.readline()
    count = 0
    for worker in workers:
        time.sleep(chance.uniform(0, 0.03))
        worker.send_signal(signal.SIGKILL)
        _, errors = worker.communicate()
        assert errors == ""
        count += worker.returncode == -signal.SIGKILL
    return count


def chained(folder):
    """Verify the ledger by hand, and return the segments it lists with the trials it counted."""
    previous, listed = hashlib.sha256(DATA.encode()).hexdigest(), {}
    for text in (folder / "ledger.jsonl").read_text().splitlines():
        line = json.loads(text)
        own = line.pop("hash")
        assert line["previous"] == previous
        assert own == hashlib.sha256(json.dumps(line, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
        previous, listed[line["segment"]] = own, (line["sha256"], line["trials"])
    return listed


def test_a_sweep_whose_processes_are_killed_again_and_again_ends_as_an_undisturbed_one(tmp_path):
    """Pairs of processes share it and are killed at random; at the end every trial is there once, and the chain is whole."""
    chance, runs, count = random.Random(7), tmp_path / "runs", 60 + 12 * KILLS
    deaths = 0
    while deaths < KILLS:
        deaths += killed([started(runs, count) for _ in range(2)], chance)
    last = [started(runs, count) for _ in range(2)]
    ends = [worker.communicate(timeout=120) for worker in last]

    names = [name for batch in batches_of(count, SIZE) for name in batch]
    undisturbed = TrialStore.open(tmp_path / "undisturbed", DATA)
    undisturbed.append(tried(names))
    store = TrialStore.open(runs, DATA)
    found, expected = store.known(names).results, undisturbed.known(names).results
    assert [worker.returncode for worker in last] == [0, 0], ends
    assert found.metrics == expected.metrics
    assert (found.trial, found.digest, found.status) == (expected.trial, expected.digest, expected.status)
    assert found.returns.tobytes() == expected.returns.tobytes()
    assert (store.trials_counted, store.told) == (len(names), ())
    listed, folder = chained(store.folder), store.folder / "segments"
    rows = {name: pl.read_parquet(folder / name)["trial"].to_list() for name in listed}
    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in listed} == {
        name: sha for name, (sha, _) in listed.items()
    }
    assert {path.name for path in folder.iterdir()} == set(listed)
    assert sorted(name for trials in rows.values() for name in trials) == sorted(names)
    assert {name: len(trials) for name, trials in rows.items()} == {name: counted for name, (_, counted) in listed.items()}
    assert list((store.folder / "claims").iterdir()) == []


def test_two_processes_share_a_sweep_without_doing_anything_twice(tmp_path):
    """Each does a part of it, and together they do all of it once."""
    workers = [started(tmp_path, 150) for _ in range(2)]
    done = [worker.communicate(timeout=120) for worker in workers]

    places = [[int(line) for line in out.split("\n")[1:-1]] for out, _ in done]
    assert [errors for _, errors in done] == ["", ""]
    assert sorted(places[0] + places[1]) == list(range(150))


def test_who_finds_everything_claimed_waits_and_takes_over_what_was_dropped(tmp_path):
    """A process that stands still holds its batch; once it is killed the other does it."""
    first = started(tmp_path, 10, "3")
    said = [first.stdout.readline() for _ in range(5)]
    second = started(tmp_path, 10)
    done = [second.stdout.readline() for _ in range(7)]
    is_waiting = second.poll() is None
    first.send_signal(signal.SIGKILL)
    first.communicate()
    rest, errors = second.communicate(timeout=120)

    assert said == ["at work\n", "0\n", "1\n", "2\n", "still\n"]
    assert done == ["at work\n", "4\n", "5\n", "6\n", "7\n", "8\n", "9\n"]
    assert is_waiting
    assert (rest, errors, second.returncode) == ("3\n", "", 0)
    assert TrialStore.open(tmp_path, DATA).trials_counted == 10 * SIZE

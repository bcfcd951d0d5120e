"""Hydra's own sweepers and launchers: the same lanes, the same numbers, in this process or in others."""

import json
import math
import pickle
from pathlib import Path

import pytest

from runner.cli.by_hydra import HydraLane
from runner.compose.reading import Directory
from runner.launch.progress import Silent
from runner.sweeps.sweep import load_sweep
from tests.command import runner

WORDS = (
    "-m",
    "data=generated",
    "data.interval=15min",
    "data.end='2024-01-05'",
    "universe.symbols=[A,B]",
    "signal.params.lookback=5,20",
    "slippage=none,fixed_bps",
    "report.html=false",
    "report.sensitivity=false",
)


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """The metrics of every lane, by its values on the axes, as one pass over all lanes has them."""
    folder = tmp_path_factory.mktemp("batch")
    assert runner(*WORDS, cwd=folder).returncode == 0
    (path,) = folder.glob("runs/*/*-sweep-*")
    rows = load_sweep(path).trials.to_dict("records")
    return {(row["signal.params.lookback"], row["slippage"]): row for row in rows}


def same(found, expected):
    """Return whether two cells are the same number, or both undefined."""
    return found == expected or (found is None and math.isnan(expected))


@pytest.mark.parametrize("launcher", ["basic", "joblib"])
def test_the_numbers_of_every_lane_are_those_of_the_batch(tmp_path, batch, launcher):
    """A run of its own per lane, all measured from one instant, though their warm-ups end at others."""
    if launcher == "joblib":
        pytest.importorskip("hydra_plugins.hydra_joblib_launcher", reason="the extra joblib isn't installed")
    done = runner(*WORDS, "hydra/sweeper=basic", f"hydra/launcher={launcher}", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    (table,) = tmp_path.glob("runs/*/*-sweep/trials.json")
    rows = json.loads(table.read_text())
    found = {(int(row["signal.params.lookback"]), row["slippage"]): row for row in rows}
    assert list(found) == list(batch)
    for lane, row in found.items():
        metrics = json.loads((tmp_path / row["run"] / "metrics.json").read_text())
        assert {name: value for name, value in metrics.items() if not same(value, batch[lane][name])} == {}
        assert len(metrics) > 10


def test_a_lane_that_fails_in_another_process_is_a_row_too(tmp_path):
    """A price to wait for is no part of a market order; the other lanes run, and the exit code tells."""
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher", reason="the extra joblib isn't installed")
    words = [word for word in WORDS if not word.startswith(("signal", "slippage"))]
    done = runner(
        *words, "order=limit,market", "order.price=close,null", "hydra/sweeper=basic", "hydra/launcher=joblib", cwd=tmp_path
    )

    (table,) = tmp_path.glob("runs/*/*-sweep/trials.json")
    assert done.returncode == 2
    assert [row["status"] for row in json.loads(table.read_text())] == ["DONE", "DONE", "FAILED", "DONE"]
    assert "lane 3: The configuration is not valid" in done.stderr


def test_what_is_sent_to_other_processes_is_plain_and_has_no_secrets(tmp_path, monkeypatch):
    """A lane's task comes back from its bytes as it was, and the environment isn't in them."""
    monkeypatch.setenv("RUNNER_KEY", "hush-4711")
    task = HydraLane(
        tmp_path, ("runner", "-m"), 7, (Directory(Path("/x"), "x"),), "config", {"market": "start"}, "sharpe", Silent()
    )

    sent = pickle.dumps(task.run)

    assert b"hush-4711" not in sent
    back = pickle.loads(sent).__self__
    assert (back.rows, back.argv, back.now, back.directories, back.starts) == (
        task.rows, task.argv, task.now, task.directories, task.starts,
    )  # fmt: skip

"""Searches: the same numbers as the grid, the same study after a kill, tables and pages as any sweep."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("optuna", reason="the extra optuna isn't installed")

from runner.compose import Configurations
from runner.launch.progress import Silent
from runner.sweeps.asking import plan_sweep
from runner.sweeps.sweep import load_sweep
from runner.sweeps.sweeping import Asked, sweep
from tests.command import runner

SMALL = (
    "data=generated",
    "data.interval=15min",
    "data.end='2024-01-05'",
    "universe.symbols=[A,B]",
    "sweep.metric=total_return",
)
SEARCH = ("sweep=optuna", "sweep.search.trials=45", "sweep.search.generation=15")
AXES = ("signal.params.lookback=range(5,25)", "sizing=equity_share,equal_weight")

KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from runner.compose import Configurations
from runner.sweeps.asking import plan_sweep
from runner.sweeps.sweeping import Asked, sweep


class Deadly:
    lanes = False

    def stage(self, name):
        self.lanes = name.endswith("lanes")

    def done(self, share):
        if self.lanes and share > 0.5:
            os.kill(os.getpid(), signal.SIGKILL)


planned = plan_sweep(sys.argv[2:], Configurations())
sweep(planned, Asked((), Path(sys.argv[1]), datetime.now(UTC), 2, Deadly()))
"""


def swept(runs, *words):
    """Run a sweep; return what it came to, and its table."""
    found = sweep(plan_sweep([*SMALL, *words], Configurations()), Asked((), Path(runs), datetime.now(UTC), 2, Silent()))
    return found, load_sweep(found.folder).trials


def by_lane(table):
    """Return trial and digest of each lane, by its values."""
    columns = [name for name in table.columns if name == "sizing" or name.startswith("signal")]
    return {tuple(row[name] for name in columns): (row["trial"], row["digest"]) for row in table.to_dict("records")}


def test_lanes_of_a_search_are_those_of_the_grid(tmp_path):
    """The same trials with the same digests, and after the grid there is nothing left to run."""
    _, grid = swept(tmp_path / "grid", *AXES)
    _, fresh = swept(tmp_path / "search", *AXES, *SEARCH)
    known, table = swept(tmp_path / "grid", *AXES, *SEARCH)

    whole, some = by_lane(grid), by_lane(fresh)
    assert 15 < len(some) < len(whole) == 40
    assert {lane: whole[lane] for lane in some} == some
    assert by_lane(table) == some
    assert known.known == len(some)


def test_what_is_best_is_found_between_two_numbers(tmp_path):
    """Who is to hold least stakes next to nothing: the table has its number, the page its trials."""
    asked = ("sweep.metric=mean_gross_exposure", "sweep.direction=minimise")
    found, table = swept(tmp_path, "sizing=equity_share", "sizing.share=interval(0.01, 1)", *SEARCH, *asked)

    best = table.sort_values("mean_gross_exposure").iloc[0]
    assert best["sizing.share"] < 0.05
    assert best["sizing.share"] == table["sizing.share"].min()
    assert list(table["lane"]) == list(range(1, 46))
    assert (found.folder / "sweep.html").is_file()
    assert json.loads((found.folder / "sweep.json").read_text())["axes"] == {"sizing.share": ["interval(0.01, 1.0)"]}
    assert "45 trials" in (found.folder / "sweep.html").read_text()


def test_killed_and_started_again_it_is_the_same_study(tmp_path):
    """SIGKILL in the middle: what was known isn't run again, and the table is that of a search nobody killed."""
    words = (*AXES[:1], "signal.params.buy_below=interval(0.5, 1.0)", *SEARCH)
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    killed = subprocess.run([sys.executable, str(script), str(tmp_path / "a"), *SMALL, *words], check=False, cwd=Path.cwd())
    again, table = swept(tmp_path / "a", *words)
    _, expected = swept(tmp_path / "b", *words)

    assert killed.returncode == -signal.SIGKILL
    assert 0 < again.known < 45
    assert table.equals(expected)
    assert table["status"].eq("DONE").all()


def test_a_condition_leaves_points_out(tmp_path):
    """No lane breaks it, and there are as many as were asked for."""
    words = ("signal.params.lookback=range(5,25)", "signal.params.buy_below=interval(0.5, 1.0)", *SEARCH)
    _, table = swept(tmp_path, *words, "sweep.where='lookback < 30 * buy_below - 10'")

    held = table["signal.params.lookback"] < 30 * table["signal.params.buy_below"] - 10
    assert held.all()
    assert len(table) == 45


def test_the_command_plans_and_searches(tmp_path):
    """`sweep=optuna` from the command line; the plan says what will be proposed."""
    words = ("-m", *SMALL, "signal.params.lookback=int(interval(5, 25))", *SEARCH)
    planned, done = runner("plan", *words, cwd=tmp_path), runner(*words, cwd=tmp_path)

    assert planned.returncode == 0, planned.stderr
    assert "45 lanes at most, 15 at a time, proposed by optuna (tpe)" in planned.stdout
    assert "int(interval(5, 25))" in planned.stdout
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""

"""`runner -m` and declared sweeps as a user runs them."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from tests.command import runner

SMALL = ("universe=apple", "window.start=2012-06-01")

DECLARED = """
# @package _global_
name: mine
universe: {symbols: ["AAPL"]}
window: {start: "2012-06-01"}
sweep:
  axes:
    signal.params.lookback: [5, 10]
    slippage.bps: [0, 5]
  zip: [lookback, bps]
"""


def trials_of(folder):
    """Return the table of the one sweep below a folder."""
    (path,) = Path(folder).glob("runs/*/*-sweep-*/trials.parquet")
    return pl.read_parquet(path).rows(named=True)


@pytest.fixture
def declared(tmp_path):
    """A folder with an experiment that declares a sweep."""
    path = tmp_path / "conf" / "experiment" / "mine.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(DECLARED.lstrip())
    return tmp_path


def test_a_declared_sweep_runs_without_a_flag_and_its_lanes_alone_by_their_words(declared):
    """Zipped axes of a file are two lanes; giving each axis one value makes one run, with the lane's metrics."""
    assert runner("experiment=mine", cwd=declared).returncode == 0
    first, second = trials_of(declared)
    (facts,) = declared.glob("runs/*/*-sweep-*/sweep.json")
    start = json.loads(facts.read_text())["data"][0]["measured_from"]
    words = ("signal.params.lookback=10", "slippage.bps=5", f"report.measured_from={start}")
    alone = runner("experiment=mine", *words, cwd=declared)

    metrics = json.loads((declared / alone.stdout.strip().splitlines()[-1] / "metrics.json").read_text())
    assert [(row["signal.params.lookback"], row["slippage.bps"]) for row in (first, second)] == [(5, 0), (10, 5)]
    assert metrics == {name: second[name] for name in metrics}


def test_neither_threads_nor_the_order_of_values_change_a_lane(tmp_path):
    """One thread or four, values forwards or backwards: the same trial has the same digest and metrics."""
    found = []
    for folder, words in (
        ("one", ("sweep.workers=1", "signal.params.lookback=4,6,8,10,12,14,16,18,20", "slippage.bps=0,5")),
        ("four", ("sweep.workers=4", "slippage.bps=5,0", "signal.params.lookback=20,18,16,14,12,10,8,6,4")),
    ):
        (tmp_path / folder).mkdir()
        assert runner("-m", *SMALL, *words, cwd=tmp_path / folder).returncode == 0
        rows = trials_of(tmp_path / folder)
        found.append({row["trial"]: {**row, "lane": 0} for row in rows})

    one, four = found
    assert len(one) == 18
    assert one == four


def test_one_run_in_python_is_no_sweep(declared):
    """`runner.run` refuses a configuration that asks for several runs, and says what to write."""
    code = "import runner\nrunner.run(overrides=['experiment=mine'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=declared, capture_output=True, text=True, check=False)

    assert (
        "sweep.axes: must be left to sweeps, because this is one run, was signal.params.lookback, slippage.bps."
        in done.stderr
    )
    assert not (declared / "runs").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("experiment=mine", "hydra/sweeper=basic"), "sweep.axes: must be left to hydra/sweeper=batch, was beside basic."),
        (("-m", "seed=1,2", "sweep.where=seed > 5"), "sweep.where: must have a value that Hydra's grammar can read"),
        (("-m", "seed=1,2", "sweep.where='sed > 5'"), "sweep.where: must name an axis or a value of the configuration"),
        (("-m", "seed=1,2", "hydra.run.dir=x"), "hydra.run.dir: must not be set"),
        (("sweep.metrik=sharpe",), "sweep.metrik: must be a key of sweep, was metrik. Did you mean metric?"),
        (("sweep.direction=up",), "sweep.direction: must be one of the known words"),
    ],
)
def test_what_is_wrong_with_a_sweep_is_said_before_anything_runs(declared, words, message):
    """Exit code 2, words, nothing written."""
    done = runner(*words, cwd=declared)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (declared / "runs").exists()


def test_a_lane_that_is_invalid_in_combination_is_a_row(tmp_path):
    """The others run, the exit code tells, and the plan says it beforehand."""
    words = (*SMALL, "order=limit,market", "order.price=close,null")
    planned, done = runner("plan", "-m", *words, cwd=tmp_path), runner("-m", *words, cwd=tmp_path)

    rows = trials_of(tmp_path)
    assert (planned.returncode, done.returncode) == (2, 2)
    assert [row["status"] for row in rows] == ["DONE", "DONE", "FAILED", "DONE"]
    assert "order.price: must be left out of market orders" in rows[2]["error"]
    assert "1 lane can't run\n lane 3: order=market order.price=close\n" in planned.stdout


def test_a_plan_says_what_a_sweep_takes_and_runs_nothing(declared):
    """Lanes, axes with their places, nodes shared by all lanes, data and memory."""
    done = runner(
        "plan",
        "experiment=mine",
        "signal.params.buy_below=0.5,0.6,0.7",
        "sweep.where='buy_below < 0.7'",
        cwd=declared,
        COLUMNS="200",
    )

    said = " ".join(done.stdout.split())
    assert done.returncode == 0
    assert said.startswith("4 lanes of 6 combinations, where buy_below < 0.7")
    assert "slippage.bps with signal.params.lookback 2 0, 5 conf/experiment/mine.yaml:8" in said
    assert "configurations composed 1" in said
    assert "nodes of the graph 13 distinct, 32 if each lane had its own" in said
    assert "memory about" in said
    assert not (declared / "runs").exists()


def test_another_program_that_chooses_the_sweeper_runs_lanes_too(tmp_path):
    """Hydra finds hydra/sweeper=batch by itself, and what it hands over are the words as they were typed."""
    program = tmp_path / "mine.py"
    program.write_text(
        "import hydra\n"
        "from hydra.core.config_store import ConfigStore\n"
        "node = {'seed': 0, 'universe': '', 'window': {'start': ''}}\n"
        "ConfigStore.instance().store(name='own', node=node)\n"
        "@hydra.main(config_path=None, config_name='own', version_base='1.3')\n"
        "def main(config): raise SystemExit('asked for one lane')\n"
        "main()\n"
    )
    words = ["-m", "hydra/sweeper=batch", *SMALL, "seed=1,2"]
    done = subprocess.run([sys.executable, str(program), *words], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert [row["seed"] for row in trials_of(tmp_path)] == [1, 2]


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(path.read_bytes()[:100]), Path.unlink], ids=["torn", "lost"])
def test_what_a_store_has_lost_is_run_again(tmp_path, harm):
    """A file of results that is torn or gone doesn't stop the next sweep, which comes to the same."""
    words = ("-m", *SMALL, "signal.params.lookback=5,10")
    assert runner(*words, cwd=tmp_path).returncode == 0
    path, *_ = tmp_path.glob("runs/.trials/*/segments/*.parquet")
    harm(path)

    assert runner(*words, cwd=tmp_path).returncode == 0

    first, second = (pl.read_parquet(each) for each in sorted(tmp_path.glob("runs/*/*-sweep-*/trials.parquet")))
    assert first.equals(second, null_equal=True)


def test_lanes_do_not_come_out_better_for_what_is_kept_of_them(tmp_path):
    """One line of equity in ninety days: returns, ratios and drawdowns are those of a line per bar, and so is the verdict."""
    found = []
    for every in ("null", "90d"):
        words = ("-m", *SMALL, f"report.equity_every={every}", f"runs=every-{every}", "signal.params.lookback=5,10")
        assert runner(*words, cwd=tmp_path).returncode == 0
        (path,) = tmp_path.glob(f"every-{every}/*/*-sweep-*/trials.parquet")
        rows = pl.read_parquet(path).rows(named=True)
        found.append(
            [{name: row[name] for name in ("sessions", "sharpe", "sortino", "max_drawdown", "trades")} for row in rows]
        )
        found.append(json.loads((path.parent / "verdict.json").read_text())["deflated_sharpe"])

    assert found[:2] == found[2:]


def test_a_sweep_under_another_name_or_report_runs_nothing_anew_and_counts_nothing(tmp_path):
    """Neither is part of what is tried: the trials are known, and as many were made as before."""
    words = ("-m", *SMALL, "signal.params.lookback=5,10")
    assert runner(*words, cwd=tmp_path).returncode == 0

    again = runner(*words, "name=other", "report.sensitivity=false", cwd=tmp_path)

    assert "2 of 2 lanes were known from before" in again.stdout
    facts = [json.loads(path.read_text()) for path in tmp_path.glob("runs/*/*-sweep-*/sweep.json")]
    assert [(each["trials_counted"], each["specs_counted"]) for each in facts] == [(2, 2), (2, 2)]


def test_rows_that_are_read_in_two_ways_are_counted_once(tmp_path):
    """Two markets of one sweep with the same rows have one ledger, which isn't added up twice."""
    words = ("-m", *SMALL, "timezone.sessions_per_year=252,250", "signal.params.lookback=5,10")
    assert runner(*words, cwd=tmp_path).returncode == 0

    (path,) = tmp_path.glob("runs/*/*-sweep-*/sweep.json")
    facts = json.loads(path.read_text())
    assert (facts["trials_counted"], len(facts["ledgers"])) == (4, 1)


def test_a_lane_is_not_best_for_cheaper_costs_or_another_window(tmp_path):
    """Rankings stand apart; the best lane is of the longest window with the dearest costs, and both are said."""
    axes = ("window.start='2012-06-01','2012-09-03'", "slippage.bps=0,25", "signal.params.lookback=5,10,15")
    done = runner("-m", "universe=apple", *axes, cwd=tmp_path, COLUMNS="160")

    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("runs/*/*-sweep-*/verdict.json")
    verdict = json.loads(path.read_text())
    rows = trials_of(tmp_path)
    judged = [row for row in rows if "2012-06-01" in row["window.start"] and row["slippage.bps"] == 25]
    best = max(judged, key=lambda row: row["sharpe"])
    assert (verdict["best_lane"], verdict["rankings"], verdict["judged"]) == (best["lane"], 4, 3)
    assert best["sharpe"] < max(row["sharpe"] for row in rows)
    assert (
        "Lanes are ranked in 4 rankings, since they are measured over 2 different periods and since they assume"
        in done.stdout
    )
    assert "start 2012-06-01, bps 25, measured 2012-" in done.stdout
    assert verdict["sessions"] == judged[0]["sessions"]
    assert "Lanes are ranked in 4 rankings" in (path.parent / "sweep.html").read_text()


def test_a_run_that_a_declared_sweep_leaves_out_is_not_made(declared):
    """Every axis has one value, and the condition holds of these or there is no run; `runner plan` and Python say so too."""
    path = declared / "conf" / "experiment" / "mine.yaml"
    path.write_text(path.read_text().replace("  zip: [lookback, bps]", '  where: "lookback < 10 or bps > 0"'))
    words = ("experiment=mine", "signal.params.lookback=10", "slippage.bps=0")

    done, planned = runner(*words, cwd=declared), runner("plan", *words, cwd=declared)
    code = f"import runner\nrunner.run(overrides={list(words)!r})"
    python = subprocess.run([sys.executable, "-c", code], cwd=declared, capture_output=True, text=True, check=False)

    assert (done.returncode, planned.returncode) == (2, 2)
    for each in (done, planned, python):
        assert "sweep.where: must hold of a run whose axes have one value each, was lookback < 10 or bps > 0." in each.stderr
    assert not (declared / "runs").exists()
    assert runner(*words[:2], "slippage.bps=5", cwd=declared).returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ("experiment=plain,hush-hush-hush",),
        ("name=hush-hush-hush", "seed=1,2"),
        ("seed=1,2", "sweep.where='seed > 1 or name == \"hush-hush-hush\"'"),
    ],
    ids=["axis", "fixed", "condition"],
)
def test_a_secret_is_refused_wherever_a_sweep_would_write_it(tmp_path, words):
    """The variable is named, its value written nowhere."""
    path = tmp_path / "conf" / "experiment"
    path.mkdir(parents=True)
    for lookback, name in enumerate(("plain", "hush-hush-hush"), start=5):
        text = f"# @package _global_\nsignal: {{params: {{lookback: {lookback}}}}}\n"
        (path / f"{name}.yaml").write_text(text)

    done = runner("-m", *SMALL, *words, cwd=tmp_path, MY_API_KEY="hush-hush-hush")

    assert done.returncode == 2
    assert "must not hold the value of the environment variable MY_API_KEY" in done.stderr
    assert not any("hush" in path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file())

"""`runner materialise`: a trial of a sweep made again as a run of its own."""

import json
from dataclasses import replace

import pytest

from runner.archive.run import load
from runner.compose import Configurations
from runner.errors import ConfigError, RunError, TrialError
from runner.launch import Launch
from runner.sweeps.asking import plan_sweep
from runner.sweeps.kept_specs import base_of
from runner.sweeps.local import Local
from runner.sweeps.materialise import find_trial, materialise
from runner.sweeps.running import Running
from runner.sweeps.store import TrialStore, Tried
from runner.sweeps.survey import surveyed
from tests.command import runner
from tests.tried_trials import tried

WORDS = (
    "universe=apple",
    "window.start=2012-01-03",
    "window.end=2012-12-31",
    "report.html=false",
    "signal.params.lookback=5,20",
    "slippage=none,fixed_bps",
)


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    """Run a sweep of four lanes that have different warm-ups, and store it; return its folder and its results."""
    folder = tmp_path_factory.mktemp("swept")
    planned = plan_sweep(WORDS, Configurations(working_directory=folder))
    running = Running(planned, surveyed(planned, now=2 * 10**18), folder / "runs")
    running.lay_out()
    with Local(1) as executor:
        running.run(executor, lambda _: None)
    results, _ = running.results()
    rows = [{name: cells[row] for name, cells in results.metrics.items()} for row in range(4)]
    found = dict(enumerate(zip(results.trial, rows, strict=True)))
    return folder, found


def test_every_lane_comes_to_the_same_as_a_run_of_its_own(swept):
    """Metrics and digest, measured from the sweep's start, which for a short lookback is later than its own."""
    folder, found = swept

    for trial, metrics in found.values():
        run = materialise(find_trial(folder / "runs", trial), Launch(runs=folder / "runs"))
        assert run.metrics == metrics
        assert run.manifest["trial"] == trial
    assert len({metrics["start"] for _, metrics in found.values()}) == 1
    assert len({metrics["final_equity"] for _, metrics in found.values()}) == 4


def test_the_command_writes_a_full_run_directory(swept):
    """Its path is the last line; the beginning of a trial is enough."""
    folder, found = swept
    trial, metrics = found[2]

    done = runner("materialise", trial[:8].upper(), cwd=folder)

    run = load(folder / done.stdout.strip().splitlines()[-1])
    assert (done.returncode, run.status, run.metrics) == (0, "DONE", metrics)
    assert f"The same metrics and digest as trial {trial}." in done.stdout
    assert {"orders.parquet", "fills.parquet", "equity.parquet", "metrics.json", "spec.yaml", "quality.json"} <= {
        path.name for path in run.path.iterdir()
    }
    assert run.manifest["argv"] == ["runner", "materialise", trial[:8].upper()]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            lambda found: {"metrics": {**found.metrics, "sharpe": 1.25, "trades": -1}},
            "metrics.sharpe: must be 1.25 as in trial",
        ),
        (lambda found: {"metrics": {**found.metrics, "unheard": 1}}, "metrics.unheard: must be 1 as in trial"),
        (lambda _: {"digest": "0" * 16}, "tables: must have the digest 0000000000000000"),
        (
            lambda _: {"status": "FAILED", "error": "broke"},
            "must fail as it did in the sweep, was done; it had failed: broke",
        ),
        (lambda found: {"start": found.start + 30 * 86_400 * 10**9}, "metrics.start: must be "),
    ],
)
def test_whatever_differs_is_told_the_first_metric_by_name(swept, change, told):
    """The run stays; the exit code is one."""
    folder, found = swept
    trial = find_trial(folder / "runs", found[0][0])

    with pytest.raises(TrialError) as error:
        materialise(replace(trial, **change(trial)), Launch(runs=folder / "other"))

    assert told in str(error.value)
    assert error.value.exit_code == 1
    assert error.value.title == "The trial can't be confirmed"


def test_the_command_says_that_a_trial_cannot_be_confirmed(swept, tmp_path):
    """A store whose numbers are another run's: exit code 1, no traceback, and the path of what was run."""
    folder, found = swept
    source = TrialStore.open(folder / "runs", next((folder / "runs" / ".trials").iterdir()).name)
    trial = found[0][0]
    row = source.found(trial)
    base = base_of(
        f'"{name}":{json.dumps(value, sort_keys=True, separators=(",", ":"))}' for name, value in sorted(row.spec.items())
    )
    forged = tried([trial])
    TrialStore.open(tmp_path / "runs", source.data_digest).append(
        Tried(forged.results, [row.spec_hash], [row.strategy], ["{}"], base, row.start)
    )

    done = runner("materialise", trial, "--runs", "runs", cwd=tmp_path)

    assert done.returncode == 1
    assert "The trial can't be confirmed (1 fault)" in done.stderr
    assert "metrics.sharpe: must be " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_prefix_that_several_trials_begin_with_lists_them(tmp_path):
    """In whichever store they are."""
    names = ["abcdef0000000001", "abcdef0000000002", "abcdee0000000000"]
    TrialStore.open(tmp_path, "00" * 8).append(tried(names[:1]))
    TrialStore.open(tmp_path, "11" * 8).append(tried(names[1:]))

    with pytest.raises(
        RunError, match=r"must mean one trial, was abcdef, which 2 begin with\. .*abcdef0000000001, abcdef0000000002"
    ):
        find_trial(tmp_path, "abcdef")


@pytest.mark.parametrize("word", ["abcde", "abcdefg", "0" * 17, "", "../../x"])
def test_what_is_no_trial_is_refused(tmp_path, word):
    """Six to sixteen hex digits."""
    with pytest.raises(ConfigError, match="must be 6 to 16 digits"):
        find_trial(tmp_path, word)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("abcdef12",), "must be a trial in runs/.trials, was abcdef12. Write --runs DIR"),
        (("abcdef12", "--runs", "mine"), "must be a trial in mine/.trials"),
        ((), "must be given one trial and no overrides"),
        (("abcdef12", "seed=1"), "must be given one trial and no overrides, was abcdef12 seed=1."),
        (("abcdef12", "--run", "x"), "--run: must be a flag of runner materialise, was --run. Did you mean --runs?"),
    ],
)
def test_what_is_wrong_with_the_command_is_said(tmp_path, words, message):
    """Exit code 2, and nothing is written."""
    done = runner("materialise", *words, cwd=tmp_path)

    assert done.returncode == 2
    assert message in done.stderr
    assert list(tmp_path.iterdir()) == []

"""What can't be combined: executors, schedulers, searches, intervals; said before anything runs."""

from pathlib import Path

import pytest

from runner.compose import Configurations
from runner.errors import ConfigError
from runner.sweeps.asking import plan_sweep


def told(*words, folder="/nonexistent"):
    """Return what is said of a sweep that can't be."""
    with pytest.raises(ConfigError) as error:
        plan_sweep(words, Configurations(working_directory=Path(folder)))
    return str(error.value)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["seed=1,2", "capital=interval(1, 9)"], "capital: must be a list of values, was interval(1.0, 9.0). Write the values"),
        (["sweep=optuna", "seed=int(interval(1, 9))", "capital=1,2", "sweep.zip=[seed,capital]"], "seed: must be a list of values to be zipped"),
        (["sweep=optuna", "capital=interval(9, 1)"], "capital: must go from a number to a larger one"),
        (["sweep=optuna", "capital=tag(log, interval(0, 1))"], "capital: must begin above 0 where orders of size count"),
        (["sweep=optuna", "capital=tag(odd, interval(1, 2))"], "capital: must have no other tag than log"),
        (["sweep=optuna"], "sweep.search: must have an axis to search."),
        (["sweep=optuna", "sweep.search.sampler=cmaes", "sizing=equity_share,equal_weight"], "must be tpe or random for axes that aren't numbers, was cmaes, with sizing."),
        (["sweep=optuna", "slippage.bps=interval(0, 5)"], "slippage.bps: must have one value in a search: no lane is better for assuming less"),
        (["sweep=optuna", "fill=next_open,same_close"], "fill: must have one value in a search: no lane is better for assuming less"),
        (["sweep=optuna", "sweep.search.trials=0", "seed=1,2"], "sweep.search.trials: must be at least 1, was 0"),
        (["seed=1,2", "sweep.scheduler='tcp://x:1'"], "sweep.scheduler: must be left out unless sweep.executor is dask"),
        (["seed=1,2", "sweep=dask", "sweep.scheduler='tcp://x:1'", "sweep.workers=2"], "sweep.workers: must be left out beside sweep.scheduler"),
        (["seed=1,2", "sweep.executor=ray"], "sweep.executor: must be one of the known words"),
    ],
)  # fmt: skip
def test_what_cannot_be_combined_is_said(words, message):
    """Each with what to write instead."""
    pytest.importorskip("optuna", reason="the extra optuna isn't installed")
    pytest.importorskip("distributed", reason="the extra dask isn't installed")

    assert message in told(*words)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sweep=dask"], 'sweep.executor: must be installed: Dask is an extra, was dask. Run pip install "runner[dask]"'),
        (
            ["sweep=optuna"],
            'sweep.search: must be installed: Optuna is an extra, was optuna. Run pip install "runner[optuna]"',
        ),
    ],
)
def test_without_an_extra_one_is_told_what_to_install(monkeypatch, words, message):
    """Before anything runs."""
    monkeypatch.setattr("runner.sweeps.means.find_spec", lambda _: None)

    assert message in told("seed=1,2", *words)

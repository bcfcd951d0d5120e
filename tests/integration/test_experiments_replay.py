"""Every experiment that Runner ships, as a backtest and as a replay, the way a user starts both."""

import pytest

import runner
from tests.architecture.shipped import options, says

REPLAYED = [
    name
    for name in options("experiment")
    if not any("override /engine" in step for step in says("experiment", name).get("defaults", []))
]
"""Experiments of the native engine; others have no replay, and say so."""


@pytest.mark.parametrize("experiment", REPLAYED)
def test_a_replay_of_a_shipped_experiment_gives_its_backtest(experiment, tmp_path):
    """The digest of all results is the same, and there is something to compare."""
    words = [f"experiment={experiment}", "report=full"]

    backtest, replay = (runner.run(overrides=[*words, f"mode={mode}"], runs=tmp_path) for mode in ("backtest", "replay"))

    assert backtest.result_digest == replay.result_digest
    assert backtest.signals.equals(replay.signals)
    assert len(backtest.fills) > 0

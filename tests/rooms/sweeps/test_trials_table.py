"""`trials.parquet`: what other tools read of a sweep."""

import numpy as np
import polars as pl
import pytest

from runner.errors import RunError
from runner.sweeps.axes import Axis
from runner.sweeps.results import Results
from runner.sweeps.trials_table import write_trials

AXES = (
    Axis("signal.params.lookback", ("5", "10"), is_choice=False, plain=(5, 10)),
    Axis("slippage.bps", ("0", "2.5"), is_choice=False, plain=(0, 2.5)),
    Axis("slippage", ("none", "fixed_bps"), is_choice=True, plain=("none", "fixed_bps")),
    Axis("window.end", ("null", "5"), is_choice=False, plain=(None, 5)),
    Axis("order.is_sure", ("true", "false"), is_choice=False, plain=(True, False)),
    Axis("seed", ("1", "9223372036854775808"), is_choice=False, plain=(1, 2**63)),
)
PLACES = np.array([[0, 0, 0, 0, 0, 0], [0, 1, 1, 1, 1, 1], [1, 0, 1, 0, 1, 0]], dtype=np.int32)


def results(*numbers):
    """Return what became of lanes, in this order; lane 1 failed."""
    done = [number != 1 for number in numbers]
    return Results(
        np.array(numbers, dtype=np.int64),
        [f"{number:016x}" for number in numbers],
        ["DONE" if each else "FAILED" for each in done],
        ["" if each else "broke" for each in done],
        [f"{number:016x}" if each else "" for number, each in zip(numbers, done, strict=True)],
        {
            "sharpe": [number / 3 if each else None for number, each in zip(numbers, done, strict=True)],
            "trades": [number if each else None for number, each in zip(numbers, done, strict=True)],
            "start": ["2020-01-01" if each else None for each in done],
            "calmar": [None] * len(numbers),
        },
        np.empty((len(numbers), 0)),
    )


def test_lanes_stand_in_their_order_with_axes_facts_and_metrics(tmp_path):
    """However they came; numbers are numbers where all values of an axis are, everything else is the text that was written."""
    frame = pl.read_parquet(write_trials(tmp_path, AXES, PLACES, results(2, 0, 1)))

    assert frame.to_dict(as_series=False) == {
        "lane": [1, 2, 3],
        "signal.params.lookback": [5, 5, 10],
        "slippage.bps": [0.0, 2.5, 0.0],
        "slippage": ["none", "fixed_bps", "fixed_bps"],
        "window.end": ["null", "5", "null"],
        "order.is_sure": ["true", "false", "false"],
        "seed": ["1", "9223372036854775808", "1"],
        "trial": [f"{number:016x}" for number in range(3)],
        "status": ["DONE", "FAILED", "DONE"],
        "error": ["", "broke", ""],
        "digest": ["0" * 16, "", f"{2:016x}"],
        "sharpe": [0.0, None, 2 / 3],
        "trades": [0, None, 2],
        "start": ["2020-01-01", None, "2020-01-01"],
        "calmar": [None, None, None],
    }
    assert [frame.schema[name] for name in ("lane", "signal.params.lookback", "slippage.bps", "trades", "calmar")] == [
        pl.Int64,
        pl.Int64,
        pl.Float64,
        pl.Int64,
        pl.Float64,
    ]


def test_an_interrupted_sweep_has_the_lanes_that_are_known(tmp_path):
    """With the axes' values of these lanes; written again it is replaced."""
    write_trials(tmp_path, AXES, PLACES, results(0, 1, 2))
    frame = pl.read_parquet(write_trials(tmp_path, AXES, PLACES, results(2)))

    assert frame["lane"].to_list() == [3]
    assert frame["signal.params.lookback"].to_list() == [10]
    assert [path.name for path in tmp_path.iterdir()] == ["trials.parquet"]


def test_a_sweep_without_results_has_an_empty_table(tmp_path):
    """All columns are there."""
    frame = pl.read_parquet(write_trials(tmp_path, AXES, PLACES, results()))

    assert frame.height == 0
    assert frame.width == 15


def test_two_columns_never_share_a_name(tmp_path):
    """One would take the other's place without a word."""
    axes = (Axis("sharpe", ("1",), is_choice=False, plain=(1,)),)

    with pytest.raises(ValueError, match="an axis is called sharpe"):
        write_trials(tmp_path, axes, np.zeros((3, 1), dtype=np.int32), results(0))


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    """In the words of all run folders."""
    with pytest.raises(RunError, match="must be a folder that can be written"):
        write_trials(tmp_path / "nowhere", AXES, PLACES, results(0))

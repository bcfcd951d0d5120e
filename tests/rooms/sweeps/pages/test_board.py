"""The end of a sweep in the terminal: what stands there at 80 and at 200 columns."""

from io import StringIO
from pathlib import Path

import pytest
from finished_sweeps import HOSTILE, axis, finished
from rich.console import Console

from runner.sweeps.pages import show
from runner.sweeps.pages.judged import judged

AXES = [axis("signal.params.lookback", [5, 10, 20]), axis("slippage", ["none", "fixed_bps"], is_choice=True)]


def printed(whole, width):
    out = StringIO()
    show(Console(file=out, width=width, color_system=None), judged(whole), Path("runs") / "pressure" / "sweep")
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 200])
def test_the_board_fits_and_ends_with_the_folder(width):
    """No line is wider than the terminal, and the path can be copied from the last one."""
    lines = printed(finished(AXES, failed=[2]), width)

    assert max(map(len, lines)) <= width
    assert lines[-1] == "runs/pressure/sweep"
    head = next(line for line in lines if "lookback" in line)
    assert [word for word in ("lookback", "slippage", "Sharpe", "Return", "Trial") if word not in head] == []


def test_the_best_lane_is_the_first():
    """Lanes go by the metric of the sweep."""
    metrics = {"sharpe": [0.5, 2.0, None, 1.0, 0.1, 0.2], "total_return": [0.1] * 6}

    lines = printed(finished(AXES, metrics=metrics), 80)

    rows = [
        line.split() for line in lines if line.endswith(tuple(f"{row:016x}"[:8] for row in range(6))) or "00000000" in line
    ]
    assert [row[2] for row in rows] == ["2.00", "1.00", "0.50", "0.20", "0.10", "n/a"]


def test_failures_are_counted_by_what_they_say():
    """A thousand lanes that failed by one error are one line."""
    text = "\n".join(printed(finished(AXES, failed=[0, 1, 5], errors={0: "no cash", 1: "no cash", 5: "no data"}), 120))

    assert "3 lanes failed" in text
    assert "lane 1 (lookback 5, slippage none) and 1 other: no cash" in text
    assert "lane 6 (lookback 20, slippage fixed_bps): no data" in text


def test_more_axes_than_columns_are_folded():
    """Six axes stand side by side in 80 columns."""
    lines = printed(finished([axis(f"signal.params.long_name_of_{each}", [1, 2]) for each in "abcdef"]), 80)

    assert max(map(len, lines)) <= 80
    assert any(line.split()[:1] and line.rstrip().endswith("00000000") for line in lines)


def test_controls_of_the_terminal_are_taken_out():
    """An error can't colour, move or hide anything."""
    text = "\n".join(printed(finished(AXES, failed=[0], errors={0: HOSTILE + "[bold]x"}), 200))

    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]x" in text


def test_an_interrupted_sweep_says_what_wasnt_run():
    """Lanes that weren't run aren't failures."""
    whole = finished(AXES)
    half = type(whole.results)(
        whole.results.number[:3],
        *(list(getattr(whole.results, name))[:3] for name in ("trial", "status", "error", "digest")),
        {name: column[:3] for name, column in whole.results.metrics.items()},
        whole.results.returns[:3],
    )
    cut = type(whole)(**{name: getattr(whole, name) for name in ("name", "axes", "places", "instants", "sweep", "trials", "periods_per_year")}, results=half)  # fmt: skip

    assert "3 lanes of the sweep weren't run" in "\n".join(printed(cut, 120))

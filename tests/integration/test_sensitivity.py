"""What a backtest writes about what its result depends on."""

import json

import pytest

import runner
from tests.command import runner as command

SMALL = ["universe=apple", "window.start=2008-01-01"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """One symbol through a crash and back, with costs and with exits by time."""
    return runner.run(overrides=[*SMALL, "fees=per_share"], runs=tmp_path_factory.mktemp("runs"))


def test_the_row_of_the_run_itself_is_the_run(run):
    """Its own clock at once its costs has exactly the figures of metrics.json."""
    own = run.sensitivity["fills"][0]
    (row,) = [row for row in own["costs"] if row["cost_scale"] == 1.0]

    assert (own["fill"], own["is_own"]) == ("next_open", True)
    assert {name: row[name] for name in ("total_return", "sharpe", "max_drawdown", "trades")} == {
        name: run.metrics[name] for name in ("total_return", "sharpe", "max_drawdown", "trades")
    }
    assert run.sensitivity["break_even_bps"] == row["break_even_bps"] > 0


def test_every_clock_of_the_bars_is_there_and_the_others_have_reasons(run):
    """Costs only ever take from a result, and what flatters says so."""
    found = run.sensitivity

    assert [each["fill"] for each in found["fills"]] == ["next_open", "next_close", "next_vwap", "same_close"]
    assert [bool(each["optimistic"]) for each in found["fills"]] == [False, False, False, True]
    assert set(found["left_out"]) == {"book_walk", "next_event", "touch"}
    for each in found["fills"]:
        returns = [row["total_return"] for row in each["costs"]]
        assert returns == sorted(returns, reverse=True)


def test_the_parts_add_up_to_the_run(run):
    """Years, both cuts of the market, and the symbols each have all of the profit and all of the trades."""
    found, metrics = run.sensitivity, run.metrics
    profit = metrics["final_equity"] - 100_000.0

    bull_bear, volatility = found["regimes"][:2], found["regimes"][2:]
    for parts in (found["years"], bull_bear, volatility, found["symbols"]):
        assert sum(part["profit"] for part in parts) == pytest.approx(profit, abs=1e-6)
        assert sum(part["trades"] for part in parts) == metrics["trades"]
    for parts in (found["years"], bull_bear, volatility):
        assert sum(part["sessions"] for part in parts) == metrics["sessions"]


def test_a_narrow_test_says_so(run):
    """One symbol is fewer than twenty; the crash of 2008 and what came after were a whole cycle."""
    remarks = run.manifest["remarks"]

    assert "Only 1 symbol was tested: with fewer than 20 a result may be the luck of a few." in remarks
    assert not any("bull-bear" in remark for remark in remarks)


def test_the_terminal_shows_it_and_the_switch_leaves_it_out(tmp_path):
    """With it, a line per fill clock; without, neither the file nor the lines nor the remarks."""
    words = ("universe=apple", "window.start=2012-01-01")
    shown = command(*words, cwd=tmp_path)
    quiet = command(*words, "report.sensitivity=false", cwd=tmp_path)

    assert "same_close (optimistic)" in shown.stdout
    assert "Break-even slippage" in shown.stdout
    assert "no full bull-bear cycle" in shown.stdout
    assert "same_close" not in quiet.stdout
    assert not any(line.startswith("! ") for line in quiet.stdout.splitlines())
    one, two = (tmp_path / done.stdout.strip().splitlines()[-1] for done in (shown, quiet))
    assert (one / "sensitivity.json").is_file()
    assert not (two / "sensitivity.json").exists()
    assert (one / "metrics.json").read_bytes() == (two / "metrics.json").read_bytes()
    digests = [json.loads((folder / "manifest.json").read_text())["result_digest"] for folder in (one, two)]
    assert digests[0] == digests[1]


def test_a_replay_has_none(tmp_path):
    """It is a backtest's; a replay is there to be compared."""
    run = runner.run(overrides=["universe=apple", "window.start=2012-06-01", "mode=replay"], runs=tmp_path)

    assert not run.has_sensitivity
    with pytest.raises(runner.RunError, match=r"sensitivity\.json"):
        _ = run.sensitivity

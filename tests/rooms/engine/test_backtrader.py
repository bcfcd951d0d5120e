"""Engine backtrader: what it refuses, what it does with bars, and strategies of the user's own."""

import json
import subprocess
import sys
from textwrap import dedent, indent

import numpy as np
import pytest

import runner
from runner.engine.backtrader.ticks import bars_of, last_known, ticks_of
from runner.errors import ConfigError, NotYetError, StrategyError
from tests.drawn import MINUTE, tape_of

SHORT = ["window.start='2012-06-01'", "window.end='2012-12-31'", "report=standard"]


def faults_of(*overrides):
    """Return where each fault of a configuration lies."""
    with pytest.raises(ConfigError) as raised:
        runner.configure(["engine=backtrader", *overrides])
    return {fault.where for fault in raised.value.faults}


def test_everything_that_does_not_overlap_is_refused_at_once():
    """A run that asks for ten things Backtrader hasn't got is told of all ten before anything is read."""
    found = faults_of(
        "mode=replay",
        "fill=next_close",
        "risk=position_limit",
        "financing=us_shares",
        "scenario=harsh",
        "order=limit",
        "order.time_in_force=session",
        "+order.volume_share=0.1",
    )

    assert {"mode.kind", "risk.rules", "financing.borrow", "scenario.rejection", "scenario.latency"} <= found
    assert {"order.time_in_force", "order.volume_share", "fill.kind"} <= found


def test_a_strategy_that_nobody_wrote_is_named_with_its_neighbour():
    """A misspelt class finds the right one."""
    with pytest.raises(ConfigError, match="Did you mean PressureRatio"):
        runner.configure(["engine=backtrader", "engine.strategy=PressureRato"])


def test_parameters_and_sections_of_a_strategy_are_checked_beforehand():
    """A parameter it hasn't got, and sections it decides itself, are faults."""
    found = faults_of("engine.strategy=PressureRatio", "+engine.params.lookbak=3", "exits=bracket", "order=limit")

    assert found == {"engine.params.lookbak", "exits", "order"}


@pytest.mark.parametrize(
    ("override", "where"),
    [("engine.strategy=PressureRatio", "engine.strategy"), ("engine.params={lookback: 3}", "engine.params")],
)
def test_the_native_engine_has_no_strategies(override, where):
    """A strategy that wouldn't be run is a fault, not a word without meaning."""
    with pytest.raises(ConfigError) as raised:
        runner.configure([f"+{override}"])

    assert [fault.where for fault in raised.value.faults] == [where]


def test_zipline_says_which_releases_stand_against_it():
    """The message names the versions that conflict."""
    with pytest.raises(NotYetError, match=r"3\.1 to 3\.2\.1 need pandas below 3.*numpy 1"):
        runner.configure(["engine=zipline"])


def test_without_backtrader_the_extra_is_named():
    """Where it isn't installed, both preparation and the engine itself say what to install."""
    script = dedent("""
        import importlib.util, sys
        sys.modules["backtrader"] = None
        found = importlib.util.find_spec
        importlib.util.find_spec = lambda name, *rest: None if name == "backtrader" else found(name, *rest)
        import runner
        from runner.errors import ConfigError
        try:
            runner.configure(["engine=backtrader", "engine.strategy=PressureRatio"])
        except ConfigError as error:
            print(error)
        try:
            import runner.engine.backtrader.run
        except ConfigError as error:
            print(error)
    """)

    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert said.count('pip install "runner[backtrader]"') == 2


def test_native_runs_never_load_backtrader():
    """The licence and the half second are only for who asks."""
    script = "import sys, runner, runner.launch; runner.configure([]); print('backtrader' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert said == "False\n"


def test_a_bar_is_its_open_and_then_its_range():
    """The open keeps the last close; the range has no open."""
    tape = tape_of({"A": [(0, 1, 10.0, 11.0), (1, 2, 12.0, 12.5)]})

    (ticks,) = ticks_of(tape)
    open_, high, low, close, volume = (column.tolist() for column in ticks.columns)

    assert open_[::2] == [10.0, 12.0]
    assert np.isnan(open_[1::2]).all()
    assert high[2] == low[2] == 12.0
    assert close == [0.0, 11.0, 11.0, 12.5]
    assert np.isnan(volume[::2]).all()
    assert volume[1::2] == [1.0, 1.0]


def test_bars_are_known_before_the_next_ones_open():
    """At one instant what ends comes before what begins, and equal moments of several symbols stay equal."""
    tape = tape_of({"A": [(0, 1, 10.0, 11.0), (1, 2, 12.0, 12.5)], "B": [(0, 2, 5.0, 6.0)]})

    first, second = ticks_of(tape)

    assert (np.diff(first.stamps) > 0).all()
    assert first.stamps[0] == second.stamps[0]
    assert first.stamps[-1] == second.stamps[-1]


def test_moments_too_close_for_backtraders_clock_stay_apart():
    """A float of days can't tell nanoseconds apart; their order is kept."""
    tape = tape_of({"A": [(0, 1, 10.0, 11.0), (1, 2, 12.0, 12.5), (2, 3, 12.0, 12.5)]})
    near = type(tape)(
        tape.symbols, 1_700_000_000 * 10**9 + np.array([1, 2, 3]), 1_700_000_000 * 10**9 + np.array([0, 1, 2]),
        tape.session, tape.symbol, tape.columns, tape.offsets,
    )  # fmt: skip

    assert (np.diff(ticks_of(near)[0].stamps) > 0).all()
    assert (np.diff(bars_of(near)[0].stamps) > 0).all()


def test_a_symbol_without_rows_has_no_feed_and_a_close_that_is_missing_keeps_the_one_before():
    """Of each symbol for itself."""
    tape = tape_of({"A": [], "B": [(0, 1, 5.0, 6.0), (1, 2, 5.0, 7.0)], "C": [(0, 1, 5.0, 8.0)]})
    tape.columns["close"][1:] = np.nan

    assert [ticks.place for ticks in ticks_of(tape)] == [1, 2]
    assert last_known(tape)[:2].tolist() == [6.0, 6.0]
    assert np.isnan(last_known(tape)[2])
    assert MINUTE == 60 * 10**9


def test_a_run_through_backtrader_is_a_run(tmp_path):
    """It has the same directory as any other, the same figures as the native engine, and Backtrader's beside them."""
    ours = runner.run(overrides=SHORT, runs=tmp_path)
    theirs = runner.run(overrides=[*SHORT, "engine=backtrader"], runs=tmp_path)
    said = json.loads((theirs.path / "engine.json").read_text())

    assert theirs.status == "DONE"
    assert theirs.manifest["engine"] == "backtrader"
    assert (theirs.path / "report.html").is_file()
    assert list(theirs.metrics) == list(ours.metrics)
    for name, value in ours.metrics.items():
        assert theirs.metrics[name] == (pytest.approx(value, rel=1e-9) if isinstance(value, float) else value)
    assert ours.metrics["trades"] > 2
    assert {name for name, each in said.items() if not each["agree"]} <= {"sharpe"}


def test_the_shipped_strategy_trades_as_the_signal_it_is_written_after(tmp_path):
    """A bt.Strategy of strategies/ gives the orders and fills of the same rules in YAML, and its file is kept."""
    own = runner.run(overrides=["experiment=backtrader_strategy"], runs=tmp_path)
    rules = runner.run(overrides=["report.html=false"], runs=tmp_path)

    assert own.fills["symbol"].tolist() == rules.fills["symbol"].tolist()
    assert own.fills["ts"].tolist() == rules.fills["ts"].tolist()
    np.testing.assert_allclose(own.fills["price"], rules.fills["price"], rtol=1e-12)
    np.testing.assert_allclose(own.equity["equity"], rules.equity["equity"], rtol=1e-9)
    assert own.metrics["trades"] == rules.metrics["trades"] > 100
    assert "pressure_ratio_bt.py" in own.manifest["plugins"]
    assert (own.path / "plugins" / "pressure_ratio_bt.py").is_file()


STRATEGY = """
    import backtrader as bt


    class Mine(bt.Strategy):
        params = (("after", 3),)

        def next(self):
            {body}
"""


def written(folder, body):
    """Write a strategy of one body into the user's folder."""
    (folder / "strategies").mkdir()
    lines = indent(dedent(body), " " * 8).lstrip()
    (folder / "strategies" / "mine.py").write_text(dedent(STRATEGY).format(body=lines))


MINE = [*SHORT, "engine=backtrader", "engine.strategy=Mine", "universe.symbols=[AAPL]"]


def test_what_a_strategy_raises_is_told_by_file_and_line(tmp_path, monkeypatch):
    """The line is the user's, not Backtrader's; the title names strategy and file, the run directory the strategy."""
    written(tmp_path, "self.nothing_of_the_kind")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(StrategyError, match=r"strategies/mine\.py:9: Mine must run to its end") as raised:
        runner.run(overrides=MINE, runs=tmp_path / "runs")

    title, _, excerpt = str(raised.value).splitlines()
    assert title == "The strategy Mine of strategies/mine.py can't go on (1 fault)"
    assert excerpt.strip() == "self.nothing_of_the_kind"
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["Mine"]


def test_what_backtrader_lacks_is_said(tmp_path, monkeypatch):
    """A strategy that does nothing: why nothing was traded, and why there are no other fills and costs."""
    written(tmp_path, "pass")
    monkeypatch.chdir(tmp_path)

    run = runner.run(overrides=MINE, runs=tmp_path / "runs")
    quiet = runner.run(overrides=[*MINE, "report.sensitivity=false", "name=quiet"], runs=tmp_path / "runs")

    idle, lacking = run.manifest["remarks"]
    assert idle == "Nothing was traded: Mine sent no order."
    assert lacking.startswith("engine=backtrader computes this one run: ")
    assert (run.manifest["name"], run.has_sensitivity) == ("Mine", False)
    assert (quiet.manifest["name"], quiet.manifest["remarks"]) == ("quiet", [idle])


def test_every_sort_of_order_of_a_strategy_is_written_down(tmp_path, monkeypatch):
    """Stops, limits, orders for the close and cancelled ones come with their prices, instants and ends."""
    body = """
            n = len(self)
            if n == 3:
                self.buy(size=10, reason="at the market")
            elif n == 5:
                self.sell(size=10, exectype=bt.Order.Stop, price=self.data.close[0] * 1.5)
            elif n == 7:
                self.buy(size=1, exectype=bt.Order.Close)
            elif n == 9:
                self.low = self.buy(size=1, exectype=bt.Order.Limit, price=1.0)
            elif n == 11:
                self.cancel(self.low)
                self.buy(size=10_000_000)
    """
    written(tmp_path, body)
    monkeypatch.chdir(tmp_path)

    run = runner.run(overrides=[*MINE, "fees=per_share"], runs=tmp_path / "runs")

    assert run.orders["kind"].tolist() == ["market", "stop", "market", "limit", "market"]
    assert run.orders["status"].tolist() == ["filled", "filled", "filled", "cancelled", "rejected"]
    assert run.orders["reason"].tolist()[:2] == ["at the market", "strategy"]
    assert run.orders["refusal"].tolist()[-1] == "not enough cash"
    assert run.fills["fee"].tolist() == [1.0, 1.0, 1.0]
    bps = (run.fills["price"] / run.fills["reference"] - 1.0).abs() * 1e4
    np.testing.assert_allclose(bps, 2.5)


def test_a_strategy_that_never_decides_is_refused(tmp_path, monkeypatch):
    """Data that are shorter than its indicators leave nothing to measure."""
    written(tmp_path, "pass")
    text = (tmp_path / "strategies" / "mine.py").read_text()
    (tmp_path / "strategies" / "mine.py").write_text(
        text + "\n    def __init__(self):\n        self.sma = bt.ind.SMA(period=1000)\n"
    )
    monkeypatch.chdir(tmp_path)

    with pytest.raises(runner.DataError, match="must get past the warm-up"):
        runner.run(overrides=MINE, runs=tmp_path / "runs")

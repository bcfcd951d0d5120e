"""Events, groups and several streams in one run, from YAML to the run directory: backtest and replay are one."""

import json
from pathlib import Path

import numpy as np
import pytest

import runner
from runner.cli.plan import run as plan

EARNINGS = """symbol,timestamp
AAPL,2011-04-20
AAPL,2011-01-18
ZZZZ,2011-01-18
AAPL,2011-07-19
IBM,2011-04-19
"""
"""Made-up dates of quarterly results."""

AFTER_EARNINGS = """
params: {held: "10d"}
nodes:
  age: event_age("earnings")
long:
  enter: event("earnings", "2d")
  exit: not event("earnings", held)
"""

BOOK_AND_TAPE = """
nodes:
  pressure: pressure_ratio(3)
  smooth: asof(mean(pressure, 5), "bars")
  flow: resample(trades.size, "5min", "sum")
  busy: asof(mean(flow, 3))
long:
  enter: smooth > 1 and busy > 0 and since_open > 600
  exit: smooth < 1
short:
  enter: smooth < 0.9 and busy > 0
  exit: smooth > 1.1
"""

SECTORS = """
nodes:
  own: neutralise(returns(close, 5), sector)
target: where(own > 0.01, 1, where(own < -0.01, -1, 0))
"""

GENERATED = [
    "data=generated", "data.streams=[bars,depth,trades]", "data.end='2024-01-01'", "data.every=30s", "data.levels=5",
    "universe.symbols=[A,B]", "timezone=crypto", "sizing=units",
]  # fmt: skip


def signal(folder: Path, text: str) -> list[str]:
    (folder / "conf" / "signal").mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "signal" / "tried.yaml").write_text(text)
    return ["signal=tried"]


def both(folder: Path, words: list[str]):
    """Return the runs of the two modes."""
    return [
        runner.run(overrides=[*words, f"mode={mode}"], config_dirs=[folder / "conf"], runs=folder / "runs")
        for mode in ("backtest", "replay")
    ]


def told(folder: Path, words: list[str], error=runner.ConfigError) -> list[str]:
    with pytest.raises(error) as caught:
        runner.run(overrides=words, config_dirs=[folder / "conf"], runs=folder / "runs")
    assert not (folder / "runs").exists()
    return [fault.where for fault in caught.value.faults]


@pytest.fixture
def earnings(tmp_path):
    path = tmp_path / "earnings.csv"
    path.write_text(EARNINGS)
    return ["events=earnings", f"events.earnings.path={path}", "window.start='2010-12-01'", "window.end='2011-12-31'"]


def test_a_strategy_that_waits_for_earnings(tmp_path, earnings):
    """Known at 16:30, so first seen at the next day's close, and filled at the open after that; held ten days."""
    words = [*signal(tmp_path, AFTER_EARNINGS), *earnings, "universe.symbols=[AAPL,IBM]", "report=full"]

    backtest, replay = both(tmp_path, words)

    assert backtest.result_digest == replay.result_digest
    assert backtest.signals.equals(replay.signals)
    bought = backtest.fills[backtest.fills["side"] == "buy"]
    assert list(zip(bought["symbol"], bought["ts"].astype(str).str[:10], strict=True)) == [
        ("AAPL", "2011-01-20"),
        ("IBM", "2011-04-21"),
        ("AAPL", "2011-04-25"),  # the 22nd was Good Friday
        ("AAPL", "2011-07-21"),
    ]
    ages = backtest.signals.query("symbol == 'AAPL'").set_index("ts")["age"]
    assert np.isnan(ages["2011-01-18 21:00Z"])  # Tuesday's close, half an hour before
    assert ages["2011-01-19 21:00Z"] == 23.5 * 3_600


def test_the_run_directory_holds_what_was_read_of_the_events(tmp_path, earnings):
    """Digest in the manifest, counts in the quality report, the declaration in the spec."""
    words = [*signal(tmp_path, AFTER_EARNINGS), *earnings, "universe.symbols=[AAPL,FB]"]

    run = runner.run(overrides=words, config_dirs=[tmp_path / "conf"], runs=tmp_path / "runs")

    assert len(run.manifest["data_digests"]["events/earnings/earnings.csv"]) == 64
    quality = json.loads((run.path / "quality.json").read_text())
    assert quality["events"] == {
        "earnings": {
            "rows": 5,
            "events": 3,
            "notes": ["2 rows of other symbols than the universe's were passed over", "no event of FB"],
        }
    }
    assert 'at: "16:30"' in (run.path / "spec.yaml").read_text()
    assert "no event of FB" in (run.path / "report.html").read_text()


def test_an_event_of_tomorrow_changes_nothing_today(tmp_path, earnings):
    """Up to the day of an event, equity is the same whether the file has it or not."""
    words = [*signal(tmp_path, AFTER_EARNINGS), *earnings, "universe.symbols=[AAPL,IBM]"]
    path = tmp_path / "earnings.csv"

    whole = runner.run(overrides=words, config_dirs=[tmp_path / "conf"], runs=tmp_path / "runs").equity
    path.write_text("\n".join(line for line in EARNINGS.splitlines() if "07-19" not in line))
    part = runner.run(overrides=words, config_dirs=[tmp_path / "conf"], runs=tmp_path / "runs").equity

    until = whole["ts"] <= "2011-07-20 20:00Z"
    assert whole[until].equals(part[until])
    assert not whole[~until].equals(part[~until])


def test_a_missing_event_file_is_one_fault(tmp_path):
    """The signal that speaks of it is sound."""
    words = [*signal(tmp_path, AFTER_EARNINGS), "events=earnings", f"events.earnings.path={tmp_path / 'none.csv'}"]

    assert told(tmp_path, words) == ["events.earnings.path"]


def test_groups_are_used_by_name(tmp_path):
    """What a sector did together is taken out; one alone in its sector, or in none, has nothing of its own."""
    groups = ["+universe.groups.sector.machines=[AAPL,IBM]", "+universe.groups.sector.alone=[MSFT]"]
    window = ["window.start='2011-01-01'", "window.end='2011-06-30'", "report=full"]

    backtest, replay = both(tmp_path, [*signal(tmp_path, SECTORS), *groups, *window])

    assert backtest.result_digest == replay.result_digest
    own = backtest.signals.pivot(index="ts", columns="symbol", values="own").dropna(subset=["AAPL"])
    np.testing.assert_allclose(own["AAPL"], -own["IBM"], rtol=1e-9)
    assert own["AAPL"].abs().max() > 0.01
    assert (own["MSFT"] == 0).all()
    assert own["GOOG"].isna().all()
    assert set(backtest.fills["symbol"]) == {"AAPL", "IBM"}


def test_bars_decide_by_what_books_and_trades_say(tmp_path):
    """Three streams of two symbols, each on its own clock, brought onto the bars; both modes agree to the bit."""
    words = [*signal(tmp_path, BOOK_AND_TAPE), *GENERATED, "report=full"]

    backtest, replay = both(tmp_path, words)

    assert backtest.result_digest == replay.result_digest
    assert backtest.signals.equals(replay.signals)
    assert set(backtest.fills["symbol"]) == {"A", "B"}
    assert len(backtest.fills) > 20
    assert backtest.manifest["tape_digest"] == replay.manifest["tape_digest"]


def test_the_digest_of_the_market_is_of_all_streams(tmp_path):
    """Another book beside the same bars is another market."""
    words = [*signal(tmp_path, BOOK_AND_TAPE), *GENERATED]

    one, other = (
        runner.run(overrides=[*words, more], config_dirs=[tmp_path / "conf"], runs=tmp_path / "runs")
        for more in ("data.levels=5", "data.levels=4")
    )

    assert one.manifest["tape_digest"] != other.manifest["tape_digest"]


def test_a_book_may_decide_and_the_plan_says_so(tmp_path, capsys, monkeypatch):
    """The plan shows the clock that decides."""
    words = [*signal(tmp_path, "long: {enter: pressure_ratio(3) > 1, exit: pressure_ratio(3) < 1}"), *GENERATED]
    monkeypatch.chdir(tmp_path)

    assert plan([*words, "fill=touch"]) == 0

    assert "decisions once per row of depth" in capsys.readouterr().out


def test_the_plan_counts_the_rows_of_every_stream(tmp_path, capsys, monkeypatch):
    """And says whose rows decide."""
    words = [*signal(tmp_path, BOOK_AND_TAPE), *GENERATED]
    monkeypatch.chdir(tmp_path)

    assert plan(words) == 0

    out = capsys.readouterr().out
    assert "decisions once per row of bars" in out
    assert "2,880 rows of bars" in out
    assert "rows of depth" in " ".join(out.split())
    assert "a run is refused" not in out


def test_a_name_that_is_none_hides_no_fault_of_an_expression(tmp_path):
    """What it stands for is looked at, and whoever uses it has no fault for that; nor has a parameter that is stood in for."""
    text = """\
params: {wait: "0min"}
nodes:
  MyMean: mean(close, 20)
  slow: mean(clsoe, 20)
  held: mean(close, wait)
long:
  enter: MyMean > slow and held > 1
  exit: close > opne
"""

    assert told(tmp_path, signal(tmp_path, text)) == [
        "signal.long.exit",
        "signal.nodes.MyMean",
        "signal.nodes.slow",
        "signal.params.wait",
    ]


@pytest.mark.parametrize(
    ("more", "where"),
    [
        (["data.levels=2"], ["signal.nodes.pressure"]),
        (["data.streams=[bars,depth]"], ["signal.nodes.flow"]),
        (["data=parquet", "data.path=none.parquet"], ["data.path", "signal.nodes.flow", "signal.nodes.pressure"]),
        (["data=parquet", "data.path=none.parquet", "data.stream=depth", "signal.nodes.flow=bid_price_9"],
         ["data.path", "signal.nodes.smooth"]),
    ],
)  # fmt: skip
def test_data_without_what_the_signal_reads_are_refused_before_they_are_read(tmp_path, more, where):
    """Levels and streams are known from the declaration; a missing file is one fault, what its stream isn't another."""
    kept = GENERATED if more[0] != "data=parquet" else ["universe.symbols=[A,B]", "timezone=crypto"]

    assert told(tmp_path, [*signal(tmp_path, BOOK_AND_TAPE), *kept, *more]) == where


def test_expressions_are_checked_though_other_sections_are_broken(tmp_path):
    """Against what the data offer, with events and groups by name, and a duration as a parameter."""
    text = AFTER_EARNINGS + "  # and below\ntarget: clos + sector"

    assert told(tmp_path, [*signal(tmp_path, text), "capital=-1", "+universe.groups.sector.x=[AAPL]"]) == [
        "capital",
        "signal.long.enter",
        "signal.long.exit",
        "signal.nodes.age",
    ]
    assert told(tmp_path, [*signal(tmp_path, SECTORS), "capital=-1", "+universe.groups.sector.x=[AAPL]"]) == ["capital"]
    assert told(tmp_path, [*signal(tmp_path, BOOK_AND_TAPE), *GENERATED, "capital=-1"]) == ["capital"]


@pytest.mark.parametrize(
    ("more", "where"),
    [
        (["timezone.stamp=open", "timezone.interval='1d'", "timezone.naive=localize"], ["signal.long.enter"]),
        ([], ["timezone.session"]),
    ],
)
def test_hours_that_nobody_named_are_one_fault(tmp_path, more, where):
    """Where the policy may do without them it is the signal's; where it may not, the policy's alone."""
    words = signal(tmp_path, "long: {enter: since_open > 600, exit: close < 1}")

    assert told(tmp_path, [*words, "universe=apple", "timezone.calendar=null", *more]) == where

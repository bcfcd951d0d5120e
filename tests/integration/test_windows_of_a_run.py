"""A run whose data are read window by window, from YAML to the run directory: the same results as of the data read whole."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import runner
from runner.cli.run import run as command

SIGNAL = """
nodes:
  smooth: mean(returns(close, 1), 5)
  slow: mean(close, "45min")
  bucket: resample(close, "30min", "max")
  top: asof(mean(bucket, 3))
  own: close - mean_across(close)
long:
  enter: smooth > 0 and close > slow
  exit: smooth < 0 or close > top
short:
  enter: smooth < -0.001 and own < 0
  exit: smooth > 0
"""

BOOKS = """
nodes:
  lean: asof(mean(bid_size, 20) / mean(ask_size, 20), "bars")
long:
  enter: lean > 1.01
  exit: lean < 1
"""

NEVER = """
nodes:
  far: log(0 - close)
long:
  enter: close > mean(close, 3)
  exit: close < mean(close, 3)
short:
  enter: far > 1 or defined(far) and close > 0
  exit: close / 0 > 1
"""

FAR = """
long:
  enter: mean(close, 5) > 1000
  exit: close < 0
"""

EVER = """
long:
  enter: mean(close, 5) > 0
  exit: close < 0
"""

DAYS = 6
SYMBOLS = ("AAPL", "MSFT")


def sessions():
    return [datetime(2024, 3, day, 14, 30, tzinfo=UTC) for day in range(4, 4 + DAYS) if day not in {9, 10}]


def bars(rng, symbol):
    """Return some minutes of each session, one in ten of them missing."""
    stamps = [begin + timedelta(minutes=k) for begin in sessions() for k in range(90) if rng.random() < 0.9]
    close = 100 * np.exp(np.cumsum(rng.normal(0, 1e-3, len(stamps))))
    opened = close * np.exp(rng.normal(0, 5e-4, len(stamps)))
    return pl.DataFrame(
        {"symbol": symbol, "timestamp": stamps, "open": opened, "high": np.maximum(opened, close) * 1.0005}
        | {"low": np.minimum(opened, close) * 0.9995, "close": close, "volume": rng.integers(1, 900, len(stamps)) * 1.0}
    )


def quotes(rng, symbol):
    """Return quotes at irregular seconds."""
    starts = [begin + timedelta(seconds=int(k)) for begin in sessions() for k in np.cumsum(rng.integers(1, 20, 400))]
    middle = 100 * np.exp(np.cumsum(rng.normal(0, 2e-4, len(starts))))
    sizes = {name: rng.integers(1, 60, len(starts)) * 1.0 for name in ("bid_size", "ask_size")}
    return pl.DataFrame(
        {"symbol": symbol, "timestamp": starts, "bid_price": middle - 0.01, "ask_price": middle + 0.01, **sizes}
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two files of bars, cut along time, and one of quotes."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(11)
    for name, rows in (("bars", bars), ("quotes", quotes)):
        frame = pl.concat([rows(rng, symbol) for symbol in SYMBOLS]).sort("timestamp", "symbol")
        (folder / name).mkdir()
        for number, part in enumerate((frame[: frame.height // 3], frame[frame.height // 3 :])):
            part.write_parquet(folder / name / f"{number}.parquet")
    return folder


def of_bars(folder: Path) -> list[str]:
    return ["data=parquet", f"data.path={folder}/bars", f"universe.symbols=[{','.join(SYMBOLS)}]", "timezone=us_minute",
            "quality.gap=keep"]  # fmt: skip


def of_both(folder: Path) -> list[str]:
    parts = (
        f"{{bars: {{kind: parquet, path: {folder}/bars}}, "
        f"quotes: {{kind: parquet, path: {folder}/quotes, stream: quotes, "
        "columns: {bid_price: bid_price, ask_price: ask_price, bid_size: bid_size, ask_size: ask_size}, "
        "timezone: {zone: UTC, stamp: event, calendar: XNYS}}}"
    )
    return ["data=combined", f"data.parts={parts}", *of_bars(folder)[2:]]


def ran(folder: Path, signal: str, words: list[str]):
    (folder / "conf" / "signal").mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "signal" / "tried.yaml").write_text(signal)
    words = ["signal=tried", *words]
    return runner.run(overrides=words, config_dirs=[folder / "conf"], runs=folder / "runs")


def read(run, name: str):
    return json.loads((run.path / name).read_text())


@pytest.mark.parametrize("window", ["1d", "7min", "2h"])
def test_the_results_of_windows_are_those_of_the_whole(tmp_path, files, window):
    """Digest, tables, figures, sensitivity and remarks of two symbols' minutes, with exits, a limit order and risk rules."""
    words = [*of_bars(files), "report=full", "order=limit", "exits.stop_loss=0.004", "order.volume_share=0.2", "risk=desk"]

    whole = ran(tmp_path, SIGNAL, words)
    parts = ran(tmp_path, SIGNAL, [*words, f"engine.window={window}"])

    assert whole.manifest["table_digests"] == parts.manifest["table_digests"]
    assert whole.manifest["result_digest"] == parts.manifest["result_digest"]
    assert len(whole.fills) > 50
    for name in ("metrics.json", "sensitivity.json"):
        assert read(whole, name) == read(parts, name)
    assert whole.manifest["data_digests"] == parts.manifest["data_digests"]
    drawn = [remark for remark in parts.manifest["remarks"] if remark not in whole.manifest["remarks"]]
    assert [remark.split(":")[0] for remark in drawn] == [
        f"The data were read by windows of {window}",
        "Equity was kept at every instant, which takes memory for each. Write report.equity_every, e.g. 1h, to keep less.",
    ]
    assert drawn[0] in (parts.path / "report.html").read_text()
    counts = [{key: read(run, "quality.json")["bars"][key] for key in ("rows_read", "rows_kept")} for run in (whole, parts)]
    assert counts[0] == counts[1]


def test_bars_that_decide_and_quotes_that_fill_come_in_windows_of_their_own(tmp_path, files):
    """Orders decided on bars, from what quotes said, fill at the touch of quotes, whose windows end elsewhere."""
    words = [*of_both(files), "fill=touch", "slippage=none", "exits.take_profit=0.002", "report.equity_every=15min"]

    whole = ran(tmp_path, BOOKS, words)
    parts = ran(tmp_path, BOOKS, [*words, "engine.window=50min"])

    assert whole.manifest["result_digest"] == parts.manifest["result_digest"]
    assert read(whole, "sensitivity.json") == read(parts, "sensitivity.json")
    assert len(whole.fills) > 20


def test_the_digest_of_the_rows_does_not_depend_on_the_windows(tmp_path, files):
    """Windows of another length give the same digest; another row gives another."""
    words = [*of_bars(files), "report.sensitivity=false", "report.html=false"]

    digests = [ran(tmp_path, SIGNAL, [*words, f"engine.window={window}"]).manifest["rows_digest"] for window in ("1d", "1h")]
    fewer = ran(tmp_path, SIGNAL, [*words, "engine.window=1d", "window.end='2024-03-07'"]).manifest["rows_digest"]

    assert digests[0] == digests[1] != fewer
    assert len(fewer) == 64


def test_a_rule_that_is_never_defined_is_told_of_as_in_the_whole(tmp_path, files):
    """The remark names the node and its rows."""
    words = [*of_bars(files), "report.sensitivity=false", "report.html=false"]

    whole, parts = ran(tmp_path, NEVER, words), ran(tmp_path, NEVER, [*words, "engine.window=1h"])

    told = [[remark for remark in run.manifest["remarks"] if "never defined" in remark] for run in (whole, parts)]
    assert told[0] == told[1] != []


@pytest.mark.parametrize(
    ("signal", "words", "told"),
    [
        (FAR, [], "long.enter was true at none of "),
        (EVER, ["sizing=notional", "sizing.notional=1", "sizing.lot=1"], "; sizing refused "),
    ],
)
def test_why_nothing_was_traded_is_told_as_in_the_whole(tmp_path, files, signal, words, told):
    """How often the rules held at how many decisions, and who refused what they asked for."""
    words = [*of_bars(files), *words, "report.sensitivity=false", "report.html=false"]

    runs = ran(tmp_path, signal, words), ran(tmp_path, signal, [*words, "engine.window=1h"])

    whole, parts = ([text for text in run.manifest["remarks"] if "Nothing was traded" in text] for run in runs)
    assert whole == parts
    assert told in whole[0]


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["data=generated", "timezone=crypto"], "engine.window"),
        (["mode=replay", "files"], "engine.window"),
        (["engine=backtrader", "files"], "engine.window"),
        (["quality.outlier=drop", "files"], "quality.outlier"),
    ],
)
def test_what_cannot_be_read_by_windows_is_refused_before_anything_is_read(tmp_path, files, words, where):
    """The fault names the key, and nothing is written."""
    given = [*of_bars(files), *words[:-1]] if words[-1] == "files" else ["universe.symbols=[AAPL]", *words]

    with pytest.raises(runner.ConfigError) as caught:
        ran(tmp_path, SIGNAL, [*given, "++engine.window=1d"])

    assert where in [fault.where for fault in caught.value.faults]
    assert not (tmp_path / "runs").exists()


def test_rows_that_break_a_policy_in_a_late_window_fail_the_run(tmp_path, files):
    """The run directory says so, and the error is that of the data."""
    folder = tmp_path / "bars"
    folder.mkdir()
    frame = pl.read_parquet(files / "bars" / "1.parquet")
    broken = frame.with_columns(pl.when(pl.int_range(pl.len()) == pl.len() - 1).then(-1.0).otherwise("low").alias("low"))
    broken.write_parquet(folder / "bars.parquet")

    with pytest.raises(runner.DataError, match="nonpositive"):
        ran(tmp_path, SIGNAL, [*of_bars(tmp_path), "engine.window=1h"])

    (manifest,) = (tmp_path / "runs").rglob("manifest.json")
    assert json.loads(manifest.read_text())["status"] == "FAILED"


def test_the_command_line_reads_by_windows(tmp_path, files, capsys, monkeypatch):
    """The run's table and remarks are printed as of any run."""
    monkeypatch.chdir(tmp_path)

    code = command([*of_bars(files), "signal.params.lookback=5", "engine.window=1d", "report.sensitivity=false"])

    assert code == 0
    assert "read by windows of 1d" in capsys.readouterr().out

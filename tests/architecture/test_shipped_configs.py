"""Every option of every group is a configuration that works: it composes, it validates, and it runs.

An option is chosen on the command line of an otherwise default run. What it needs besides (a file, an instrument, a length
of bars, a service) is given here and nowhere hidden; what this version can't do yet must say so itself, after the data have
been read and judged.
"""

import gzip
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

import runner
from runner.cli.data_check import run as check
from tests.architecture.shipped import every_option, root_says
from tests.rooms.market.tickdb.loopback import serving
from tests.rooms.market.tickdb.service import KEY, Manners, Service, klines, ms

SHORT = ["window.start='2012-06-01'", "window.end='2012-12-31'"]
"""Long enough for the warm-up of the reference strategy, on sample prices."""

YEARS = ["window.start='2010-01-01'", "window.end='2012-12-31'"]
"""Long enough for strategies that look a year back."""

NOT_YET = {("engine", "zipline")}
"""Options whose words are right and which this version can't run."""

DAILY = {"us_daily": "America/New_York", "us_daily_fixed": "America/New_York", "hk_daily": "Asia/Hong_Kong"} | {
    "tokyo_daily": "Asia/Tokyo",
    "london_daily": "Europe/London",
}
"""Time-zone option of daily bars → the exchange's zone."""

MINUTES = {
    "us_minute": (2021, 3, 1, 14, 31),
    "us_extended": (2021, 3, 1, 9, 31),
    "utc_minute": (2021, 3, 1, 14, 31),
    "crypto": (2021, 3, 6, 14, 31),
    "fx_24_5": (2021, 3, 1, 14, 31),
    "cme_minute": (2021, 3, 1, 15, 1),
}
"""Time-zone option of one-minute bars → an instant, UTC, at which its market is open."""

EVENTS = {"utc_event", "us_event"}
"""Time-zone options of quotes, trades and books."""


def sessions():
    """Return forty days that are sessions of every exchange named above."""
    closed = {
        date(2021, 4, 2),
        date(2021, 4, 5),
        date(2021, 4, 6),
        date(2021, 4, 29),
        date(2021, 5, 19),
        date(2021, 5, 3),
        date(2021, 5, 4),
        date(2021, 5, 5),
    }
    days = pl.date_range(date(2021, 3, 22), date(2021, 5, 28), eager=True)
    return pl.Series([day for day in days.to_list() if day.weekday() < 5 and day not in closed])


def write_bars(stamps, folder, suffix):
    """Write bars at some stamps; return the words that make a run read them."""
    close = pl.Series([100.0 + (7 * step) % 11 for step in range(len(stamps))])
    frame = pl.DataFrame(
        {"symbol": ["AAPL"] * len(stamps), "timestamp": stamps, "open": close - 1, "high": close + 2}
        | {"low": close - 3, "close": close, "volume": close * 10}
    )
    path = folder / f"bars{suffix}"
    frame.write_csv(path) if suffix == ".csv" else frame.write_parquet(path)
    return ["universe.symbols=[AAPL]", f"data={suffix[1:]}", f"data.path={path}"]


def minutes(start):
    """Return forty minutes from an instant on."""
    first = datetime(*start, tzinfo=UTC)
    return pl.Series([first + timedelta(minutes=step) for step in range(40)]).cast(pl.Datetime("us", "UTC"))


def write_trades(folder):
    """Write trades of a New York morning; return the words that make a run read them."""
    stamps = [datetime(2021, 3, 1, 10, 0, step, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC) for step in range(40)]
    path = folder / "trades.parquet"
    pl.DataFrame(
        {"symbol": ["AAPL"] * 40, "timestamp": stamps, "price": [10.0] * 40, "size": [1.0] * 40, "side": ["buy"] * 40}
    ).write_parquet(path)
    return ["universe.symbols=[AAPL]", "data=parquet", "data.stream=trades", f"data.path={path}"]


def words(group, option, folder):  # noqa: C901, PLR0911, PLR0912 - one line per sort of option
    """Return the overrides that choose an option and give it what it needs."""
    chosen = f"{group}={option}"
    if (group, option) in {("data", "csv"), ("data", "parquet")}:
        return write_bars(sessions(), folder, f".{option}")
    if group == "timezone" and option in DAILY:
        return [*write_bars(sessions(), folder, ".parquet"), chosen]
    if group == "timezone" and option in MINUTES:
        return [*write_bars(minutes(MINUTES[option]), folder, ".parquet"), chosen]
    if group == "timezone" and option in EVENTS:
        return [*write_trades(folder), chosen]
    if (group, option) == ("data", "combined"):
        path = write_bars(sessions(), folder, ".csv")[-1].partition("=")[2]
        return ["universe.symbols=[AAPL]", chosen, f"data.parts={{daily: {{kind: csv, path: '{path}'}}}}"]
    if (group, option) == ("data", "binance_recording"):
        return [chosen, "timezone=utc_event", "universe.symbols=[BTCUSDT]", f"data.path={write_recording(folder)}"]
    if option in {"cross_momentum", "cross_section"}:
        return [chosen, "+universe.groups.sector.machines=[AAPL,IBM]", *YEARS] if group == "signal" else [chosen, *YEARS]
    if (group, option) == ("slippage", "after_earnings"):
        return [chosen, "events=earnings", f"events.earnings.path={write_earnings(folder)}", *SHORT]
    if (group, option) == ("signal", "pressure_depth"):
        return [chosen, "fill=touch", *words("data", "generated_depth", folder)]
    if (group, option) in {("slippage", "book_walk"), *(("fill", kind) for kind in ("book_walk", "next_event", "touch"))}:
        return [chosen, *(["fill=touch"] if group == "slippage" else []), *words("data", "generated_depth", folder)]
    if (group, option) == ("events", "earnings"):
        return [chosen, f"events.earnings.path={write_earnings(folder)}", *SHORT]
    if group == "broker":
        return ["mode=live", chosen, "session.confirm=main", *SHORT]
    if group in {"feed", "session"} or (group, option) in {("mode", "paper"), ("mode", "live")}:
        return [*(["mode=paper"] if group != "mode" else []), chosen, "session.sessions=5", *SHORT]
    if option.startswith("generated"):
        return [chosen, "universe.symbols=[X]", "timezone=crypto", "data.end='2024-01-01'"]
    return [chosen, *SHORT]


def write_earnings(folder):
    """Write two dates of made-up earnings."""
    path = folder / "earnings.csv"
    path.write_text("symbol,timestamp\nAAPL,2012-07-24\nIBM,2012-07-18\n")
    return path


def write_recording(folder):
    """Write a snapshot and two differences of a book and a trade, as a recorder of the venue's stream keeps them."""
    stream = '"stream":"btcusdt@depth@100ms"'
    lines = [
        '1 {"lastUpdateId":10,"bids":[["99.0","1"]],"asks":[["101.0","2"]]}',
        "2 {"
        + stream
        + ',"data":{"e":"depthUpdate","E":1700000000100,"s":"BTCUSDT","U":11,"u":12,"b":[["99.5","3"]],"a":[]}}',
        "3 {"
        + stream
        + ',"data":{"e":"depthUpdate","E":1700000000200,"s":"BTCUSDT","U":13,"u":13,"b":[],"a":[["101.0","0"],["100.5","1"]]}}',
    ]
    lines.append('4 {"e":"trade","E":1700000000300,"s":"BTCUSDT","t":1,"p":"100.0","q":"1","T":1700000000299,"m":false}')
    path = folder / "recording.gz"
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    return path


def has_bars(group, option):
    """Return whether the option is for data with bars."""
    return not (group == "timezone" and option in EVENTS) and (group, option) != ("data", "binance_recording")


OUTSIDE = {
    ("data", "tickdb"),
    *(("feed", kind) for kind in ("alpaca", "binance", "tickdb")),
    *(("broker", kind) for kind in ("alpaca", "binance", "simulated", "tickdb")),
}
"""Options that need a service and its key."""
KEYLESS = {("feed", "binance")}
"""Those of them whose service asks nobody for a key: `rooms/sessions/test_outside.py` opens their doors."""

RUNNABLE = [each for each in every_option() if each not in NOT_YET and has_bars(*each) and each not in OUTSIDE]


@pytest.mark.parametrize(("group", "option"), RUNNABLE)
def test_every_option_makes_a_run(group, option, tmp_path):
    """The option composes, validates, trades a short window and leaves a finished run directory."""
    run = runner.run(overrides=words(group, option, tmp_path), runs=tmp_path / "runs")

    assert run.status == "DONE"
    assert len(run.equity) > 0


@pytest.mark.parametrize(("group", "option"), [each for each in every_option() if not has_bars(*each)])
def test_data_without_bars_are_read_and_judged(group, option, tmp_path, capsys):
    """Quotes, trades and books pass the gate, and nothing is written."""
    assert check(words(group, option, tmp_path)) == 0

    assert "trades  " in capsys.readouterr().out
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(("group", "option"), [each for each in every_option() if not has_bars(*each)])
def test_trades_decide_and_fill_on_their_own_clock(group, option, tmp_path):
    """Without bars the trades themselves decide, and orders fill at the next of them; bars' opens are refused in words."""
    folder = tmp_path / "conf" / "signal"
    folder.mkdir(parents=True)
    (folder / "tape.yaml").write_text("long: {enter: price > 1, exit: price < 1}\n")
    asked = ["signal=tape", "sizing=units", "sizing.units=0.001", *words(group, option, tmp_path)]

    with pytest.raises(runner.ConfigError, match=r"fill\.kind: must be given bars in the data"):
        runner.run(overrides=asked, config_dirs=[tmp_path / "conf"], runs=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
    run = runner.run(overrides=[*asked, "fill=next_event"], config_dirs=[tmp_path / "conf"], runs=tmp_path / "runs")

    assert run.status == "DONE"
    assert len(run.orders) == 1
    assert len(run.fills) == (len(run.equity) > 1)  # one recording has a single trade
    assert (run.fills["ts"].to_numpy() > run.orders["ts"].to_numpy()[: len(run.fills)]).all()


def test_a_service_makes_a_run_and_is_not_asked_twice(tmp_path, monkeypatch):
    """The TickDB option against a service on this machine: the second run reads what the first has kept."""
    monkeypatch.setenv("TICKDB_API_KEY", KEY)
    stamps = [ms(f"{day}T04:00:00") for day in sessions().to_list()]
    service = Service({"AAPL.US": klines(stamps)}, Manners())
    more = ["universe.symbols=[AAPL.US]", "data=tickdb", f"data.store={tmp_path / 'store'}", "data.rate_per_minute=10000"]
    span = ["data.start='2021-03-22'", "data.end='2021-05-28'"]

    with serving(service) as address:
        first = runner.run(overrides=[*more, *span, f"data.base_url={address}"], runs=tmp_path / "runs")
        asked = len(service.asked)
        second = runner.run(overrides=[*more, *span, f"data.base_url={address}"], runs=tmp_path / "runs")

    assert (first.status, len(first.equity)) == ("DONE", len(stamps))
    assert second.result_digest == first.result_digest
    assert len(service.asked) == asked


@pytest.mark.parametrize(("group", "option"), sorted(OUTSIDE - KEYLESS - {("data", "tickdb")}))
def test_what_needs_a_key_says_which_variable_holds_it(group, option, tmp_path, monkeypatch):
    """A service outside is asked for nothing before its key is there."""
    for name in ("TICKDB_API_KEY", "APCA_API_KEY_ID", "APCA_API_SECRET_KEY", "BINANCE_API_KEY", "BINANCE_API_SECRET"):
        monkeypatch.delenv(name, raising=False)
    asked = [*words(group, option, tmp_path), *(["feed=tickdb"] if group == "broker" else [])]

    with pytest.raises(runner.ConfigError, match="_KEY"):
        runner.run(overrides=asked, runs=tmp_path / "runs")


@pytest.mark.parametrize(("group", "option"), sorted(NOT_YET))
def test_what_is_not_there_yet_says_so(group, option, tmp_path):
    """An option for later is refused in words, before anything is written."""
    with pytest.raises(runner.NotYetError, match="version"):
        runner.run(overrides=words(group, option, tmp_path), runs=tmp_path / "runs")

    assert not (tmp_path / "runs").exists()


def test_the_default_run_needs_nothing(tmp_path):
    """Without a word on the command line the shipped configuration runs on real prices, all of them, and trades."""
    run = runner.run(runs=tmp_path)

    assert run.status == "DONE"
    assert len(run.fills) > 100
    chosen = next(item["signal"] for item in root_says()["defaults"] if "signal" in item)
    assert run.path.parent == tmp_path / chosen

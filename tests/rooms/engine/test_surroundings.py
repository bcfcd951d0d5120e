"""Sessions, events and groups as a graph sees them: each symbol's own, half-days short, weeks as the calendar has them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

import runner
from runner.engine.surroundings import surroundings_of
from runner.market.run_data import run_data
from runner.prepare import prepare_spec
from runner.signal.evaluate import evaluate
from runner.signal.sheet import Sheet

MONDAY_1970 = "4d"
"""From 1970-01-01, a Thursday, to the first Monday."""


def evaluated(overrides, folder, **nodes):
    """Return each node's clock, instants and values by symbol, from a configuration."""
    conf = folder / "conf" / "signal"
    conf.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"  {name}: '{text}'\n" for name, text in nodes.items())
    (conf / "tried.yaml").write_text(f"nodes:\n{lines}target: close\n")
    spec = runner.configure(["signal=tried", *overrides], config_dirs=[folder / "conf"])
    prepared = prepare_spec(spec)
    market = run_data(spec, prepared.source, now=None)
    around = surroundings_of(spec, market)
    graph = prepared.pipeline.graph
    sheets = {stream: Sheet.of(stream, tape, around) for stream, tape in market.tapes.items()}
    found = evaluate(graph, sheets, [graph.names[name] for name in nodes])
    result = {}
    for name in nodes:
        node = graph.names[name]
        sheet = found.sheets[graph.clocks[node]]
        for number, symbol in enumerate(spec.universe.symbols):
            rows = sheet.of_symbol(number)
            stamps = pl.Series(sheet.ts[rows]).cast(pl.Datetime("ns", "UTC"))
            result[name, symbol] = pl.DataFrame(
                {"ts": stamps, "session": sheet.session[rows], "value": found.values[node][rows]}
            )
    return result


@pytest.fixture
def two_markets(tmp_path):
    """Half-hour bars of a stock around a half-day of New York, and of a coin around the clock."""
    opens = [datetime(2012, 11, 23, 14, 30, tzinfo=UTC) + timedelta(minutes=30 * k) for k in range(7)] + [
        datetime(2012, 11, 26, 14, 30, tzinfo=UTC) + timedelta(minutes=30 * k) for k in range(13)
    ]
    always = [datetime(2012, 11, 23, tzinfo=UTC) + timedelta(minutes=30 * k) for k in range(4 * 48)]
    parts = {}
    for name, symbol, stamps, calendar in (("stocks", "S", opens, "XNYS"), ("coins", "C", always, "24-7")):
        price = 100.0 + np.arange(len(stamps)) % 7
        bars = {"open": price, "high": price + 1, "low": price - 1, "close": price, "volume": price}
        path = tmp_path / f"{name}.parquet"
        pl.DataFrame({"symbol": [symbol] * len(stamps), "timestamp": stamps, **bars}).write_parquet(path)
        zone = "America/New_York" if calendar == "XNYS" else "UTC"
        parts[name] = (
            f"{{kind: parquet, path: '{path}', symbols: [{symbol}], timezone: {{zone: {zone}, stamp: open, "
            f"interval: 30min, calendar: {calendar}}}}}"
        )
    together = ", ".join(f"{name}: {words}" for name, words in parts.items())
    return ["universe.symbols=[S,C]", "data=combined", f"data.parts={{{together}}}", "timezone=utc_minute"]


def test_every_symbol_counts_from_its_own_open(two_markets, tmp_path):
    """New York opens at 14:30 UTC in winter and closes at 18:00 the day after Thanksgiving; a coin's day begins at midnight."""
    found = evaluated(two_markets, tmp_path, early="since_open")

    half_hours = 1_800.0
    stock, coin = found["early", "S"], found["early", "C"]
    assert stock["value"].to_list() == [half_hours * k for k in (*range(1, 8), *range(1, 14))]
    assert coin["value"].to_list() == [half_hours * k for k in (*range(1, 49),) * 4]


def test_buckets_begin_at_every_symbol_s_own_open_and_end_with_its_session(two_markets, tmp_path):
    """Two hours from 14:30, the last one cut off by the close: at 18:00 of the half-day, at 21:00 of a whole one."""
    found = evaluated(two_markets, tmp_path, sums='resample(volume * 0 + 1, "2h", "sum")')

    def told(symbol):
        rows = found["sums", symbol]
        return rows["ts"].dt.strftime("%d %H:%M").to_list(), rows["value"].to_list()

    stamps, sums = told("S")
    assert stamps == ["23 16:30", "23 18:00", "26 16:30", "26 18:30", "26 20:30", "26 21:00"]
    assert np.isnan(sums[0])
    assert sums[1:] == [3.0, 4.0, 4.0, 4.0, 1.0]
    stamps, sums = told("C")
    assert stamps[:3] == ["23 02:00", "23 04:00", "23 06:00"]
    assert sums[1:] == [4.0] * (4 * 12 - 1)


def test_half_days_of_daily_bars_are_short(tmp_path):
    """A daily bar is known at its session's close: 23,400 seconds after the open, 12,600 on half-days."""
    words = ["universe=apple", "window.start='2012-11-01'", "window.end='2012-12-31'"]

    found = evaluated(words, tmp_path, early="since_open")["early", "AAPL"]

    short = found.filter(pl.col("value") != 23_400.0)
    assert short["ts"].dt.date().cast(pl.String).to_list() == ["2012-11-23", "2012-12-24"]
    assert short["value"].to_list() == [12_600.0] * 2


@pytest.mark.parametrize(("span", "every", "offset"), [("7d", "1w", "0d"), ("5d", "5d", MONDAY_1970)])
@pytest.mark.parametrize(("how", "aggregate"), [("last", "last"), ("max", "max"), ("sum", "sum")])
def test_weeks_of_daily_bars_are_those_of_the_calendar(tmp_path, span, every, offset, how, aggregate):
    """Against polars' windows on thirteen years: seven days begin on a Monday, five days are counted from one.

    The first is cut off by the start of the data and isn't ready, the last isn't known to be over; each is known at the
    first bar after it.
    """
    found = evaluated(["universe=apple"], tmp_path, week=f'resample(close, "{span}", "{how}")', price="close * 1")

    days = found["price", "AAPL"].with_columns(pl.col("session").cast(pl.Date).alias("day")).sort("day")
    weeks = days.group_by_dynamic("day", every=every, offset=offset).agg(
        getattr(pl.col("value"), aggregate)().alias("expected"), pl.col("ts").last().alias("end")
    )
    week = found["week", "AAPL"]
    assert week.height == weeks.height - 1
    np.testing.assert_allclose(week["value"][1:], weeks["expected"][1:-1], rtol=1e-12)
    assert np.isnan(week["value"][0])
    following = days["ts"].search_sorted(weeks["end"][:-1], side="right")
    assert week["ts"].to_list() == days["ts"].gather(following).to_list()

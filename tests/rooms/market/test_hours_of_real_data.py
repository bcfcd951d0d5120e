"""Calendars and gaps on real files: halts, half-days, changes of clocks, maintenance, weekends."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from runner.market.clock import placed
from runner.market.gaps import gaps_of
from runner.market.origin import with_origin
from runner.market.spacing import spacings_of
from runner.spec.timezone import Session, Timezone

SHARED = Path(os.environ.get("RUNNER_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"the shared market data aren't there: {SHARED.name}")


def minutes(calendar, zone="America/New_York", interval="1min", **settings):
    return Timezone(zone=zone, stamp="open", interval=interval, calendar=calendar, **settings)


def rows_of(name, *symbols):
    frame = pl.read_parquet(SHARED / name)
    return with_origin(frame.filter(pl.col("symbol").is_in(symbols)) if symbols else frame, name)


def judged(name, timezone, *symbols):
    got = placed(rows_of(name, *symbols), timezone)
    spacings = spacings_of(got.frame, timezone, got.calendar)
    assert (spacings.faults, spacings.coarse) == ([], ())
    return got, gaps_of(got.frame, timezone, got.calendar)


def iso(ns):
    return str(np.datetime64(ns, "ns").astype("datetime64[m]"))


def listed(gaps):
    return [(iso(gap.start), iso(gap.end), gap.missing) for gap in gaps]


HALTS = [
    ("2020-03-09T13:36", "2020-03-09T13:49", 13),
    ("2020-03-12T13:37", "2020-03-12T13:50", 13),
    ("2020-03-16T13:31", "2020-03-16T13:45", 14),
    ("2020-03-18T16:58", "2020-03-18T17:11", 13),
]
"""The market-wide halts of March 2020, a quarter of an hour each, as minutes without a trade."""


def test_the_halts_of_march_2020_are_the_only_gaps():
    """Four months, a change of clocks and three holidays: nothing else is missing. Two holidays' futures hours are outside."""
    got, gaps = judged("minute/es_like_1m_2020_covid.parquet", minutes("XNYS", out_of_session="drop"))

    assert listed(gaps.first) == HALTS
    assert gaps.symbols == {"ES_2020": 53}
    assert got.outside == {"ES_2020": 420}


def test_the_halts_are_found_by_fixed_hours_as_well():
    """Without a calendar the session's hours on days that have data find the same four, and the holidays' early ends."""
    session = Session(open="09:30", close="16:00")
    got, gaps = judged("minute/es_like_1m_2020_covid.parquet", minutes(None, session=session))

    assert [gap for gap in listed(gaps.first) if gap[0].startswith("2020-03")] == HALTS
    assert got.outside == {}
    assert [gap for gap in listed(gaps.first) if not gap[0].startswith("2020-03")] == [
        ("2020-01-20T18:00", "2020-01-20T21:00", 180),
        ("2020-02-17T18:00", "2020-02-17T21:00", 180),
    ]


def test_google_s_half_day_ends_at_one():
    """On 2015-12-24 the last bar of the session is known at 18:00 UTC; what trades later is outside."""
    got, _ = judged("minute/us_equity_1m_lean.parquet", minutes("XNYS", out_of_session="drop"), "GOOG")

    half_day = got.frame.filter(pl.col("session") == date(2015, 12, 24))
    assert iso(half_day["opened"].min()) == "2015-12-24T14:30"
    assert iso(half_day["known"].max()) == "2015-12-24T18:00"


def test_a_change_of_clocks_over_the_weekend():
    """SHY's first bar of regular hours is at 14:30 UTC on Friday and at 13:30 on Monday."""
    got, gaps = judged("minute/us_equity_1m_lean.parquet", minutes("XNYS", out_of_session="drop"), "SHY")

    opens = got.frame.group_by("session").agg(pl.col("opened").min()).sort("session")
    assert [(str(day), iso(ns)) for day, ns in opens.rows()] == [
        ("2008-03-07", "2008-03-07T14:30"),
        ("2008-03-10", "2008-03-10T13:30"),
    ]
    assert (gaps.expected, gaps.missing) == (2 * 390, 2 * 390 - got.frame.height)


def test_martin_luther_king_day_is_no_gap():
    """January 2011 of SPY has all 390 minutes of all 20 sessions; 2011-01-17 isn't missing."""
    got, gaps = judged("minute/spy_extended_hours_1m_2011_01.parquet", minutes("XNYS", out_of_session="drop"))

    assert got.frame["session"].n_unique() == 20
    assert (gaps.expected, gaps.missing) == (20 * 390, 0)


def test_extended_hours_hold_every_row():
    """From 04:00 to 20:00 nothing is outside, and the sparse minutes are counted."""
    session = Session(open="04:00", close="20:00")
    got, gaps = judged("minute/spy_extended_hours_1m_2011_01.parquet", minutes(None, session=session))

    assert got.outside == {}
    assert gaps.expected == got.frame.height + gaps.missing


@pytest.mark.parametrize(
    ("name", "interval"),
    [
        ("minute/crypto_5m_2018_01.parquet", "5min"),
        ("minute/btc_perp_1m_2022_01.parquet", "1min"),
        ("hourly/btcusd_1h_coinbase_2017_2019.parquet", "1h"),
    ],
)
def test_crypto_is_complete(name, interval):
    """Around the clock every bar is expected, and there."""
    got, gaps = judged(name, minutes("24-7", "UTC", interval))

    assert (gaps.expected, gaps.missing) == (got.frame.height, 0)


def test_isolated_days_are_far_apart():
    """Coinbase's minutes of nine days: the three holes between them are the longest gaps."""
    _, gaps = judged("minute/crypto_btcusd_1m_coinbase.parquet", minutes("24-7", "UTC"))

    assert listed(gaps.longest[:3]) == [
        ("2016-10-10T00:00", "2017-09-03T00:00", 328 * 1440),
        ("2017-12-18T00:00", "2018-04-04T00:00", 107 * 1440),
        ("2017-09-05T00:00", "2017-12-17T00:00", 103 * 1440),
    ]


def test_a_currency_s_weekend_is_no_gap():
    """Of 111 distances of more than a minute four are weekends; one of these lacks nothing, the others a minute or two."""
    rows = rows_of("minute/gbpusd_1m_bid_ask_2012_02.parquet")
    distances = rows.with_columns(pl.col("timestamp").diff().alias("distance")).filter(
        pl.col("distance") > pl.duration(minutes=1)
    )
    weekends = distances.filter(pl.col("distance") > pl.duration(days=1))

    got, gaps = judged("minute/gbpusd_1m_bid_ask_2012_02.parquet", minutes("24-5", "UTC"))

    assert (distances.height, weekends.height) == (111, 4)
    assert gaps.stretches == 110
    assert gaps.missing == sum(distances["distance"].dt.total_minutes()) - 111 - 4 * 2 * 1440
    assert got.outside == {}


def test_hours_of_eleven_years_of_euros():
    """Nothing trades outside Sunday 17:00 to Friday 17:00 in New York, in 24 changes of clocks; Christmas is missing."""
    got, gaps = judged("hourly/eurusd_1h_oanda_2007_2018.parquet", minutes("24-5", interval="1h"))

    assert got.outside == {}
    assert gaps.missing == gaps.expected - got.frame.height
    assert all(gap.end - gap.start < 5 * 86_400 * 10**9 for gap in gaps.longest)


def test_maintenance_is_no_gap():
    """Minutes of a currency future, stamped with their ends: a month without a gap of five minutes; a holiday's are outside."""
    timezone = Timezone(zone="America/Chicago", stamp="close", interval="1min", calendar="CMES", out_of_session="drop")
    got, gaps = judged("minute/fx_future_6EH4_1m_2024_01.parquet", timezone)

    assert {str(day) for day in got.frame.filter(pl.col("session").dt.weekday() > 5)["session"]} == set()
    assert max(gap.missing for gap in gaps.longest) == 4
    assert sum(got.outside.values()) == 155


def test_the_first_hour_of_a_session_may_be_half_an_hour():
    """Hourly bars stamped 09:00 open at 09:30; a half-day's last is known at 13:00. Three rows after early closes are outside."""
    got, gaps = judged("hourly/us_equity_1h_raw_2007_2021.parquet", minutes("XNYS", interval="1h", out_of_session="drop"))
    timezone = minutes("XNYS", interval="1h")
    inside = placed(got.frame, timezone).frame

    wall = inside["opened"].cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone("America/New_York")
    first = inside.group_by("symbol", "session").agg(pl.col("opened").min())["opened"]
    opens = first.cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone("America/New_York").dt.time()
    assert {str(each) for each in opens.unique()} == {"09:30:00"}
    assert wall.dt.hour().is_between(9, 15).all()
    assert sum(got.outside.values()) == 24
    assert gaps.missing == gaps.expected - inside.height


@pytest.mark.parametrize(
    ("name", "zone", "calendar", "symbols", "missing"),
    [
        ("daily/us_raw_unadjusted.parquet", "America/New_York", "XNYS", (), {"EEM": 1, "QQQ": 1588}),
        ("daily/us_close_only_panel_1990_2022.parquet", "America/New_York", "XNYS", (), {}),
        ("daily/hk_3988_2022_2024.parquet", "Asia/Hong_Kong", "XHKG", (), {"3988.HK": 3}),
        ("daily/intl_2022_2024.parquet", "Asia/Tokyo", "XTKS", ("4063.T",), {}),
        ("daily/intl_2022_2024.parquet", "Europe/Madrid", "XMAD", ("IBE.MC",), {}),
    ],
)
def test_daily_files_hold_sessions_only(name, zone, calendar, symbols, missing):
    """Every stamp is a session of its exchange, in both halves of the year, and all but a few sessions are there."""
    got, gaps = judged(name, Timezone(zone=zone, stamp="session", calendar=calendar), *symbols)

    assert gaps.symbols == missing
    local = got.frame["opened"].cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone(zone)
    opens = {"XNYS": "09:30:00", "XHKG": "09:30:00", "XTKS": "09:00:00", "XMAD": "09:00:00"}[calendar]
    assert {str(each) for each in local.dt.time().unique()} == {opens}
    assert (local.dt.date() == got.frame["session"]).all()


@pytest.mark.parametrize(
    ("name", "zone", "calendar"),
    [
        ("daily/djia_split_adjusted_2006_2017.parquet", "America/New_York", "XNYS"),
        ("daily/hk_3988_2022_2024.parquet", "Asia/Hong_Kong", "XHKG"),
    ],
)
def test_sessions_of_real_data_by_the_standard_library(name, zone, calendar):
    """Each open is the exchange's wall-clock time on its date by the standard library's zones."""
    got, _ = judged(name, Timezone(zone=zone, stamp="session", calendar=calendar))

    for day, opened in got.frame.select("session", "opened").unique().rows():
        local = datetime(day.year, day.month, day.day, 9, 30, tzinfo=ZoneInfo(zone))
        assert round(local.astimezone(UTC).timestamp()) * 10**9 == opened

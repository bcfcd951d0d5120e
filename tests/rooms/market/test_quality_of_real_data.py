"""The gate on real files: what is wrong in them is found, and what only looks wrong is let pass."""

import os
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from runner.market.load import load
from runner.market.sources.parquet import Parquet
from runner.spec.quality import Quality
from runner.spec.timezone import Session, Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

SHARED = Path(os.environ.get("RUNNER_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data"))

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"the shared market data aren't there: {SHARED.name}")

US = Timezone(zone="America/New_York", stamp="session", session=Session(open="09:30", close="16:00"))
MINUTE = Timezone(zone="UTC", stamp="open", interval="1min")
HOUR = Timezone(zone="UTC", stamp="open", interval="1h")
EVENT = Timezone(zone="UTC", stamp="event")
KEPT = ("inconsistent", "nonpositive", "unit", "split", "outlier", "reuse", "crossed", "disordered")
COUNTING = Quality.model_validate(dict.fromkeys(KEPT, "keep"))


def judged(name, timezone, stream="bars"):
    """Return the report of a file and what the checks counted, without gaps and unchanging stretches."""
    path = SHARED / name
    symbols = tuple(sorted(pl.read_parquet(path, columns=["symbol"])["symbol"].unique()))
    source = Parquet(path=str(path), stream=stream)
    data = load(source, universe=Universe(symbols=symbols), window=Window(), timezone=timezone, quality=COUNTING)
    checks = data.quality[stream]["checks"]
    return checks, {key: check["count"] for key, check in checks.items() if check["count"] and key not in {"gap", "stale"}}


def days(check):
    return [(row["symbol"], row["stamp"][:10]) for row in check["first"]]


def test_splits_of_prices_as_traded():
    """Every split of two decades, two days of a failing bank that look like one, a wrong open, and a ticker's hole."""
    checks, found = judged("daily/us_raw_unadjusted.parquet", US)

    assert found == {"split": 13, "outlier": 1, "reuse": 1}
    assert checks["split"]["symbols"] == {"AAPL": 4, "BAC": 1, "EEM": 2, "IBM": 1, "IWM": 1, "QQQ": 1, "USO": 1, "WAMU": 2}
    assert days(checks["split"])[:4] == [
        ("AAPL", "2000-06-21"),
        ("AAPL", "2005-02-28"),
        ("AAPL", "2014-06-09"),
        ("AAPL", "2020-08-31"),
    ]
    assert days(checks["outlier"]) == [("IBM", "2002-12-23")]
    assert days(checks["reuse"]) == [("QQQ", "2011-03-23")]


def test_adjusted_prices_have_no_splits():
    """The wrong open and the hole are still there."""
    _, found = judged("daily/us_adjusted.parquet", US)

    assert found == {"outlier": 1, "reuse": 1}


def test_what_is_wrong_with_the_dow():
    """Opens and closes outside of high and low, a low of zero, and an open of 200 where the price was 90."""
    checks, found = judged("daily/djia_split_adjusted_2006_2017.parquet", US)

    assert found == {"inconsistent": 74, "nonpositive": 1, "outlier": 1}
    assert days(checks["nonpositive"]) == [("HD", date(2009, 4, 17).isoformat())]
    assert days(checks["outlier"]) == [("BA", date(2007, 2, 8).isoformat())]


def test_a_split_shows_in_hours_too():
    """Apple's of 2014 and 2020."""
    checks, found = judged("hourly/us_equity_1h_raw_2007_2021.parquet", HOUR)

    assert found == {"split": 2}
    assert days(checks["split"]) == [("AAPL", "2014-06-09"), ("AAPL", "2020-08-31")]


@pytest.mark.parametrize(
    ("name", "timezone"),
    [
        ("minute/es_like_1m_2020_covid.parquet", MINUTE),
        ("minute/btc_perp_1m_2022_01.parquet", MINUTE),
        ("minute/fx_future_6EH4_1m_2024_01.parquet", MINUTE),
        ("minute/gbpusd_1m_bid_ask_2012_02.parquet", MINUTE),
        ("minute/spy_extended_hours_1m_2011_01.parquet", MINUTE),
        ("hourly/btcusd_1h_coinbase_2017_2019.parquet", HOUR),
        ("hourly/eurusd_1h_oanda_2007_2018.parquet", HOUR),
    ],
)
def test_wild_markets_are_not_wrong(name, timezone):
    """The crash of 2020 with its halts, crypto, currencies and thin hours hold nothing to refuse."""
    assert judged(name, timezone)[1] == {}


@pytest.mark.parametrize(
    ("name", "equal"),
    [
        ("bcheur_trades_kraken_2023_01_illiquid", 49),
        ("btcusdt_trades_binance_2024_08_08", 3_086),
        ("ibm_trades_2013_10_07_08", 7_117),
    ],
)
def test_trades_are_not_wrong(name, equal):
    """Many of one instant, sweeps, late reports and illiquid pairs; trades alike in all that is told are counted."""
    assert judged(f"ticks/{name}.parquet", EVENT, "trades")[1] == {"duplicate_equal": equal}


def test_a_consolidated_quote_is_crossed_at_times():
    """Two exchanges, two clocks."""
    assert judged("ticks/ibm_nbbo_2013_10_07_08.parquet", EVENT, "quotes")[1] == {"crossed": 78, "locked": 798}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("aapl_l2_10_lobster_2012_06_21", {"duplicate_equal": 27}),
        ("btc_l2_10_hyperliquid_2025_01_26_snapshots", {"duplicate_equal": 1}),
        ("btcusdt_l2_10_binance_spot_2024_08_08", {}),
        ("esh4_l2_10_cme_2023_12_25", {}),
        ("esh4_l2_10_preopen_crossed_2023_12_25", {"crossed": 143}),
        ("ethusd_perp_l2_10_binance_coinm_2024_08_08", {}),
    ],
)
def test_books(name, expected):
    """Only the one before the market opens is crossed; events of one instant are no fault, and equal ones are counted."""
    assert judged(f"depth/{name}.parquet", EVENT, "depth")[1] == expected

"""Every row of real files arrives, from the first instant to the last.

Rows are counted and instants are written down from the files' own description and their first and last lines: `opens` is the
first instant of the first row, `known` the instant at which the last one is known.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

EXPERIMENTS = sorted(path.stem for path in (Path(__file__).parent / "configs" / "experiment").glob("*.yaml"))

READ = {
    "binance_recording": ("trades", 19_904, "2024-08-08T23:54:15.342", "2024-08-09T00:05:05.8"),
    "btc_perp_minutes": ("bars", 45_031, "2021-12-31T23:01", "2022-02-01T05:32"),
    "close_only": ("bars", 24_939, "1990-01-02T14:30", "2022-12-28T21:00"),
    "coinbase_hourly": ("bars", 20_111, "2017-07-01T11:00", "2019-10-17T10:00"),
    "crypto_5_minutes": ("bars", 11_520, "2018-01-10T04:55", "2018-01-30T04:55"),
    "djia_2006_2017": ("bars", 36_227, "2006-01-03T14:30", "2017-12-29T21:00"),
    "ea_15_minutes": ("bars", 319, "2026-05-26T08:00", "2026-06-03T18:30"),
    "es_preopen_crossed": ("depth", 146, "2023-12-25T22:00:00.180087", "2023-12-25T22:59:59.999703"),
    "eth_perp_book": ("depth", 22_887, "2024-08-08T23:54:17.849", "2024-08-09T00:00:01.256"),
    "euro_future": ("bars", 29_819, "2024-01-01T23:01", "2024-02-01T00:00"),
    "eurusd_hourly": ("bars", 74_439, "2007-01-01T21:00", "2018-12-31T22:00"),
    "eurusd_quotes": ("quotes", 75_682, "2014-05-02T00:00:00.277", "2014-05-05T23:59:59.513"),
    "gbpusd_minutes": ("bars", 30_117, "2012-02-01T00:00", "2012-03-01T00:01"),
    "gold_back_months": ("trades", 774, "2013-10-07T00:35:30.102", "2013-10-08T20:51:07.719"),
    "goog_unnamed_index": ("bars", 2_148, "2004-08-19T13:30", "2013-03-01T21:00"),
    "google_malformed": ("bars", 251, "2010-01-04T14:30", "2010-12-31T21:00"),
    "halts_march_2020": ("bars", 29_977, "2020-01-02T14:30", "2020-04-22T20:00"),
    "hong_kong_daily": ("bars", 647, "2022-01-03T01:30", "2024-08-22T08:00"),
    "hong_kong_parquet": ("bars", 647, "2022-01-03T01:30", "2024-08-22T08:00"),
    "ibm_nbbo": ("quotes", 97_810, "2013-10-07T13:30:00.072", "2013-10-08T19:59:59.889"),
    "ibm_trades": ("trades", 57_674, "2013-10-07T08:00:30.27", "2013-10-08T23:23:56.822"),
    "kraken_trades": ("trades", 148, "2023-01-01T00:03:56", "2023-01-01T23:19:47"),
    "lean_daily_adjusted": ("bars", 5_849, "1998-01-02T14:30", "2021-03-31T20:00"),
    "lean_daily_raw": ("bars", 5_849, "1998-01-02T14:30", "2021-03-31T20:00"),
    "lean_minute_dst": ("bars", 652, "2008-03-07T13:54", "2008-03-10T20:04"),
    "lean_minute_split": ("bars", 1_617, "2014-06-06T08:00", "2014-06-10T00:00"),
    "lean_minute_split_adjusted": ("bars", 1_617, "2014-06-06T08:00", "2014-06-10T00:00"),
    "lean_tick_quotes": ("quotes", 109_067, "2013-10-07T08:00:00.054", "2013-10-08T00:00:00.122"),
    "lean_ticker_reuse": ("bars", 3_910, "1998-01-02T14:30", "2021-03-31T20:00"),
    "lobster_book": ("depth", 999, "2012-06-21T13:30:00.004241176", "2012-06-21T13:30:49.086375027"),
    "london_100x": ("bars", 23, "2022-05-03T07:00", "2022-06-06T15:30"),
    "ninjatrader_minutes": ("bars", 14_180, "2011-01-03T09:00", "2011-02-01T01:00"),
    "qqq_renamed": ("bars", 3_964, "1999-03-10T14:30", "2021-03-31T20:00"),
    "sp500_since_1950": ("bars", 15_821, "1950-01-03T14:30", "2012-11-15T21:00"),
    "spy_offsets": ("bars", 1_794, "2020-01-06T12:08", "2020-01-09T21:41"),
    "swapped_columns": ("bars", 252, "2019-01-02T14:30", "2019-12-31T21:00"),
    "tardis_book": ("depth", 10, "2020-09-01T00:00:03.696", "2020-09-01T00:00:04.284"),
    "tokyo_bad_split": ("bars", 22, "2023-03-15T00:00", "2023-04-14T06:00"),
    "tokyo_repaired_split": ("bars", 22, "2023-03-15T00:00", "2023-04-14T06:00"),
    "us_daily_adjusted": ("bars", 27_419, "1990-01-02T14:30", "2022-03-10T21:00"),
    "us_daily_factors": ("bars", 19_308, "1998-01-02T14:30", "2021-03-31T20:00"),
    "us_daily_raw": ("bars", 15_924, "1998-01-02T14:30", "2021-03-31T20:00"),
    "us_hourly": ("bars", 50_010, "2007-01-03T14:30", "2021-03-31T20:00"),
    "us_minutes_parquet": ("bars", 11_451, "2008-03-07T13:54", "2015-12-29T00:47"),
}
"""Experiment → stream, rows, opens, known; of a source with two streams the first, the second is in `SECOND`."""

SECOND = {"binance_recording": ("depth", 6_493, "2024-08-08T23:54:15.408", "2024-08-09T00:05:05.809")}


def ns(text):
    """UTC nanoseconds of an ISO text."""
    whole, _, fraction = text.partition(".")
    return int(datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp()) * 10**9 + int(fraction.ljust(9, "0") or 0)


def test_every_experiment_is_in_the_table():
    """A file that is read without being counted proves nothing."""
    assert sorted(READ) == EXPERIMENTS


@pytest.mark.parametrize(
    ("name", "expected"), [*sorted(READ.items()), *SECOND.items()], ids=[*sorted(READ), *(f"{name} book" for name in SECOND)]
)
def test_every_row_arrives_at_its_instant(read, name, expected):
    """Rows, the first opening instant and the last known one."""
    stream, rows, opens, known = expected

    tape = read(name).tapes[stream]

    assert (tape.rows, int(tape.opened.min()), int(tape.ts.max())) == (rows, ns(opens), ns(known))


@pytest.mark.parametrize("name", sorted(READ))
def test_stamps_never_go_backwards(read, name):
    """Within a symbol the tape is in the order of time."""
    for tape in read(name).tapes.values():
        for first, last in zip(tape.offsets[:-1], tape.offsets[1:], strict=True):
            assert (tape.ts[first + 1 : last] >= tape.ts[first : last - 1]).all()

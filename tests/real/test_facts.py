"""What is known of these markets from elsewhere shows in the data once they are read: sessions, halts, splits, renamings."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from runner.errors import DataError

MINUTE = 60 * 10**9


def clock(ns):
    return datetime.fromtimestamp(int(ns) // 10**9, UTC).strftime("%H:%M")


def day_number(text):
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def of_symbol(tape, symbol):
    code = tape.symbols.index(symbol)
    return slice(tape.offsets[code], tape.offsets[code + 1])


def count(read, name, check, stream="bars"):
    return read(name).quality[stream]["checks"][check]["count"]


def refusals(read, name, *overrides):
    with pytest.raises(DataError) as caught:
        read(name, *overrides)
    return [fault.where for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("name", "symbol", "winter", "summer", "hours"),
    [
        ("halts_march_2020", "ES", "2020-03-06", "2020-03-09", ("14:30", "21:00", "13:30", "20:00")),
        ("us_hourly", "SPY", "2020-01-15", "2020-07-15", ("14:30", "21:00", "13:30", "20:00")),
        ("us_daily_raw", "SPY", "2020-03-06", "2020-03-09", ("14:30", "21:00", "13:30", "20:00")),
        ("us_daily_raw", "SPY", "2006-03-31", "2006-04-03", ("14:30", "21:00", "13:30", "20:00")),
        ("london_100x", "AET.L", None, "2022-05-03", ("07:00", "15:30")),
        ("hong_kong_daily", "3988.HK", "2024-01-15", "2024-07-15", ("01:30", "08:00", "01:30", "08:00")),
        ("tokyo_repaired_split", "4063.T", None, "2023-04-14", ("00:00", "06:00")),
    ],
)
def test_sessions_open_and_close_at_the_exchange_s_hours(read, name, symbol, winter, summer, hours):
    """In UTC, in both halves of the year; the United States moved their change of clocks into March in 2007."""
    tape = read(name).tape
    rows = of_symbol(tape, symbol)

    found = []
    for day in filter(None, (winter, summer)):
        at = tape.session[rows] == day_number(day)
        found += [clock(tape.opened[rows][at].min()), clock(tape.ts[rows][at].max())]

    assert tuple(found) == hours


def test_a_minute_file_keeps_its_wall_clock_over_a_change_of_clocks(read):
    """New York's 9:30 is 14:30 on the Friday before and 13:30 on the Monday after; both have their bar of the open."""
    tape = read("lean_minute_dst").tape

    found = {int(session): set(map(clock, tape.opened[tape.session == session])) for session in np.unique(tape.session)}

    assert "14:30" in found[day_number("2008-03-07")]
    assert "13:30" in found[day_number("2008-03-10")]
    assert min(found[day_number("2008-03-10")]) == "12:33"


def test_half_days_are_known_at_their_early_close(read):
    """The day after Thanksgiving 2020 ended at 13:00 in New York."""
    tape = read("us_daily_raw").tape
    rows = of_symbol(tape, "SPY")

    at = tape.session[rows] == day_number("2020-11-27")

    assert clock(tape.ts[rows][at][0]) == "18:00"


def test_the_halts_of_march_2020_are_gaps(read):
    """Four times the whole market stood still for a quarter of an hour; no other minute is missing in four months."""
    gaps = read("halts_march_2020").quality["bars"]["checks"]["gap"]

    halts = [(gap["from"][:16], gap["to"][11:16]) for gap in gaps["first"]]

    assert (gaps["stretches"], gaps["count"]) == (4, 13 + 13 + 14 + 13)
    assert halts == [
        ("2020-03-09T13:36", "13:49"),
        ("2020-03-12T13:37", "13:50"),
        ("2020-03-16T13:31", "13:45"),
        ("2020-03-18T16:58", "17:11"),
    ]


def test_bars_that_break_the_order_of_their_prices_are_counted(read):
    """74 opens of the twelve Dow stocks lie outside of high and low, 27 above and 47 below; one low is zero.

    Counted over the prepared file: in none of them the close is outside, and no high is below its low.
    """
    columns = read("djia_2006_2017").tape.columns

    above = columns["open"] > np.maximum(columns["high"], columns["close"])
    below = columns["open"] < np.minimum(columns["low"], columns["close"])

    assert (int(above.sum()), int(below.sum())) == (27, 47)
    assert count(read, "djia_2006_2017", "inconsistent") == 74
    assert count(read, "djia_2006_2017", "nonpositive") == 1


def test_columns_under_wrong_names_break_every_bar(read):
    """Nothing but the order of the prices gives them away."""
    assert count(read, "swapped_columns", "inconsistent") == 252
    assert refusals(read, "swapped_columns", "quality.inconsistent=error") == ["quality.inconsistent"]


def test_a_ticker_used_again_is_refused_until_its_lives_are_told(read):
    """USO was another company's until 1998 and is a fund since 2006-04-10."""
    tape = read("lean_ticker_reuse").tape

    spans = {
        symbol: [str(np.datetime64(int(day), "D")) for day in tape.session[of_symbol(tape, symbol)][[0, -1]]]
        for symbol in tape.symbols
    }

    assert "quality.reuse" in refusals(read, "lean_ticker_reuse", "~universe.lives", "universe.symbols=[USO]")
    assert spans["USO"] == ["2006-04-10", "2021-03-31"]
    assert spans["USO.1998"][0] == "1998-01-02"
    assert spans["USO.1998"][1] < "2006-04-10"


def test_a_ticker_that_was_called_otherwise_for_years_is_refused(read):
    """QQQ was QQQQ from December 2004 to March 2011, and cost something else when it came back."""
    tape = read("qqq_renamed").tape

    hole = int(np.argmax(np.diff(tape.session)))

    assert refusals(read, "qqq_renamed", "quality.reuse=error") == ["quality.reuse"]
    assert [str(np.datetime64(int(day), "D")) for day in tape.session[hole : hole + 2]] == ["2004-11-30", "2011-03-23"]


def test_four_splits_of_apple_are_found_and_adjusted_away(read):
    """2:1 in 2000 and 2005, 7:1 in 2014, 4:1 in 2020; with its factors the file passes the strict gate."""
    tape = read("lean_daily_raw").tape
    opens, closes = tape.columns["open"], tape.columns["close"]

    days = [day_number(day) for day in ("2000-06-21", "2005-02-28", "2014-06-09", "2020-08-31")]
    ratios = [round(float(closes[at - 1] / opens[at])) for at in np.flatnonzero(np.isin(tape.session, days))]

    assert ratios == [2, 2, 7, 4]
    assert count(read, "lean_daily_raw", "split") == 4
    assert refusals(read, "lean_daily_raw", "quality.split=error") == ["quality.split"]
    assert count(read, "lean_daily_adjusted", "split") == 0


def test_a_split_between_two_minute_files_is_adjusted_away(read):
    """AAPL fell from 645 to 92 in the night to 2014-06-09 as traded, and moved by less than one percent adjusted.

    The first bar of that day opens at the price of the day before: a trade reported late, which no factor mends.
    """
    raw, adjusted = read("lean_minute_split").tape, read("lean_minute_split_adjusted").tape
    first = int(np.searchsorted(raw.session, day_number("2014-06-09")))

    moves = [float(tape.columns["close"][first] / tape.columns["close"][first - 1]) for tape in (raw, adjusted)]

    assert moves == [pytest.approx(1 / 7, rel=0.01), pytest.approx(1, abs=0.01)]
    assert (raw.columns["open"][first], raw.columns["close"][first]) == (645.57, 92.42)
    assert count(read, "lean_minute_split", "split") == 1
    traded = adjusted.columns["raw_close"]
    assert traded.tolist() == raw.columns["close"].tolist()
    times = adjusted.columns["volume"] / raw.columns["volume"]
    assert (times[0], times[-1]) == (pytest.approx(7 * 4, rel=1e-6), pytest.approx(4, rel=1e-6))


def test_a_split_applied_to_a_part_of_the_rows_is_found(read):
    """4063.T split 5:1 and only the rows after it are divided; the repaired file has no jump."""
    assert refusals(read, "tokyo_bad_split", "quality.split=error") == ["quality.split"]
    assert count(read, "tokyo_repaired_split", "split") == 0


def test_pence_among_pounds_are_found(read):
    """Rows a hundred times dearer than those around them."""
    closes = read("london_100x").tape.columns["close"]

    assert count(read, "london_100x", "unit") == int((closes > 10).sum())
    assert refusals(read, "london_100x", "quality.unit=error") == ["quality.unit"]


def test_a_dash_is_no_price(read):
    """Google's file of 2010 has one day without an opening price."""
    assert count(read, "google_malformed", "missing") == 1
    assert read("google_malformed").tape.rows == 251


def test_descending_files_are_refused_until_sorting_is_asked_for(read):
    """The newest row first is a choice of the publisher's, and so is a shuffled patch."""
    assert refusals(read, "sp500_since_1950", "quality.unsorted=error") == ["quality.unsorted"]
    assert refusals(read, "coinbase_hourly", "quality.unsorted=error") == ["quality.unsorted"]


def test_a_market_that_never_closes_has_no_gap_where_none_is(read):
    """Two years of hours and a month of minutes, complete."""
    for name in ("coinbase_hourly", "btc_perp_minutes", "crypto_5_minutes"):
        assert count(read, name, "gap") == 0, name


def test_quote_lines_of_one_side_stay_so(read):
    """Each of LEAN's lines tells the bid or the offer, and nothing is carried from the line before."""
    columns = read("lean_tick_quotes").tapes["quotes"].columns
    bids, asks = (~np.isnan(columns[f"{side}_price"]) for side in ("bid", "ask"))

    assert not (bids & asks).any()
    assert (bids | asks).all()
    assert np.isnan(columns["ask_size"][bids]).all()
    assert count(read, "lean_tick_quotes", "one_sided", "quotes") == 109_067


def test_books_crossed_before_the_open_and_quotes_crossed_at_times_are_counted(read):
    """143 of 146 books of an auction, 78 of the best bids and offers of all exchanges; 798 of those are locked."""
    assert count(read, "es_preopen_crossed", "crossed", "depth") == 143
    assert count(read, "ibm_nbbo", "crossed", "quotes") == 78
    assert count(read, "ibm_nbbo", "locked", "quotes") == 798
    assert refusals(read, "es_preopen_crossed", "quality.crossed=error") == ["quality.crossed"]


def test_symbols_keep_their_own_clocks(read):
    """Of ten contracts of gold one trades 21 times in two days and another twice; nothing is padded."""
    tape = read("gold_back_months").tapes["trades"]

    trades = dict(zip(tape.symbols, np.diff(tape.offsets).tolist(), strict=True))

    assert (trades["GC201412"], trades["GC201410"], trades["GC201408"], trades["GC201512"]) == (21, 2, 3, 3)


def test_a_company_that_failed_ends_with_its_last_session(read):
    """Washington Mutual's last price was 16 cents, on 2008-09-26; its rows aren't carried on."""
    tape = read("us_daily_raw").tape
    rows = of_symbol(tape, "WAMU")

    assert str(np.datetime64(int(tape.session[rows][-1]), "D")) == "2008-09-26"
    assert tape.columns["close"][rows][-1] == 0.16

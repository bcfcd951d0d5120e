"""Gaps against the calendar: small stories by hand, and a grid written out bar by bar as oracle."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import runner.market.session
from runner.errors import DataError
from runner.market.clock import placed
from runner.market.gaps import Gap, Gaps, gaps_of
from runner.market.origin import with_origin
from runner.spec.timezone import Session, Timezone

HONG_KONG_2024_12_23 = ("2024-12-23 01:30", "2024-12-23 04:00"), ("2024-12-23 05:00", "2024-12-23 08:00")
HONG_KONG_2024_12_24 = (("2024-12-24 01:30", "2024-12-24 04:00"),)
HONG_KONG_2024_12_27 = ("2024-12-27 01:30", "2024-12-27 04:00"), ("2024-12-27 05:00", "2024-12-27 08:00")
STRETCHES = (*HONG_KONG_2024_12_23, *HONG_KONG_2024_12_24, *HONG_KONG_2024_12_27)
"""A full day with its lunch break, a half-day, two holidays, a full day."""


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def found_in(rows, timezone):
    """Place rows of symbol and stamp, and look for gaps."""
    symbols, stamps = zip(*rows, strict=True)
    frame = with_origin(pl.DataFrame({"symbol": symbols, "timestamp": stamps}), "a.csv")
    got = placed(frame, timezone)
    return gaps_of(got.frame, timezone, got.calendar)


def every(step, first, last):
    """Stamps from first to last, the last not included."""
    stamps, step, end = [utc(first)], timedelta(minutes=step), utc(last)
    while stamps[-1] + step < end:
        stamps.append(stamps[-1] + step)
    return stamps


def minutes(calendar, zone="America/New_York", interval="1min", **settings):
    return Timezone(zone=zone, stamp="open", interval=interval, calendar=calendar, **settings)


def gap(symbol, start, end, missing, ns):
    return Gap(symbol, ns(start), ns(end), missing)


def test_a_hole_is_a_gap_from_its_first_missing_open_to_its_last_missing_close(ns):
    """Two minutes of one symbol are missing and one of another."""
    stamps = every(1, "2024-07-02 13:30", "2024-07-02 14:00")
    rows = [("B", stamp) for stamp in stamps if stamp.minute not in {40, 41}]
    rows += [("A", stamp) for stamp in stamps if stamp.minute != 50]

    got = found_in(rows, minutes("XNYS"))

    holes = (
        gap("A", "2024-07-02 13:50", "2024-07-02 13:51", 1, ns),
        gap("B", "2024-07-02 13:40", "2024-07-02 13:42", 2, ns),
    )
    assert got == Gaps(
        judged=True, expected=60, missing=3, stretches=2, symbols={"A": 1, "B": 2}, first=holes, longest=holes[::-1]
    )
    assert got.report()["first"] == [
        {"symbol": "A", "from": "2024-07-02T13:50:00Z", "to": "2024-07-02T13:51:00Z", "missing": 1},
        {"symbol": "B", "from": "2024-07-02T13:40:00Z", "to": "2024-07-02T13:42:00Z", "missing": 2},
    ]


@pytest.mark.parametrize(
    ("calendar", "zone", "pair"),
    [
        ("XNYS", "America/New_York", ("2024-07-03 16:59", "2024-07-05 13:30")),
        ("XNYS", "America/New_York", ("2024-03-08 20:59", "2024-03-11 13:30")),
        ("XHKG", "Asia/Hong_Kong", ("2024-12-23 03:59", "2024-12-23 05:00")),
        ("XTKS", "Asia/Tokyo", ("2024-12-23 02:29", "2024-12-23 03:30")),
        ("CMES", "America/Chicago", ("2024-01-08 21:59", "2024-01-08 23:00")),
        ("CMES", "America/Chicago", ("2024-01-05 21:59", "2024-01-07 23:00")),
        ("24-5", "America/New_York", ("2024-03-08 21:59", "2024-03-10 21:00")),
        ("24-7", "UTC", ("2024-03-09 23:59", "2024-03-10 00:00")),
    ],
)
def test_closed_markets_have_no_gaps(calendar, zone, pair):
    """Half-day and holiday, weekend of a change of clocks, lunch, maintenance: the next minute of trading is the next bar."""
    got = found_in([("A", utc(stamp)) for stamp in pair], minutes(calendar, zone))

    assert (got.judged, got.expected, got.missing) == (True, 2, 0)


@pytest.mark.parametrize(
    ("name", "zone", "bars", "missing"),
    [
        ("XNYS", "America/New_York", ["2024-07-03 16:58", "2024-07-05 13:31"], 2),
        ("24-5", "America/New_York", ["2024-03-08 21:57", "2024-03-10 21:00"], 2),
    ],
)
def test_a_gap_may_reach_across_a_closed_market(name, zone, bars, missing):
    """The last minute before and the first after are one stretch."""
    got = found_in([("A", utc(stamp)) for stamp in bars], minutes(name, zone))

    assert (got.missing, got.stretches) == (missing, 1)


def test_a_symbol_that_starts_late_or_stops_early_has_no_gap_there():
    """Bars are expected between a symbol's first and last row."""
    rows = [("A", stamp) for stamp in every(1, "2024-07-02 13:30", "2024-07-02 20:00")] + [("B", utc("2024-07-02 15:00"))]

    got = found_in(rows, minutes("XNYS"))

    assert (got.expected, got.missing) == (391, 0)


def test_missing_sessions_of_daily_bars(ns):
    """Monday is missing; Independence Day and the weekend aren't."""
    days = [date(2024, 7, 3), date(2024, 7, 5), date(2024, 7, 9)]

    got = found_in([("A", day) for day in days], Timezone(zone="America/New_York", stamp="session", calendar="XNYS"))

    assert got.expected == 4
    assert got.first == got.longest == (gap("A", "2024-07-08 13:30", "2024-07-08 20:00", 1, ns),)


@pytest.mark.parametrize("last_hour", [0, 17])
def test_a_day_by_the_clock_is_one_bar_whatever_its_hours(last_hour):
    """Days from midnight, and days from 17:00, of a market that never closes: none is missing at a change of clocks."""
    zone = "America/New_York"
    wall = pl.datetime_range(datetime(2024, 10, 25, last_hour), datetime(2024, 11, 12, last_hour), "1d", eager=True)  # noqa: DTZ001
    rows = [("A", stamp) for stamp in wall.dt.replace_time_zone(zone)]

    whole = found_in(rows, minutes("24-7", zone, "1d"))
    holey = found_in([*rows[:9], *rows[10:]], minutes("24-7", zone, "1d"))

    assert (whole.expected, whole.missing) == (19, 0)
    assert (holey.expected, holey.missing) == (19, 1)


def test_a_day_with_a_lunch_break_is_one_bar():
    """Daily bars stamped with the open, where the exchange pauses at noon."""
    rows = [("A", utc(f"2024-12-{day} 01:30")) for day in (20, 23, 24, 27)]

    got = found_in(rows, minutes("XHKG", "Asia/Hong_Kong", "1d"))

    assert (got.expected, got.missing) == (4, 0)


def test_fixed_hours_expect_bars_on_days_that_have_data(ns):
    """Without a calendar Tuesday is expected because B has it, and Wednesday, which nobody has, isn't."""
    stamps = {"A": ["2024-07-01 14:30", "2024-07-04 13:30"], "B": ["2024-07-02 13:30", "2024-07-02 14:30"]}
    rows = [(symbol, utc(stamp)) for symbol, each in stamps.items() for stamp in each]
    timezone = minutes(None, interval="1h", session=Session(open="09:30", close="11:30"))

    got = found_in(rows, timezone)

    assert got.first == (gap("A", "2024-07-02 13:30", "2024-07-02 15:30", 2, ns),)


@pytest.mark.parametrize(
    ("interval", "opens", "clock"),
    [
        ("1h", ["13:30", "14:30", "15:30", "16:30"], "from the open"),
        ("1h", ["13:00", "14:00", "15:00", "16:00"], "on the hour: the first bar is half an hour"),
        ("4h", ["12:00", "16:00"], "from midnight in New York: 08:00 and 12:00"),
    ],
)
def test_bars_may_be_counted_from_the_open_or_on_the_clock(interval, opens, clock):
    """Every bar of a half-day and the next session is there, so nothing is missing; without the second one bar is."""
    rows = [("A", utc(f"2024-07-03 {each}")) for each in opens]
    rows += [("A", utc(f"2024-07-05 {each}")) for each in opens]

    whole = found_in(rows, minutes("XNYS", interval=interval))
    holey = found_in([rows[0], *rows[2:]], minutes("XNYS", interval=interval))

    assert (whole.expected, whole.missing) == (len(rows), 0), clock
    assert (holey.expected, holey.missing) == (len(rows), 1), clock


def test_rows_kept_outside_the_hours_count_neither_way():
    """A bar before the open is no expected bar, and none is missing between it and the open."""
    rows = [("A", utc(stamp)) for stamp in ("2024-07-02 12:00", "2024-07-02 13:30", "2024-07-02 13:31", "2024-07-02 21:00")]

    got = found_in(rows, minutes("XNYS", out_of_session="keep"))

    assert (got.expected, got.missing) == (2, 0)


@pytest.mark.parametrize(
    "timezone",
    [
        Timezone(zone="UTC", stamp="open", interval="1min"),
        Timezone(zone="UTC", stamp="event", calendar="24-7"),
        Timezone(zone="UTC", stamp="open", interval="7d", calendar="24-7"),
        Timezone(zone="UTC", stamp="open", interval="48h", calendar="24-7"),
    ],
)
def test_without_expectations_nothing_is_judged(timezone):
    """A policy without hours can't say what is missing, events aren't expected at any time, and bars longer than a day hold
    several sessions."""
    got = found_in([("A", utc("2024-07-02 13:30")), ("A", utc("2024-07-02 13:40"))], timezone)

    assert got == Gaps()
    assert got.report()["judged"] is False


def test_weeks_of_a_market_that_never_closes_miss_nothing(loaded):
    """Fifty bars of seven days each, side by side: none is counted as missing, and who refuses gaps is told that they aren't judged."""
    rows = [("A", utc("2023-01-02 00:00") + timedelta(weeks=week)) for week in range(50)]

    check = loaded(rows, timezone=minutes("24-7", "UTC", "7d")).quality["bars"]["checks"]["gap"]

    assert (check["judged"], check["count"]) == (False, 0)
    with pytest.raises(DataError, match="bars longer than a day"):
        loaded(rows, timezone=minutes("24-7", "UTC", "7d"), gap="error")


def test_the_first_and_the_longest_twenty_are_listed():
    """Thirty gaps, the later the longer: the first are listed in the order of time, the longest by length."""
    present = [sum(range(each)) for each in range(2, 33)]
    rows = [("A", utc("2024-01-01 00:00") + timedelta(minutes=minute)) for minute in present]

    got = found_in(rows, minutes("24-7", "UTC"))

    assert got.stretches == 30
    assert [each.missing for each in got.first] == list(range(1, 21))
    assert [each.missing for each in got.longest] == list(range(30, 10, -1))


def expected_bars(interval):
    """Every bar of the four stretches, written out."""
    return [stamp for start, end in STRETCHES for stamp in every(interval, start, end)]


@settings(max_examples=40, deadline=None)
@given(data=st.data(), interval=st.sampled_from([5, 15, 30, 60]), block=st.sampled_from([1, 2, 7, 1 << 20]))
def test_any_holes_are_found(data, interval, block):
    """Against the grid written out bar by bar: counts, and the bounds of every gap, whatever the order of rows and blocks."""
    grid = expected_bars(interval)
    rows, missing, holes = [], {}, []
    for symbol in ("A", "B"):
        held = data.draw(st.lists(st.sampled_from(range(len(grid))), min_size=1, unique=True).map(sorted))
        rows += [(symbol, grid[number]) for number in held]
        for before, after in pairwise(held):
            if after > before + 1:
                missing[symbol] = missing.get(symbol, 0) + after - before - 1
                last = next(end for start, end in STRETCHES if utc(start) <= grid[after - 1] < utc(end))
                closes = min(grid[after - 1] + timedelta(minutes=interval), utc(last))
                holes.append((symbol, grid[before + 1], closes, after - before - 1))
    shuffled = data.draw(st.permutations(rows))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner.market.session, "BLOCK", block)
        got = found_in(shuffled, minutes("XHKG", "Asia/Hong_Kong", interval=f"{interval}min"))

    def instant(moment):
        return round(moment.timestamp()) * 10**9

    assert got.symbols == missing
    assert got.missing == sum(missing.values())
    assert got.stretches == len(holes)
    assert got.expected == len(rows) + got.missing
    assert list(got.first) == [Gap(s, instant(start), instant(end), n) for s, start, end, n in holes][:20]

"""The declared length of a bar held against the bars."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.errors import DataError
from runner.market.clock import placed
from runner.market.coarse import coarse_faults
from runner.market.origin import with_origin
from runner.market.spacing import Spacings, spacings_of
from runner.spec.timezone import Session, Timezone

START = datetime(2024, 1, 2, 14, 30, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def every(step, *, bars=30, symbol="A"):
    return [(symbol, START + n * step) for n in range(bars)]


def at(minutes, *, symbol="A"):
    return [(symbol, START + minute * MINUTE) for minute in minutes]


def intraday(interval, **settings):
    return Timezone(zone="America/New_York", stamp="open", interval=interval, **settings)


def placed_rows(rows, timezone):
    symbols, stamps = zip(*rows, strict=True)
    got = placed(with_origin(pl.DataFrame({"symbol": symbols, "timestamp": stamps}), "a.csv"), timezone)
    return got.frame, got.calendar


def measured(rows, timezone):
    frame, calendar = placed_rows(rows, timezone)
    return spacings_of(frame, timezone, calendar)


def coarse(rows, timezone):
    """Return symbol → seconds of the usual distance, of coarse symbols."""
    return {each.symbol: each.usual // 10**9 for each in measured(rows, timezone).coarse}


def told(run):
    with pytest.raises(DataError) as caught:
        run()
    return str(caught.value).split("\n", 1)[1]


def test_hourly_bars_declared_as_minutes_would_be_known_too_early(loaded):
    """An interval shorter than every distance is look-ahead, and refused."""
    assert told(lambda: loaded(every(HOUR), timezone=intraday("1min"))) == (
        '  timezone.interval: must be the length of one bar, was "1min" while no two bars are closer than 1h. '
        'Write timezone.interval: "1h"; a bar must not be known before it closes. '
        "If the bars are as short as declared and only lie so far apart, write quality.coarse: keep."
    )


def test_hourly_bars_beside_minutes_are_refused_by_name(loaded):
    """A symbol that trades every minute doesn't vouch for one whose bars are hours."""
    rows = [*every(MINUTE), *every(HOUR, symbol="B"), *every(4 * HOUR, symbol="C")]

    assert told(lambda: loaded(rows, timezone=intraday("1min"))) == (
        "  quality.coarse: every symbol's bars must be as long as timezone.interval, "
        'was "1min" while bars are longer (B 1h, C 4h). '
        'Make such symbols a part of their own (data=combined): data.parts.NAME with symbols: ["B"] and a timezone with '
        'interval: "1h". If the bars are as short as declared and only lie so far apart, write quality.coarse: keep.\n'
        "    B: 30 bars, mostly 1h apart, never less than 1h\n"
        "    C: 30 bars, mostly 4h apart, never less than 4h"
    )


def test_coarse_symbols_that_are_kept_are_counted(loaded):
    """With how long they were declared and how long they seem to be; the report is there without any, too."""
    rows = [*every(MINUTE), *every(HOUR, symbol="B")]

    kept = loaded(rows, timezone=intraday("1min"), coarse="keep").quality["bars"]["checks"]["coarse"]
    none = loaded(every(MINUTE), timezone=intraday("1min")).quality["bars"]["checks"]["coarse"]

    assert kept == {
        "policy": "keep",
        "count": 30,
        "symbols": {"B": 30},
        "first": [],
        "declared": {"B": "1min"},
        "usual": {"B": "1h"},
    }
    assert none == {"policy": "error", "count": 0, "symbols": {}, "first": [], "declared": {}, "usual": {}}


def test_a_universe_of_coarse_symbols_can_be_kept_too(loaded):
    """Very illiquid bars may all be far apart; the policy lets them pass and counts each symbol."""
    rows = [*every(HOUR, bars=12), *every(HOUR, bars=12, symbol="B")]

    found = loaded(rows, timezone=intraday("1min"), coarse="keep").quality["bars"]["checks"]["coarse"]

    assert found["symbols"] == {"A": 12, "B": 12}


def test_minute_bars_declared_as_five_minutes_overlap(loaded):
    """An interval longer than a distance is refused, with the rows, whatever the policy for coarse bars."""
    text = told(lambda: loaded(every(MINUTE, bars=3), timezone=intraday("5min"), coarse="keep"))

    assert text == (
        '  timezone.interval: must be the length of one bar, was "5min" while 2 bars start sooner after another, '
        "the nearest after 1min. Write the true length of a bar as timezone.interval, or repair the rows.\n"
        "    row 2 of the source: A 2024-01-02 14:31:00+00:00\n"
        "    row 3 of the source: A 2024-01-02 14:32:00+00:00"
    )


WEEKS = [("A", date(2024, 1, 1) + timedelta(weeks=n)) for n in range(30)]


def test_weekly_bars_are_no_daily_bars(loaded):
    """A week stamped with its first day isn't known that evening."""
    assert told(lambda: loaded(WEEKS)) == (
        "  timezone.stamp: session needs one bar per session, was bars at least 7 days apart. "
        "A weekly or monthly bar isn't known at the end of the day it is stamped with; use daily bars."
    )


def test_weekly_bars_beside_daily_ones_are_refused_by_name(loaded):
    """Days of one symbol don't vouch for the weeks of another."""
    rows = [*WEEKS, *(("B", date(2024, 1, 1) + timedelta(days=n)) for n in range(30) if n % 7 < 5)]

    assert told(lambda: loaded(rows)) == (
        "  quality.coarse: every symbol must have one bar per session, was bars further apart (A 7d). "
        "A weekly or monthly bar isn't known at the end of the day it is stamped with; use daily bars of such symbols, "
        "or write quality.coarse: keep to let them pass.\n"
        "    A: 30 bars, mostly 7d apart, never less than 7d"
    )


def test_monthly_bars_beside_daily_ones_are_coarse(daily):
    """Months are of several lengths; none is below four days."""
    months = [("A", date(2022 + n // 12, 1 + n % 12, 1)) for n in range(30)]
    days = [("B", date(2024, 1, 1) + timedelta(days=n)) for n in range(30)]

    assert set(coarse([*months, *days], daily)) == {"A"}


def test_weeks_are_coarse_although_the_last_row_is_a_few_days_old(loaded):
    """The row of the current week, stamped with today, doesn't make days of the weeks before it."""
    rows = [*WEEKS, ("A", WEEKS[-1][1] + timedelta(days=3))]

    assert told(lambda: loaded(rows)) == (
        "  timezone.stamp: session needs one bar per session, was bars mostly 7d apart. "
        "A weekly or monthly bar isn't known at the end of the day it is stamped with; use daily bars."
    )


def test_hours_are_coarse_although_one_bar_follows_another_after_a_minute(loaded):
    """A pair as close as declared proves only itself."""
    rows = [*every(HOUR, bars=100), ("A", START + 50 * HOUR + MINUTE)]

    assert told(lambda: loaded(rows, timezone=intraday("1min"))) == (
        '  timezone.interval: must be the length of one bar, was "1min" while most bars are 1h apart. '
        'Write timezone.interval: "1h"; a bar must not be known before it closes. '
        "If the bars are as short as declared and only lie so far apart, write quality.coarse: keep."
    )


@pytest.mark.parametrize(("fives", "ones"), [(2_000, 300), (60, 3_000)])
@pytest.mark.parametrize("calendar", [None, "24-7"])
def test_longer_bars_before_shorter_ones_are_coarse(fives, ones, calendar):
    """Whichever are more: a history in five minutes that goes on in single ones."""
    long = every(5 * MINUTE, bars=fives)
    short = [("A", long[-1][1] + n * MINUTE) for n in range(5, 5 + ones)]

    assert coarse([*long, *short], intraday("1min", calendar=calendar)) == {"A": 300}
    assert coarse(short, intraday("1min", calendar=calendar)) == {}


def test_a_stretch_of_longer_bars_is_shown_as_one():
    """The line of the symbol says what it is, and the remedy what to leave out."""
    long = every(5 * MINUTE, bars=60)
    short = [("A", long[-1][1] + n * MINUTE) for n in range(5, 3_005)]

    (fault,) = coarse_faults(measured([*long, *short, *every(MINUTE, symbol="B")], intraday("1min")).coarse)

    assert fault.excerpt == "A: 3060 bars, a stretch of them 5min apart, never less than 1min"
    assert fault.write.endswith("Of a symbol whose bars have several lengths, leave those of one length only.")


def test_two_auctions_a_day_are_no_stretch_of_longer_bars():
    """A stock that for weeks trades at 09:00 and at 17:30 alone, and every minute before and after."""
    auctions = [date for day in range(5, 40) for date in (day * 1_440, day * 1_440 + 510)]
    rows = at([*range(1_000), *auctions, *range(60_000, 61_000)])

    assert coarse(rows, intraday("1min")) == {}


@settings(max_examples=60, deadline=None)
@given(rate=st.floats(0.01, 0.9), seed=st.integers(0, 2**32 - 1), bars=st.integers(2, 2_000))
def test_bars_that_are_seldom_there_are_not_coarse(rate, seed, bars):
    """Any number of any share of all minutes, with nothing liquid beside them to vouch for their length."""
    minutes = np.cumsum(np.random.default_rng(seed).geometric(rate, bars)).tolist()

    assert coarse(at(minutes), intraday("1min")) == {}
    assert coarse(at(minutes), intraday("1min", calendar="24-7")) == {}


@settings(max_examples=40, deadline=None)
@given(rate=st.floats(0.01, 0.9), seed=st.integers(0, 2**32 - 1), bars=st.integers(2, 300))
def test_a_daily_stock_that_seldom_trades_is_not_coarse(rate, seed, bars):
    """Any share of working days, alone in its universe."""
    days = np.cumsum(np.random.default_rng(seed).geometric(rate, bars)).tolist()
    sessions = [date(1980, 1, 7) + timedelta(days=day // 5 * 7 + day % 5) for day in days if day < 29_000]
    policy = Timezone(zone="America/New_York", stamp="session", session=Session(open="09:30", close="16:00"))

    assert not sessions or coarse([("A", session) for session in sessions], policy) == {}


@settings(max_examples=60, deadline=None)
@given(
    rate=st.floats(0.004, 0.4),
    seed=st.integers(0, 2**32 - 1),
    length=st.sampled_from([2, 3, 5, 15, 60]),
    bars=st.integers(40, 300),
)
def test_an_illiquid_stock_is_not_coarse_and_longer_bars_are(rate, seed, length, bars):
    """Trades at random minutes, beside a liquid symbol, and the same trades put together to longer bars."""
    minutes = np.cumsum(np.random.default_rng(seed).geometric(rate, bars)).tolist()
    longer = sorted({minute // length * length for minute in minutes})

    rows = [*every(MINUTE, symbol="Z"), *at(minutes), *at(longer, symbol="B")]

    assert set(coarse(rows, intraday("1min"))) == ({"B"} if len(longer) > 20 else set())


def test_days_across_a_change_of_clocks_are_coarse_beside_hours():
    """A day of 23 hours and one of 25 are multiples of an hour; that most distances are 24 gives them away."""
    zone = "America/New_York"
    nights = pl.datetime_range(datetime(2024, 2, 1), datetime(2024, 12, 1), "1d", time_zone=zone, eager=True)  # noqa: DTZ001
    rows = [*((("A"), night) for night in nights), *every(HOUR, symbol="B")]

    assert coarse(rows, intraday("1h")) == {"A": 86_400}


def test_a_stray_bar_between_hours_does_not_hide_them():
    """One bar at an odd minute spoils the common length, not the commonest."""
    rows = [*at([*range(0, 1_800, 60), 617]), *every(MINUTE, symbol="B")]

    assert coarse(rows, intraday("1min")) == {"A": 3_600}


def test_a_handful_of_bars_proves_nothing():
    """Below twenty distances nothing is concluded, neither of all symbols nor of one."""
    assert coarse(every(HOUR, bars=20), intraday("1min")) == {}
    assert coarse([*every(HOUR, bars=20), *every(MINUTE, symbol="B")], intraday("1min")) == {}
    assert coarse([*every(HOUR, bars=21), *every(MINUTE, symbol="B")], intraday("1min")) == {"A": 3_600}


def test_a_handful_of_bars_equally_far_apart_is_noted(loaded):
    """Four bars or more, beside others or alone; bars that lie side by side somewhere are not."""
    rows = [
        *every(HOUR, bars=4),
        *every(MINUTE, symbol="B"),
        *every(HOUR, bars=3, symbol="C"),
        *at([0, 60, 120, 121], symbol="D"),
    ]

    notes = loaded(rows, timezone=intraday("1min")).quality["bars"]["notes"]

    assert notes == [
        "bars of A (4 bars, 1h apart) are few and all equally far apart: are they as long as declared, "
        'timezone.interval: "1min"?'
    ]
    weeks = loaded(WEEKS[:19]).quality["bars"]["notes"]
    assert weeks == [
        "bars of A (19 bars, 7d apart) are few and all equally far apart: are they as long as declared, one session?"
    ]


def cut_hours(days=4):
    """Hours of New York stamped 09:00, 10:00 … 15:00; the first holds half an hour."""
    return [("A", datetime(2024, 7, day, hour, tzinfo=UTC)) for day in range(8, 8 + days) for hour in range(13, 20)]


def test_bars_cut_to_their_session_keep_their_distance():
    """The half hour from 09:30 to 10:00 neither overlaps its neighbour nor makes the others half hours."""
    found = measured(cut_hours(), intraday("1h", calendar="XNYS"))

    assert (found.faults, found.coarse) == ([], ())


def test_cut_bars_do_not_hide_too_short_an_interval(loaded):
    """Hours declared as 29 minutes would be known half an hour too early."""
    timezone = intraday("29min", calendar="XNYS", out_of_session="drop")

    assert told(lambda: loaded(cut_hours(), timezone=timezone)).startswith(
        '  timezone.interval: must be the length of one bar, was "29min" while no two bars are closer than 1h. '
        'Write timezone.interval: "1h"; a bar must not be known before it closes.'
    )


def test_hours_counted_from_the_open_of_a_session_are_coarse_beside_minutes():
    """09:30, 10:00, 11:00 …: the common length is half an hour, and most bars are hours."""
    opens = [(9, 30), *((hour, 0) for hour in range(10, 16))]
    hours = [("A", datetime(2024, 7, day, hour + 4, minute, tzinfo=UTC)) for day in range(8, 12) for hour, minute in opens]

    assert coarse([*hours, *every(MINUTE, symbol="B")], intraday("1min")) == {"A": 3_600}


def test_rows_need_not_be_sorted_to_be_measured():
    """Symbols that alternate and stamps in any order are put side by side first."""
    rows = [row for pair in zip(every(HOUR), every(HOUR, symbol="B"), strict=True) for row in pair]

    assert coarse(rows[::-1], intraday("1min")) == {"A": 3_600, "B": 3_600}
    assert coarse(rows[::-1], intraday("1h")) == {}


@settings(max_examples=30, deadline=None)
@given(
    data=st.data(),
    cuts=st.lists(st.integers(0, 600), max_size=5),
    hours=st.sampled_from(
        [
            {},
            {"calendar": "24-7"},
            {"calendar": "XNYS", "out_of_session": "keep"},
            {"session": Session(open="09:30", close="12:00"), "out_of_session": "keep"},
        ]
    ),
    scale=st.sampled_from([1, 20]),
)
def test_window_by_window_is_the_same_as_at_once(data, cuts, hours, scale):
    """Distances across a border are those of the whole, and so are stretches of them, in hours or days."""
    policy = intraday(f"{5 * scale}min", **hours)
    minutes = st.one_of(
        st.sets(st.integers(0, 600), min_size=2),
        st.integers(0, 60).map(lambda first: {*range(first, first + 300, 10), *range(first + 300, 600, 5)}),
    )
    drawn = {name: sorted(data.draw(minutes)) for name in "AB"}
    rows = [row for name in "AB" for row in at([minute * scale for minute in drawn[name]], symbol=name)]
    edges = [0, *sorted(cuts), 601]

    parts = Spacings(policy)
    for low, high in pairwise(edges):
        some = [row for row in rows if START + low * scale * MINUTE <= row[1] < START + high * scale * MINUTE]
        if some:
            parts.add(*placed_rows(some, policy))

    whole = measured(rows, policy)
    assert parts.coarse == whole.coarse
    assert parts.distances == whole.distances
    assert [fault.was for fault in parts.faults] == [fault.was for fault in whole.faults]


def test_a_night_between_two_windows_is_no_distance_inside_the_hours():
    """Of fixed hours the second window knows its own day only."""
    policy = intraday("5min", session=Session(open="09:30", close="16:00"))
    days = [at([day * 1_440, day * 1_440 + 5]) for day in range(2)]

    parts = Spacings(policy)
    for day in days:
        parts.add(*placed_rows(day, policy))

    found = measured([*days[0], *days[1]], policy).distances
    assert parts.distances == found
    assert (found["A"].inside, found["A"].within, found["A"].across) == (2, {}, {1_435 * 60 * 10**9: 1})


def nights(zone, *days):
    return [("A", day) for day in pl.Series([datetime.fromisoformat(day) for day in days]).dt.replace_time_zone(zone)]


CHANGES = {
    "America/New_York": (["2024-03-09", "2024-03-10", "2024-03-11"], ["2024-11-02", "2024-11-03", "2024-11-04"]),
    "Europe/London": (["2024-03-30", "2024-03-31", "2024-04-01"], ["2024-10-26", "2024-10-27", "2024-10-28"]),
}


@pytest.mark.parametrize("season", [0, 1])
@pytest.mark.parametrize("zone", CHANGES)
def test_days_that_keep_the_other_clock_are_refused(zone, season):
    """`24h` for bars from midnight to midnight of a local clock, and `1d` for bars of 24 hours: both would be known too early
    at one of the two changes."""
    days = CHANGES[zone][season]
    by_clock = nights(zone, *days)
    by_hours = [("A", by_clock[0][1].astimezone(UTC) + n * timedelta(hours=24)) for n in range(3)]

    def faults(rows, interval):
        return [fault.was for fault in measured(rows, Timezone(zone=zone, stamp="open", interval=interval)).faults]

    behind = "behind a change of clocks"
    assert faults(by_clock, "24h") == [f'"24h" while 1 bar begins at the same time of day {behind}']
    assert faults(by_hours, "1d") == [f'"1d" while 1 bar begins at another time of day {behind}']
    assert faults(by_clock, "1d") == faults(by_hours, "24h") == []


def by_clock(zone, step, first, count):
    """Bars that begin at the same times of day by a zone's clock, whatever it does."""
    wall = [datetime.fromisoformat(first) + n * timedelta(hours=step) for n in range(count)]
    return [("A", stamp.astimezone(UTC)) for stamp in pl.Series(wall).dt.replace_time_zone(zone)]


@pytest.mark.parametrize(
    ("zone", "step", "first", "interval"),
    [
        ("America/New_York", 24, "2024-10-28", "1d"),
        ("America/New_York", 24, "2024-10-28", "24h"),
        ("America/New_York", 24, "2024-03-05", "1d"),
        ("America/New_York", 12, "2024-10-28", "12h"),
        ("America/Los_Angeles", 4, "2024-10-30", "4h"),
        ("Europe/London", 24, "2024-10-20", "1d"),
        ("Europe/London", 8, "2024-10-25", "8h"),
        ("Australia/Sydney", 24, "2024-04-01", "1d"),
    ],
)
@pytest.mark.parametrize("declared", ["UTC", "Asia/Tokyo"])
def test_bars_that_keep_a_clock_of_another_zone_are_refused(zone, step, first, interval, declared):
    """A day of 25 hours declared as one of UTC, or of a zone without changes, would be known after 24, and half days alike."""
    rows = by_clock(zone, step, first, 60 // (step // 4))
    found = measured(rows, Timezone(zone=declared, stamp="open", interval=interval))

    was = f'"{interval}" while 1 bar begins at the same time of day behind a change of clocks in {zone}'
    assert [(fault.where, fault.was) for fault in found.faults] == [("timezone.interval", was)]


def test_bars_of_one_length_across_a_change_of_clocks_are_fine():
    """Half days of UTC, days of 24 hours, and half days of which one is missing."""
    halves = by_clock("UTC", 12, "2024-10-28", 20)

    for zone in ("UTC", "America/New_York"):
        policy = Timezone(zone=zone, stamp="open", interval="12h")
        assert measured(halves, policy).faults == measured([*halves[:9], *halves[10:]], policy).faults == []


def test_half_days_by_the_zone_s_own_clock_are_refused_with_a_remedy():
    """No interval says how long they are, so the message offers bars of one length, or days."""
    rows = by_clock("America/New_York", 12, "2024-10-28", 20)

    (fault,) = measured(rows, Timezone(zone="America/New_York", stamp="open", interval="12h")).faults

    assert str(fault) == (
        'timezone.interval: must be the length of one bar, was "12h" while 1 bar begins at the same time of day behind a change '
        "of clocks. Where clocks change such bars last an hour more or less, which no interval says: use bars that are all equally "
        'long, or days, with timezone.zone: America/New_York and interval: "1d".\n'
        "    row 14 of a.csv: A 2024-11-03 17:00:00+00:00"
    )


def test_what_to_write_for_days_is_said(loaded):
    """Both spellings, and what each one means."""
    rows = nights("America/New_York", *CHANGES["America/New_York"][1])

    assert told(lambda: loaded(rows, timezone=intraday("24h"))) == (
        '  timezone.interval: must be the length of one bar, was "24h" while 1 bar begins at the same time of day behind a '
        'change of clocks. Write "1d" for days by the clock of America/New_York, "24h" for days of 24 hours, or the zone '
        "whose clock the bars keep.\n"
        "    row 3 of the source: A 2024-11-04 00:00:00-05:00"
    )


def test_events_have_no_length():
    """Trades an hour apart, or at the same instant, say nothing about an interval."""
    found = measured([*every(HOUR), *every(HOUR)], Timezone(zone="UTC", stamp="event"))

    assert (found.faults, found.coarse) == ([], ())

"""Which session a row belongs to, and what becomes of rows that belong to none."""

# ruff: noqa: DTZ001 - stamps without a zone are what policies are about

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.errors import DataError
from runner.market.clock import placed, stamped
from runner.market.origin import with_origin
from runner.spec.timezone import Session, Timezone


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def frame_of(*stamps, symbol="A"):
    moments = [utc(stamp) if isinstance(stamp, str) else stamp for stamp in stamps]
    return with_origin(pl.DataFrame({"symbol": [symbol] * len(moments), "timestamp": moments}), "a.csv")


def policy(calendar, interval="1min", zone="America/New_York", **settings):
    stamp = "open" if interval else settings.pop("stamp")
    return Timezone(zone=zone, stamp=stamp, interval=interval, calendar=calendar, **settings)


def ends(frame):
    texts = [pl.col(name).cast(pl.Datetime("ns")).dt.strftime("%m-%d %H:%M") for name in ("opened", "known")]
    return frame.select(*texts, pl.col("session").dt.strftime("%m-%d")).rows()


def told(frame, timezone):
    with pytest.raises(DataError) as caught:
        placed(frame, timezone)
    return str(caught.value).split("\n", 1)[1]


def test_daily_bars_are_known_at_their_session_s_close():
    """The day before Independence Day closes at 13:00, the day after Thanksgiving and Christmas Eve too."""
    days = [date(2024, 7, 2), date(2024, 7, 3), date(2024, 11, 29), date(2024, 12, 24)]

    got = stamped(frame_of(*days), Timezone(zone="America/New_York", stamp="session", calendar="XNYS"))

    assert ends(got) == [
        ("07-02 13:30", "07-02 20:00", "07-02"),
        ("07-03 13:30", "07-03 17:00", "07-03"),
        ("11-29 14:30", "11-29 18:00", "11-29"),
        ("12-24 14:30", "12-24 18:00", "12-24"),
    ]


def test_midnight_in_utc_can_be_the_date_of_any_exchange():
    """The zone says how stamps name dates, the calendar when the sessions of these dates are."""
    got = stamped(frame_of("2024-07-03 00:00"), Timezone(zone="UTC", stamp="session", calendar="XNYS"))

    assert ends(got) == [("07-03 13:30", "07-03 17:00", "07-03")]


def test_a_date_without_a_session_is_a_fault():
    """A Saturday and a holiday are named, with their rows."""
    frame = frame_of(date(2024, 7, 3), date(2024, 7, 4), date(2024, 7, 6))

    assert told(frame, Timezone(zone="America/New_York", stamp="session", calendar="XNYS")) == (
        "  timezone.calendar: dates must be sessions of XNYS, was 2 rows of other dates. Where every week has them, "
        "timezone.zone or timezone.calendar is another market's; otherwise repair the rows, or write "
        "timezone.out_of_session: drop to leave them out.\n"
        "    row 2 of a.csv: A 2024-07-04\n"
        "    row 3 of a.csv: A 2024-07-06"
    )


@pytest.mark.parametrize("days", [[date(2024, 7, 3), date(2024, 7, 4)], [date(2024, 7, 4)]])
def test_dropped_dates_are_counted(days):
    """Rows of dates without a session are left out, also when nothing remains."""
    timezone = Timezone(zone="America/New_York", stamp="session", calendar="XNYS", out_of_session="drop")

    got = placed(frame_of(*days), timezone)

    assert got.frame["session"].to_list() == days[:-1]
    assert got.outside == {"A": 1}


def test_intraday_rows_outside_the_hours_are_a_fault():
    """The minute before the open, that of the close, and the afternoon of a half-day."""
    frame = frame_of("2024-07-03 13:29", "2024-07-03 13:30", "2024-07-03 16:59", "2024-07-03 17:00", "2024-07-02 19:59")

    assert told(frame, policy("XNYS")) == (
        "  timezone.out_of_session: rows must lie in the sessions of XNYS, was 2 rows outside. Correct timezone.zone, "
        "timezone.stamp or timezone.calendar if they are in the market's hours; otherwise write timezone.out_of_session: drop "
        "to leave them out, or keep to use them.\n"
        "    row 1 of a.csv: A 2024-07-03 13:29:00+00:00\n"
        "    row 4 of a.csv: A 2024-07-03 17:00:00+00:00"
    )


def test_fixed_hours_refuse_as_well():
    """Hours without a calendar hold on every day that has data, by the zone's wall clock."""
    timezone = policy(None, session=Session(open="04:00", close="20:00"))

    assert told(frame_of("2024-03-08 09:00", "2024-03-11 08:00", "2024-03-11 07:59"), timezone) == (
        "  timezone.out_of_session: rows must lie within timezone.session, was 1 row outside. Correct timezone.zone, "
        "timezone.stamp or timezone.session if they are in the market's hours; otherwise write timezone.out_of_session: drop "
        "to leave them out, or keep to use them.\n"
        "    row 3 of a.csv: A 2024-03-11 07:59:00+00:00"
    )


@pytest.mark.parametrize(
    ("chosen", "rows"),
    [
        ("drop", [("07-02 19:59", "07-02 20:00", "07-02")]),
        (
            "keep",
            [
                ("07-02 13:29", "07-02 13:30", "07-02"),
                ("07-02 19:59", "07-02 20:00", "07-02"),
                ("07-03 00:30", "07-03 00:31", "07-02"),
            ],
        ),
    ],
)
def test_rows_outside_are_dropped_or_kept_and_counted(chosen, rows):
    """What is kept has the zone's date: half past midnight in UTC is the evening before in New York."""
    frame = frame_of("2024-07-02 13:29", "2024-07-02 19:59", "2024-07-03 00:30")

    got = placed(frame, policy("XNYS", out_of_session=chosen))

    assert ends(got.frame) == rows
    assert got.outside == {"A": 2}


def test_bars_that_stick_out_are_cut_to_the_session():
    """Where nothing else is traded: the hour stamped 09:00 opens at 09:30, and that of 12:30 on a half-day ends at 13:00."""
    frame = frame_of("2024-07-03 13:00", "2024-07-03 14:00", "2024-07-03 16:30")

    got = placed(frame, policy("XNYS", interval="1h"))

    assert ends(got.frame) == [
        ("07-03 13:30", "07-03 14:00", "07-03"),
        ("07-03 14:00", "07-03 15:00", "07-03"),
        ("07-03 16:30", "07-03 17:00", "07-03"),
    ]
    assert got.outside == {}


@pytest.mark.parametrize("chosen", ["drop", "keep"])
def test_a_bar_that_may_hold_later_trades_is_not_known_before_its_end(chosen):
    """Data with rows outside the hours may have trades outside in the bar across the close: cutting it would look ahead."""
    frame = frame_of("2024-07-03 16:30", "2024-07-03 17:30")

    got = placed(frame, policy("XNYS", interval="1h", out_of_session=chosen))

    assert ends(got.frame)[0] == ("07-03 16:30", "07-03 17:30", "07-03")
    assert got.outside == {"A": 1}


@pytest.mark.parametrize("chosen", ["error", "drop", "keep"])
def test_no_bar_opens_before_the_market_whatever_becomes_of_rows_outside(chosen):
    """The hour stamped 09:00 holds 09:30 to 10:00; an order filled at its open is filled at 09:30."""
    frame = frame_of("2024-07-02 13:00", "2024-07-02 14:00")

    got = placed(frame, policy("XNYS", interval="1h", out_of_session=chosen))

    assert ends(got.frame) == [("07-02 13:30", "07-02 14:00", "07-02"), ("07-02 14:00", "07-02 15:00", "07-02")]


def test_bars_touching_a_lunch_break():
    """Hong Kong: a bar inside the break is outside, one across its start ends there, one across its end begins there."""
    frame = frame_of("2024-07-03 03:30", "2024-07-03 04:30", symbol="A")
    inside = frame_of("2024-07-03 04:00")
    around = frame_of("2024-07-03 03:30")

    assert ends(placed(frame, policy("XHKG", interval="1h", zone="Asia/Hong_Kong")).frame) == [
        ("07-03 03:30", "07-03 04:00", "07-03"),
        ("07-03 05:00", "07-03 05:30", "07-03"),
    ]
    assert "1 row outside" in told(inside, policy("XHKG", interval="1h", zone="Asia/Hong_Kong"))
    assert ends(placed(around, policy("XHKG", interval="2h", zone="Asia/Hong_Kong")).frame) == [
        ("07-03 03:30", "07-03 05:30", "07-03")
    ]


@pytest.mark.parametrize(
    ("calendar", "stamp", "session"),
    [
        ("CMES", "2024-01-07 23:00", "01-08"),
        ("CMES", "2024-01-08 21:59", "01-08"),
        ("CMES", "2024-01-08 23:00", "01-09"),
        ("CMES", "2024-07-07 22:00", "07-08"),
        ("24-5", "2024-01-07 22:00", "01-08"),
        ("24-5", "2024-01-08 21:59", "01-08"),
        ("24-5", "2024-01-08 22:00", "01-09"),
        ("24-5", "2024-07-07 21:00", "07-08"),
    ],
)
def test_sunday_evening_belongs_to_monday(calendar, stamp, session):
    """Futures and currencies count the evening to the next day, in summer and in winter."""
    got = placed(frame_of(stamp), policy(calendar, zone="UTC"))

    assert ends(got.frame)[0][2] == session


@pytest.mark.parametrize(
    ("calendar", "stamp"),
    [
        ("CMES", "2024-01-07 22:59"),
        ("CMES", "2024-01-08 22:30"),
        ("24-5", "2024-01-07 21:59"),
        ("24-5", "2024-01-05 22:00"),
    ],
)
def test_maintenance_and_weekends_are_outside(calendar, stamp):
    """Before Sunday's open, between 16:00 and 17:00 in Chicago, after Friday 17:00 in New York."""
    assert "1 row outside" in told(frame_of(stamp), policy(calendar, zone="UTC"))


def test_events_belong_to_the_session_up_to_its_close():
    """The print of the closing auction at 16:00:00 is inside, a microsecond later it's outside."""
    inside = frame_of("2024-07-02 13:30", "2024-07-02 20:00")
    outside = frame_of("2024-07-02 13:29:59.999999", "2024-07-02 20:00:00.000001")
    timezone = policy("XNYS", interval=None, stamp="event")

    assert [row[2] for row in ends(placed(inside, timezone).frame)] == ["07-02", "07-02"]
    assert "2 rows outside" in told(outside, timezone)


def test_an_event_where_one_session_ends_and_the_next_begins_belongs_to_the_next():
    """Midnight is the first instant of the new day, around the clock."""
    got = placed(frame_of("2024-07-03 00:00"), policy("24-7", interval=None, stamp="event", zone="UTC"))

    assert ends(got.frame)[0][2] == "07-03"


@pytest.mark.parametrize("interval", ["1min", None])
def test_a_calendar_without_sessions_there_holds_nothing(interval):
    """Rows of a week-long closure are all outside."""
    stamp = {} if interval else {"stamp": "event"}
    frame = frame_of("2024-02-12 06:00")

    got = placed(frame, policy("XSHG", interval=interval, zone="Asia/Shanghai", out_of_session="drop", **stamp))

    assert got.frame.height == 0
    assert got.outside == {"A": 1}


def test_symbols_are_counted_apart():
    """The report can say whose rows were outside."""
    frame = with_origin(
        pl.DataFrame({"symbol": ["B", "A", "B"], "timestamp": [utc("2024-07-02 12:00")] * 2 + [utc("2024-07-02 14:00")]}),
        "a.csv",
    )

    assert placed(frame, policy("XNYS", out_of_session="drop")).outside == {"A": 1, "B": 1}


CHANGES = [
    ("America/New_York", "XNYS", date(2024, 3, 8)),
    ("America/New_York", "XNYS", date(2024, 11, 1)),
    ("Europe/London", "XLON", date(2024, 3, 28)),
    ("Europe/London", "XLON", date(2024, 10, 25)),
    ("Asia/Hong_Kong", "XHKG", date(2024, 3, 8)),
    ("Asia/Hong_Kong", "XHKG", date(2024, 11, 1)),
    ("Asia/Tokyo", "XTKS", date(2024, 3, 8)),
    ("Asia/Tokyo", "XTKS", date(2024, 11, 1)),
]
HOURS = {"XNYS": (570, 960), "XLON": (480, 990), "XHKG": (570, 960), "XTKS": (540, 900)}
"""Minutes since midnight between which every full session of the exchange trades, lunch aside."""
LUNCH = {"XHKG": (720, 780), "XTKS": (690, 750)}


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(CHANGES),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 24 * 60 - 1)), min_size=1, max_size=30, unique=True),
    st.sampled_from(["drop", "keep"]),
)
def test_naive_minutes_around_a_change_of_clocks(change, minutes, chosen):
    """Wall-clock minutes of eight days become the standard library's instants and keep their order; aligning twice is once."""
    zone, calendar, first = change
    walls = sorted(datetime(first.year, first.month, first.day) + timedelta(days=d, minutes=m) for d, m in minutes)
    timezone = policy(
        calendar, zone=zone, naive="localize", ambiguous="latest", nonexistent="forward", out_of_session=chosen
    )

    once = placed(frame_of(*walls), timezone)

    def instant(wall):
        aware = wall.replace(tzinfo=ZoneInfo(zone), fold=1)
        skipped = aware.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall
        exact = (
            wall.replace(hour=3, minute=0, tzinfo=ZoneInfo(zone))
            if zone == "America/New_York"
            else wall.replace(hour=2, minute=0, tzinfo=ZoneInfo(zone))
        )
        return round((exact if skipped else aware).timestamp()) * 10**9

    expected = [instant(wall) for wall in walls] if chosen == "keep" else [instant(w) for w in walls if trades(calendar, w)]
    assert expected == once.frame["opened"].to_list()
    assert once.frame["opened"].is_sorted()
    assert once.outside.get("A", 0) == sum(not trades(calendar, wall) for wall in walls)
    assert stamped(once.frame, timezone).equals(once.frame)


def trades(calendar, wall):
    minute = wall.hour * 60 + wall.minute
    opens, closes = HOURS[calendar]
    if calendar == "XTKS" and wall.date() >= date(2024, 11, 5):
        closes = 930
    rests, resumes = LUNCH.get(calendar, (0, 0))
    return (
        wall.date() not in CLOSED[calendar]
        and wall.weekday() < 5
        and opens <= minute < closes
        and not rests <= minute < resumes
    )


CLOSED = {
    "XNYS": set(),
    "XLON": {date(2024, 3, 29), date(2024, 4, 1)},
    "XHKG": set(),
    "XTKS": {date(2024, 11, 4)},
}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.dates(date(2015, 1, 1), date(2024, 12, 31)), min_size=1, max_size=20, unique=True))
def test_daily_bars_ascend_and_are_known_after_they_open(days):
    """Whatever the dates, instants ascend with them, and aligning twice is once."""
    timezone = Timezone(zone="America/New_York", stamp="session", calendar="XNYS", out_of_session="drop")

    once = stamped(frame_of(*sorted(days)), timezone)

    assert once["known"].is_sorted()
    assert (once["opened"] < once["known"]).all()
    assert stamped(once, timezone).equals(once)

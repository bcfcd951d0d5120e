"""Calendars: the library's schedules and the standard library's zones as oracles, and known days by hand."""

import warnings
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import exchange_calendars
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import ConfigError, DataError
from runner.market.calendar import calendar_faults, calendar_of, days_of, library_sessions

NAMES = sorted(
    {exchange_calendars.resolve_alias(name) for name in exchange_calendars.get_calendar_names() if "/" not in name}
)
"""Every calendar that the library offers, each once."""
EXCHANGES = ("XNYS", "XLON", "XHKG", "XTKS", "XETR", "XASX", "XSHG", "CMES", "us_futures")


def iso(instants):
    return np.datetime_as_string(np.asarray(instants).astype("datetime64[ns]"), unit="m").tolist()


def told(error, run):
    with pytest.raises(error) as caught:
        run()
    return str(caught.value).split("\n", 1)[1]


def wall(instant, zone):
    return datetime.fromtimestamp(instant // 10**9, UTC).astimezone(ZoneInfo(zone))


def session_on(name, day):
    calendar = calendar_of(name, day, day)
    return iso(calendar.open_ns) + iso(calendar.close_ns)


@pytest.mark.parametrize("name", ["XNYS", "XLON", "XHKG", "XTKS", "XASX", "XETR"])
def test_schedules_are_the_library_s(name):
    """Dates, opens, closes and breaks of six years are those `exchange_calendars` lists."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        schedule = exchange_calendars.get_calendar(name, start="2019-01-01", end="2024-12-31").schedule

    got = calendar_of(name, date(2019, 1, 1), date(2024, 12, 31))

    columns = {"open": got.open_ns, "close": got.close_ns, "break_start": got.break_start_ns, "break_end": got.break_end_ns}
    assert [str(day.date()) for day in schedule.index] == got.days.astype("datetime64[D]").astype(str).tolist()
    for column, instants in columns.items():
        assert [-1 if str(stamp) == "NaT" else stamp.value for stamp in schedule[column]] == instants.tolist()


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("XNYS", date(2024, 7, 2), ["2024-07-02T13:30", "2024-07-02T20:00"]),
        ("XNYS", date(2024, 7, 3), ["2024-07-03T13:30", "2024-07-03T17:00"]),
        ("XNYS", date(2024, 7, 4), []),
        ("XNYS", date(2024, 11, 29), ["2024-11-29T14:30", "2024-11-29T18:00"]),
        ("XNYS", date(2024, 12, 24), ["2024-12-24T14:30", "2024-12-24T18:00"]),
        ("XNYS", date(2015, 12, 24), ["2015-12-24T14:30", "2015-12-24T18:00"]),
        ("XNYS", date(2001, 9, 12), []),
        ("XLON", date(2024, 12, 24), ["2024-12-24T08:00", "2024-12-24T12:30"]),
        ("XTKS", date(2024, 11, 1), ["2024-11-01T00:00", "2024-11-01T06:00"]),
        ("XTKS", date(2024, 11, 5), ["2024-11-05T00:00", "2024-11-05T06:30"]),
        ("CMES", date(2024, 1, 8), ["2024-01-07T23:00", "2024-01-08T22:00"]),
        ("CMES", date(2024, 1, 15), ["2024-01-14T23:00", "2024-01-15T18:00"]),
        ("CMES", date(2024, 7, 8), ["2024-07-07T22:00", "2024-07-08T21:00"]),
        ("ASEX", date(2024, 3, 29), []),
        ("ASEX", date(2024, 5, 2), ["2024-05-02T07:00", "2024-05-02T14:20"]),
        ("ASEX", date(2024, 5, 3), []),
        ("XBSE", date(2024, 5, 6), []),
        ("XBOM", date(2025, 2, 1), ["2025-02-01T03:45", "2025-02-01T10:00"]),
        ("XKRX", date(1998, 11, 28), ["1998-11-28T00:30", "1998-11-28T06:00"]),
        ("XKRX", date(1998, 12, 12), []),
        ("XTAE", date(2024, 1, 7), ["2024-01-07T07:59", "2024-01-07T13:40"]),
        ("XTAE", date(2024, 4, 23), []),
        ("XTAE", date(2026, 1, 9), ["2026-01-09T07:59", "2026-01-09T11:50"]),
        ("24-5", date(2024, 1, 8), ["2024-01-07T22:00", "2024-01-08T22:00"]),
        ("24-5", date(2024, 7, 8), ["2024-07-07T21:00", "2024-07-08T21:00"]),
        ("24-5", date(2024, 7, 7), []),
        ("24-7", date(2024, 7, 7), ["2024-07-07T00:00", "2024-07-08T00:00"]),
    ],
)
def test_known_days(name, day, hours):
    """Half-days, holidays, Saturdays and Sundays, longer hours since a day, maintenance, both halves of the year."""
    assert hours == session_on(name, day)


@pytest.mark.parametrize(
    ("name", "zone", "opens", "closes"),
    [
        ("XNYS", "America/New_York", "09:30", {"16:00", "13:00"}),
        ("XLON", "Europe/London", "08:00", {"16:30", "12:30"}),
        ("XHKG", "Asia/Hong_Kong", "09:30", {"16:00", "12:00"}),
        ("XTKS", "Asia/Tokyo", "09:00", {"15:00", "15:30"}),
    ],
)
def test_exchanges_keep_their_wall_clock_summer_and_winter(name, zone, opens, closes):
    """By the standard library's zones, every session of five years opens and closes at the exchange's times of day."""
    got = calendar_of(name, date(2020, 1, 1), date(2024, 12, 31))

    assert {opens} == {wall(instant, zone).strftime("%H:%M") for instant in got.open_ns.tolist()}
    assert closes == {wall(instant, zone).strftime("%H:%M") for instant in got.close_ns.tolist()}
    assert got.days.tolist() == [days_of(wall(instant, zone).date()) for instant in got.open_ns.tolist()]


def test_lunch_breaks():
    """Hong Kong rests from 12:00 to 13:00, but not on a half-day; New York doesn't rest."""
    got = calendar_of("XHKG", date(2024, 12, 23), date(2024, 12, 24))
    new_york = calendar_of("XNYS", date(2024, 12, 23), date(2024, 12, 24))

    assert iso(got.break_start_ns[:1]) + iso(got.break_end_ns[:1]) == ["2024-12-23T04:00", "2024-12-23T05:00"]
    assert (got.break_start_ns[1], got.break_end_ns[1]) == (-1, -1)
    assert new_york.break_start_ns.tolist() == new_york.break_end_ns.tolist() == [-1, -1]


@pytest.mark.parametrize("name", [*EXCHANGES, "24-5", "24-7"])
def test_sessions_follow_one_another(name):
    """Dates ascend, a session closes after it opens, before the next one opens, and rests inside."""
    got = calendar_of(name, date(2023, 1, 1), date(2024, 12, 31))

    rests = got.break_start_ns >= 0
    assert got.days.size > 400
    assert (np.diff(got.days) > 0).all()
    assert (got.open_ns < got.close_ns).all()
    assert (got.close_ns[:-1] <= got.open_ns[1:]).all()
    assert (got.open_ns < got.break_start_ns)[rests].all()
    assert (got.break_start_ns < got.break_end_ns)[rests].all()
    assert (got.break_end_ns < got.close_ns)[rests].all()


@given(st.dates(date(1971, 1, 1), date(2036, 12, 31)), st.integers(0, 30))
def test_currencies_trade_from_sunday_to_friday_17_00_in_new_york(first, length):
    """By the standard library's zones: five sessions a week, each from 17:00 the day before to 17:00."""
    days = [first + timedelta(days=ahead) for ahead in range(length + 1)]

    got = calendar_of("24-5", days[0], days[-1])

    def ends(day):
        local = datetime(day.year, day.month, day.day, 17, tzinfo=ZoneInfo("America/New_York"))
        return round(local.timestamp()) * 10**9

    weekdays = [day for day in days if day.isoweekday() <= 5]
    assert [days_of(day) for day in weekdays] == got.days.tolist()
    assert [ends(day) for day in weekdays] == got.close_ns.tolist()
    assert [ends(day - timedelta(days=1)) for day in weekdays] == got.open_ns.tolist()


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo", "America/Sao_Paulo"])
def test_around_the_clock_every_instant_belongs_to_the_zone_s_date(zone):
    """A day ends where the next begins, also where clocks change at midnight."""
    got = calendar_of("24-7", date(2018, 1, 1), date(2018, 12, 31), zone=zone)

    assert got.days.size == 365
    assert got.close_ns[:-1].tolist() == got.open_ns[1:].tolist()
    assert got.days.tolist() == [days_of(wall(instant, zone).date()) for instant in got.open_ns.tolist()]
    assert [day - 1 for day in got.days.tolist()] == [
        days_of(wall(instant - 1, zone).date()) for instant in (got.open_ns - 10**9).tolist()
    ]


@pytest.mark.parametrize("name", ["XNYS", "24-5"])
def test_a_weekend_has_no_session(name):
    """A stretch without sessions is an empty calendar, not a fault; a margin reaches out of it."""
    assert calendar_of(name, date(2024, 1, 6), date(2024, 1, 7)).days.size == 0
    assert calendar_of(name, date(2024, 1, 6), date(2024, 1, 7), margin=1).days.tolist() == [
        days_of(date(2024, 1, 5)),
        days_of(date(2024, 1, 8)),
    ]


def test_the_same_question_has_the_same_answer():
    """Neither an earlier question nor a longer stretch changes a session."""
    short = calendar_of("XHKG", date(2024, 2, 1), date(2024, 2, 29))
    long = calendar_of("XHKG", date(2020, 1, 1), date(2024, 12, 31)).between(date(2024, 2, 1), date(2024, 2, 29))

    for name in ("days", "open_ns", "close_ns", "break_start_ns", "break_end_ns"):
        assert getattr(short, name).tolist() == getattr(long, name).tolist()


def test_an_alias_is_its_calendar():
    """NASDAQ keeps the hours of New York, and CME those of its futures, maintenance included."""
    assert session_on("NASDAQ", date(2024, 7, 3)) == session_on("XNYS", date(2024, 7, 3))
    assert session_on("CME", date(2024, 7, 8)) == session_on("CMES", date(2024, 7, 8))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "xnys",
            'timezone.calendar: must be the name of a calendar, was "xnys". Did you mean XNYS?',
        ),
        (
            "24_7",
            'timezone.calendar: must be the name of a calendar, was "24_7". Did you mean 24-7?',
        ),
    ],
)
def test_an_unknown_name_is_a_fault(name, message):
    """With the nearest name, and asking for its sessions says the same."""
    known = len(exchange_calendars.get_calendar_names())
    told_so = f"{message} {known} are known, from 24-5 to us_futures."

    assert [told_so] == [str(fault) for fault in calendar_faults(name)]
    assert f"  {told_so}" == told(ConfigError, lambda: calendar_of(name, date(2024, 1, 1), date(2024, 1, 2)))


def test_dates_a_calendar_does_not_know_are_a_fault():
    """Hong Kong's holidays follow the moon, and are worked out up to a year."""
    last = date(2060, 1, 4)

    assert told(DataError, lambda: calendar_of("XHKG", date(2024, 1, 2), last)) == (
        "  timezone.calendar: XHKG must know the dates of the data, was 2024-01-02 to 2060-01-04. The calendar says: The XHKG "
        "holidays are only recorded to the year 2049. Leave rows of other dates out of the source, or write the hours as "
        "timezone.session instead of a calendar."
    )


@pytest.mark.parametrize("first", [date(2049, 12, 28), date(2049, 12, 31)])
def test_the_last_days_a_calendar_knows_can_be_used(first):
    """The margin ends where the calendar does, also of one day."""
    got = calendar_of("XHKG", first, date(2049, 12, 31), margin=3)

    assert got.days[-1] == days_of(date(2049, 12, 31))


@pytest.mark.parametrize("name", NAMES)
def test_every_calendar_lists_its_sessions_or_says_in_our_words_that_it_does_not_know_the_dates(name):
    """A year that every exchange still open knows, and one that few know."""
    recent = calendar_of(name, date(2025, 1, 1), date(2025, 12, 31))
    try:
        old = calendar_of(name, date(1970, 1, 2), date(1970, 1, 31))
        told_so = f"{name} knows {old.days.size} sessions"
    except DataError as error:
        told_so = str(error)

    assert 220 <= recent.days.size <= 365
    assert (np.diff(recent.open_ns) > 0).all()
    assert told_so.startswith((f"{name} knows 1", f"{name} knows 2", f"{name} knows 3")) or (
        f"timezone.calendar: {name} must know the dates of the data, was 1970-01-02 to 1970-01-31" in told_so
    )


class Failing:
    """A library of exchanges that fails at whatever calendar it is asked for."""

    __version__ = "9.9"
    errors = exchange_calendars.errors

    def __init__(self, error):
        self.error = error

    def get_calendar(self, *_args, **_words):
        raise self.error


@pytest.mark.parametrize("error", [NotImplementedError("by subclasses"), KeyError("x"), ValueError("Special dates [1, 2]")])
def test_a_library_that_fails_is_told_in_our_words(error):
    """Its message is the cause; what to write instead of the calendar is said."""
    assert told(DataError, lambda: library_sessions(Failing(error), "XTAE", date(2024, 1, 2), date(2024, 1, 5), 10)) == (
        "  timezone.calendar: exchange_calendars 9.9 must be able to list the sessions of XTAE, was "
        f"{type(error).__name__} for 2024-01-02 to 2024-01-05. It may not fit the installed pandas: install another version "
        "of either, or write the hours as timezone.session instead of a calendar."
    )

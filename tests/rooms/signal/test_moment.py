"""Which row a date or an instant means."""

import numpy as np
import pytest

from runner.errors import ConfigError
from runner.signal.moment import Moment, instant_text, moment_of, row_at, session_text
from runner.signal.sheet import Sheet, Surroundings


def ns(text):
    return int(np.datetime64(text, "ns").astype(np.int64))


def sheet(*stamps, sessions=None):
    """Return a sheet of one symbol with rows known at these instants, after a symbol that has none."""
    ts = np.array([ns(stamp) for stamp in stamps], dtype=np.int64)
    days = np.array([stamp[:10] for stamp in (sessions or stamps)], dtype="datetime64[D]").astype(np.int32)
    return Sheet("bars", ts, days, np.array([0, 0, len(stamps)]), {}, Surroundings())


ROWS = sheet("2008-10-09T20:00", "2008-10-10T19:00", "2008-10-10T20:00", "2008-10-13T20:00")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2008-10-10 20:00", "2008-10-10T20:00"),
        ("2008-10-10T20:00Z", "2008-10-10T20:00"),
        ("2008-10-10 20:00:01.000000002", "2008-10-10T20:00:01.000000002"),
        ("2008-10-10 16:00-04:00", "2008-10-10T20:00"),
        ("2008-10-11 01:30+05:30", "2008-10-10T20:00"),
        ("2008-10-10 16:00 America/New_York", "2008-10-10T20:00"),
        ("1969-12-31 23:59:59.5", "1969-12-31T23:59:59.5"),
    ],
)
def test_instants_are_utc_unless_a_zone_is_written(text, expected):
    """Offset or name of a zone, down to the nanosecond."""
    assert moment_of(text, "--at") == Moment(text, ts=ns(expected))


def test_a_date_is_a_session():
    """Days since 1970."""
    assert moment_of("1970-01-11", "--at") == Moment("1970-01-11", session=10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("yesterday", "must be a date or an instant, was yesterday"),
        ("10.10.2008", "must be a date or an instant, was 10.10.2008"),
        ("2008-13-01", "must be a date or an instant there is"),
        ("2008-02-30 12:00", "must be a date or an instant there is"),
        ("2008-10-10 25:00", "must be a date or an instant there is"),
        ("2008-10-10 15:30 Mars/Olympus", "must be a date or an instant there is"),
        ("2008-10-10 15:30 America", "must be a date or an instant there is"),
        ("2008-11-02 01:30 America/New_York", "must be an instant that came once by the clock of its zone"),
    ],
)
def test_what_is_no_moment_is_refused(text, said):
    """Nothing is guessed, not even which of two hours is meant when clocks are put back."""
    with pytest.raises(ConfigError, match="--at") as caught:
        moment_of(text, "--at")

    assert said in str(caught.value)
    assert "Write" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "row"),
    [("2008-10-10", 2), ("2008-10-09", 0), ("2008-10-10 19:00", 1), ("2008-10-10 20:00", 2), ("2008-10-13", 3)],
)
def test_the_row_of_a_moment(text, row):
    """Of a session the last row, of an instant the row known at it."""
    assert row_at(moment_of(text, "--at"), ROWS, 1, "A") == row


def test_of_rows_of_one_instant_the_last_is_meant():
    """Quotes of one instant keep their order; the last is what is known then."""
    twice = sheet("2008-10-10T19:00", "2008-10-10T19:00", "2008-10-10T20:00")

    assert row_at(moment_of("2008-10-10 19:00", "--at"), twice, 1, "A") == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2008-10-11", "The nearest before and after are 2008-10-10 and 2008-10-13."),
        ("2008-10-08", "The nearest is 2008-10-09."),
        ("2008-10-14", "The nearest is 2008-10-13."),
        ("2008-10-10 19:30", 'The nearest before and after are "2008-10-10 19:00Z" and "2008-10-10 20:00Z".'),
        ("2008-10-14 00:00", 'The nearest is "2008-10-13 20:00Z".'),
    ],
)
def test_without_a_row_the_nearest_are_named(text, said):
    """What is named can be written in its place."""
    with pytest.raises(ConfigError) as caught:
        row_at(moment_of(text, "--at"), ROWS, 1, "A")

    assert said in str(caught.value)


def test_a_symbol_without_rows_is_said():
    """There is nothing nearest."""
    with pytest.raises(ConfigError, match="--symbol: must have rows, was EMPTY"):
        row_at(moment_of("2008-10-10", "--at"), ROWS, 0, "EMPTY")


@pytest.mark.parametrize(
    "text", ["2008-10-10 20:00Z", "2008-10-10 20:00:01Z", "2008-10-10 20:00:00.000000001Z", "1969-12-31 23:59Z"]
)
def test_instants_are_told_as_they_are_read(text):
    """To the minute, the second or the nanosecond, as needed."""
    assert instant_text(moment_of(text, "--at").ts) == text


def test_sessions_are_told_as_they_are_read():
    """A date."""
    assert session_text(moment_of("2008-10-10", "--at").session) == "2008-10-10"

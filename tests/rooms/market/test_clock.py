"""From stamps to instants, with expected values written down by hand."""

# ruff: noqa: DTZ001 - stamps without a zone are what is tested

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import DataError
from runner.market.clock import stamped
from runner.market.origin import with_origin
from runner.spec.timezone import Session, Timezone


def frame_of(stamps, dtype=None):
    column = pl.Series("timestamp", stamps, dtype=dtype)
    return with_origin(pl.DataFrame({"symbol": ["AAPL"] * len(column), "timestamp": column}), "a.csv")


def told(frame, policy):
    with pytest.raises(DataError) as caught:
        stamped(frame, policy)
    return str(caught.value).split("\n", 1)[1]


@pytest.mark.parametrize(
    ("zone", "hours", "expected"),
    [
        (
            "America/New_York",
            ("09:30", "16:00"),
            {
                date(2024, 3, 8): ("2024-03-08 14:30", "2024-03-08 21:00"),
                date(2024, 3, 11): ("2024-03-11 13:30", "2024-03-11 20:00"),
                date(2024, 11, 1): ("2024-11-01 13:30", "2024-11-01 20:00"),
                date(2024, 11, 4): ("2024-11-04 14:30", "2024-11-04 21:00"),
            },
        ),
        (
            "Europe/London",
            ("08:00", "16:30"),
            {
                date(2024, 3, 28): ("2024-03-28 08:00", "2024-03-28 16:30"),
                date(2024, 4, 2): ("2024-04-02 07:00", "2024-04-02 15:30"),
                date(2024, 10, 25): ("2024-10-25 07:00", "2024-10-25 15:30"),
                date(2024, 10, 28): ("2024-10-28 08:00", "2024-10-28 16:30"),
            },
        ),
        (
            "Asia/Tokyo",
            ("09:00", "15:00"),
            {
                date(2024, 3, 8): ("2024-03-08 00:00", "2024-03-08 06:00"),
                date(2024, 11, 5): ("2024-11-05 00:00", "2024-11-05 06:00"),
            },
        ),
    ],
)
def test_a_session_opens_and_closes_by_the_exchange_s_wall_clock(zone, hours, expected, ns):
    """The same wall-clock hours are other instants before and after each change of clocks."""
    policy = Timezone(zone=zone, stamp="session", session=Session(open=hours[0], close=hours[1]))

    got = stamped(frame_of(list(expected)), policy)

    assert [ns(opened) for opened, _ in expected.values()] == got["opened"].to_list()
    assert [ns(closed) for _, closed in expected.values()] == got["known"].to_list()
    assert list(expected) == got["session"].to_list()


DAYS = {
    "America/New_York": {
        "2024-03-09": ("2024-03-09 05:00", "2024-03-10 05:00"),
        "2024-03-10": ("2024-03-10 05:00", "2024-03-11 04:00"),
        "2024-03-11": ("2024-03-11 04:00", "2024-03-12 04:00"),
        "2024-11-02": ("2024-11-02 04:00", "2024-11-03 04:00"),
        "2024-11-03": ("2024-11-03 04:00", "2024-11-04 05:00"),
        "2024-11-04": ("2024-11-04 05:00", "2024-11-05 05:00"),
    },
    "Europe/London": {
        "2024-03-30": ("2024-03-30 00:00", "2024-03-31 00:00"),
        "2024-03-31": ("2024-03-31 00:00", "2024-03-31 23:00"),
        "2024-04-01": ("2024-03-31 23:00", "2024-04-01 23:00"),
        "2024-10-26": ("2024-10-25 23:00", "2024-10-26 23:00"),
        "2024-10-27": ("2024-10-26 23:00", "2024-10-28 00:00"),
        "2024-10-28": ("2024-10-28 00:00", "2024-10-29 00:00"),
    },
}
"""Days from midnight to midnight around both changes of clocks, in UTC."""


@pytest.mark.parametrize("zone", DAYS)
def test_a_day_ends_at_the_same_wall_time(zone, ns):
    """The day on which clocks are put back has 25 hours, the other 23; stamped with either end."""
    opens, closes = zip(*DAYS[zone].values(), strict=True)
    for stamp, texts in (("open", opens), ("close", closes)):
        instants = frame_of([datetime.fromisoformat(text).replace(tzinfo=UTC) for text in texts])

        got = stamped(instants, Timezone(zone=zone, stamp=stamp, interval="1d"))

        assert got["opened"].to_list() == [ns(text) for text in opens]
        assert got["known"].to_list() == [ns(text) for text in closes]


@pytest.mark.parametrize("zone", DAYS)
def test_a_day_s_naive_stamps_mean_the_same(zone, ns):
    """Midnights without a zone, read on the local clock."""
    policy = Timezone(zone=zone, stamp="open", interval="1d", naive="localize")

    got = stamped(frame_of([datetime.fromisoformat(day) for day in DAYS[zone]]), policy)

    assert got["known"].to_list() == [ns(close) for _, close in DAYS[zone].values()]


def test_twenty_four_hours_are_never_more_or_less(ns):
    """Written in hours a bar's length is one of hours, across any change of clocks."""
    got = stamped(
        frame_of([datetime(2024, 11, 3, 4, tzinfo=UTC)]), Timezone(zone="America/New_York", stamp="open", interval="24h")
    )

    assert got["known"].to_list() == [ns("2024-11-04 04:00")]


@pytest.mark.parametrize(
    ("stamp", "at", "settings", "other"),
    [
        ("open", "2024-11-02 05:30", {}, "2024-11-03 06:30"),
        ("open", "2024-11-02 05:30", {"ambiguous": "earliest"}, "2024-11-03 05:30"),
        ("close", "2024-11-04 06:30", {}, "2024-11-03 05:30"),
        ("close", "2024-11-04 06:30", {"ambiguous": "latest"}, "2024-11-03 06:30"),
        ("open", "2024-03-09 07:30", {}, "2024-03-10 07:00"),
    ],
)
def test_a_day_whose_other_end_is_doubtful_is_known_late_rather_than_early(stamp, at, settings, other, ns):
    """01:30 comes twice in autumn, and the policy says which; 02:30 never comes in spring, and 03:00 is the next instant."""
    policy = Timezone(zone="America/New_York", stamp=stamp, interval="1d", **settings)

    got = stamped(frame_of([datetime.fromisoformat(at).replace(tzinfo=UTC)]), policy)

    assert got["known" if stamp == "open" else "opened"].to_list() == [ns(other)]


@given(
    st.datetimes(datetime(1980, 1, 1), datetime(2037, 12, 1)),
    st.sampled_from(["America/New_York", "Europe/London", "Australia/Lord_Howe", "UTC"]),
    st.integers(1, 7),
)
def test_days_agree_with_the_standard_library(moment, zone, days):
    """Noon of any day, and any number of days later by the same clock."""
    noon = moment.replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=ZoneInfo(zone))

    got = stamped(frame_of([noon.astimezone(UTC)]), Timezone(zone=zone, stamp="open", interval=f"{days}d"))

    assert got["known"][0] == round((noon + timedelta(days=days)).timestamp()) * 10**9


@given(st.dates(date(1970, 1, 2), date(2037, 12, 31)), st.sampled_from(["America/New_York", "Europe/London", "Asia/Tokyo"]))
def test_sessions_agree_with_the_standard_library(day, zone):
    """Any date's open is the instant `zoneinfo` names."""
    policy = Timezone(zone=zone, stamp="session", session=Session(open="09:30", close="16:00"))

    got = stamped(frame_of([day]), policy)

    expected = datetime(day.year, day.month, day.day, 9, 30, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert round(expected.timestamp()) * 10**9 == got["opened"][0]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_midnight_in_the_zone_names_the_session_date(daily, unit):
    """Midnight in New York is 04:00 or 05:00 UTC; both name the date, in every unit."""
    stamps = (
        pl.Series([datetime(2024, 3, 8, 5), datetime(2024, 3, 11, 4)]).dt.replace_time_zone("UTC").dt.cast_time_unit(unit)
    )

    got = stamped(frame_of(stamps), daily)

    assert [date(2024, 3, 8), date(2024, 3, 11)] == got["session"].to_list()
    assert got["known"].to_list() == [1709931600000000000, 1710187200000000000]


def test_a_stamp_a_day_ahead_in_utc_names_the_local_date(ns):
    """Midnight in Hong Kong is 16:00 UTC of the day before."""
    policy = Timezone(zone="Asia/Hong_Kong", stamp="session", session=Session(open="09:30", close="16:00"))

    got = stamped(frame_of([datetime(2022, 1, 2, 16, tzinfo=UTC)]), policy)

    assert [date(2022, 1, 3)] == got["session"].to_list()
    assert [ns("2022-01-03 08:00")] == got["known"].to_list()


def test_naive_midnights_name_dates_once_localize_is_declared(daily):
    """A naive midnight is a date on the wall clock, and refused until the policy says so."""
    frame = frame_of([datetime(2024, 3, 11)])

    got = stamped(frame, daily.model_copy(update={"naive": "localize"}))

    assert [date(2024, 3, 11)] == got["session"].to_list()
    assert told(frame, daily) == (
        "  timezone.naive: stamps must carry a zone, was naive stamps. Write timezone.naive: localize to read them as "
        "wall-clock time in America/New_York, or write the stamps with their offset, e.g. 2024-01-02T09:30:00-05:00.\n"
        "    row 1 of a.csv: AAPL 2024-03-11 00:00:00"
    )


def test_a_time_of_day_is_no_session_date(daily):
    """Intraday stamps under `stamp: session` are refused, with the first rows and what to write."""
    assert told(frame_of([datetime(2024, 3, 11, 4, tzinfo=UTC), datetime(2024, 3, 11, 13, 30, tzinfo=UTC)]), daily) == (
        "  timezone.stamp: session needs stamps at midnight in America/New_York, was 1 row at another time of day. "
        'For intraday bars write timezone.stamp: open and timezone.interval: "1min", with the length your bars have; '
        "for daily bars of another exchange write its timezone.zone.\n"
        "    row 2 of a.csv: AAPL 2024-03-11 13:30:00+00:00"
    )


@pytest.mark.parametrize(("stamp", "opened", "known"), [("open", "14:30", "14:31"), ("close", "14:29", "14:30")])
def test_an_intraday_stamp_is_one_end_of_the_bar(stamp, opened, known, ns):
    """The interval gives the other end; the bar is known at its close."""
    policy = Timezone(zone="America/New_York", stamp=stamp, interval="1min")

    got = stamped(frame_of([datetime(2024, 3, 8, 14, 30, tzinfo=UTC)]), policy)

    assert [ns(f"2024-03-08 {opened}")] == got["opened"].to_list()
    assert [ns(f"2024-03-08 {known}")] == got["known"].to_list()


def test_the_session_date_is_the_date_of_the_open_in_the_zone(minute):
    """After-hours bars past midnight UTC still belong to New York's day."""
    got = stamped(frame_of([datetime(2011, 1, 4, 0, 59, tzinfo=UTC)]), minute)

    assert [date(2011, 1, 3)] == got["session"].to_list()


def test_a_bar_closing_at_midnight_belongs_to_the_day_it_opened():
    """With `stamp: close` the open decides the date."""
    policy = Timezone(zone="UTC", stamp="close", interval="1h")

    got = stamped(frame_of([datetime(2024, 1, 2, tzinfo=UTC)]), policy)

    assert [date(2024, 1, 1)] == got["session"].to_list()


def test_aware_stamps_are_used_as_they_are(minute, ns):
    """An offset in the data wins over the policy's zone."""
    stamp = pl.Series([datetime(2024, 3, 8, 15, 30)]).dt.replace_time_zone("Europe/Paris")

    got = stamped(frame_of(stamp), minute)

    assert [ns("2024-03-08 14:30")] == got["opened"].to_list()


def test_naive_stamps_localize_on_both_sides_of_a_change_of_clocks(minute, ns):
    """09:30 in New York is 14:30 UTC on Friday and 13:30 UTC on Monday."""
    policy = minute.model_copy(update={"naive": "localize"})

    got = stamped(frame_of([datetime(2020, 3, 6, 9, 30), datetime(2020, 3, 9, 9, 30)]), policy)

    assert [ns("2020-03-06 14:30"), ns("2020-03-09 13:30")] == got["opened"].to_list()


def test_wall_times_that_do_not_exist_or_come_twice_are_faults(minute):
    """Neither is resolved by a guess, and both are reported at once."""
    policy = minute.model_copy(update={"naive": "localize"})
    stamps = [datetime(2024, 3, 10, 2, 30), datetime(2024, 3, 10, 3, 30), datetime(2024, 11, 3, 1, 30)]

    assert told(frame_of(stamps), policy) == (
        "  timezone.ambiguous: wall-clock times must be unambiguous in America/New_York, was 1 row. Clocks were put back and "
        "these times came twice; write stamps in UTC or with their offset, or write timezone.ambiguous: earliest or latest to "
        "say which of the two is meant.\n"
        "    row 3 of a.csv: AAPL 2024-11-03 01:30:00\n"
        "  timezone.nonexistent: wall-clock times must exist in America/New_York, was 1 row. Clocks were put forward over "
        "these times; write stamps in UTC or with their offset, correct timezone.zone, or write timezone.nonexistent: forward "
        "to read them as the first instant after the change.\n"
        "    row 1 of a.csv: AAPL 2024-03-10 02:30:00"
    )


@pytest.mark.parametrize(
    ("settings", "opens"),
    [
        ({"ambiguous": "earliest", "nonexistent": "forward"}, ["2024-03-10 07:00", "2024-11-03 05:30"]),
        ({"ambiguous": "latest", "nonexistent": "forward"}, ["2024-03-10 07:00", "2024-11-03 06:30"]),
    ],
)
def test_the_policy_says_what_doubtful_wall_times_mean(minute, settings, opens, ns):
    """02:30 is the instant clocks went forward; 01:30 is the one before they went back, or the one after."""
    policy = minute.model_copy(update={"naive": "localize", **settings})

    got = stamped(frame_of([datetime(2024, 3, 10, 2, 30), datetime(2024, 11, 3, 1, 30)]), policy)

    assert [ns(each) for each in opens] == got["opened"].to_list()


def test_a_session_that_opens_at_a_doubtful_time_is_a_fault():
    """A session declared at 01:30 to 02:30 doesn't open once, or close at all, on the days clocks change."""
    policy = Timezone(zone="America/New_York", stamp="session", session=Session(open="01:30", close="02:30"))

    assert told(frame_of([date(2024, 3, 10), date(2024, 3, 11), date(2024, 11, 3)]), policy) == (
        "  timezone.session.close: must exist in America/New_York, was 02:30 on 2024-03-10. Clocks were put forward over it; "
        "write timezone.nonexistent: forward to take the first instant after.\n"
        "  timezone.session.open: must be unambiguous in America/New_York, was 01:30 on 2024-11-03. Clocks were put back and it "
        "came twice; write timezone.ambiguous: earliest, or latest."
    )


def test_a_session_s_doubtful_times_follow_the_policy(ns):
    """With `latest` and `forward` the same session opens and closes at the instants they name."""
    policy = Timezone(
        zone="America/New_York",
        ambiguous="latest",
        nonexistent="forward",
        stamp="session",
        session=Session(open="01:30", close="02:30"),
    )

    got = stamped(frame_of([date(2024, 3, 10), date(2024, 11, 3)]), policy)

    assert [ns("2024-03-10 06:30"), ns("2024-11-03 06:30")] == got["opened"].to_list()
    assert [ns("2024-03-10 07:00"), ns("2024-11-03 07:30")] == got["known"].to_list()


def test_an_event_happens_at_one_instant(ns):
    """A trade opens and is known when it happens, to the nanosecond, and has the date of the zone's wall clock."""
    policy = Timezone(zone="America/New_York", stamp="event")
    stamps = pl.Series([ns("2024-03-08 03:00") + 1]).cast(pl.Datetime("ns", "UTC"))

    got = stamped(frame_of(stamps), policy)

    assert [ns("2024-03-08 03:00") + 1] == got["opened"].to_list() == got["known"].to_list()
    assert [date(2024, 3, 7)] == got["session"].to_list()


def test_no_rows_are_placed_as_they_are(daily, minute):
    """An empty frame gets the columns, whatever the policy."""
    empty = frame_of([], dtype=pl.Datetime("us", "UTC"))

    for policy in (daily, minute):
        got = stamped(empty, policy)
        assert got.schema["opened"] == got.schema["known"] == pl.Int64
        assert got.schema["session"] == pl.Date
        assert got.height == 0


def test_dates_are_no_times_of_day(minute):
    """A date can't name the open of an intraday bar."""
    assert told(frame_of([date(2024, 3, 8)]), minute) == (
        "  timezone.stamp: open needs stamps with a time of day, was dates without a time. Write timezone=us_daily, or "
        'timezone.stamp: session with session: {open: "09:30", close: "16:00"}, for daily bars.\n'
        "    row 1 of a.csv: AAPL 2024-03-08"
    )


@pytest.mark.parametrize(
    ("number", "unit"),
    [(1546300800, "s"), (1546300800_000, "ms"), (1546300800_000_000, "us"), (1546300800_000_000_000, "ns")],
)
def test_numbers_are_refused_with_the_unit_they_look_like(minute, number, unit):
    """An epoch number names its likely unit and the line that converts it."""
    assert told(frame_of([number]), minute) == (
        f"  data: stamps must be dates or datetimes, was numbers of type Int64. They look like {unit} since 1970: convert "
        f'the column once, e.g. in polars with pl.from_epoch("timestamp", time_unit="{unit}").dt.replace_time_zone("UTC"), and '
        f"write the file again.\n    row 1 of a.csv: AAPL {number}"
    )


def test_text_is_refused_as_a_stamp(minute):
    """A column of text isn't parsed here."""
    assert told(frame_of(["2024-01-02"]), minute) == (
        "  data: stamps must be dates or datetimes, was a column of type String. Convert the column once, e.g. to "
        "Datetime with time zone UTC, and write the file again.\n    row 1 of a.csv: AAPL 2024-01-02"
    )


def test_empty_and_impossible_stamps_are_reported_together(minute):
    """An empty stamp and one in the year 5138 are two faults of one report."""
    stamps = pl.Series([None, 10**17], dtype=pl.Int64).cast(pl.Datetime("us", "UTC"))

    assert told(frame_of(stamps), minute) == (
        "  data: stamps must lie in 1970 to 2100, was 1 stamp outside. Times in the wrong unit land there: check whether "
        "the source counts s, ms, us or ns since 1970; leave rows before 1970 out of the file.\n"
        "    row 2 of a.csv: AAPL 5138-11-16 09:46:40+00:00\n"
        "  data: stamps must not be empty, was 1 row. Repair the rows or leave them out of the file; a row without a stamp "
        "has no place in time.\n    row 1 of a.csv: AAPL no stamp"
    )


@pytest.mark.parametrize("stamp", [date(1799, 12, 31), date(2101, 1, 1)])
def test_dates_outside_1800_to_2100_are_faults(daily, stamp):
    """The first day before and the first day after are refused."""
    assert "data: stamps must lie in 1800 to 2100" in told(frame_of([stamp]), daily)


@pytest.mark.parametrize("stamp", [date(1970, 1, 1), date(2100, 12, 31)])
def test_the_ends_of_the_span_are_accepted(daily, stamp):
    """1970-01-01 and 2100-12-31 are dates like any other."""
    assert [stamp] == stamped(frame_of([stamp]), daily)["session"].to_list()


@pytest.mark.parametrize(("written", "read"), [("s", "ms"), ("s", "us"), ("ms", "us"), ("ms", "ns"), ("us", "ns")])
def test_numbers_read_in_too_fine_a_unit_are_found(minute, written, read):
    """Decades squeezed into the first weeks of 1970 are refused although each stamp is a valid time."""
    moments = [datetime(2024, 1, 2, 14, 30, tzinfo=UTC) + timedelta(days=day) for day in range(3)]
    scale = {"s": 1, "ms": 10**3, "us": 10**6}[written]
    numbers = [round(moment.timestamp()) * scale for moment in moments]

    text = told(frame_of(pl.Series(numbers).cast(pl.Datetime(read, "UTC"))), minute)

    assert text.startswith(
        "  data: stamps must not all lie in the first weeks of 1970, was nothing after February 1970. Times in the wrong "
        "unit land there: check whether the source counts s, ms, us or ns since 1970.\n    row 1 of a.csv: AAPL 1970-01-"
    )


@pytest.mark.parametrize(("written", "read"), [("s", "ms"), ("ms", "us"), ("us", "ns"), ("s", "ns")])
def test_two_units_in_one_column_are_found(minute, written, read):
    """Half of the stamps a thousand times too small still lie after 1970; the rows are shown."""
    digits = {"s": 0, "ms": 3, "us": 6, "ns": 9}
    moments = [datetime(2024, 1, 2, 14, 30, tzinfo=UTC) + timedelta(minutes=at) for at in range(4)]
    units = (read, written, read, written)
    numbers = [round(moment.timestamp()) * 10 ** digits[unit] for moment, unit in zip(moments, units, strict=True)]

    text = told(frame_of(pl.Series(numbers).cast(pl.Datetime(read, "UTC"))), minute)

    assert text.startswith(
        "  data: stamps must all count in the same unit, was 2 of 4 in the first weeks of 1970 and none in the year after. "
        "Times in the wrong unit land there: check whether the source counts s, ms, us or ns since 1970; "
        "write all of them in one.\n    row 2 of a.csv: AAPL 1970-01-"
    )
    assert "row 4 of a.csv" in text


def test_data_that_begin_in_the_first_weeks_of_1970_go_on(daily):
    """Rows of the months after show that the year is meant."""
    stamps = [datetime(1970, 1, 5) + timedelta(days=28 * at) for at in range(60)]

    assert stamped(frame_of(stamps), daily.model_copy(update={"naive": "localize"})).height == 60


def test_at_most_five_rows_are_shown(daily):
    """A long list ends with how many more there are."""
    stamps = [datetime(2024, 3, day, 12, tzinfo=timezone(timedelta(hours=1))) for day in range(1, 10)]

    text = told(frame_of(stamps), daily)

    assert [f"row {n} of a.csv" for n in range(1, 6)] == [line.strip().split(":")[0] for line in text.splitlines()[1:6]]
    assert text.splitlines()[-1] == "    and 4 more"


MIDNIGHTS = [datetime(2024, 1, 16, tzinfo=UTC), datetime(2024, 7, 16, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("hours", "advice"),
    [
        (
            {"session": Session(open="09:30", close="16:00")},
            'hours in UTC, session: {open: "13:30", close: "21:00"}; or the',
        ),
        ({"calendar": "XNYS"}, "All stamps are midnights in UTC: write timezone.zone: UTC.\n"),
    ],
)
def test_dates_written_as_midnight_utc_are_told_how_to_be_read(hours, advice):
    """Fixed hours would become UTC's with the zone, so those that New York's are in winter and summer are named."""
    policy = Timezone(zone="America/New_York", stamp="session", **hours)

    assert advice in told(frame_of(MIDNIGHTS), policy)


def test_hours_that_are_two_days_in_utc_are_left_to_a_calendar():
    """Sydney opens the evening before, by the clock of UTC."""
    policy = Timezone(zone="Australia/Sydney", stamp="session", session=Session(open="10:00", close="16:00"))

    message = told(frame_of(MIDNIGHTS), policy)

    assert "write timezone.zone: UTC and the exchange's calendar" in message
    assert "the hours would be read in UTC as well" in message


@pytest.mark.parametrize(
    ("zone", "calendar"),
    [("America/New_York", "XLON"), ("Europe/London", "XPAR"), ("Asia/Tokyo", "XNYS"), ("America/New_York", "CMES")],
)
def test_a_date_of_another_exchange_than_the_calendars_is_refused(zone, calendar):
    """Dates that happen to be sessions of both are no sign that the calendar is right."""
    message = told(frame_of([date(2024, 3, 12)]), Timezone(zone=zone, stamp="session", calendar=calendar))

    assert message.startswith(f"  timezone.zone: must be the zone of {calendar} with stamp: session, ")
    assert message.endswith("otherwise write their own exchange's timezone.calendar.")


@pytest.mark.parametrize(
    ("zone", "calendar"),
    [("UTC", "XNYS"), ("US/Eastern", "XNYS"), ("Europe/Berlin", "XPAR"), ("Europe/London", "24-5"), ("Asia/Tokyo", "24-7")],
)
def test_a_zone_with_the_exchanges_clock_or_utc_reads_its_dates(zone, calendar):
    """It is the clock that counts, not its name; hours that no exchange keeps have no zone to differ from."""
    got = stamped(frame_of([date(2024, 3, 12)]), Timezone(zone=zone, stamp="session", calendar=calendar))

    assert got["session"].to_list() == [date(2024, 3, 12)]

"""What is said about stamps that can't be placed in time: what must hold, what it was, and what to write."""

from datetime import datetime
from typing import Literal

import polars as pl

from runner.errors import Fault
from runner.market.calendar import Calendar
from runner.market.origin import excerpt
from runner.market.wall_clock import Localized, WallClock, localized
from runner.spec.timezone import Session, Timezone

__all__ = [
    "another_exchange",
    "clock_changes",
    "dates_are_no_times",
    "naive",
    "no_session",
    "not_a_time",
    "not_midnight",
    "out_of_session",
    "row_count",
]

EPOCH_UNITS = ((1e11, "s"), (1e14, "ms"), (1e17, "us"), (float("inf"), "ns"))
"""A number below the bound counts in this unit if it names a date between 1973 and 2100."""

FIELDS = {"exist": "timezone.nonexistent", "be unambiguous": "timezone.ambiguous"}
CLOCKS = {
    "exist": "Clocks were put forward over these times; write stamps in UTC or with their offset, correct timezone.zone, or"
    " write timezone.nonexistent: forward to read them as the first instant after the change.",
    "be unambiguous": "Clocks were put back and these times came twice; write stamps in UTC or with their offset, or write"
    " timezone.ambiguous: earliest or latest to say which of the two is meant.",
}


def clock_changes(frame: pl.DataFrame, found: Localized, zone: str) -> list[Fault]:
    """Say which wall-clock times name no instant, or two."""
    cases: list[tuple[pl.Series, Literal["exist", "be unambiguous"]]] = [
        (found.skipped, "exist"),
        (found.repeated, "be unambiguous"),
    ]
    return [
        Fault(
            FIELDS[must],
            f"wall-clock times must {must} in {zone}",
            row_count(rows.height),
            CLOCKS[must],
            excerpt=excerpt(rows),
        )
        for mask, must in cases
        if (rows := frame.filter(mask)).height
    ]


def naive(frame: pl.DataFrame, zone: str) -> Fault:
    """Say that stamps carry no zone although the policy doesn't allow that."""
    write = (
        f"Write timezone.naive: localize to read them as wall-clock time in {zone}, or write the stamps with their"
        f" offset, e.g. 2024-01-02T09:30:00-05:00."
    )
    return Fault("timezone.naive", "stamps must carry a zone", "naive stamps", write, excerpt=excerpt(frame))


def no_session(rows: pl.DataFrame, calendar: Calendar) -> Fault:
    """Say which daily rows have dates that are no sessions."""
    write = (
        "Where every week has them, timezone.zone or timezone.calendar is another market's; otherwise repair the rows, or"
        " write timezone.out_of_session: drop to leave them out."
    )
    was = f"{row_count(rows.height)} of other dates"
    return Fault("timezone.calendar", f"dates must be sessions of {calendar.name}", was, write, excerpt=excerpt(rows))


def out_of_session(rows: pl.DataFrame, calendar: Calendar, cause: str) -> Fault:
    """Say which rows lie outside the hours; `cause` says why, as far as it shows."""
    where = "timezone.out_of_session"
    fixed = calendar.name == "session"
    must = "rows must lie within timezone.session" if fixed else f"rows must lie in the sessions of {calendar.name}"
    write = (
        f"{cause}Correct timezone.zone, timezone.stamp or timezone.{'session' if fixed else 'calendar'} if they are in the"
        f" market's hours; otherwise write {where}: drop to leave them out, or keep to use them."
    )
    return Fault(where, must, f"{row_count(rows.height)} outside", write, excerpt=excerpt(rows))


def dates_are_no_times(frame: pl.DataFrame, timezone: Timezone) -> Fault:
    """Say that dates can't be the stamps of intraday rows."""
    write = (
        'Write timezone=us_daily, or timezone.stamp: session with session: {open: "09:30", close: "16:00"}, for daily bars.'
    )
    was = "dates without a time"
    return Fault("timezone.stamp", f"{timezone.stamp} needs stamps with a time of day", was, write, excerpt=excerpt(frame))


def another_exchange(timezone: Timezone, zone: str) -> Fault:
    """Say that the calendar is that of an exchange in another zone."""
    write = (
        f"A date is a day of the exchange: write timezone.zone: {zone}, or UTC for stamps at midnight UTC, if the data are"
        f" of {timezone.calendar}; otherwise write their own exchange's timezone.calendar."
    )
    must = f"must be the zone of {timezone.calendar} with stamp: session, {zone}"
    return Fault("timezone.zone", must, timezone.zone, write)


def not_midnight(frame: pl.DataFrame, timezone: Timezone, *, is_utc_midnight: bool) -> Fault:
    """Say which stamps name no date; `is_utc_midnight` says whether they, and all others, would name one in UTC."""
    write = (
        'For intraday bars write timezone.stamp: open and timezone.interval: "1min", with the length your bars have;'
        " for daily bars of another exchange write its timezone.zone."
    )
    if is_utc_midnight:
        write = "All stamps are midnights in UTC: write timezone.zone: UTC"
        write += _with_hours(timezone.session, timezone.zone) if timezone.session is not None else "."
    was = f"{row_count(frame.height)} at another time of day"
    must = f"session needs stamps at midnight in {timezone.zone}"
    return Fault("timezone.stamp", must, was, write, excerpt=excerpt(frame))


def _with_hours(session: Session, zone: str) -> str:
    """Go on saying what hours of a zone are in UTC: where clocks change, those that hold in winter and in summer."""
    calendar = 'the exchange\'s calendar, e.g. timezone.calendar: "XNYS" and session: null'
    days = [datetime.fromisoformat(day) for day in ("2024-01-15", "2024-07-15")]
    times = [datetime.strptime(time, "%H:%M").time() for time in (session.open, session.close)]  # noqa: DTZ007 - a time of day
    wall = pl.Series([datetime.combine(day, time) for day in days for time in times])
    found = localized(wall, WallClock(zone)).instant.cast(pl.Datetime("ns")).dt.to_string("%d %H:%M").to_list()
    (first_day, opened), (last_day, closed) = min(found[::2]).split(), max(found[1::2]).split()
    if first_day != last_day:
        return f" and {calendar}; the hours would be read in UTC as well."
    return f' and hours in UTC, session: {{open: "{opened}", close: "{closed}"}}; or {calendar}.'


def not_a_time(frame: pl.DataFrame, dtype: pl.DataType) -> Fault:
    """Say that stamps are text, or numbers, and of which unit."""
    must = "stamps must be dates or datetimes"
    if not dtype.is_numeric():
        write = "Convert the column once, e.g. to Datetime with time zone UTC, and write the file again."
        return Fault("data", must, f"a column of type {dtype}", write, excerpt=excerpt(frame))
    largest = frame.select(pl.col("timestamp").cast(pl.Float64).abs().max()).item() or 0.0
    unit = next(name for bound, name in EPOCH_UNITS if largest < bound)
    write = (
        f"They look like {unit} since 1970: convert the column once, e.g. in polars with"
        f' pl.from_epoch("timestamp", time_unit="{unit}").dt.replace_time_zone("UTC"), and write the file again.'
    )
    return Fault("data", must, f"numbers of type {dtype}", write, excerpt=excerpt(frame))


def row_count(rows: int) -> str:
    """Return a number of rows in words."""
    return "1 row" if rows == 1 else f"{rows} rows"

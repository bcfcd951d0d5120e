"""The time-zone policy applied: from stamps as the file has them to instants.

`stamped` adds three columns: `opened` and `known` (Int64, UTC nanoseconds) and `session` (Date, in the policy's zone).

1. `_typed` refuses stamps that aren't dates or times, that are empty, or that lie outside 1970 to 2100.
2. `stamp: session`: `_session_dates` reads the date a stamp names; the bar opens and is known at the session's wall-clock
   times on that date, in the zone.
3. `stamp: open|close`: `_instants` turns stamps into UTC; the interval gives the other end of the bar.

Why polars and not zoneinfo does the arithmetic: its zone rules are compiled into the wheel, so the same versions give the
same instants on every machine whatever the operating system's zone files say. A wall time that doesn't exist or exists twice
is never resolved by a guess; it's a fault that names the row.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import polars as pl

from runner.errors import DataError, Fault
from runner.market.duration import nanoseconds
from runner.market.origin import excerpt
from runner.market.span import span_faults
from runner.spec.timezone import Session, Timezone

__all__ = ["stamped"]

EPOCH_UNITS = ((1e11, "s"), (1e14, "ms"), (1e17, "us"), (float("inf"), "ns"))
"""A number below the bound counts in this unit if it names a date between 1973 and 2100."""


def stamped(frame: pl.DataFrame, timezone: Timezone) -> pl.DataFrame:
    """Return the rows with `opened`, `known` and `session`; the policy itself must be free of `policy_faults`.

    Raises DataError if stamps can't be read by the policy, showing the first rows that can't.
    """
    dtype = _typed(frame)
    if timezone.stamp == "session" and timezone.session is not None:
        return _by_session(frame, _session_dates(frame, dtype, timezone), timezone.session, timezone.zone)
    if isinstance(dtype, pl.Date):
        raise DataError(_dates_are_no_times(frame, timezone))
    if timezone.interval is None:
        msg = "a policy with faults reached the clock"
        raise ValueError(msg)
    return _by_interval(frame, _instants(frame, dtype, timezone), timezone)


def _typed(frame: pl.DataFrame) -> pl.Date | pl.Datetime:
    dtype = frame.schema["timestamp"]
    if not isinstance(dtype, pl.Date | pl.Datetime):
        raise DataError(_not_a_time(frame, dtype))
    empty = frame.filter(pl.col("timestamp").is_null())
    faults = span_faults(frame)
    if empty.height:
        write = "Repair the rows or leave them out of the file; a bar without a stamp has no place in time."
        faults.append(Fault("data", "stamps must not be empty", _count(empty.height), write, excerpt=excerpt(empty)))
    if faults:
        raise DataError(faults)
    return dtype


def _by_session(frame: pl.DataFrame, dates: pl.Series, session: Session, zone: str) -> pl.DataFrame:
    opened = _wall_time(dates, session.open)
    closed = _wall_time(dates, session.close)
    ends = {"timezone.session.open": _localized(opened, zone), "timezone.session.close": _localized(closed, zone)}
    faults = [fault for where, ends_at in ends.items() for fault in _clock_changes(frame, ends_at, where, zone)]
    if faults:
        raise DataError(faults)
    opens, closes = (end.instant.to_physical() for end in ends.values())
    return frame.with_columns(opens.alias("opened"), closes.alias("known"), dates.alias("session"))


def _by_interval(frame: pl.DataFrame, instants: pl.Series, timezone: Timezone) -> pl.DataFrame:
    length = nanoseconds(timezone.interval or "")
    opened = instants.to_physical() - (length if timezone.stamp == "close" else 0)
    session = opened.cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone(timezone.zone).dt.date()
    return frame.with_columns(opened.alias("opened"), (opened + length).alias("known"), session.alias("session"))


def _session_dates(frame: pl.DataFrame, dtype: pl.Date | pl.Datetime, timezone: Timezone) -> pl.Series:
    """Return the date each stamp names: a date, or exactly midnight on the zone's wall clock."""
    stamps = frame["timestamp"]
    if isinstance(dtype, pl.Date):
        return stamps
    if dtype.time_zone is None:
        _refuse_naive(frame, timezone)
        wall = stamps
    else:
        wall = stamps.dt.convert_time_zone(timezone.zone).dt.replace_time_zone(None)
    within_day = frame.filter(wall != wall.dt.truncate("1d"))
    if within_day.height:
        raise DataError(_not_midnight(within_day, timezone.zone))
    return wall.dt.date()


def _instants(frame: pl.DataFrame, dtype: pl.Datetime, timezone: Timezone) -> pl.Series:
    """Return the stamps in UTC nanoseconds."""
    stamps = frame["timestamp"].cast(pl.Datetime("ns", dtype.time_zone))
    if dtype.time_zone is not None:
        return stamps.dt.convert_time_zone("UTC")
    _refuse_naive(frame, timezone)
    localized = _localized(stamps, timezone.zone)
    faults = _clock_changes(frame, localized, "timezone.naive", timezone.zone)
    if faults:
        raise DataError(faults)
    return localized.instant


@dataclass(frozen=True, slots=True)
class _Localized:
    """Wall-clock times read in a zone."""

    instant: pl.Series
    """UTC, in ns; null where the wall time names no instant or two."""
    skipped: pl.Series
    """True where clocks were put forward over this wall time."""
    repeated: pl.Series
    """True where clocks were put back and the wall time came twice."""


def _localized(wall: pl.Series, zone: str) -> _Localized:
    once = wall.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    first = wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    # Adding a time of day to a date changes the unit to microseconds, so the unit is set here, whatever came in.
    return _Localized(
        once.dt.convert_time_zone("UTC").dt.cast_time_unit("ns"),
        skipped=first.is_null(),
        repeated=once.is_null() & first.is_not_null(),
    )


def _clock_changes(frame: pl.DataFrame, localized: _Localized, where: str, zone: str) -> list[Fault]:
    cases: list[tuple[pl.Series, Literal["exist", "be unambiguous"]]] = [
        (localized.skipped, "exist"),
        (localized.repeated, "be unambiguous"),
    ]
    return [
        Fault(where, f"wall-clock times must {must} in {zone}", _count(rows.height), _CLOCKS[must], excerpt=excerpt(rows))
        for mask, must in cases
        if (rows := frame.filter(mask)).height
    ]


_CLOCKS = {
    "exist": "Clocks were put forward over these times; write stamps in UTC or with their offset, or correct timezone.zone.",
    "be unambiguous": "Clocks were put back and these times came twice; write stamps in UTC or with their offset.",
}


def _wall_time(dates: pl.Series, time_of_day: str) -> pl.Series:
    hours, minutes = time_of_day.split(":")
    return dates.cast(pl.Datetime("us")) + timedelta(hours=int(hours), minutes=int(minutes))


def _refuse_naive(frame: pl.DataFrame, timezone: Timezone) -> None:
    if timezone.naive == "localize" or frame.height == 0:
        return
    write = (
        f"Write timezone.naive: localize to read them as wall-clock time in {timezone.zone}, or write the stamps with their"
        f" offset, e.g. 2024-01-02T09:30:00-05:00."
    )
    raise DataError(Fault("timezone.naive", "stamps must carry a zone", "naive stamps", write, excerpt=excerpt(frame)))


def _dates_are_no_times(frame: pl.DataFrame, timezone: Timezone) -> Fault:
    write = (
        'Write timezone=us_daily, or timezone.stamp: session with session: {open: "09:30", close: "16:00"}, for daily bars.'
    )
    was = "dates without a time"
    return Fault("timezone.stamp", f"{timezone.stamp} needs stamps with a time of day", was, write, excerpt=excerpt(frame))


def _not_midnight(frame: pl.DataFrame, zone: str) -> Fault:
    write = (
        'For intraday bars write timezone.stamp: open and timezone.interval: "1min", with the length your bars have;'
        " for daily bars of another exchange write its timezone.zone."
    )
    was = f"{_count(frame.height)} at another time of day"
    return Fault("timezone.stamp", f"session needs stamps at midnight in {zone}", was, write, excerpt=excerpt(frame))


def _not_a_time(frame: pl.DataFrame, dtype: pl.DataType) -> Fault:
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


def _count(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"

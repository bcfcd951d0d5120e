"""The time-zone policy applied: from stamps as the source has them to instants.

`placed` adds three columns: `opened` and `known` (Int64, UTC nanoseconds) and `session` (Date).

1. `_typed` refuses stamps that aren't dates or times, that are empty, or that lie outside 1970 to 2100.
2. `stamp: session`: `_session_dates` reads the date a stamp names, `_by_date` gives the bar that session's open and close.
   A date is a day of the exchange: the policy's zone must have its clock, or be UTC, which reads midnights alone.
3. `stamp: open|close`: `_instants` turns stamps into UTC, `_other_ends` puts the other end of the bar one interval away,
   `cut_to_clock` ends bars earlier that are short by the clock, and `session.place_bars` finds their session.
   `stamp: event`: the instant is both ends.
4. Rows outside the hours are refused, dropped or kept; a daily bar whose date is no session can't be kept.

The session of an intraday row is the one it belongs to: Sunday evening's futures belong to Monday. Rows that belong to none,
and rows without a calendar, have the date of the zone's wall clock.

Placing rows twice gives what placing them once gives. A wall time that doesn't exist or exists twice is never resolved by a
guess; unless the policy says what it means, it's a fault that names the row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.duration import DAY, days_by_clock, nanoseconds
from runner.errors import DataError, Fault
from runner.market import stamp_faults
from runner.market.calendar import Calendar, calendar_of
from runner.market.first_bars import Following, cut_to_clock
from runner.market.lone_rows import Lone, lone_rows
from runner.market.memory import unwritten
from runner.market.origin import excerpt
from runner.market.outside import likely_cause
from runner.market.piecewise import piecewise
from runner.market.session import Hours, Instants, blocks, place_bars, place_events, session_hours
from runner.market.span import span_faults
from runner.market.wall_clock import WallClock, localized, same_clock, wall_times
from runner.spec.timezone import Timezone

__all__ = ["Placed", "placed", "stamped"]

EPOCH = date(1970, 1, 1)
YEAR, MONTH = 365 * DAY, 28 * DAY
MARGIN = 3
"""Days around the data from which a session may reach into them."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Rows with their instants, and how they lie in the hours of the market."""

    frame: pl.DataFrame
    """The rows that are used, in their order, with `opened`, `known` and `session`."""
    calendar: Calendar | None
    """The sessions the rows were held against; None if the policy names neither calendar nor session."""
    outside: Mapping[str, int]
    """Symbol → rows outside the hours, dropped or kept as `out_of_session` says; symbols without any are not named."""
    lone: Mapping[str, Lone] = field(default_factory=dict)
    """Symbol → its sessions and the times of day of the bars that were dropped; of some rows of more also without any."""


def stamped(frame: pl.DataFrame, timezone: Timezone) -> pl.DataFrame:
    """Return `placed(…).frame`."""
    return placed(frame, timezone).frame


def placed(frame: pl.DataFrame, timezone: Timezone, following: Callable[[], pl.DataFrame] | None = None) -> Placed:
    """Give rows their instants; the policy itself must be free of `policy_faults`.

    Where the rows are some of more, `following` returns those stamped within one interval after the last of them: whether a
    session's first bar is short by the clock, the next one shows.

    Raises DataError if stamps can't be read by the policy, or name no session, showing the first rows.
    """
    dtype = _typed(frame)
    if frame.height == 0:
        none = np.empty(0, np.int64)
        return Placed(_with_instants(frame, none, none, none.astype(np.int32)), None, {})
    if timezone.stamp == "session":
        return _by_date(frame, _session_dates(frame, dtype, timezone), timezone)
    if isinstance(dtype, pl.Date):
        raise DataError(stamp_faults.dates_are_no_times(frame, timezone))
    instants = _array(_instants(frame, dtype, timezone))
    if timezone.stamp == "event":
        return _by_instant(frame, instants, instants, timezone)
    others = _other_ends(instants, timezone)
    opened, known = (instants, others) if timezone.stamp == "open" else (others, instants)
    behind = None if following is None else lambda: _opens(following(), dtype, timezone)
    return _by_instant(frame, opened, known, timezone, behind)


def _typed(frame: pl.DataFrame) -> pl.Date | pl.Datetime:
    dtype = frame.schema["timestamp"]
    if not isinstance(dtype, pl.Date | pl.Datetime):
        raise DataError(stamp_faults.not_a_time(frame, dtype))
    empty = frame.filter(pl.col("timestamp").is_null())
    faults = span_faults(frame)
    if empty.height:
        write = "Repair the rows or leave them out of the file; a row without a stamp has no place in time."
        faults.append(
            Fault("data", "stamps must not be empty", stamp_faults.row_count(empty.height), write, excerpt=excerpt(empty))
        )
    if faults:
        raise DataError(faults)
    return dtype


def _by_date(frame: pl.DataFrame, dates: pl.Series, timezone: Timezone) -> Placed:
    """Give daily bars the open and the close of the session their date names."""
    days = np.asarray(dates.to_physical().to_numpy(), dtype=np.int32)
    calendar = _calendar(timezone, days)
    if calendar is None:
        msg = "a policy with faults reached the clock"
        raise ValueError(msg)
    if calendar.zone is not None and not _reads_dates_of(calendar, calendar.zone, timezone.zone):
        raise DataError(stamp_faults.another_exchange(timezone, calendar.zone))
    found = np.minimum(np.searchsorted(calendar.days, days), max(calendar.days.size - 1, 0))
    inside = calendar.days[found] == days if calendar.days.size else np.zeros(days.size, np.bool_)
    if timezone.out_of_session == "error" and not inside.all():
        raise DataError(stamp_faults.no_session(frame.filter(~inside), calendar))
    kept = found[inside]
    ends = _with_instants(frame.filter(inside), calendar.open_ns[kept], calendar.close_ns[kept], days[inside])
    return Placed(ends, calendar, _by_symbol(frame, ~inside))


def _reads_dates_of(calendar: Calendar, exchange: str, zone: str) -> bool:
    """Return whether a zone has the exchange's clock or is UTC, also where the rows are of one season."""
    if calendar.open_ns.size == 0:
        return True
    instants = np.arange(calendar.open_ns[0], calendar.open_ns[-1] + YEAR, MONTH)
    return any(same_clock(instants, zone, known) for known in (exchange, "UTC"))


def _opens(frame: pl.DataFrame, dtype: pl.Datetime, timezone: Timezone) -> pl.DataFrame:
    """Return rows with when the bars open that are stamped with it."""
    return frame.with_columns(_instants(frame, dtype, timezone).alias("opened")) if frame.height else frame


def _by_instant(
    frame: pl.DataFrame, opened: Instants, known: Instants, timezone: Timezone, following: Following | None = None
) -> Placed:
    """Find the sessions of intraday rows."""
    if timezone.calendar is None and timezone.session is None:
        return Placed(_with_instants(frame, opened, known, _days(opened, timezone.zone)), None, {})
    # A calendar needs the first and last date only; fixed hours need every date that has data.
    dated = opened if timezone.calendar is None else _extremes(opened)
    calendar = _calendar(timezone, _days(dated, timezone.zone))
    if calendar is None:
        msg = "a policy without hours reached the placing of rows"
        raise ValueError(msg)
    if timezone.stamp == "event":
        rows = place_events(calendar, opened)
    else:
        if timezone.stamp == "open":
            opens = pl.DataFrame({"symbol": frame["symbol"], "opened": opened})
            known = cut_to_clock(opens, known, Hours.of(calendar), timezone, following or pl.DataFrame)
        rows = place_bars(calendar, opened, known, cut=timezone.out_of_session == "error")
    # Most data have nothing outside the hours, and then not even a mark per row is made.
    inside = rows.inside
    lone: dict[str, Lone] = {}
    if timezone.out_of_session == "drop" and timezone.stamp != "event" and (inside is not None or following is not None):
        stamps = known if timezone.stamp == "close" else opened
        held = np.ones(opened.size, np.bool_) if inside is None else inside
        lone = lone_rows(frame, stamps, rows.session, held, timezone.zone)
    if inside is None:
        return Placed(_with_instants(frame, rows.opened, rows.known, rows.session), calendar, {}, lone)
    outside = ~inside
    if timezone.out_of_session == "error":
        cause = likely_cause(calendar, opened, known, inside, timezone)
        raise DataError(stamp_faults.out_of_session(frame.filter(outside), calendar, cause))
    counts = _by_symbol(frame, outside)
    if timezone.out_of_session == "drop":
        kept = _with_instants(frame.filter(inside), rows.opened[inside], rows.known[inside], rows.session[inside])
        return Placed(kept, calendar, counts, lone)
    rows.session[outside] = _days(rows.opened[outside], timezone.zone)
    return Placed(_with_instants(frame, rows.opened, rows.known, rows.session), calendar, counts)


def _calendar(timezone: Timezone, days: NDArray[np.int32]) -> Calendar | None:
    """Return the sessions the policy names around these dates; None if it names none."""
    if timezone.calendar is not None:
        first, last = (EPOCH + timedelta(days=int(end)) for end in (days.min(), days.max()))
        # A daily bar's date must be known to the calendar; an instant's session may carry a neighbouring date.
        margin = 0 if timezone.stamp == "session" else MARGIN
        return calendar_of(timezone.calendar, first, last, zone=timezone.zone, margin=margin)
    if timezone.session is not None:
        return session_hours(timezone, timezone.session, _distinct(days))
    return None


def _extremes(instants: Instants) -> Instants:
    """Return the first and the last of instants in any order."""
    ends = piecewise(lambda rows: (instants[rows].min(), instants[rows].max()), blocks(instants.size), rows=instants.size)
    return np.array([min(first for first, _ in ends), max(last for _, last in ends)])


def _distinct(days: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the distinct days, ascending, without sorting every row."""
    first = int(days.min())
    seen = np.zeros(int(days.max()) - first + 1, np.bool_)
    seen[days - first] = True
    return (np.flatnonzero(seen) + first).astype(np.int32)


def _days(instants: Instants, zone: str) -> NDArray[np.int32]:
    """Return the date of each instant on the zone's wall clock, in days since 1970-01-01."""
    first, last = (EPOCH + timedelta(days=int(end) // DAY) for end in _extremes(instants))
    return place_events(calendar_of("24-7", first, last, zone=zone, margin=MARGIN), instants).session


def _with_instants(frame: pl.DataFrame, opened: Instants, known: Instants, days: NDArray[np.int32]) -> pl.DataFrame:
    return frame.with_columns(
        pl.Series("opened", opened, dtype=pl.Int64),
        pl.Series("known", known, dtype=pl.Int64),
        pl.Series("session", days, dtype=pl.Int32).cast(pl.Date),
    )


def _array(instants: pl.Series) -> Instants:
    return np.asarray(instants.to_numpy(), dtype=np.int64)


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
        is_utc_midnight = dtype.time_zone is not None and bool((_instants(frame, dtype, timezone) % DAY == 0).all())
        raise DataError(stamp_faults.not_midnight(within_day, timezone, is_utc_midnight=is_utc_midnight))
    return wall.dt.date()


def _instants(frame: pl.DataFrame, dtype: pl.Datetime, timezone: Timezone) -> pl.Series:
    """Return the stamps in UTC nanoseconds, as integers."""
    stamps = frame["timestamp"]
    if dtype.time_zone is not None:
        return stamps.dt.cast_time_unit("ns").to_physical()
    _refuse_naive(frame, timezone)
    found = localized(stamps, WallClock.of(timezone))
    faults = stamp_faults.clock_changes(frame, found, timezone.zone)
    if faults:
        raise DataError(faults)
    return found.instant


def _other_ends(instants: Instants, timezone: Timezone) -> Instants:
    """Return when bars close that are stamped with their open, or open that are stamped with their close.

    A length in days ends at the same wall time: a day on which clocks are put back has 25 hours, and its bar must not be
    known after 24. Where that time comes twice a bar is known at the later and opens at the earlier one, if the policy
    doesn't say otherwise.
    """
    interval, ahead = timezone.interval or "", timezone.stamp == "open"
    days = days_by_clock(interval)
    if days is None:
        shift = nanoseconds(interval) if ahead else -nanoseconds(interval)
        ends: Instants = unwritten(instants.size, np.int64)
        piecewise(lambda rows: np.add(instants[rows], shift, out=ends[rows]), blocks(instants.size), rows=instants.size)
        return ends
    wall = wall_times(instants, timezone.zone) + timedelta(days=days if ahead else -days)
    twice = timezone.ambiguous if timezone.ambiguous != "error" else "latest" if ahead else "earliest"
    return _array(localized(wall, WallClock(timezone.zone, twice, "forward")).instant)


def _refuse_naive(frame: pl.DataFrame, timezone: Timezone) -> None:
    if timezone.naive == "error":
        raise DataError(stamp_faults.naive(frame, timezone.zone))


def _by_symbol(frame: pl.DataFrame, mask: NDArray[np.bool_]) -> dict[str, int]:
    marked = frame["symbol"].filter(pl.Series(mask)).cast(pl.String)
    return {symbol: int(count) for symbol, count in marked.value_counts().sort("symbol").iter_rows()}

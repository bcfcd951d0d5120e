"""When markets are open: the sessions of a calendar as plain arrays.

1. `calendar_faults` says whether a name is known.
2. `calendar_of` lists the sessions between two dates: an exchange's from `exchange_calendars` (`_exchange`), early
   closes, late opens and lunch breaks included; the two calendars no exchange keeps from rules of our own. `24-7` is
   every day of a zone from midnight to midnight (`_around_the_clock`). `24-5` is currency trading, Sunday 17:00 to Friday
   17:00 in New York, its day beginning and ending at 17:00 there, summer and winter, without holidays
   (`_around_the_week`).

The futures of CME stop for maintenance from 16:00 to 17:00 in Chicago, which the library counts as open: a session of 24
hours ends an hour earlier here. Before September 2015 equity futures closed at 16:15; those 15 minutes are out of session.

What the library complains of pandas is nobody's but its own. Where it fails at a calendar that it knows, that is said in our
words, and hours can be written instead.
"""

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.duration import DAY, HOUR
from runner.errors import ConfigError, DataError, Fault
from runner.market.exchange_library import exchange_library
from runner.market.suggestions import suggest
from runner.market.wall_clock import WallClock, localized

__all__ = ["NO_BREAK", "Calendar", "calendar_faults", "calendar_of", "days_of", "library_sessions", "without_breaks"]

WHERE = "timezone.calendar"
NO_BREAK = -1
"""Stands for the break of a session that has none."""
MAINTAINED = frozenset({"CMES", "us_futures"})
"""Calendars of futures whose sessions of 24 hours hold an hour of maintenance."""
ROOM = 10
"""Days asked for on both sides: the library refuses a stretch without a session."""
CURRENCY_CENTRE = "America/New_York"
CURRENCY_DAY_ENDS = timedelta(hours=17)
EPOCH = date(1970, 1, 1)
OUT_OF_BOUNDS = re.compile("only recorded|can be evaluated")
"""How the library says that it doesn't know dates; other complaints are about itself."""
INSTEAD = "write the hours as timezone.session instead of a calendar"


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Sessions in the order of time, none overlapping another."""

    name: str
    """What the policy calls it; `session` for fixed hours."""
    days: NDArray[np.int32]
    """[S] session dates, ascending, in days since 1970-01-01."""
    open_ns: NDArray[np.int64]
    """[S] UTC nanoseconds of the open."""
    close_ns: NDArray[np.int64]
    """[S] UTC nanoseconds of the close: the first instant that is no longer part of the session."""
    break_start_ns: NDArray[np.int64]
    """[S] UTC nanoseconds at which the lunch break begins, or -1."""
    break_end_ns: NDArray[np.int64]
    """[S] UTC nanoseconds at which trading resumes, or -1."""
    zone: str | None = None
    """The zone of the exchange, whose days the session dates are; None of hours that no exchange keeps."""

    def between(self, first: date, last: date) -> "Calendar":
        """Return the sessions from `first` to `last`, both included."""
        kept = slice(*np.searchsorted(self.days, [days_of(first), days_of(last) + 1]))
        ends = (self.open_ns[kept], self.close_ns[kept], self.break_start_ns[kept], self.break_end_ns[kept])
        return Calendar(self.name, self.days[kept], *ends, zone=self.zone)


def days_of(day: date) -> int:
    """Return days since 1970-01-01."""
    return (day - EPOCH).days


def without_breaks(name: str, days: NDArray[np.int32], open_ns: NDArray[np.int64], close_ns: NDArray[np.int64]) -> Calendar:
    """Return a calendar whose sessions have no lunch break."""
    none = np.full(days.size, NO_BREAK, dtype=np.int64)
    return Calendar(name, days, open_ns, close_ns, none, none)


def calendar_faults(name: str) -> list[Fault]:
    """Return a fault if no calendar of that name exists."""
    if name in OWN:
        return []
    known = {own for own in exchange_library().get_calendar_names() if "/" not in own} | set(OWN)
    if name in known:
        return []
    return [Fault(WHERE, "must be the name of a calendar", f'"{name}"', suggest(name, known))]


def calendar_of(name: str, first: date, last: date, *, zone: str = "UTC", margin: int = 0) -> Calendar:
    """Return the sessions whose dates lie between two dates, both included.

    Args:
        name: an exchange's code such as `XNYS`, `24-7` or `24-5`.
        first: the earliest session date.
        last: the latest session date.
        zone: whose midnights part the days of `24-7`; other calendars have their own zone.
        margin: further days on both sides, as far as the calendar knows them.

    Raises:
        ConfigError: the name is unknown.
        DataError: the calendar doesn't know all dates from `first` to `last`, or the library fails to list its sessions.
    """
    faults = calendar_faults(name)
    if faults:
        raise ConfigError(faults)
    make = OWN.get(name)
    if make is None:
        return _exchange(name, first, last, margin)
    around = timedelta(days=margin)
    return make(name, np.arange(days_of(first - around), days_of(last + around) + 1, dtype=np.int32), zone)


def _around_the_clock(name: str, days: NDArray[np.int32], zone: str) -> Calendar:
    midnights = _at(np.append(days, days[-1] + 1), timedelta(0), zone)
    return without_breaks(name, days, midnights[:-1], midnights[1:])


def _around_the_week(name: str, days: NDArray[np.int32], _zone: str) -> Calendar:
    # 1970-01-01 was a Thursday, so this counts Mondays as 0.
    weekdays = days[(days + 3) % 7 < 5]
    ends = _at(weekdays, CURRENCY_DAY_ENDS, CURRENCY_CENTRE)
    return without_breaks(name, weekdays, _at(weekdays - 1, CURRENCY_DAY_ENDS, CURRENCY_CENTRE), ends)


def _at(days: NDArray[np.int32], time_of_day: timedelta, zone: str) -> NDArray[np.int64]:
    """Return the instant of a wall-clock time on each day; a midnight that doesn't exist is the day's first instant."""
    wall = pl.Series(days, dtype=pl.Int32).cast(pl.Date).cast(pl.Datetime("us")) + time_of_day
    clock = WallClock(zone, ambiguous="earliest", nonexistent="forward")
    return np.asarray(localized(wall, clock).instant.to_numpy(), dtype=np.int64)


OWN: Mapping[str, Callable[[str, NDArray[np.int32], str], Calendar]] = {"24-5": _around_the_week, "24-7": _around_the_clock}
"""Calendars no exchange keeps."""


def _exchange(name: str, first: date, last: date, margin: int) -> Calendar:
    library = exchange_library()
    around = timedelta(days=margin)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        found = library_sessions(library, name, first, last, max(ROOM, margin))
        if found is None:
            return without_breaks(name, np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int64))
        starts, ends = _nanoseconds(found.break_starts_nanos), _nanoseconds(found.break_ends_nanos)
        has_break = starts > 0  # the library's "not a time" is the smallest integer
        opens, closes = _nanoseconds(found.opens_nanos), _nanoseconds(found.closes_nanos)
        days = (_nanoseconds(found.sessions_nanos) // DAY).astype(np.int32)
    if library.resolve_alias(name) in MAINTAINED:
        closes = np.where(closes - opens == DAY, closes - HOUR, closes)
    starts, ends = (np.where(has_break, instants, NO_BREAK) for instants in (starts, ends))
    calendar = Calendar(name, days, opens, closes, starts, ends, zone=str(found.tz))
    return calendar.between(first - around, last + around)


def library_sessions(library: Any, name: str, first: date, last: date, room: int) -> Any:
    """Return the library's calendar with room around the dates, or without where it knows no more; None: no session."""
    refusals: list[Exception] = []
    for before, after in product((room, 0), repeat=2):
        try:
            return library.get_calendar(
                name, start=str(first - timedelta(days=before)), end=str(last + timedelta(days=after))
            )
        except library.errors.NoSessionsError:
            return None
        except ValueError as error:
            refusals.append(error)
        except Exception as error:
            raise DataError(_failed(library, name, first, last, error)) from error
    said = re.split(r", (?:cannot|although)", str(refusals[0]), maxsplit=1)[0].rstrip(".")
    if not OUT_OF_BOUNDS.search(said):
        raise DataError(_failed(library, name, first, last, refusals[0])) from refusals[0]
    write = f"The calendar says: {said}. Leave rows of other dates out of the source, or {INSTEAD}."
    fault = Fault(WHERE, f"{name} must know the dates of the data", f"{first} to {last}", write)
    raise DataError(fault) from refusals[0]


def _failed(library: Any, name: str, first: date, last: date, error: Exception) -> Fault:
    must = f"exchange_calendars {library.__version__} must be able to list the sessions of {name}"
    was = f"{type(error).__name__} for {first} to {last}"
    write = f"It may not fit the installed pandas: install another version of either, or {INSTEAD}."
    return Fault(WHERE, must, was, write)


def _nanoseconds(values: Any) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)

"""Which row of a symbol a text means: a session date, or an instant.

| text | row |
|---|---|
| `2008-10-10` | the last row of that session |
| `2008-10-10 15:30` | the row known at that instant, UTC |
| `2008-10-10 15:30:00.25 Europe/London` | likewise, by the clock of a zone; an offset such as `-04:00` does as well |
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from runner.errors import ConfigError, Fault
from runner.signal.sheet import Sheet

__all__ = ["Moment", "instant_text", "moment_of", "row_at", "session_text"]

FORM = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<minute>[0-9]{2}:[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?"
    r" ?(?P<zone>Z|[+-][0-9]{2}:[0-9]{2}|[A-Za-z][A-Za-z0-9_+/-]*)?)?"
)
WRITE = (
    'Write a session date, e.g. 2008-10-10, or an instant in UTC or with its zone, e.g. "2008-10-10 15:30 America/New_York".'
)
SECOND = 10**9


@dataclass(frozen=True, slots=True)
class Moment:
    """A session date or an instant; exactly one of them is there."""

    text: str
    session: int | None = None
    """Days since 1970-01-01."""
    ts: int | None = None
    """UTC nanoseconds."""


def moment_of(text: str, where: str) -> Moment:
    """Read a date or an instant; raises ConfigError.

    Args:
        text: As a user writes it.
        where: What to point at if it is none.
    """
    found = FORM.fullmatch(text.strip())
    if found is None:
        raise ConfigError(Fault(where, "must be a date or an instant", text, WRITE))
    try:
        day = date.fromisoformat(found["day"])
        if found["minute"] is None:
            return Moment(text, session=(day - date(1970, 1, 1)).days)
        wall = datetime.fromisoformat(f"{found['day']}T{found['minute']}:{found['second'] or '00'}")
        zone = _zone(found["zone"] or "Z")
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise ConfigError(Fault(where, "must be a date or an instant there is", f"{text} ({error})", WRITE)) from error
    offsets = {wall.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)}
    if len(offsets) > 1:
        write = f"Write it in UTC, or with its offset, e.g. {found['day']} {found['minute']}-05:00."
        raise ConfigError(Fault(where, "must be an instant that came once by the clock of its zone", text, write))
    since = wall.replace(tzinfo=zone) - datetime(1970, 1, 1, tzinfo=UTC)
    fraction = int((found["fraction"] or "0").ljust(9, "0"))
    return Moment(text, ts=since // timedelta(seconds=1) * SECOND + fraction)


def _zone(name: str) -> tzinfo:
    if name == "Z":
        return UTC
    if name[0] in "+-":
        hours, minutes = (int(part) for part in name[1:].split(":"))
        return timezone((1 if name[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))
    return ZoneInfo(name)


def row_at(moment: Moment, sheet: Sheet, symbol: int, name: str) -> int:
    """Return the row of a symbol that a moment means; of several rows of one instant the last.

    Args:
        moment: When.
        sheet: The rows to look among.
        symbol: Number of the symbol.
        name: Its name, for the fault.

    Raises:
        ConfigError: There is no such row; the fault names the nearest.
    """
    rows = sheet.of_symbol(symbol)
    wanted, after = _place(moment, sheet, rows)
    if wanted:
        return after - 1
    near = [_row_text(sheet, row, moment) for row in (after - 1, after) if rows.start <= row < rows.stop]
    if not near:
        write = "Choose another symbol, or widen window.start and window.end."
        raise ConfigError(Fault("--symbol", "must have rows", name, write))
    must = (
        f"must be {'a session' if moment.ts is None else 'an instant'} of which {name} has a row on the clock {sheet.clock}"
    )
    write = f"The nearest {'before and after are' if len(near) == 2 else 'is'} {' and '.join(near)}."
    raise ConfigError(Fault("--at", must, moment.text, write))


def _place(moment: Moment, sheet: Sheet, rows: slice) -> tuple[bool, int]:
    """Return whether the row before a place is the one meant, and the place: the first row after the moment."""
    if moment.ts is None:
        found = np.searchsorted(sheet.session[rows], moment.session or 0, side="right")
        after = int(rows.start) + int(found)
        return after > rows.start and int(sheet.session[after - 1]) == moment.session, after
    after = int(rows.start) + int(np.searchsorted(sheet.ts[rows], moment.ts, side="right"))
    return after > rows.start and int(sheet.ts[after - 1]) == moment.ts, after


def _row_text(sheet: Sheet, row: int, moment: Moment) -> str:
    return session_text(int(sheet.session[row])) if moment.ts is None else f'"{instant_text(int(sheet.ts[row]))}"'


def instant_text(ns: int) -> str:
    """Return an instant in UTC, to the minute where that is all of it: `2008-10-10 20:00Z`."""
    text = str(np.datetime64(ns, "ns")).replace("T", " ")
    head, _, fraction = text.partition(".")
    if fraction.strip("0"):
        return f"{head}.{fraction.rstrip('0')}Z"
    return f"{head.removesuffix(':00')}Z"


def session_text(day: int) -> str:
    """Return a session date."""
    return str(np.datetime64(day, "D"))

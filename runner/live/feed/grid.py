"""Which bar an instant belongs to: the stretches of time that bars are built over, stamped as a tape stamps them.

A tape has its bars from files and places them by the time-zone policy (`runner.market.clock`); here there are no bars yet,
and the same policy says where they begin and end:

1. `Grid.cell` finds the stretch of trading around an instant (`runner.market.session.Hours`), an event at its very end
   included, and the clock's interval around it: counted from midnight by the zone's clock, or from the open of the stretch.
2. A bar opens no earlier than the market. Where the policy says that there is nothing out of session (`error`), it is known
   no later than the market closes; otherwise a bar across the close is known at its own end.
3. A daily bar (`stamp: session`) opens and is known with its session, whose date it has.

`Grid.after` names the bar that follows, so that a bar nobody heard of can be missed.

Sessions are looked up a stretch of time ahead, and again when that ends: looking them up takes milliseconds, and of an
exchange's calendar half a second the first time. `Grid.prepare` does it beforehand.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

import numpy as np

from runner.duration import DAY, days_by_clock, duration_text, nanoseconds
from runner.errors import ConfigError, Fault
from runner.market.calendar import Calendar, calendar_of
from runner.market.session import Hours, session_hours
from runner.market.wall_clock import wall_times
from runner.spec.timezone import Timezone

__all__ = ["Align", "Cell", "Grid", "grid_faults"]

Align = Literal["clock", "open"]
"""From where bars are counted: the zone's midnight, or the open of each stretch of trading."""

EPOCH = date(1970, 1, 1)
BEHIND, AHEAD = 10, 60
"""Days around an instant that are looked up at once."""


class Cell(NamedTuple):
    """The place of one bar."""

    opened: int
    """UTC nanoseconds."""
    known: int
    """UTC nanoseconds: its stamp."""
    session: int
    """Session date, days since 1970-01-01."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What was looked up."""

    since: int
    until: int
    """UTC nanoseconds between which the stretches are complete."""
    start: list[int]
    end: list[int]
    day: list[int]
    """Stretches of trading; of daily bars whole sessions."""
    midnights: list[int]
    """Beginnings of the zone's days, ascending, the first being that of day `first_day`."""
    first_day: int


def grid_faults(timezone: Timezone, align: Align) -> list[Fault]:
    """Return why bars can't be built by a policy that is itself free of faults; none if they can."""
    if timezone.stamp == "event":
        write = 'Write stamp: session for daily bars, or stamp: open and e.g. interval: "1min".'
        return [Fault("timezone.stamp", "must say how bars are stamped where they are built", "event", write)]
    if timezone.stamp == "session":
        return []
    interval = timezone.interval or ""
    length, days = nanoseconds(interval), days_by_clock(interval)
    if (days is not None and days != 1) or length > DAY:
        write = 'Write a length of a day or less, e.g. interval: "1h".'
        return [Fault("timezone.interval", "must be at most a day where bars are built", f'"{interval}"', write)]
    if align == "clock" and DAY % length:
        write = f'Write a length that divides a day, e.g. "1h" instead of "{duration_text(length)}".'
        return [Fault("timezone.interval", "must divide a day where bars are counted by the clock", f'"{interval}"', write)]
    return []


class Grid:
    """The bars of one policy."""

    def __init__(self, timezone: Timezone, align: Align = "clock") -> None:
        """Take a policy free of faults; raises ConfigError if bars can't be built by it."""
        faults = grid_faults(timezone, align)
        if faults:
            raise ConfigError(faults)
        self._timezone = timezone
        self._align = align
        self._is_daily = timezone.stamp == "session"
        self._by_days = not self._is_daily and days_by_clock(timezone.interval or "") is not None
        self._interval = DAY if self._is_daily else nanoseconds(timezone.interval or "")
        self._has_hours = timezone.calendar is not None or timezone.session is not None
        self._cuts = timezone.out_of_session == "error"
        self._keeps = timezone.out_of_session == "keep" and not self._is_daily
        self._found: _Known | None = None

    def prepare(self, ts: int) -> None:
        """Look up the sessions around an instant, if they aren't known yet."""
        self._around(ts)

    def cell(self, ts: int) -> Cell | None:
        """Return the bar that something that happened at an instant belongs to; None if it is out of session."""
        known = self._around(ts)
        if not self._has_hours:
            return self._plain(known, ts)
        place = bisect_right(known.start, ts) - 1
        if self._keeps and (place < 0 or ts >= known.end[place]):
            return self._plain(known, ts)
        if place < 0 or ts > known.end[place]:
            return None
        if self._is_daily:
            return Cell(known.start[place], known.end[place], known.day[place])
        # What happens at the very end belongs to the bar that ends there.
        return self._cut(known, place, min(ts, known.end[place] - 1))

    def after(self, cell: Cell) -> Cell | None:
        """Return the bar that opens next; None if nothing says when the market opens again."""
        known = self._around(cell.known)
        if not self._has_hours or (self._keeps and not self._is_daily):
            return self.cell(cell.known)
        place = bisect_right(known.start, cell.known) - 1
        if place >= 0 and cell.known < known.end[place]:
            following = self.cell(cell.known)
            # A bar across the close is known after it; one that opened before must not come twice.
            return following if following is not None and following.opened >= cell.known else None
        return self.cell(known.start[place + 1]) if place + 1 < len(known.start) else None

    def is_open(self, ts: int) -> bool:
        """Tell whether the market is open at an instant; of a market without hours it always is."""
        return self.opening(ts) is not None

    def opening(self, ts: int) -> int | None:
        """Return when the market opened that is open at an instant, None if it is closed; without hours, 0."""
        if not self._has_hours:
            return 0
        known = self._around(ts)
        place = bisect_right(known.start, ts) - 1
        return known.start[place] if place >= 0 and ts < known.end[place] else None

    # --- the clock's intervals ----------------------------------------------------------------------------------------

    def _plain(self, known: _Known, ts: int) -> Cell:
        """Return the clock's interval around an instant, whatever the market's hours."""
        begin, end = self._interval_around(known, ts, None)
        place = bisect_right(known.midnights, begin) - 1
        return Cell(begin, end, known.first_day + place)

    def _cut(self, known: _Known, place: int, ts: int) -> Cell:
        begin, end = self._interval_around(known, ts, known.start[place])
        first = bisect_right(known.end, begin)
        last = place
        while last + 1 < len(known.start) and known.start[last + 1] < end:
            last += 1
        opened = max(begin, known.start[first])
        return Cell(opened, min(end, known.end[last]) if self._cuts else end, known.day[first])

    def _interval_around(self, known: _Known, ts: int, opening: int | None) -> tuple[int, int]:
        day = bisect_right(known.midnights, ts) - 1
        if self._by_days:
            return known.midnights[day], known.midnights[day + 1]
        if self._align == "open" and opening is not None:
            begin = opening + (ts - opening) // self._interval * self._interval
        else:
            wall = int(wall_times(np.array([ts], dtype=np.int64), self._timezone.zone).to_physical()[0])
            begin = ts - wall % DAY % self._interval
        return begin, begin + self._interval

    # --- looking up ---------------------------------------------------------------------------------------------------

    def _around(self, ts: int) -> _Known:
        found = self._found
        if found is None or not found.since <= ts < found.until:
            found = self._found = self._looked_up(ts)
        return found

    def _looked_up(self, ts: int) -> _Known:
        today = EPOCH + timedelta(days=ts // DAY)
        zone = self._timezone.zone
        days = calendar_of("24-7", today - timedelta(days=BEHIND), today + timedelta(days=AHEAD), zone=zone)
        midnights = [*days.open_ns.tolist(), int(days.close_ns[-1])]
        calendar = self._calendar(today)
        inner = (today - EPOCH).days
        since, until = (inner - BEHIND + 2) * DAY, (inner + AHEAD - 2) * DAY
        if calendar is None:
            return _Known(since, until, [], [], [], midnights, int(days.days[0]))
        if self._is_daily:
            starts, ends, sessions = calendar.open_ns, calendar.close_ns, calendar.days
        else:
            hours = Hours.of(calendar)
            starts, ends, sessions = hours.start, hours.end, hours.days
        return _Known(since, until, starts.tolist(), ends.tolist(), sessions.tolist(), midnights, int(days.days[0]))

    def _calendar(self, today: date) -> Calendar | None:
        policy = self._timezone
        if policy.calendar is not None:
            # As far ahead as the calendar knows: near the end of what it knows there is less.
            return calendar_of(policy.calendar, today, today, zone=policy.zone, margin=AHEAD)
        if policy.session is not None:
            inner = (today - EPOCH).days
            return session_hours(policy, policy.session, np.arange(inner - BEHIND, inner + AHEAD, dtype=np.int32))
        return None

"""Which bar an instant belongs to: the stretches of time that bars are built over, stamped as a tape stamps them.

A tape has its bars from files and places them by the time-zone policy (`runner.market.clock`); here there are no bars yet,
and the same policy says where they begin and end:

1. `Grid.cell` finds the stretch of trading around an instant (`sessions`), an event at its very end included, and the
   clock's interval around it: counted from midnight by the zone's clock, or from the open of the stretch.
2. A bar opens no earlier than the market. Where the policy says that there is nothing out of session (`error`), it is known
   no later than the market closes; otherwise a bar across the close is known at its own end.
3. A daily bar (`stamp: session`) opens and is known with its session, whose date it has.

`Grid.after` names the bar that follows, so that a bar nobody heard of can be missed.
"""

from bisect import bisect_right
from typing import Literal, NamedTuple

import numpy as np

from runner.duration import DAY, days_by_clock, duration_text, nanoseconds
from runner.errors import ConfigError, Fault
from runner.live.feed.sessions import Sessions, Stretches
from runner.market.wall_clock import wall_times
from runner.spec.timezone import Timezone

__all__ = ["Align", "Cell", "Grid", "grid_faults"]

Align = Literal["clock", "open"]
"""From where bars are counted: the zone's midnight, or the open of each stretch of trading."""


class Cell(NamedTuple):
    """The place of one bar."""

    opened: int
    """UTC nanoseconds."""
    known: int
    """UTC nanoseconds: its stamp."""
    session: int
    """Session date, days since 1970-01-01."""


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
        self.sessions = Sessions(timezone)
        self._zone = timezone.zone
        self._align = align
        self._is_daily = timezone.stamp == "session"
        self._by_days = not self._is_daily and days_by_clock(timezone.interval or "") is not None
        self._interval = DAY if self._is_daily else nanoseconds(timezone.interval or "")
        self._cuts = timezone.out_of_session == "error"
        self._keeps = timezone.out_of_session == "keep" and not self._is_daily
        self._is_plain = not self.sessions.has_hours

    def cell(self, ts: int) -> Cell | None:
        """Return the bar that something that happened at an instant belongs to; None if it is out of session."""
        known = self.sessions.around(ts)
        if self._is_plain:
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

    def at_or_after(self, ts: int) -> Cell | None:
        """Return the bar around an instant, or the next one where it is out of session."""
        cell = self.cell(ts)
        if cell is not None:
            return cell
        known = self.sessions.around(ts)
        place = bisect_right(known.start, ts)
        return self.cell(known.start[place]) if place < len(known.start) else None

    def after(self, cell: Cell) -> Cell | None:
        """Return the bar that opens next; None if nothing says when the market opens again."""
        known = self.sessions.around(cell.known)
        if self._is_plain or self._keeps:
            return self.cell(cell.known)
        place = bisect_right(known.start, cell.known) - 1
        if place >= 0 and cell.known < known.end[place]:
            return self.cell(cell.known)
        return self.cell(known.start[place + 1]) if place + 1 < len(known.start) else None

    def _plain(self, known: Stretches, ts: int) -> Cell:
        """Return the clock's interval around an instant, whatever the market's hours."""
        begin, end = self._interval_around(known, ts, None)
        return Cell(begin, end, known.date_at(begin))

    def _cut(self, known: Stretches, place: int, ts: int) -> Cell:
        begin, end = self._interval_around(known, ts, known.start[place])
        first = bisect_right(known.end, begin)
        last = place
        while last + 1 < len(known.start) and known.start[last + 1] < end:
            last += 1
        opened = max(begin, known.start[first])
        return Cell(opened, min(end, known.end[last]) if self._cuts else end, known.day[first])

    def _interval_around(self, known: Stretches, ts: int, opening: int | None) -> tuple[int, int]:
        if self._by_days:
            place = bisect_right(known.midnights, ts) - 1
            return known.midnights[place], known.midnights[place + 1]
        if self._align == "open" and opening is not None:
            begin = opening + (ts - opening) // self._interval * self._interval
        else:
            wall = int(wall_times(np.array([ts], dtype=np.int64), self._zone).to_physical()[0])
            begin = ts - wall % DAY % self._interval
        return begin, begin + self._interval

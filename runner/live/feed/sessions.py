"""When the market of a session is open, looked up a stretch of time ahead.

What a tape knows of its rows' sessions beforehand (`runner.market.session`) a feed has to know at every instant. Looking
sessions up takes milliseconds, and of an exchange's calendar half a second the first time; so they are looked up for weeks
around an instant, and again when those are over. `Sessions.around` may be called beforehand.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from runner.duration import DAY
from runner.market.calendar import Calendar, calendar_of
from runner.market.session import Hours, session_hours
from runner.spec.timezone import Timezone

__all__ = ["Sessions", "Stretches"]

EPOCH = date(1970, 1, 1)
BEHIND, AHEAD = 10, 60
"""Days around an instant that are looked up at once."""
EDGE = 2
"""Days at either end of what was looked up that aren't relied on."""


@dataclass(frozen=True, slots=True)
class Stretches:
    """What was looked up."""

    since: int
    until: int
    """UTC nanoseconds between which it is complete."""
    start: list[int]
    end: list[int]
    day: list[int]
    """Stretches of trading, ascending, and the session date of each."""
    midnights: list[int]
    """Beginnings of the zone's days, ascending."""
    first_day: int
    """The day of the first of them, days since 1970-01-01."""

    def date_at(self, ts: int) -> int:
        """Return the date of an instant by the zone's clock."""
        return self.first_day + bisect_right(self.midnights, ts) - 1


class Sessions:
    """The hours of one time-zone policy."""

    def __init__(self, timezone: Timezone) -> None:
        """Take a policy free of faults."""
        self.has_hours = timezone.calendar is not None or timezone.session is not None
        """Whether the policy says when the market is open at all."""
        self._timezone = timezone
        self._is_whole = timezone.stamp == "session"
        self._keeps = timezone.out_of_session == "keep"
        self._found: Stretches | None = None
        self._last = (0, 0, 0)

    def around(self, ts: int) -> Stretches:
        """Return the stretches of trading around an instant: of daily bars whole sessions, else without lunch breaks."""
        found = self._found
        if found is None or not found.since <= ts < found.until:
            found = self._found = self._looked_up(ts)
        return found

    def day(self, ts: int) -> int | None:
        """Return the session date of an event; None if it is out of session and the policy doesn't keep such rows."""
        start, end, day = self._last
        if start <= ts < end:
            return day
        found = self.around(ts)
        if not self.has_hours:
            day = found.date_at(ts)
            midnight = day - found.first_day
            self._last = found.midnights[midnight], found.midnights[midnight + 1], day
            return day
        place = bisect_right(found.start, ts) - 1
        if place >= 0 and ts <= found.end[place]:
            # Its end may begin the next one, so that instant is looked up each time.
            self._last = found.start[place], found.end[place], found.day[place]
            return found.day[place]
        return found.date_at(ts) if self._keeps else None

    def opening(self, ts: int) -> int | None:
        """Return when the market opened that is open at an instant, None if it is closed; without hours, 0."""
        if not self.has_hours:
            return 0
        found = self.around(ts)
        place = bisect_right(found.start, ts) - 1
        return found.start[place] if place >= 0 and ts < found.end[place] else None

    def _looked_up(self, ts: int) -> Stretches:
        inner = ts // DAY
        today = EPOCH + timedelta(days=inner)
        zone = self._timezone.zone
        days = calendar_of("24-7", today - timedelta(days=BEHIND), today + timedelta(days=AHEAD), zone=zone)
        midnights, first_day = [*days.open_ns.tolist(), int(days.close_ns[-1])], int(days.days[0])
        since, until = (inner - BEHIND + EDGE) * DAY, (inner + AHEAD - EDGE) * DAY
        calendar = self._calendar(today, inner)
        if calendar is None:
            return Stretches(since, until, [], [], [], midnights, first_day)
        hours = Hours(calendar.open_ns, calendar.close_ns, calendar.days) if self._is_whole else Hours.of(calendar)
        return Stretches(since, until, hours.start.tolist(), hours.end.tolist(), hours.days.tolist(), midnights, first_day)

    def _calendar(self, today: date, inner: int) -> Calendar | None:
        policy = self._timezone
        if policy.calendar is not None:
            # A margin goes as far as the calendar knows: near the end of what it knows that is less.
            return calendar_of(policy.calendar, today, today, zone=policy.zone, margin=AHEAD)
        if policy.session is not None:
            return session_hours(policy, policy.session, np.arange(inner - BEHIND, inner + AHEAD, dtype=np.int32))
        return None

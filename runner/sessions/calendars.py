"""The sessions that a live session's signals may ask for: those of its history, and those to come.

What history was read with ends with history. A session that begins today and lasts until next month needs to know when the
market opens then, so the calendar of the run's time-zone policy is looked up for a year ahead, as far as it knows.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from runner.market.calendar import Calendar, calendar_of, days_of
from runner.market.load import MarketData
from runner.market.session import session_hours
from runner.market.streams import Stream
from runner.spec.timezone import Timezone

__all__ = ["calendars_ahead"]

AHEAD = 366
"""Days."""
BEHIND = 10


def calendars_ahead(
    market: MarketData, timezone: Timezone, symbols: Collection[str], streams: Collection[Stream], now: int
) -> Mapping[Stream, Mapping[str, Calendar]]:
    """Return stream → symbol → its sessions, those of history first.

    Args:
        market: History.
        timezone: What the feed's stamps mean.
        symbols: The universe.
        streams: What is listened to.
        now: UTC nanoseconds.
    """
    ahead = _around(timezone, now)
    if ahead is None:
        return market.calendars
    joined: dict[int, Calendar] = {}
    found: dict[Stream, Mapping[str, Calendar]] = {}
    for stream in streams:
        known = market.calendars.get(stream, {})
        for each in {id(each): each for each in (*known.values(), None)}.values():
            joined[id(each)] = _joined(each, ahead)
        found[stream] = {symbol: joined[id(known.get(symbol))] for symbol in symbols}
    return found


def _around(policy: Timezone, now: int) -> Calendar | None:
    """Return the policy's sessions from a few days ago to a year ahead, as far as they are known."""
    today = datetime.fromtimestamp(now // 1_000_000_000, UTC).date()
    if policy.calendar is not None:
        # The margin goes as far as the calendar knows, and no day of it needs to be known.
        found = calendar_of(policy.calendar, today, today, zone=policy.zone, margin=AHEAD)
        return found.between(today - timedelta(days=BEHIND), today + timedelta(days=AHEAD))
    if policy.session is not None:
        first = days_of(today)
        return session_hours(policy, policy.session, np.arange(first - BEHIND, first + AHEAD, dtype=np.int32))
    return None


def _joined(before: Calendar | None, ahead: Calendar) -> Calendar:
    """Return sessions, and behind the last of them those that follow."""
    if before is None or not before.days.size:
        return ahead
    new = ahead.days > before.days[-1]

    def both(old: NDArray[np.int64], later: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.concatenate([old, later[new]])

    return Calendar(
        name=before.name,
        days=np.concatenate([before.days, ahead.days[new]]),
        open_ns=both(before.open_ns, ahead.open_ns),
        close_ns=both(before.close_ns, ahead.close_ns),
        break_start_ns=both(before.break_start_ns, ahead.break_start_ns),
        break_end_ns=both(before.break_end_ns, ahead.break_end_ns),
        zone=before.zone,
    )

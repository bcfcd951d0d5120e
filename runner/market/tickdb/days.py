"""Days of the configuration as instants, in the zone of a market."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["days_window"]


def days_window(start: str, end: str | None, zone: str, until: int) -> tuple[int, int]:
    """Return `[start, end)` in ms: from midnight of the first day to the midnight after the last, both in `zone`.

    The end is never after `until`, also in ms; no last day means `until`.
    """
    first = _midnight(date.fromisoformat(start), zone)
    if end is None:
        return first, until
    return first, min(until, _midnight(date.fromisoformat(end) + timedelta(days=1), zone))


def _midnight(day: date, zone: str) -> int:
    return round(datetime.combine(day, time(), ZoneInfo(zone)).timestamp() * 1_000)

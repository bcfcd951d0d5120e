"""A venue's stamps in nanoseconds, whatever unit it used, as far as nobody can mistake one for another."""

from datetime import UTC, datetime

__all__ = ["nanoseconds_of", "nanoseconds_of_text"]

MS = 1_000_000
SECOND = 1_000_000_000
EARLIEST_MS, LATEST_MS = 31_536_000_000, 4_102_444_800_000
"""1971 and 2100; seconds of any date up to 2100 read as milliseconds lie in the first weeks of 1970."""


def nanoseconds_of(stamp: int) -> int | None:
    """Return the instant of a whole number of milliseconds or seconds since 1970; None if it is neither."""
    if EARLIEST_MS <= stamp < LATEST_MS:
        return stamp * MS
    if EARLIEST_MS // 1_000 <= stamp < LATEST_MS // 1_000:
        return stamp * SECOND
    return None


def nanoseconds_of_text(stamp: str) -> int | None:
    """Return the instant of a date and time with its zone (RFC 3339), to the nanosecond; None if it can't be read."""
    whole, dot, rest = stamp.partition(".")
    if dot:
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        zone = rest[len(digits) :]
    elif whole.endswith(("Z", "z")):
        digits, zone, whole = "", "Z", whole[:-1]
    else:
        digits, zone, whole = "", whole[19:], whole[:19]
    try:
        at = datetime.fromisoformat(whole + zone)
    except ValueError:
        return None
    if at.tzinfo is None or (dot and not digits):
        return None
    # By whole numbers: a float of seconds is off by hundreds of nanoseconds.
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    found = (since.days * 86_400 + since.seconds) * SECOND + int(digits[:9].ljust(9, "0"))
    return found if EARLIEST_MS * MS <= found < LATEST_MS * MS else None

"""Instants as venues write them: RFC 3339 text with up to nine decimals, to nanoseconds and back, exactly."""

import re
from datetime import UTC, datetime, timedelta

from runner.live.money import NotExact
from runner.live.profile import SECOND

__all__ = ["ns_of_rfc3339", "rfc3339_of"]

SHAPE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))",
    flags=re.ASCII,
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE = timedelta(seconds=1)


def ns_of_rfc3339(text: str) -> int:
    """Return UTC nanoseconds since 1970; raise `NotExact` for what is no instant, a leap second among it."""
    found = SHAPE.fullmatch(text)
    if found is None:
        raise NotExact(f"not an instant: {text[:40]!r}")
    date, time, fraction, sign, hours, minutes = found.groups()
    try:
        local = datetime.fromisoformat(f"{date}T{time}+00:00")
    except ValueError:
        raise NotExact(f"not an instant: {text[:40]!r}") from None
    offset = (int(hours) * 3600 + int(minutes) * 60) * (-1 if sign == "-" else 1) if sign else 0
    return ((local - EPOCH) // ONE - offset) * SECOND + int((fraction or "0").ljust(9, "0"))


def rfc3339_of(ns: int) -> str:
    """Return the text of UTC nanoseconds since 1970, nine decimals long."""
    seconds, fraction = divmod(ns, SECOND)
    return f"{(EPOCH + timedelta(seconds=seconds)).strftime('%Y-%m-%dT%H:%M:%S')}.{fraction:09d}Z"

"""The time-zone policy held against itself: what the configuration alone shows to be wrong."""

from difflib import get_close_matches
from zoneinfo import available_timezones

from runner.errors import Fault
from runner.spec.timezone import Session, Timezone

__all__ = ["policy_faults"]

NOT_PLACES = frozenset({"Factory", "localtime"})
"""Names of the zone database that mean "whatever this machine is set to": a run must mean the same everywhere."""


def policy_faults(timezone: Timezone) -> list[Fault]:
    """Return every fault of the policy: an unknown zone, an interval or session missing or superfluous or upside down."""
    return [*_zone_faults(timezone.zone), *_interval_faults(timezone), *_session_faults(timezone)]


def _zone_faults(zone: str) -> list[Fault]:
    known = available_timezones() - NOT_PLACES
    if zone in known:
        return []
    by_lower = {name.lower(): name for name in sorted(known)}
    near = get_close_matches(zone.lower().replace(" ", "_"), by_lower, n=1, cutoff=0.6)
    hint = f"Did you mean {by_lower[near[0]]}? " if near else ""
    write = f"{hint}Write a place of the IANA database, e.g. America/New_York, Europe/London or UTC."
    return [Fault("timezone.zone", "must be the name of a time zone", f'"{zone}"', write)]


def _interval_faults(timezone: Timezone) -> list[Fault]:
    where = "timezone.interval"
    if timezone.stamp == "session" and timezone.interval is not None:
        write = "Remove it (interval: null), or write timezone.stamp: open if the stamps are times of day."
        return [Fault(where, "must not be set with stamp: session", f'"{timezone.interval}"', write)]
    if timezone.stamp != "session" and timezone.interval is None:
        write = 'Write the length of one bar, e.g. interval: "1min".'
        return [Fault(where, f"must be set with stamp: {timezone.stamp}", "null", write)]
    return []


def _session_faults(timezone: Timezone) -> list[Fault]:
    if timezone.session is not None:
        return _upside_down(timezone.session)
    if timezone.stamp != "session":
        return []
    write = 'Write when a daily bar opens and is known, e.g. session: {open: "09:30", close: "16:00"}.'
    return [Fault("timezone.session", "must be set with stamp: session", "null", write)]


def _upside_down(session: Session) -> list[Fault]:
    if session.open < session.close:
        return []
    was = f'"{session.open}" to "{session.close}"'
    write = 'Sessions that run past midnight can\'t be written as one; for round-the-clock markets write "00:00" to "23:59".'
    return [Fault("timezone.session", "must open before it closes", was, write)]

"""The time-zone policy held against itself: what the configuration alone shows to be wrong."""

from difflib import get_close_matches
from zoneinfo import available_timezones

from runner.duration import DAY, duration_text, nanoseconds
from runner.errors import Fault
from runner.market.calendar import calendar_faults
from runner.market.streams import Stream
from runner.spec.timezone import Session, Timezone

__all__ = ["policy_faults", "stream_faults", "zone_faults"]

LONGEST = 31 * DAY
"""Longer bars than a month's are a slip of the keyboard, and far longer ones would not fit into an instant."""

NOT_PLACES = frozenset({"Factory", "localtime"})
"""Names of the zone database that mean "whatever this machine is set to": a run must mean the same everywhere."""


def policy_faults(timezone: Timezone) -> list[Fault]:
    """Return every fault of the policy: unknown names; settings that are missing, superfluous or contradict each other."""
    return [
        *zone_faults(timezone.zone, "timezone.zone"),
        *_interval_faults(timezone),
        *_hours_faults(timezone),
        *_out_of_session_faults(timezone),
    ]


def stream_faults(stream: Stream, timezone: Timezone) -> list[Fault]:
    """Return a fault if rows of this stream can't be stamped the way the policy says: bars last, everything else happens."""
    if (stream == "bars") == (timezone.stamp != "event"):
        return []
    if stream == "bars":
        write = 'Write timezone.stamp: open and timezone.interval: "1min" with the length of one bar, or stamp: session.'
        return [Fault("timezone.stamp", "must be session, open or close for bars", "event", write)]
    write = "Write timezone.stamp: event and interval: null."
    return [Fault("timezone.stamp", f"must be event for {stream}", timezone.stamp, write)]


def zone_faults(zone: str, where: str) -> list[Fault]:
    """Return a fault if no zone has this name; `where` is the key it stands under."""
    known = available_timezones() - NOT_PLACES
    if zone in known:
        return []
    by_lower = {name.lower(): name for name in sorted(known)}
    near = get_close_matches(zone.lower().replace(" ", "_"), by_lower, n=1, cutoff=0.6)
    hint = f"Did you mean {by_lower[near[0]]}? " if near else ""
    write = f"{hint}Write a place of the IANA database, e.g. America/New_York, Europe/London or UTC."
    return [Fault(where, "must be the name of a time zone", f'"{zone}"', write)]


def _interval_faults(timezone: Timezone) -> list[Fault]:
    where = "timezone.interval"
    has_length = timezone.stamp in {"open", "close"}
    if has_length and timezone.interval is None:
        write = 'Write the length of one bar, e.g. interval: "1min".'
        return [Fault(where, f"must be set with stamp: {timezone.stamp}", "null", write)]
    if timezone.interval is not None and nanoseconds(timezone.interval) > LONGEST:
        write = "Write the length of one bar: longer ones than a day are seldom stamped with a time of day."
        return [Fault(where, f"must be at most {duration_text(LONGEST)}", f'"{timezone.interval}"', write)]
    if has_length or timezone.interval is None:
        return []
    other = "the stamps are times of day" if timezone.stamp == "session" else "the rows are bars"
    write = f"Remove it (interval: null), or write timezone.stamp: open if {other}."
    return [Fault(where, f"must not be set with stamp: {timezone.stamp}", f'"{timezone.interval}"', write)]


def _hours_faults(timezone: Timezone) -> list[Fault]:
    faults = [] if timezone.session is None else _upside_down(timezone.session)
    if timezone.calendar is not None:
        faults += calendar_faults(timezone.calendar)
    if timezone.calendar is not None and timezone.session is not None:
        was = f'"{timezone.session.open}" to "{timezone.session.close}" beside calendar: "{timezone.calendar}"'
        write = (
            "A calendar has its own hours: write session: null, or calendar: null for fixed hours on every day with data."
        )
        faults.append(Fault("timezone.session", "must be null when a calendar says the hours", was, write))
    if timezone.stamp == "session" and timezone.calendar is None and timezone.session is None:
        write = (
            'Write when a daily bar opens and is known: the exchange\'s calendar, e.g. calendar: "XNYS", or fixed hours,'
            ' e.g. session: {open: "09:30", close: "16:00"}.'
        )
        faults.append(Fault("timezone.session", "must be set with stamp: session and no calendar", "null", write))
    return faults


def _upside_down(session: Session) -> list[Fault]:
    if session.open < session.close:
        return []
    was = f'"{session.open}" to "{session.close}"'
    write = (
        'Sessions that run past midnight can\'t be written as one; write timezone.calendar instead, e.g. "24-7" for markets'
        ' that never close, "24-5" for currencies or "CMES" for futures.'
    )
    return [Fault("timezone.session", "must open before it closes", was, write)]


def _out_of_session_faults(timezone: Timezone) -> list[Fault]:
    where, chosen = "timezone.out_of_session", timezone.out_of_session
    if chosen == "error":
        return []
    if timezone.stamp == "session" and timezone.calendar is not None and chosen == "keep":
        write = "A daily bar of a day without a session has no open and no close; write drop to leave such rows out."
        return [Fault(where, "must be error or drop with stamp: session", "keep", write)]
    if timezone.calendar is not None or (timezone.session is not None and timezone.stamp != "session"):
        return []
    write = 'Nothing is out of session without hours; write timezone.calendar, e.g. "XNYS", or out_of_session: error.'
    if timezone.stamp == "session":
        return [Fault(where, "must be error with stamp: session and no calendar", chosen, write)]
    return [Fault(where, "must be error without a calendar or a session", chosen, write)]

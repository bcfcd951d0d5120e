"""Faults of the time-zone policy that the configuration alone shows."""

import pytest

from runner.market.timezone import policy_faults, stream_faults
from runner.spec.timezone import Session, Timezone

REGULAR = Session(open="09:30", close="16:00")


@pytest.mark.parametrize(
    "policy",
    [
        Timezone(zone="America/New_York", stamp="session", session=REGULAR),
        Timezone(zone="UTC", stamp="open", interval="1min"),
        Timezone(zone="Asia/Kolkata", stamp="close", interval="5min", session=REGULAR),
        Timezone(zone="America/New_York", stamp="session", calendar="XNYS"),
        Timezone(zone="America/New_York", stamp="session", calendar="XNYS", out_of_session="drop"),
        Timezone(zone="Asia/Tokyo", stamp="open", interval="1min", calendar="XTKS", out_of_session="keep"),
        Timezone(zone="UTC", stamp="event", calendar="24-7", out_of_session="drop"),
        Timezone(zone="UTC", stamp="event"),
    ],
)
def test_a_sound_policy_has_no_faults(policy):
    """Each way of stamping can be declared."""
    assert policy_faults(policy) == []


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (
            Timezone(zone="America/New York", stamp="open", interval="1min"),
            'timezone.zone: must be the name of a time zone, was "America/New York". Did you mean America/New_York? '
            "Write a place of the IANA database, e.g. America/New_York, Europe/London or UTC.",
        ),
        (
            Timezone(zone="europe/london", stamp="open", interval="1min"),
            'timezone.zone: must be the name of a time zone, was "europe/london". Did you mean Europe/London? '
            "Write a place of the IANA database, e.g. America/New_York, Europe/London or UTC.",
        ),
        (
            Timezone(zone="localtime", stamp="open", interval="1min"),
            'timezone.zone: must be the name of a time zone, was "localtime". '
            "Write a place of the IANA database, e.g. America/New_York, Europe/London or UTC.",
        ),
        (
            Timezone(zone="UTC", stamp="close"),
            "timezone.interval: must be set with stamp: close, was null. "
            'Write the length of one bar, e.g. interval: "1min".',
        ),
        (
            Timezone(zone="UTC", stamp="session", session=REGULAR, interval="1d"),
            'timezone.interval: must not be set with stamp: session, was "1d". '
            "Remove it (interval: null), or write timezone.stamp: open if the stamps are times of day.",
        ),
        (
            Timezone(zone="UTC", stamp="event", interval="1min"),
            'timezone.interval: must not be set with stamp: event, was "1min". '
            "Remove it (interval: null), or write timezone.stamp: open if the rows are bars.",
        ),
        (
            Timezone(zone="UTC", stamp="session"),
            "timezone.session: must be set with stamp: session and no calendar, was null. Write when a daily bar opens and is "
            'known: the exchange\'s calendar, e.g. calendar: "XNYS", or fixed hours, e.g. session: {open: "09:30", close: '
            '"16:00"}.',
        ),
        (
            Timezone(zone="UTC", stamp="session", session=Session(open="16:00", close="16:00")),
            'timezone.session: must open before it closes, was "16:00" to "16:00". Sessions that run past midnight can\'t be '
            'written as one; write timezone.calendar instead, e.g. "24-7" for markets that never close, "24-5" for currencies '
            'or "CMES" for futures.',
        ),
        (
            Timezone(zone="UTC", stamp="open", interval="1min", session=REGULAR, calendar="24-7"),
            'timezone.session: must be null when a calendar says the hours, was "09:30" to "16:00" beside calendar: "24-7". '
            "A calendar has its own hours: write session: null, or calendar: null for fixed hours on every day with data.",
        ),
        (
            Timezone(zone="UTC", stamp="session", calendar="XNYS", out_of_session="keep"),
            "timezone.out_of_session: must be error or drop with stamp: session, was keep. A daily bar of a day without a "
            "session has no open and no close; write drop to leave such rows out.",
        ),
        (
            Timezone(zone="UTC", stamp="session", session=REGULAR, out_of_session="drop"),
            "timezone.out_of_session: must be error with stamp: session and no calendar, was drop. Nothing is out of session "
            'without hours; write timezone.calendar, e.g. "XNYS", or out_of_session: error.',
        ),
        (
            Timezone(zone="UTC", stamp="event", out_of_session="drop"),
            "timezone.out_of_session: must be error without a calendar or a session, was drop. Nothing is out of session "
            'without hours; write timezone.calendar, e.g. "XNYS", or out_of_session: error.',
        ),
    ],
)
def test_a_fault_says_what_to_write(policy, message):
    """Each contradiction has its own message."""
    assert [message] == [str(fault) for fault in policy_faults(policy)]


def test_all_faults_are_found_at_once():
    """An unknown zone, a superfluous interval and a missing session are three faults."""
    faults = policy_faults(Timezone(zone="Mars/Olympus", stamp="session", interval="1min"))

    assert sorted(fault.where for fault in faults) == ["timezone.interval", "timezone.session", "timezone.zone"]


@pytest.mark.parametrize(
    ("stream", "stamp", "messages"),
    [
        ("bars", "session", []),
        ("bars", "close", []),
        ("depth", "event", []),
        (
            "trades",
            "open",
            ["timezone.stamp: must be event for trades, was open. Write timezone.stamp: event and interval: null."],
        ),
        (
            "bars",
            "event",
            [
                "timezone.stamp: must be session, open or close for bars, was event. Write timezone.stamp: open and "
                'timezone.interval: "1min" with the length of one bar, or stamp: session.'
            ],
        ),
    ],
)
def test_a_stream_is_stamped_by_what_its_rows_are(stream, stamp, messages):
    """Bars last for a while; quotes, trades and books happen."""
    assert messages == [str(fault) for fault in stream_faults(stream, Timezone(zone="UTC", stamp=stamp))]


def test_the_name_of_the_calendar_is_looked_up():
    """A name no calendar has is one of the policy's faults."""
    faults = policy_faults(Timezone(zone="UTC", stamp="session", calendar="XNYX"))

    assert [fault.where for fault in faults] == ["timezone.calendar"]
    assert faults[0].write.startswith("Did you mean XNYS? ")

"""Faults of the time-zone policy that the configuration alone shows."""

import pytest

from runner.market.timezone import policy_faults
from runner.spec.timezone import Session, Timezone

REGULAR = Session(open="09:30", close="16:00")


@pytest.mark.parametrize(
    "policy",
    [
        Timezone(zone="America/New_York", stamp="session", session=REGULAR),
        Timezone(zone="UTC", stamp="open", interval="1min"),
        Timezone(zone="Asia/Kolkata", stamp="close", interval="5min", session=REGULAR),
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
            Timezone(zone="UTC", stamp="session"),
            "timezone.session: must be set with stamp: session, was null. "
            'Write when a daily bar opens and is known, e.g. session: {open: "09:30", close: "16:00"}.',
        ),
        (
            Timezone(zone="UTC", stamp="session", session=Session(open="16:00", close="16:00")),
            'timezone.session: must open before it closes, was "16:00" to "16:00". Sessions that run past midnight '
            "can't be "
            'written as one; for round-the-clock markets write "00:00" to "23:59".',
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

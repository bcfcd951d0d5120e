"""Outages whose ends can't be instants, each told at its end."""

import pytest

from runner.spec.scenario import Outage, Scenario
from runner.trading.models import outage_faults


def faults(*outages):
    scenario = Scenario(outages=[Outage(start=start, end=end) for start, end in outages])
    return [(fault.where, fault.must) for fault in outage_faults(scenario)]


def test_sound_outages_have_no_fault():
    """The first and last whole years that nanoseconds reach, and an outage of one nanosecond."""
    assert (
        faults(
            ("1678-01-01T00:00Z", "2261-12-31T23:59Z"),
            ("2024-03-01T14:30:00.000000001Z", "2024-03-01T14:30:00.000000002Z"),
        )
        == []
    )


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2024-02-30T00:00Z", "2024-03-01T00:00Z", ("scenario.outages[0].start", "must be an instant that exists")),
        ("2024-02-01T00:00Z", "2024-03-01T29:00Z", ("scenario.outages[0].end", "must be an instant that exists")),
        ("2024-01-01T00:00Z", "2262-06-01T00:00Z", ("scenario.outages[0].end", "must lie in the years 1678 to 2261")),
        ("2900-01-01T00:00Z", "2024-06-01T00:00Z", ("scenario.outages[0].start", "must lie in the years 1678 to 2261")),
        ("2024-03-02T00:00Z", "2024-03-01T00:00Z", ("scenario.outages[0]", "must end after it begins")),
        ("2024-03-01T00:00Z", "2024-03-01T00:00Z", ("scenario.outages[0]", "must end after it begins")),
    ],
)
def test_what_is_wrong_is_told_at_the_end_that_is_wrong(start, end, expected):
    """Days that no calendar has, years beyond 64 bits of nanoseconds, ends before beginnings."""
    assert faults((start, end)) == [expected]

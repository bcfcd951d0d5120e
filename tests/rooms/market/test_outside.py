"""Why rows lie outside the hours is said where the rows show it."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from runner.errors import DataError
from runner.market.clock import placed
from runner.market.origin import with_origin
from runner.spec.timezone import Timezone

WINTER, SUMMER = datetime(2024, 1, 22, tzinfo=UTC), datetime(2024, 7, 22, tzinfo=UTC)


def half_hours(monday, first, last):
    """Half hours of the five days from a Monday, from one UTC hour of the day to another."""
    return [
        monday + timedelta(days=day, minutes=minutes)
        for day in range(5)
        for minutes in range(int(first * 60), int(last * 60), 30)
    ]


def advice(stamps, stamp="open", calendar="XNYS", interval="30min"):
    """Return what the refusal of rows outside the hours says to write."""
    frame = with_origin(pl.DataFrame({"symbol": ["A"] * len(stamps), "timestamp": stamps}), "a")
    with pytest.raises(DataError) as caught:
        placed(frame, Timezone(zone="America/New_York", stamp=stamp, interval=interval, calendar=calendar))
    (fault,) = caught.value.faults
    assert fault.where == "timezone.out_of_session"
    return fault.write


@pytest.mark.parametrize(
    ("stamp", "first", "cause"),
    [
        ("open", 15, "the instant at which a session closes: write timezone.stamp: close."),
        ("close", 14.5, "the instant at which a session opens: write timezone.stamp: open."),
    ],
)
def test_rows_at_an_end_of_the_hours_are_bars_stamped_with_the_other_end(stamp, first, cause):
    """Half hours stamped with their close end at 16:00; read as opens, the last one opens when the market closes."""
    assert cause in advice(half_hours(WINTER, first, first + 6.5), stamp)


@pytest.mark.parametrize(
    ("stamps", "moved"),
    [
        (half_hours(WINTER, 9.5, 16), "5 hours later"),
        (half_hours(SUMMER, 9.5, 16), "4 hours later"),
        (half_hours(WINTER, 20.5, 27), "6 hours earlier"),
    ],
)
def test_a_clock_of_another_zone_is_said_with_its_distance(stamps, moved):
    """New York's or Berlin's wall times written as UTC fit when they are moved by whole hours."""
    write = advice(stamps)

    assert f"100 % of all rows would lie inside if they were {moved}" in write
    assert "their clock is another than timezone.zone says" in write


def test_rows_that_fit_one_interval_later_may_be_stamped_with_their_other_end():
    """Hours by the clock: 09:30 to 10:00 is stamped 09:00, which is no end of the session."""
    stamps = [WINTER + timedelta(days=day, hours=hour) for day in range(5) for hour in range(14, 21)]

    write = advice(stamps, "close", interval="1h")

    assert (
        "100 % of all rows would lie inside if they were 1 hour later, and 86 % do: they are stamped with their open"
        in write
    )
    assert "(timezone.stamp: open), or their clock is another" in write


def test_whole_days_outside_are_a_matter_of_the_calendar():
    """Martin Luther King's day is no session in New York."""
    stamps = half_hours(WINTER - timedelta(days=7), 14.5, 21)

    write = advice(stamps)

    assert write.startswith("They are all rows of 1 day, 2024-01-15, without any inside: ")


@pytest.mark.parametrize("stray", [timedelta(hours=-2), timedelta(hours=8)])
def test_a_few_strays_are_not_explained(stray):
    """One early row is no sign of anything."""
    stamps = sorted([*half_hours(WINTER, 14.5, 21), WINTER + timedelta(hours=14.5) + stray])

    assert advice(stamps).startswith("Correct timezone.zone, timezone.stamp or timezone.calendar if")


def test_early_and_late_hours_are_not_taken_for_another_clock():
    """No other hour makes sixteen hours of trading fit into six and a half."""
    assert advice(half_hours(WINTER, 9, 25)).startswith("Correct ")

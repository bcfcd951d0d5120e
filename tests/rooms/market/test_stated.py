"""What a service knows of its stamps, inside of what the run says of the market."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from runner.errors import ConfigError
from runner.market.source import Raw
from runner.market.stated import Stated, completed, overruled
from runner.market.streams import columns_of
from runner.spec.timezone import Session, Timezone

NEW_YORK = "America/New_York"
RUN = Timezone(
    zone=NEW_YORK,
    naive="localize",
    ambiguous="latest",
    nonexistent="forward",
    stamp="session",
    session=Session(open="09:30", close="16:00"),
    out_of_session="error",
    sessions_per_year=250,
)
MINUTES = Stated(zone=NEW_YORK, stamp="open", interval="1min")


def minute_bars(*stamps, **fields):
    """Bars of A that open at these UTC instants."""
    prices = {name: [10.0] * len(stamps) for name in columns_of("bars")}
    times = [datetime.fromisoformat(f"2024-01-{stamp}").replace(tzinfo=UTC) for stamp in stamps]
    return Raw(pl.DataFrame({"symbol": ["A"] * len(stamps), "timestamp": times, **prices}), {"feed": "0" * 64}, **fields)


def test_the_source_says_what_stamps_are_and_the_run_everything_else():
    """Field by field: three are the source's, all others the run's."""
    policy, faults = completed(MINUTES, RUN)

    assert faults == []
    assert policy == RUN.model_copy(update={"stamp": "open", "interval": "1min"})


def test_a_null_that_was_written_counts():
    """Bars of a day have no interval, whatever the run says of its minutes."""
    minute = Timezone(zone=NEW_YORK, stamp="open", interval="1min", calendar="XNYS")

    policy, _ = completed(Stated(zone=NEW_YORK, stamp="session", interval=None), minute)

    assert (policy.stamp, policy.interval, policy.calendar) == ("session", None, "XNYS")


@pytest.mark.parametrize(
    ("stated", "run", "where", "both"),
    [
        ({"zone": "UTC"}, {}, "timezone.zone", ("UTC", '"America/New_York"')),
        ({"zone": NEW_YORK, "calendar": "24-7"}, {"calendar": "XNYS"}, "timezone.calendar", ("24-7", '"XNYS"')),
    ],
)
def test_a_contradiction_names_both(stated, run, where, both):
    """Where source and run speak of different markets, neither is believed."""
    _, (fault,) = completed(Stated(stamp="open", interval="1d", **stated), RUN.model_copy(update={"session": None, **run}))

    assert (fault.where, fault.must, fault.was) == (where, f"must be what the source says itself, {both[0]}", both[1])


def test_a_calendar_the_run_does_not_name_is_the_source_s():
    """A market that is always open says so itself."""
    policy, faults = completed(
        Stated(zone="UTC", stamp="event", calendar="24-7"), Timezone(zone="UTC", stamp="open", interval="1h")
    )

    assert faults == []
    assert policy.calendar == "24-7"


def test_what_the_run_said_otherwise_is_a_note():
    """Nothing is overruled silently; where both agree there is nothing to say."""
    agreed = RUN.model_copy(update={"stamp": "open", "interval": "1min"})

    assert overruled(MINUTES, RUN) == (
        "stamps mean what the source says: stamp open (the run's timezone says session), "
        "interval 1min (the run's timezone says null)",
    )
    assert overruled(MINUTES, agreed) == ()


@pytest.mark.parametrize(("policy", "kept"), [("drop", 2), ("keep", 3)])
def test_rows_outside_the_run_s_hours_follow_the_run_s_policy(streams, policy, kept):
    """A source that states stamps doesn't take the session away: 14:29 UTC is before the open in New York."""
    raw = minute_bars("03 14:29", "03 14:30", "03 14:31", timezone=MINUTES)

    data = streams([raw], timezone=RUN.model_copy(update={"out_of_session": policy, "stamp": "open", "interval": "5min"}))

    assert data.tape.rows == kept
    assert int(data.tape.ts[-1] - data.tape.opened[-1]) == timedelta(minutes=1) / timedelta(microseconds=1) * 1_000
    assert "interval 1min (the run's timezone says 5min)" in data.quality["bars"]["notes"][0]


def test_gaps_are_found_by_the_run_s_calendar(streams):
    """Minutes of two days: those between belong to the run's hours."""
    raw = minute_bars("03 14:30", "03 14:32", timezone=MINUTES)

    data = streams([raw], timezone=RUN)

    assert data.quality["bars"]["checks"]["gap"]["judged"]
    assert data.quality["bars"]["checks"]["gap"]["count"] == 1


def test_loading_refuses_a_contradiction_naming_the_source(streams):
    """The run's zone isn't the one the service counts its days in."""
    raw = minute_bars("03 14:30", timezone=Stated(zone="Asia/Hong_Kong", stamp="open", interval="1min"))

    with pytest.raises(ConfigError) as caught:
        streams([raw], timezone=RUN)

    assert str(caught.value).splitlines()[1:] == [
        '  timezone.zone of feed: must be what the source says itself, Asia/Hong_Kong, was "America/New_York". '
        'Write timezone.zone: "Asia/Hong_Kong", or choose the timezone option of that market.'
    ]


def test_a_policy_of_a_source_s_own_still_counts_whole(streams):
    """What is not stated but declared, as for a part of a combination, takes nothing from the run."""
    own = Timezone(zone="UTC", stamp="open", interval="1min")

    data = streams([minute_bars("03 03:00", timezone=own)], timezone=RUN)

    assert data.tape.rows == 1
    assert not data.quality["bars"]["checks"]["gap"]["judged"]

"""The time-zone policies that are shipped."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
import yaml

from runner.market.clock import stamped
from runner.market.origin import with_origin
from runner.market.timezone import policy_faults
from runner.spec.timezone import Session, Timezone

FOLDER = Path(__file__).parents[3] / "conf" / "timezone"
NEW_YORK = "America/New_York"
MINUTE = {"stamp": "open", "interval": "1min"}

POLICIES = {
    "us_daily": Timezone(zone=NEW_YORK, stamp="session", calendar="XNYS"),
    "us_daily_fixed": Timezone(zone=NEW_YORK, stamp="session", session=Session(open="09:30", close="16:00")),
    "us_minute": Timezone(zone=NEW_YORK, calendar="XNYS", **MINUTE),
    "us_extended": Timezone(zone=NEW_YORK, session=Session(open="04:00", close="20:00"), **MINUTE),
    "us_event": Timezone(zone=NEW_YORK, stamp="event", calendar="XNYS"),
    "utc_event": Timezone(zone="UTC", stamp="event", calendar="24-7", sessions_per_year=365),
    "utc_minute": Timezone(zone="UTC", sessions_per_year=365, **MINUTE),
    "crypto": Timezone(zone="UTC", calendar="24-7", sessions_per_year=365, **MINUTE),
    "fx_24_5": Timezone(zone=NEW_YORK, calendar="24-5", sessions_per_year=260, **MINUTE),
    "hk_daily": Timezone(zone="Asia/Hong_Kong", stamp="session", calendar="XHKG", sessions_per_year=247),
    "tokyo_daily": Timezone(zone="Asia/Tokyo", stamp="session", calendar="XTKS", sessions_per_year=245),
    "london_daily": Timezone(zone="Europe/London", stamp="session", calendar="XLON", sessions_per_year=253),
    "cme_minute": Timezone(zone="America/Chicago", calendar="CMES", **MINUTE),
}


def written(name):
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))


def test_every_file_is_held_to_its_meaning():
    """No policy is shipped that isn't listed here."""
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(POLICIES)


@pytest.mark.parametrize("name", POLICIES)
def test_a_file_writes_every_field_and_means_what_it_is_called(name):
    """Every field is there, the values are those listed, and the policy has no faults."""
    assert set(written(name)) == set(Timezone.model_fields)
    assert Timezone.model_validate(written(name)) == POLICIES[name]
    assert policy_faults(POLICIES[name]) == []


@pytest.mark.parametrize(
    ("name", "stamp", "known"),
    [
        ("us_daily", date(2024, 7, 3), "2024-07-03 17:00"),
        ("us_daily_fixed", date(2024, 7, 3), "2024-07-03 20:00"),
        ("us_minute", datetime(2024, 7, 3, 16, 59, tzinfo=UTC), "2024-07-03 17:00"),
        ("us_extended", datetime(2024, 7, 3, 8, 0, tzinfo=UTC), "2024-07-03 08:01"),
        ("us_event", datetime(2024, 7, 3, 17, 0, tzinfo=UTC), "2024-07-03 17:00"),
        ("utc_event", datetime(2024, 7, 6, 3, 0, tzinfo=UTC), "2024-07-06 03:00"),
        ("utc_minute", datetime(2024, 7, 6, 3, 0, tzinfo=UTC), "2024-07-06 03:01"),
        ("crypto", datetime(2024, 7, 6, 3, 0, tzinfo=UTC), "2024-07-06 03:01"),
        ("fx_24_5", datetime(2024, 7, 7, 21, 0, tzinfo=UTC), "2024-07-07 21:01"),
        ("hk_daily", date(2024, 12, 24), "2024-12-24 04:00"),
        ("tokyo_daily", date(2024, 11, 5), "2024-11-05 06:30"),
        ("london_daily", date(2024, 12, 24), "2024-12-24 12:30"),
        ("cme_minute", datetime(2024, 7, 7, 22, 0, tzinfo=UTC), "2024-07-07 22:01"),
    ],
)
def test_each_policy_places_a_row(name, stamp, known, ns):
    """One row of a half-day, a weekend or an evening is known when it should be."""
    frame = with_origin(pl.DataFrame({"symbol": ["A"], "timestamp": [stamp]}), "a.csv")

    assert [ns(known)] == stamped(frame, POLICIES[name])["known"].to_list()

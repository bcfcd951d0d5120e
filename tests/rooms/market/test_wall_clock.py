"""Wall-clock times as instants: the standard library's zones as oracle, and the days clocks change by hand."""

# ruff: noqa: DTZ001 - wall-clock times have no zone

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.market.wall_clock import WallClock, localized

ZONES = ("America/New_York", "Europe/London", "Asia/Hong_Kong", "Asia/Tokyo")
MINUTES = st.lists(st.datetimes(datetime(1971, 1, 1), datetime(2037, 12, 31)), min_size=1, max_size=20)


def series(*moments):
    return pl.Series(list(moments), dtype=pl.Datetime("us"))


def nanoseconds(moment):
    return (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1_000


def exists(wall, zone):
    there = wall.replace(tzinfo=ZoneInfo(zone))
    return there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall


@given(MINUTES, st.sampled_from(ZONES))
def test_instants_are_those_of_the_standard_library(walls, zone):
    """A time named once is that instant; one that came twice or never names none and says which."""
    got = localized(series(*walls), WallClock(zone))

    expected = [sorted({nanoseconds(wall.replace(tzinfo=ZoneInfo(zone), fold=fold)) for fold in (0, 1)}) for wall in walls]
    assert [each[0] if len(each) == 1 else None for each in expected] == got.instant.to_list()
    assert [
        len(each) > 1 and exists(wall, zone) for each, wall in zip(expected, walls, strict=True)
    ] == got.repeated.to_list()
    assert [not exists(wall, zone) for wall in walls] == got.skipped.to_list()


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", datetime(2024, 3, 10)),
        ("America/New_York", datetime(2024, 11, 3)),
        ("Europe/London", datetime(2024, 3, 31)),
        ("Europe/London", datetime(2024, 10, 27)),
        ("Asia/Hong_Kong", datetime(1979, 5, 13)),
        ("Asia/Hong_Kong", datetime(1979, 10, 21)),
        ("Asia/Tokyo", datetime(2024, 3, 10)),
        ("Asia/Tokyo", datetime(2024, 11, 3)),
    ],
)
@pytest.mark.parametrize("twice", ["earliest", "latest"])
def test_every_minute_of_a_day_clocks_change_is_read_by_the_policy(zone, day, twice):
    """Each minute agrees with the standard library; skipped ones with the last instant before clocks changed, and a moment."""
    walls = [day + timedelta(minutes=minute) for minute in range(24 * 60)]

    got = localized(series(*walls), WallClock(zone, ambiguous=twice, nonexistent="forward")).instant.to_list()

    fold = {"earliest": 0, "latest": 1}[twice]
    present = [wall for wall in walls if exists(wall, zone)]
    expected = {wall: nanoseconds(wall.replace(tzinfo=ZoneInfo(zone), fold=fold)) for wall in present}
    for wall, instant in zip(walls, got, strict=True):
        assert (
            expected.get(wall) == instant
            if wall in expected
            else instant == min(after for there, after in expected.items() if there > wall)
        )


@pytest.mark.parametrize(
    ("zone", "wall", "first"),
    [
        ("America/New_York", datetime(2024, 3, 10, 2, 30), "2024-03-10 07:00"),
        ("America/New_York", datetime(2024, 3, 10, 2, 59, 59, 999_999), "2024-03-10 07:00"),
        ("Europe/London", datetime(2024, 3, 31, 1), "2024-03-31 01:00"),
        ("America/Sao_Paulo", datetime(2018, 11, 4), "2018-11-04 03:00"),
        ("Australia/Lord_Howe", datetime(2024, 10, 6, 2, 15), "2024-10-05 15:30"),
        ("Pacific/Apia", datetime(2011, 12, 30, 12), "2011-12-30 10:00"),
    ],
)
def test_forward_is_the_first_instant_after_the_skip(zone, wall, first, ns):
    """An hour in New York and London, a midnight in Brazil, half an hour on an island, a whole day on another."""
    got = localized(series(wall), WallClock(zone, nonexistent="forward"))

    assert [ns(first)] == got.instant.to_list()
    assert got.skipped.to_list() == [False]


def test_nothing_stays_nothing():
    """A missing time is neither skipped nor repeated, alone and beside one that is."""
    for walls in ([None], [None, datetime(2024, 3, 10, 2, 30)]):
        got = localized(series(*walls), WallClock("America/New_York"))

        assert got.instant.to_list() == [None] * len(walls)
        assert got.skipped.to_list() == [False, True][: len(walls)]
        assert got.repeated.to_list() == [False] * len(walls)

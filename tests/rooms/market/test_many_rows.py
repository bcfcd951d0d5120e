"""Many ascending rows are placed and counted by the ends of the hours among them: as each row for itself would be."""

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.market.calendar import calendar_of
from runner.market.clock import placed
from runner.market.gaps import gaps_of
from runner.market.origin import with_origin
from runner.market.session import Hours, place_bars, place_events
from runner.spec.timezone import Timezone

MINUTE = 60 * 10**9
FIRST, LAST = date(2024, 12, 23), date(2024, 12, 27)
HONG_KONG = calendar_of("XHKG", FIRST, LAST)
"""A full day with its lunch break, a half-day, two holidays, a full day."""
START = int(datetime(2024, 12, 23, 1, 30, tzinfo=UTC).timestamp()) * 10**9
"""The first session's open."""
STEPS = st.lists(st.sampled_from([0, 1, 1, 1, 1, 2, 5, 30, 60, 90, 600]), min_size=60, max_size=200)
"""Minutes from row to row."""


def stretch_of(calendar, opened, known):
    """The first stretch a bar overlaps, looked for one by one."""
    hours = Hours.of(calendar)
    for start, end, day in zip(hours.start.tolist(), hours.end.tolist(), hours.days.tolist(), strict=True):
        if opened < end and known > start:
            return start, end, day
    return None


def is_inside(found, at):
    """Whether a row was placed in a session; no marks at all say that every row was."""
    return found.inside is None or bool(found.inside[at])


@given(STEPS, st.sampled_from([-30, 0, 7]), st.sampled_from([1, 30]), st.booleans())
def test_bars_are_placed_as_one_by_one(steps, late, length, cut):
    """Inside, across both ends of the hours and outside, cut or not."""
    opened = START + late * MINUTE + np.cumsum(steps).astype(np.int64) * MINUTE
    known = opened + length * MINUTE

    found = place_bars(HONG_KONG, opened, known, cut=cut)

    for at, (first, last) in enumerate(zip(opened.tolist(), known.tolist(), strict=True)):
        stretch = stretch_of(HONG_KONG, first, last)
        assert is_inside(found, at) == (stretch is not None)
        if stretch is not None:
            start, end, day = stretch
            assert found.session[at] == day
            ends = (max(first, start), min(last, end) if cut else last)
            assert (found.opened[at], found.known[at]) == ends


@given(STEPS, st.sampled_from([-30, 0, 7]))
def test_events_are_placed_as_one_by_one(steps, late):
    """An event belongs to the stretch it happens in, or at whose very end it does."""
    instants = START + late * MINUTE + np.cumsum(steps).astype(np.int64) * MINUTE

    found = place_events(HONG_KONG, instants)

    hours = list(zip(*(each.tolist() for each in (Hours.of(HONG_KONG).start, Hours.of(HONG_KONG).end)), strict=True))
    for at, instant in enumerate(instants.tolist()):
        assert is_inside(found, at) == any(start <= instant <= end for start, end in hours)


def minutes_of(calendar):
    """When each minute of the hours opens."""
    hours = Hours.of(calendar)
    pairs = zip(hours.start.tolist(), hours.end.tolist(), strict=True)
    return [opened for start, end in pairs for opened in range(start, end, MINUTE)]


def gaps_in(opened, **settings):
    stamps = pl.Series(opened, dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
    frame = with_origin(pl.DataFrame({"symbol": ["A"] * len(opened), "timestamp": stamps}), "a")
    timezone = Timezone(zone="Asia/Hong_Kong", stamp="open", interval="1min", calendar="XHKG", **settings)
    got = placed(frame, timezone)
    return gaps_of(got.frame, timezone, got.calendar)


def test_every_minute_of_every_session_is_no_gap():
    """Lunch, nights, a half-day and holidays leave none out."""
    every = minutes_of(HONG_KONG)

    found = gaps_in(every)

    assert (found.judged, found.expected, found.missing, found.first) == (True, len(every), 0, ())


@given(st.sets(st.integers(1, len(minutes_of(HONG_KONG)) - 2), max_size=6))
def test_what_is_left_out_is_counted(absent):
    """Anywhere, and nowhere."""
    every = minutes_of(HONG_KONG)

    found = gaps_in([opened for at, opened in enumerate(every) if at not in absent])

    assert (found.expected, found.missing) == (len(every), len(absent))
    assert sum(gap.missing for gap in found.first) == len(absent)


@pytest.mark.parametrize("extra", [0, 30 * 10**9])
def test_a_bar_too_many_does_not_make_up_for_one_that_is_absent(extra):
    """As many bars as the hours expect, but one twice, or one within another's minute."""
    every = minutes_of(HONG_KONG)
    kept = [*every[:100], every[99] + extra, *every[101:]]

    assert gaps_in(kept).missing == 1


def test_bars_outside_the_hours_do_not_make_up_for_one_that_is_absent():
    """A bar in the lunch break is kept, and counts neither way."""
    every = minutes_of(HONG_KONG)
    lunch = int(datetime(2024, 12, 23, 4, 20, tzinfo=UTC).timestamp()) * 10**9
    kept = sorted([*every[:100], *every[101:], lunch])

    found = gaps_in(kept, out_of_session="keep")

    assert (found.expected, found.missing) == (len(every), 1)

"""Bars cut off in the first or last session, where gaps are refused."""

from datetime import UTC, datetime, timedelta

import pytest

from runner.spec.timezone import Timezone

DAILY = Timezone(zone="America/New_York", stamp="session", calendar="XNYS", naive="localize")


def bars_of(symbol, first, last, step=30):
    """Half hours of New York in summer, in UTC, over whole sessions between two instants."""
    stamp, end = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (first, last))
    rows = []
    while stamp < end:
        if 13 * 60 + 30 <= stamp.hour * 60 + stamp.minute < 20 * 60:
            rows.append((symbol, stamp))
        stamp += timedelta(minutes=step)
    return rows


def noted(loaded, rows, gap="error", interval="30min", **settings):
    timezone = Timezone(zone="America/New_York", stamp="open", interval=interval, calendar="XNYS", **settings)
    return loaded(rows, timezone=timezone, gap=gap).quality["bars"]["notes"]


WHOLE = bars_of("A", "2024-07-08 13:30", "2024-07-10 20:00")


@pytest.mark.parametrize("chosen", ["error", "drop", "keep"])
def test_a_symbol_that_ends_early_in_its_last_session_is_noted(loaded, chosen):
    """No gap, no absent session: only the end of the day is missing. One bar less is told, too."""
    noon, last = bars_of("B", "2024-07-08 13:30", "2024-07-10 16:00"), bars_of("C", "2024-07-08 13:30", "2024-07-10 19:30")

    assert noted(loaded, [*WHOLE, *noon, *last], out_of_session=chosen) == [
        "bars end too early in the last session: B by 4h, C by 30min; were later ones cut off?"
    ]


def test_a_symbol_that_begins_late_in_its_first_session_is_noted(loaded):
    """The other end of the file."""
    assert noted(loaded, [*WHOLE, *bars_of("B", "2024-07-08 15:00", "2024-07-10 20:00")]) == [
        "bars begin too late in the first session: B by 90min; were earlier ones cut off?"
    ]


def test_whole_sessions_and_cut_bars_are_complete(loaded):
    """An early close is the end of its session, and so is the end of a bar that is cut to it."""
    early_close = bars_of("A", "2024-07-02 13:30", "2024-07-03 17:00")
    hours = bars_of("A", "2024-07-08 13:30", "2024-07-10 20:00", step=60)

    assert noted(loaded, WHOLE) == noted(loaded, early_close) == noted(loaded, hours, interval="1h") == []


def test_nothing_is_said_where_gaps_are_kept(loaded):
    """Whoever keeps gaps doesn't ask for every bar."""
    assert noted(loaded, bars_of("A", "2024-07-08 15:00", "2024-07-10 16:00"), gap="keep") == []


def test_daily_bars_have_no_ends_inside_a_session(loaded):
    """A bar per session is there or isn't."""
    assert loaded([("A", datetime(2024, 7, 8))], gap="error", timezone=DAILY).quality["bars"]["notes"] == []  # noqa: DTZ001

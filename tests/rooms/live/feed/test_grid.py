"""Bars are built where a tape would have them: the oracle is the placing of rows that came with stamps."""

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from runner.errors import ConfigError
from runner.live.feed.grid import Grid
from runner.market.clock import stamped
from runner.spec.timezone import Session, Timezone

SECOND = 10**9
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


def policy(**changes):
    return Timezone(**({"zone": "America/New_York", "stamp": "open", "interval": "1min", "calendar": "XNYS"} | changes))


def tape_rows(stamps, timezone):
    """Return (opened, known, session) of rows stamped so."""
    times = pl.Series("timestamp", stamps, dtype=pl.Int64).cast(pl.Datetime("ns", "UTC"))
    frame = pl.DataFrame({"symbol": ["A"] * len(stamps), "timestamp": times})
    placed = stamped(frame, timezone)
    days = placed["session"].to_physical()
    return list(zip(placed["opened"].to_list(), placed["known"].to_list(), days.to_list(), strict=True))


INTRADAY = {
    "us minutes": (policy(), "2024-03-08T14:30", "2024-03-08T21:00", MINUTE),
    "us minutes after clocks went forward": (policy(), "2024-03-11T13:30", "2024-03-11T20:00", MINUTE),
    "us hours by the clock": (policy(interval="1h"), "2024-03-08T14:30", "2024-03-08T21:00", HOUR),
    "a half day": (policy(interval="30min"), "2024-11-29T14:30", "2024-11-29T18:00", 30 * MINUTE),
    "futures over the evening": (
        policy(zone="America/Chicago", calendar="CMES", interval="1h"),
        "2024-03-04T00:00",
        "2024-03-04T22:00",
        HOUR,
    ),
    "hong kong with a lunch break": (
        policy(zone="Asia/Hong_Kong", calendar="XHKG", interval="15min"),
        "2024-03-08T01:30",
        "2024-03-08T08:00",
        15 * MINUTE,
    ),
    "crypto over a weekend": (
        policy(zone="UTC", calendar="24-7", interval="5min"),
        "2024-03-09T23:00",
        "2024-03-10T03:00",
        5 * MINUTE,
    ),
    "no hours at all": (
        policy(zone="UTC", calendar=None, interval="5min"),
        "2024-03-09T23:00",
        "2024-03-10T03:00",
        5 * MINUTE,
    ),
    "fixed hours": (
        policy(calendar=None, session=Session(open="09:30", close="16:00"), interval="10min"),
        "2024-03-08T14:30",
        "2024-03-08T21:00",
        10 * MINUTE,
    ),
    "kept outside of hours": (
        policy(out_of_session="keep", interval="30min"),
        "2024-03-08T12:00",
        "2024-03-08T23:00",
        30 * MINUTE,
    ),
}


@pytest.mark.parametrize("case", INTRADAY)
def test_bars_lie_where_a_tape_has_them(case):
    """Of whatever instant of a bar, the grid names the opening, the stamp and the session date that its row would have."""
    timezone, first, last, step = INTRADAY[case]
    stamps = list(range(at(first) // step * step, at(last), step))
    if timezone.calendar == "XNYS" and timezone.out_of_session == "error":
        stamps = sorted({max(stamp, at(first)) for stamp in stamps})
    hours_of_lunch = timezone.calendar == "XHKG"
    if hours_of_lunch:
        stamps = [stamp for stamp in stamps if not at("2024-03-08T04:00") <= stamp < at("2024-03-08T05:00")]
    rows = tape_rows(stamps, timezone)
    grid = Grid(timezone)

    found = [{grid.cell(ts) for ts in (opened, opened + 1, (opened + known) // 2, known - 1)} for opened, known, _ in rows]

    assert found == [{row} for row in rows]


@pytest.mark.parametrize("case", INTRADAY)
def test_bars_follow_each_other_as_on_a_tape(case):
    """After each bar comes the next row's bar, over lunch, nights and weekends."""
    timezone, first, last, step = INTRADAY[case]
    grid = Grid(timezone)
    cell = grid.cell(at(first))
    chain = [cell]
    while cell.known < at(last):
        cell = grid.after(cell)
        chain.append(cell)

    spans = [(one.known, two.opened) for one, two in pairwise(chain)]
    heard_of = {grid.cell(ts) for ts in range(at(first), at(last), step // 2)} - {None}

    assert all(earlier <= later for earlier, later in spans)
    assert all(grid.cell(ts) is None for end, begin in spans if begin > end for ts in (end + 1, (end + begin) // 2))
    assert heard_of <= set(chain)


@pytest.mark.parametrize(
    ("timezone", "days", "hour"),
    [
        (policy(stamp="session", interval=None), ["2024-03-07", "2024-03-08", "2024-03-11", "2024-11-29"], 15),
        (policy(stamp="session", interval=None, zone="Asia/Tokyo", calendar="XTKS"), ["2024-11-01", "2024-11-05"], 3),
        (
            policy(stamp="session", interval=None, calendar=None, session=Session(open="09:30", close="16:00")),
            ["2024-03-08", "2024-03-11"],
            16,
        ),
    ],
)
def test_a_daily_bar_ends_with_its_session(timezone, days, hour):
    """Half-days end early, and each bar has the date of its session."""
    dates = pl.Series("timestamp", days).str.to_date()
    placed = stamped(pl.DataFrame({"symbol": ["A"] * len(days), "timestamp": dates}), timezone)
    rows = list(
        zip(placed["opened"].to_list(), placed["known"].to_list(), placed["session"].to_physical().to_list(), strict=True)
    )
    grid = Grid(timezone)

    assert [grid.cell(at(f"{day}T{hour:02}:00")) for day in days] == rows
    assert [grid.cell(row[1]) for row in rows] == rows


def test_days_by_the_clock_are_as_long_as_the_clock_says():
    """The day on which clocks go forward has 23 hours."""
    grid = Grid(policy(zone="Europe/Berlin", calendar="24-7", interval="1d"))

    cell = grid.cell(at("2024-03-31T12:00"))

    assert (cell.opened, cell.known) == (at("2024-03-30T23:00"), at("2024-03-31T22:00"))
    assert cell.session == (datetime(2024, 3, 31, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days


def test_bars_counted_from_the_open():
    """From half past nine, the last one as long as the session lets it be."""
    grid = Grid(policy(interval="1h"), align="open")

    first, last = grid.cell(at("2024-03-08T14:45")), grid.cell(at("2024-03-08T20:59"))

    assert (first.opened, first.known) == (at("2024-03-08T14:30"), at("2024-03-08T15:30"))
    assert (last.opened, last.known) == (at("2024-03-08T20:30"), at("2024-03-08T21:00"))


def test_the_close_belongs_to_the_bar_that_ends_there():
    """Where a session begins at that very instant, it belongs to that one."""
    us, crypto = Grid(policy()), Grid(policy(zone="UTC", calendar="24-7"))

    assert us.cell(at("2024-03-08T21:00")).known == at("2024-03-08T21:00")
    assert us.cell(at("2024-03-08T21:00") + 1) is None
    assert crypto.cell(at("2024-03-09T00:00")).opened == at("2024-03-09T00:00")


def test_whether_the_market_is_open():
    """By its calendar; a market without hours never closes."""
    us, free = Grid(policy()), Grid(policy(calendar=None))

    assert [us.sessions.opening(at(f"2024-03-08T{time}")) is not None for time in ("14:29", "14:30", "20:59", "21:00")] == [
        False,
        True,
        True,
        False,
    ]
    assert us.sessions.opening(at("2024-03-09T16:00")) is None
    assert us.sessions.opening(at("2024-03-08T15:00")) == at("2024-03-08T14:30")
    assert free.sessions.opening(at("2024-03-09T16:00")) == 0


@pytest.mark.parametrize(
    ("changes", "align"),
    [
        ({"stamp": "event", "interval": None}, "clock"),
        ({"interval": "2d"}, "clock"),
        ({"interval": "7min"}, "clock"),
        ({"interval": "36h"}, "open"),
    ],
)
def test_what_no_bars_can_be_built_by_is_refused(changes, align):
    """Events have no ends, and what doesn't divide a day has no place on the clock."""
    with pytest.raises(ConfigError):
        Grid(policy(**changes), align)


def test_far_away_instants_are_looked_up_anew():
    """A session that runs for a year doesn't come to the end of its calendar."""
    grid = Grid(policy())
    instants = np.arange(at("2024-01-02T15:00"), at("2024-12-31T15:00"), 24 * HOUR)

    found = [grid.cell(int(ts)) for ts in instants]

    assert sum(cell is not None for cell in found) == 251

"""Bars by the clock whose first one of a session is shorter than the others."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from runner.errors import DataError
from runner.market.clock import placed
from runner.market.digest import tape_digest
from runner.market.origin import with_origin
from runner.market.sources.parquet import Parquet
from runner.market.windows import joined, tape_windows
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe

BY_CLOCK = ("13:30", "14:00", "15:00", "16:00", "17:00", "18:00", "19:00")
"""Hours of New York in summer that open at 09:30, 10:00, 11:00 … 15:00, in UTC."""


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def sessions(times, *, days=3, symbol="A"):
    return [(symbol, utc(f"2024-07-{day:02} {time}")) for day in range(8, 8 + days) for time in times]


def xnys(interval="1h", **settings):
    return Timezone(zone="America/New_York", stamp="open", interval=interval, calendar="XNYS", **settings)


def known(rows, timezone):
    """Return when each bar is known, as text, in the order of the rows."""
    symbols, stamps = zip(*rows, strict=True)
    got = placed(with_origin(pl.DataFrame({"symbol": symbols, "timestamp": stamps}), "a.csv"), timezone).frame
    return [f"{datetime.fromtimestamp(each // 10**9, UTC):%H:%M}" for each in got["known"]]


@pytest.mark.parametrize("chosen", ["error", "drop", "keep"])
def test_a_first_bar_cut_to_the_clock_ends_where_the_next_begins(chosen):
    """The half hour from the open is known at 10:00 and all others after an hour, whatever happens outside the hours."""
    found = known(sessions(BY_CLOCK, days=1), xnys(out_of_session=chosen))

    assert found == ["14:00", "15:00", "16:00", "17:00", "18:00", "19:00", "20:00"]


def test_hours_by_the_clock_are_accepted_as_hours_and_refused_as_half_hours(loaded):
    """Only the first distance of each session is short, so half hours would be known half an hour early."""
    rows = sessions(BY_CLOCK, days=5)

    whole = loaded(rows, timezone=xnys())

    assert (whole.tape.rows, whole.quality["bars"]["checks"]["gap"]["count"]) == (35, 0)
    with pytest.raises(DataError, match='was "30min" while most bars are 1h apart'):
        loaded(rows, timezone=xnys("30min"))


def test_bars_counted_from_the_open_last_a_whole_interval():
    """Nothing opens at 10:00, so the bar from 09:30 is known at 10:30."""
    assert known(sessions(["13:30", "14:30", "15:30"], days=1), xnys()) == ["14:30", "15:30", "16:30"]


def test_without_the_next_bar_a_first_one_is_known_late():
    """What it holds isn't certain where 10:00 is missing; another symbol's bar there doesn't tell."""
    rows = [*sessions(["13:30", "15:00"], days=1), *sessions(["14:00"], days=1, symbol="B")]

    assert known(rows, xnys()) == ["14:30", "16:00", "15:00"]


def test_the_afternoon_of_a_market_with_a_lunch_break_is_cut_as_well():
    """Two hours by Hong Kong's clock: 09:30 to 10:00, and 13:00 to 14:00."""
    rows = [("A", utc(f"2024-12-23 {time}")) for time in ("01:30", "02:00", "05:00", "06:00")]
    policy = Timezone(zone="Asia/Hong_Kong", stamp="open", interval="2h", calendar="XHKG")

    assert known(rows, policy) == ["02:00", "04:00", "06:00", "08:00"]


def test_bars_may_keep_the_clock_of_utc():
    """Four hours from midnight UTC: the bar from 13:30 ends at 16:00, whatever New York's clock shows."""
    assert known(sessions(["13:30", "16:00"], days=1), xnys("4h")) == ["16:00", "20:00"]


def test_the_order_of_rows_does_not_matter():
    """The next bar may stand before the first one."""
    rows = sessions(BY_CLOCK, days=2)

    assert known(rows[::-1], xnys()) == known(rows, xnys())[::-1]


@pytest.mark.parametrize("window", ["30min", "1h", "1d", 3, 10])
def test_window_by_window_the_next_bar_may_lie_behind_the_border(window, tmp_path, bars, loaded):
    """The tape is that of loading whole wherever the border is."""
    frame = bars([*sessions(BY_CLOCK), *sessions(BY_CLOCK[:1] + BY_CLOCK[2:], symbol="B")])
    frame = frame.sort("timestamp").with_columns(pl.col("timestamp").dt.cast_time_unit("us"))
    frame.write_parquet(tmp_path / "a.parquet")
    universe = Universe(symbols=("A", "B"))

    windows = tape_windows(Parquet(path=str(tmp_path)), universe=universe, timezone=xnys(), quality=Quality(), window=window)

    assert tape_digest(joined([each.tape for each in windows])) == tape_digest(
        loaded(frame, timezone=xnys(), symbols=("A", "B")).tape
    )


def test_a_day_is_no_bar_by_the_clock():
    """A bar of a day from 09:30 isn't cut to midnight, where nothing of the sort begins."""
    rows = [("A", utc("2024-07-08 13:30")), ("A", utc("2024-07-08 13:30") + timedelta(days=1))]

    assert known(rows, xnys("1d", out_of_session="drop")) == ["13:30", "13:30"]

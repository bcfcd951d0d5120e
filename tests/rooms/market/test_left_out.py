"""Rows that aren't used are accounted for, and data of which the hours leave little are refused."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import DataError
from runner.market.left_out import share
from runner.market.load import load
from runner.market.sources.parquet import Parquet
from runner.market.streams import columns_of
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Life, Universe
from runner.spec.window import Window

REGULAR = Timezone(zone="America/New_York", stamp="open", interval="30min", calendar="XNYS", out_of_session="drop")
MONDAY = datetime(2024, 3, 4, tzinfo=UTC)


def half_hours(first, last):
    """Half hours of the five days from Monday, from one UTC hour of the day to another."""
    return [
        MONDAY + timedelta(days=day, minutes=minutes)
        for day in range(5)
        for minutes in range(int(first * 60), int(last * 60), 30)
    ]


@pytest.fixture
def bars(tmp_path):
    """Load bars of one symbol, all alike but for their stamps."""

    def run(stamps, policy=REGULAR, **settings):
        prices = {column: [10.0] * len(stamps) for column in columns_of("bars")}
        frame = pl.DataFrame({"symbol": ["SPY"] * len(stamps), "timestamp": stamps, **prices})
        frame = frame.with_columns(
            close=pl.Series([None if stamp in settings.get("holes", ()) else 10.0 for stamp in stamps])
        )
        frame.write_parquet(tmp_path / "bars.parquet")
        source = Parquet(path=str(tmp_path / "bars.parquet"))
        universe = Universe(symbols=("SPY",), lives=settings.get("lives", {}))
        window = settings.get("window", Window())
        quality = Quality(missing="drop", stale="keep")
        return load(source, universe=universe, window=window, timezone=policy, quality=quality).quality["bars"]

    return run


def test_every_row_that_was_read_is_kept_or_left_out_for_one_reason(bars):
    """Hours, lives, window and quality each take some; the rest is the tape."""
    stamps = half_hours(13.5, 21)
    tuesday = MONDAY + timedelta(days=1, hours=15)
    lives = {"SPY": (Life(start="2024-03-05"),)}

    report = bars(stamps, lives=lives, window=Window(end="2024-03-07"), holes=(tuesday,))

    assert report["left_out"] == {"out_of_session": 10, "lives": 13, "window": 13, "quality": 1}
    assert (report["rows_read"], report["rows_kept"]) == (75, 38)
    assert report["notes"][0] == "10 of 75 rows (13 %) of SPY lie outside the hours and were left out"


def test_early_and_late_hours_may_be_most_of_the_rows_where_the_regular_ones_are_full(bars):
    """Four in the morning to eight in the evening: the regular session is less than half of it, and all there."""
    report = bars(half_hours(9, 25))

    assert report["left_out"] == {"out_of_session": 95}
    assert report["rows_kept"] == 65


def test_hours_that_leave_little_of_rows_and_session_are_refused(bars):
    """Bars of 09:30 to 16:00 whose New York times were written as if they were UTC: what is left is no session."""
    stamps = half_hours(9.5, 16)

    with pytest.raises(DataError) as caught:
        bars(stamps)

    (fault,) = caught.value.faults
    assert fault.where == "timezone.out_of_session"
    assert fault.was == "50 of 65 outside, while 15 of 55 bars expected in the hours are there"
    assert "correct timezone.zone, timezone.stamp or timezone.calendar" in fault.write


def test_rows_outside_that_are_kept_count_as_kept(bars):
    """`keep` leaves nothing out, and says how many there are."""
    report = bars(half_hours(14, 21), REGULAR.model_copy(update={"out_of_session": "keep"}))

    assert (report["rows_read"], report["rows_kept"], report["left_out"]) == (70, 70, {})
    assert report["notes"] == ["5 of 70 rows (7 %) of SPY lie outside the hours and were kept"]


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_a_share_says_none_or_all_only_where_it_is(of, rows):
    """A row of a million is not 0 %, and all but one are not 100 %."""
    rows = min(rows, of)

    assert (share(rows, of) == "0 %") == (rows == 0)
    assert (share(rows, of) == "100 %") == (rows == of)

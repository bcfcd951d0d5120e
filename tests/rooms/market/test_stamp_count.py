"""Stamps that are numbers, against integers of Python's own."""

from datetime import UTC, date, datetime
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import DataError
from runner.market.stamp_count import counted_stamps

PER = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
LAST = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp()) * 10**9
DAY = date(2012, 6, 21)


def frame(*texts):
    rows = len(texts)
    return pl.DataFrame(
        {"symbol": ["A"] * rows, "timestamp": list(texts), "file": ["a.csv"] * rows, "row": range(1, rows + 1)},
        schema_overrides={"timestamp": pl.String},
    )


def nanoseconds(*texts, unit, day=None):
    return counted_stamps(frame(*texts), unit, day=day)["timestamp"].to_physical().to_list()


def told(*texts, unit, day=None):
    with pytest.raises(DataError) as caught:
        counted_stamps(frame(*texts), unit, day=day)
    return str(caught.value).split("\n", 1)[1]


def in_decimals(ns, unit):
    whole, part = divmod(ns, PER[unit])
    digits = len(str(PER[unit])) - 1
    return f"{whole}.{part:0{digits}}" if digits else str(whole)


@given(st.integers(0, LAST - 1), st.sampled_from(sorted(PER)))
def test_every_nanosecond_survives_in_every_unit(ns, unit):
    """Written out in decimals and read back, no digit is lost."""
    assert nanoseconds(in_decimals(ns, unit), unit=unit) == [ns]


@pytest.mark.parametrize(
    ("text", "unit", "exact"),
    [
        ("1672531436", "s", Fraction(1672531436)),
        ("1723161255208", "ms", Fraction(1723161255208, 1000)),
        ("1598918403696000.0", "us", Fraction(1598918403696, 1000)),
        ("1598918403.6960000000000", "s", Fraction(1598918403696, 1000)),
    ],
)
def test_numbers_since_1970_are_instants_in_utc(text, unit, exact):
    """Zeros behind the point that say nothing are allowed."""
    found = counted_stamps(frame(text), unit)["timestamp"]

    assert found.dtype == pl.Datetime("ns", "UTC")
    assert found.to_physical().to_list() == [exact * 10**9]


def test_numbers_since_midnight_are_wall_clock_times_of_the_day():
    """The time-zone policy says which zone's; 34 200 s are half past nine."""
    found = counted_stamps(frame("34200.004241176"), "s", day=DAY)["timestamp"]

    assert found.dtype == pl.Datetime("ns")
    assert found.dt.to_string("%Y-%m-%d %H:%M:%S%.9f").to_list() == ["2012-06-21 09:30:00.004241176"]


def test_whole_numbers_of_other_files_are_read_as_well():
    """A column of integers is no different from its digits."""
    whole = frame("1").with_columns(pl.lit(1672531436).alias("timestamp"))

    assert counted_stamps(whole, "s")["timestamp"].to_physical().to_list() == [1672531436 * 10**9]


def test_empty_cells_stay_empty():
    """The clock names them."""
    assert nanoseconds("1672531436", None, unit="s") == [1672531436 * 10**9, None]


@pytest.mark.parametrize("odd", ["-5", "1.5e9", "2024-01-02", "1672531436.1234567891", ""])
def test_what_is_no_such_number_is_a_fault(odd):
    """Neither text nor signs nor more digits than there are nanoseconds."""
    assert told("1672531436", odd, unit="s") == (
        f'  data.timestamp_unit: stamps must be numbers of s, no finer than nanoseconds, was "{odd}". '
        f"Write timestamp_unit: null if the stamps are text, or repair the rows.\n    row 2 of a.csv: A {odd}"
    )


@pytest.mark.parametrize(
    ("text", "unit", "day", "message"),
    [
        ("1723161255208", "s", None, 'between 1970 and 2100, was "s". They look like ms: write timestamp_unit: ms.'),
        ("1723161255208999", "ms", None, 'between 1970 and 2100, was "ms". They look like us: write timestamp_unit: us.'),
        ("9999999999999999999", "ns", None, "stamps must be numbers of ns, no finer than nanoseconds"),
        ("34200004", "s", DAY, 'on 2012-06-21, was "s". They look like ms: write timestamp_unit: ms.'),
        ("86400", "s", DAY, 'on 2012-06-21, was "s". They look like ms: write timestamp_unit: ms.'),
    ],
)
def test_a_unit_that_cannot_be_meant_is_refused(text, unit, day, message):
    """The unit the numbers look like is named; nothing wraps around."""
    assert message in told(text, unit=unit, day=day)

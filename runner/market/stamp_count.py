"""Stamps written as numbers: seconds, or a fraction of them, since 1970 in UTC, or since midnight of a day that is given.

The digits are read as text, so that nanoseconds survive: `34200.004241176` has more of them than a float of an epoch could
hold. The unit is declared and never guessed; a unit that can't be meant is refused with the one it looks like.

Numbers since midnight count the wall clock of the exchange, so they become naive datetimes for the time-zone policy to
place.
"""

from datetime import UTC, date, datetime
from typing import Literal

import polars as pl

from runner.errors import DataError, Fault
from runner.market.origin import excerpt

__all__ = ["Unit", "counted_stamps"]

Unit = Literal["s", "ms", "us", "ns"]

WHERE = "data.timestamp_unit"
DIGITS: dict[Unit, int] = {"s": 9, "ms": 6, "us": 3, "ns": 0}
"""Decimal places of a unit down to the nanosecond."""
LAST_SECOND = int(datetime(2101, 1, 1, tzinfo=UTC).timestamp())
FIRST_LIKELY_SECOND = int(datetime(1973, 1, 1, tzinfo=UTC).timestamp())
SECONDS_OF_A_DAY = 86_400
NUMBER = r"^([0-9]{1,19})(?:\.([0-9]*?)0*)?$"


def counted_stamps(frame: pl.DataFrame, unit: Unit, *, day: date | None = None) -> pl.DataFrame:
    """Turn the numbers in `timestamp` into datetimes in nanoseconds; empty cells stay null.

    Args:
        frame: rows with `timestamp` as text or whole numbers, `symbol`, `file` and `row`.
        unit: what a 1 is.
        day: the day whose midnight is counted from, giving naive datetimes; None counts from 1970 and gives UTC.

    Raises DataError showing the first stamps that aren't such numbers, or that the unit puts outside of 1970 to 2100 or the
    day.
    """
    text = frame["timestamp"].cast(pl.String)
    whole = text.str.extract(NUMBER, 1).cast(pl.Int64, strict=False)
    fraction = text.str.extract(NUMBER, 2).fill_null("")
    wrong = frame.filter(text.is_not_null() & (whole.is_null() | (fraction.str.len_chars() > DIGITS[unit])))
    if wrong.height:
        raise DataError(_no_number(wrong, unit))
    last = (LAST_SECOND if day is None else SECONDS_OF_A_DAY) * 10 ** (9 - DIGITS[unit])
    outside = frame.filter(whole >= last)
    if outside.height:
        raise DataError(_wrong_unit(outside, unit, int(whole.max()), day))  # type: ignore[arg-type]
    counted = whole * 10 ** DIGITS[unit] + fraction.str.pad_end(DIGITS[unit], "0").str.replace("^$", "0").cast(pl.Int64)
    return frame.with_columns(_placed(counted, day).alias("timestamp"))


def _placed(counted: pl.Series, day: date | None) -> pl.Series:
    if day is None:
        return counted.cast(pl.Datetime("ns")).dt.replace_time_zone("UTC")
    midnight = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 10**9
    return (counted + midnight).cast(pl.Datetime("ns"))


def _no_number(wrong: pl.DataFrame, unit: Unit) -> Fault:
    was = f'"{wrong["timestamp"][0]}"'
    write = "Write timestamp_unit: null if the stamps are text, or repair the rows."
    return Fault(WHERE, f"stamps must be numbers of {unit}, no finer than nanoseconds", was, write, excerpt=excerpt(wrong))


def _wrong_unit(outside: pl.DataFrame, unit: Unit, largest: int, day: date | None) -> Fault:
    place = "between 1970 and 2100" if day is None else f"on {day}"
    likely = _likely(largest, day)
    write = f"They look like {likely}: write timestamp_unit: {likely}." if likely else "Repair the rows."
    was = f'"{unit}"'
    return Fault(WHERE, f"must put every stamp {place}", was, write, excerpt=excerpt(outside))


def _likely(largest: int, day: date | None) -> Unit | None:
    """Return the coarsest unit in which the largest number is plausible."""
    first, last = (FIRST_LIKELY_SECOND, LAST_SECOND) if day is None else (0, SECONDS_OF_A_DAY)
    return next((unit for unit, digits in DIGITS.items() if first <= largest / 10 ** (9 - digits) < last), None)

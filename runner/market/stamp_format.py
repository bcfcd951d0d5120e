"""Stamps written as text: ISO unless a format says otherwise, and never guessed.

Why not guess: `03/04/2024` is in March or in April, and a guess that fits the first rows moves every bar.
"""

import json
import re
from dataclasses import dataclass

import polars as pl
from polars.exceptions import PolarsError

from runner.errors import DataError, Fault
from runner.market.origin import excerpt

__all__ = ["format_faults", "parse_stamps"]

WHERE = "data.timestamp_format"
TIME_LETTERS = frozenset("HIklMSTRXrc")
"""Letters of a format that name a time of day; without any of them the stamps are dates."""


@dataclass(frozen=True, slots=True)
class _Iso:
    """One spelling of ISO 8601."""

    pattern: str
    format: str


DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = DAY + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
DATE = _Iso(DAY + "$", "%Y-%m-%d")
NAIVE = _Iso(CLOCK + "$", "%Y-%m-%d %H:%M:%S%.f")
AWARE = _Iso(CLOCK + r"(Z|[+-][0-9]{2}:?[0-9]{2})$", "%Y-%m-%d %H:%M:%S%.f%z")


def format_faults(written: str | None) -> list[Fault]:
    """Return what is wrong with a format of the user's: letters that read numbers or drop a zone."""
    letters = _letters(written or "")
    faults = []
    if "s" in letters:
        write = "Numbers since 1970 aren't read as stamps; convert the column once to ISO text with an offset."
        faults.append(Fault(WHERE, "must not contain %s", json.dumps(written), write))
    if "Z" in letters:
        write = "The name of a zone would be skipped, not read; write offsets such as +01:00 in the file and %z here."
        faults.append(Fault(WHERE, "must not contain %Z", json.dumps(written), write))
    if written is not None and not letters:
        write = 'Write how stamps look, e.g. timestamp_format: "%d.%m.%Y %H:%M", or null for ISO.'
        faults.append(Fault(WHERE, "must contain letters such as %Y", json.dumps(written), write))
    return faults


def parse_stamps(frame: pl.DataFrame, written: str | None) -> pl.DataFrame:
    """Turn the text in `timestamp` into dates, naive or aware datetimes; empty cells stay null.

    All stamps have the spelling of the first. Raises DataError showing the first that don't.
    """
    column = frame.with_columns(pl.col("timestamp").cast(pl.String))["timestamp"]
    first = column.drop_nulls().head(1)
    if first.len() == 0:
        return frame.with_columns(pl.lit(None, dtype=pl.Datetime("us")).alias("timestamp"))
    parsed = _by_format(column, written) if written is not None else _iso(column, first.item())
    wrong = frame.filter(column.is_not_null() & parsed.is_null())
    if wrong.height:
        raise DataError(_unread(wrong, written))
    return frame.with_columns(parsed.alias("timestamp"))


def _iso(column: pl.Series, first: str) -> pl.Series:
    for iso in (DATE, NAIVE, AWARE):
        if re.fullmatch(iso.pattern, first):
            fitting = pl.select(pl.when(column.str.contains(iso.pattern)).then(column)).to_series()
            return _parsed(_one_spelling(fitting), iso.format, has_time=iso is not DATE)
    return pl.repeat(None, column.len(), dtype=pl.Date, eager=True)


def _one_spelling(column: pl.Series) -> pl.Series:
    """Write ISO's variants one way: a space before the time, seconds always, `+00:00` for `Z`."""
    spaced = column.str.replace("T", " ", literal=True).str.replace("Z$", "+00:00")
    return spaced.str.replace("^(.{10} .{5})([+-].*)?$", "${1}:00${2}")


def _by_format(column: pl.Series, written: str) -> pl.Series:
    try:
        return _parsed(column, written, has_time=bool(_letters(written) & TIME_LETTERS))
    except PolarsError as error:
        reason = str(error).splitlines()[0]
        write = f'It was refused with "{reason}"; write e.g. "%d.%m.%Y %H:%M".'
        raise DataError(Fault(WHERE, "must be a format of dates and times", json.dumps(written), write)) from error


def _parsed(column: pl.Series, written: str, *, has_time: bool) -> pl.Series:
    if has_time:
        return column.str.to_datetime(written, strict=False, time_unit="us")
    return column.str.to_date(written, strict=False)


def _letters(written: str) -> frozenset[str]:
    """Return the letters behind percent signs, without marks that chrono puts between them (`%-d`, `%.f`, `%:z`)."""
    return frozenset(found for found in re.findall(r"%[-_0:#.]*[0-9]?(%|[A-Za-z])", written) if found != "%")


def _unread(wrong: pl.DataFrame, written: str | None) -> Fault:
    was = json.dumps(wrong["timestamp"][0], ensure_ascii=False)
    shown = excerpt(wrong)
    if written is not None:
        write = "Write the format all stamps have, or repair the rows."
        return Fault(WHERE, f"{json.dumps(written)} must read every stamp", was, write, excerpt=shown)
    must = "stamps must be ISO dates, datetimes or datetimes with an offset, all alike"
    write = 'Write the format the stamps have, e.g. timestamp_format: "%d-%b-%y" for 30-Dec-10, or repair the rows.'
    return Fault(WHERE, must, was, write, excerpt=shown)

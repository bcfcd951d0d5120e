"""Stamps written as text: ISO unless a format says otherwise, and never guessed.

Why not guess: `03/04/2024` is in March or in April, and a guess that fits the first rows moves every bar.

1. `format_faults` refuses formats that would read something else than they seem to.
2. A day that the stamps don't name (`day`) is put in front of them, and its format in front of theirs.
3. Hours without minutes, which the parser doesn't know, are read as the full hour.
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

import polars as pl
from polars.exceptions import PolarsError

from runner.errors import DataError, Fault
from runner.market.origin import excerpt

__all__ = ["DAY_LETTERS", "format_faults", "letters_of", "parse_stamps"]

WHERE = "data.timestamp_format"
HOUR_LETTERS = frozenset("HIkl")
MINUTE_LETTERS = frozenset("MTRXrc")
TIME_LETTERS = HOUR_LETTERS | MINUTE_LETTERS | {"S"}
"""Letters of a format that name a time of day; without any of them the stamps are dates."""
DAY_LETTERS = frozenset("djeDFxvcu")
"""Letters that name a day; a format has one of them, or `day` says which day is meant."""


@dataclass(frozen=True, slots=True)
class _Iso:
    """One spelling of ISO 8601."""

    pattern: str
    format: str


DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = DAY + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
DATE = _Iso(DAY + "$", "%Y-%m-%d")
NAIVE = _Iso(CLOCK + "$", "%Y-%m-%d %H:%M:%S%.f")
AWARE = _Iso(CLOCK + r"(Z|[+-][0-9]{2}:?[0-9]{2})$", "%Y-%m-%d %H:%M:%S%.f%z")
FINE = r"\.[0-9]{7}"
"""Fractions of a second finer than microseconds."""


def format_faults(written: str | None, *, has_day: bool = False) -> list[Fault]:
    """Return what is wrong with a format of the user's: letters that read numbers or drop a zone, no day or two of them.

    Args:
        written: the format; None means ISO.
        has_day: whether the day is said elsewhere, so that stamps name the time alone.
    """
    if written is None:
        return []
    letters, was = letters_of(written), json.dumps(written)
    if not letters:
        write = 'Write how stamps look, e.g. timestamp_format: "%d.%m.%Y %H:%M", or null for ISO.'
        return [Fault(WHERE, "must contain letters such as %Y", was, write)]
    faults = []
    if "s" in letters:
        write = "Numbers since 1970 are no text; write timestamp_unit: s, and timestamp_format: null."
        faults.append(Fault(WHERE, "must not contain %s", was, write))
    if "Z" in letters:
        write = "The name of a zone would be skipped, not read; write offsets such as +01:00 in the file and %z here."
        faults.append(Fault(WHERE, "must not contain %Z", was, write))
    return [*faults, *_day_faults(letters, was, has_day=has_day)]


def parse_stamps(frame: pl.DataFrame, written: str | None, *, day: date | None = None) -> pl.DataFrame:
    """Turn the text in `timestamp` into dates, naive or aware datetimes; empty cells stay null.

    All stamps have the spelling of the first. Datetimes are in microseconds, or in nanoseconds if a stamp is that fine.

    Args:
        frame: rows with `timestamp` as text, `symbol`, `file` and `row`.
        written: format in chrono's letters; None means ISO.
        day: the day of stamps that name a time of day alone.

    Raises DataError showing the first stamps that aren't spelled so.
    """
    text = frame["timestamp"].cast(pl.String)
    first = text.drop_nulls().head(1)
    if first.len() == 0:
        return frame.with_columns(pl.lit(None, dtype=pl.Datetime("us")).alias("timestamp"))
    column = text if day is None else pl.select(pl.lit(f"{day} ") + text).to_series()
    if written is None:
        parsed = _iso(column, str(column.drop_nulls()[0]))
    else:
        parsed = _by_format(column, written if day is None else f"%Y-%m-%d {written}", written)
    wrong = frame.filter(text.is_not_null() & parsed.is_null())
    if wrong.height:
        raise DataError(_unread(wrong, written, has_day=day is not None))
    return frame.with_columns(parsed.alias("timestamp"))


def letters_of(written: str) -> frozenset[str]:
    """Return the letters behind percent signs, without marks that chrono puts between them (`%-d`, `%.f`, `%:z`)."""
    return frozenset(found for found in re.findall(r"%[-_0:#.]*[0-9]?(%|[A-Za-z])", written) if found != "%")


def _day_faults(letters: frozenset[str], was: str, *, has_day: bool) -> list[Fault]:
    names_day = bool(letters & DAY_LETTERS)
    if has_day and names_day:
        write = "Write date: null and date_from_name: null, or a format of the time of day alone."
        return [Fault(WHERE, "must not name the day that date or date_from_name gives", was, write)]
    if has_day or names_day or letters & {"s"}:
        return []
    write = "Write the letters of a date, e.g. %Y-%m-%d; if the stamps don't name the day, write date or date_from_name."
    return [Fault(WHERE, "must name the day", was, write)]


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


def _by_format(column: pl.Series, full: str, written: str) -> pl.Series:
    letters = letters_of(written)
    is_full_hour = bool(letters & HOUR_LETTERS) and not letters & MINUTE_LETTERS
    try:
        if is_full_hour:
            return _parsed(column + " 00", f"{full} %M", has_time=True)
        return _parsed(column, full, has_time=bool(letters & TIME_LETTERS))
    except PolarsError as error:
        reason = str(error).splitlines()[0]
        write = f'It was refused with "{reason}"; write e.g. "%d.%m.%Y %H:%M".'
        raise DataError(Fault(WHERE, "must be a format of dates and times", json.dumps(written), write)) from error


def _parsed(column: pl.Series, written: str, *, has_time: bool) -> pl.Series:
    if not has_time:
        return column.str.to_date(written, strict=False)
    unit: Literal["us", "ns"] = "ns" if column.str.contains(FINE).any() else "us"
    return column.str.to_datetime(written, strict=False, time_unit=unit)


def _unread(wrong: pl.DataFrame, written: str | None, *, has_day: bool) -> Fault:
    was = json.dumps(wrong["timestamp"][0], ensure_ascii=False)
    shown = excerpt(wrong)
    if written is not None:
        write = "Write the format all stamps have, or repair the rows."
        return Fault(WHERE, f"{json.dumps(written)} must read every stamp", was, write, excerpt=shown)
    if has_day:
        write = 'Write the format the times have, e.g. timestamp_format: "%H%M%S", or repair the rows.'
        return Fault(WHERE, "stamps of a day given elsewhere must be ISO times of day, all alike", was, write, excerpt=shown)
    must = "stamps must be ISO dates, datetimes or datetimes with an offset, all alike"
    write = 'Write the format the stamps have, e.g. timestamp_format: "%d-%b-%y" for 30-Dec-10, or repair the rows.'
    return Fault(WHERE, must, was, write, excerpt=shown)

"""Events out of files: from what instant on which symbol's event was known.

1. `event_faults` finds what can be seen without reading rows: missing files, missing columns, zones nobody knows.
2. `read_events` reads each file once, hashes its bytes and turns stamps into instants (`_known`). Dates are known from the
   declared time of day on, wall-clock times are read in the declared zone; one that clocks skipped or repeated is a fault.
3. Tickers become symbols as those of market data do (`by_lives`); rows that are nobody's are counted.
4. Events of one symbol and instant are one event (`_laid`).

No event is moved: what a graph sees at an instant are the events known by then, wherever the window of the run begins.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from runner.errors import DataError, Fault
from runner.market.input_files import InputFile, find_files, read_bytes, sha256
from runner.market.lives import by_lives, tickers_of
from runner.market.origin import FILE, ROW, excerpt, with_origin
from runner.market.span import span_faults
from runner.market.stamp_format import parse_stamps
from runner.market.suggestions import suggest
from runner.market.timezone import zone_faults
from runner.market.unpack import opened, unpacked
from runner.market.wall_clock import WallClock, localized
from runner.signal.sheet import Events
from runner.spec.events import EventFile
from runner.spec.universe import Universe

__all__ = ["EventsRead", "event_faults", "read_events"]

SUFFIXES = (".csv", ".csv.gz", ".parquet")
TRIED = 40
"""Tickers of a file none of which is the universe's that are held against those."""
LONGEST_LINE = 2**20
"""Bytes of a first line; a file without line ends isn't read to its end to look for one."""
UNREADABLE = (PolarsError, OSError, EOFError)
"""What reading a broken file raises."""


@dataclass(frozen=True, slots=True)
class EventsRead:
    """All event files of a run."""

    events: Mapping[str, Events]
    """Name → its events, in the order of the universe's symbols."""
    report: Mapping[str, object]
    """Name → rows read, events kept and notes, as plain JSON values for `quality.json`."""
    digests: Mapping[str, str]
    """`events/NAME/FILE` → SHA-256 of its bytes as read."""


def event_faults(files: Mapping[str, EventFile]) -> list[Fault]:
    """Return what is wrong with the declarations, without reading rows."""
    return [fault for name, file in files.items() for fault in _declared(f"events.{name}", file)]


def read_events(files: Mapping[str, EventFile], universe: Universe, *, zone: str) -> EventsRead:
    """Read every event file; raises DataError with the faults of all.

    Args:
        files: name → what to read and how.
        universe: whose symbols count; its `lives` say which ticker is whose at a date.
        zone: in which dates are counted for `lives` where a file names no zone of its own.
    """
    events: dict[str, Events] = {}
    report: dict[str, object] = {}
    digests: dict[str, str] = {}
    faults = event_faults(files)
    for name, file in files.items() if not faults else ():
        try:
            rows = [_rows(f"events.{name}", file, found, digests, name) for found in find_files(file.path, SUFFIXES)]
            events[name], report[name] = _laid(pl.concat(rows), universe, file.zone or zone)
        except DataError as error:
            faults += error.faults
    if faults:
        raise DataError(faults)
    return EventsRead(events, report, digests)


def _declared(where: str, file: EventFile) -> list[Fault]:
    faults = [] if file.zone is None else zone_faults(file.zone, f"{where}.zone")
    if file.at is not None and file.zone is None:
        faults.append(_no_zone(where, "a time of day"))
    found = find_files(file.path, SUFFIXES)
    if not found:
        write = "Write the path of a file, of a folder, or a glob in quotes; relative paths start in the working directory."
        return [*faults, Fault(f"{where}.path", "must lead to at least one file", json.dumps(file.path), write)]
    return [*faults, *(fault for each in found for fault in _column_faults(where, file, each))]


def _column_faults(where: str, file: EventFile, found: InputFile) -> list[Fault]:
    try:
        header = _header(found)
    except UNREADABLE as error:
        return [_unreadable(found, error)]
    wanted = {"symbol": file.columns.symbol, "timestamp": file.columns.timestamp}
    return [
        Fault(f"{where}.columns.{ours}", f"must name a column of {found.name}", json.dumps(theirs), suggest(theirs, header))
        for ours, theirs in wanted.items()
        if theirs not in header
    ]


def _header(found: InputFile) -> Sequence[str]:
    with found.path.open("rb") as packed:
        if _is_parquet(found):
            return list(pl.read_parquet_schema(packed))
        with opened(packed) as text:
            line = text.readline(LONGEST_LINE)
    return [cell or "" for cell in pl.read_csv(line, has_header=False, infer_schema=False).row(0)]


def _is_parquet(found: InputFile) -> bool:
    return found.name.endswith(".parquet")


def _rows(where: str, file: EventFile, found: InputFile, digests: dict[str, str], name: str) -> pl.DataFrame:
    """Return one file's rows with `symbol` and `known`, UTC nanoseconds, and note its digest."""
    data = read_bytes(found)
    digests[f"events/{name}/{found.name}"] = sha256(data)
    columns = [file.columns.symbol, file.columns.timestamp]
    try:
        if _is_parquet(found):
            table = pl.read_parquet(data, columns=columns, hive_partitioning=False)
        else:
            table = pl.read_csv(unpacked(data), columns=columns, infer_schema=False)
    except UNREADABLE as error:
        raise DataError(_unreadable(found, error)) from error
    named = table.select(pl.col(theirs).alias(ours) for ours, theirs in zip(("symbol", "timestamp"), columns, strict=True))
    rows = with_origin(named, found.name)
    if not isinstance(rows.schema["symbol"], pl.String | pl.Categorical | pl.Enum):
        was = f"{rows.schema['symbol']} in {found.name}"
        raise DataError(Fault(f"{where}.columns.symbol", "must be a column of text", was, "Write tickers as text."))
    rows = rows.with_columns(pl.col("symbol").cast(pl.String))
    known = _known(where, file, _stamped(where, rows))
    return rows.select("symbol", FILE, ROW).with_columns(pl.col(FILE).cast(pl.String), known.alias("known"))


def _stamped(where: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows whose stamps are dates or datetimes, none of them empty."""
    if isinstance(rows.schema["timestamp"], pl.String):
        try:
            rows = parse_stamps(rows, None)
        except DataError as error:
            write = "Write ISO: 2024-01-31, 2024-01-31 16:30 or 2024-01-31T16:30:00-05:00, all alike."
            raise DataError([replace(each, where=f"{where}.path", write=write) for each in error.faults]) from error
    dtype = rows.schema["timestamp"]
    if not isinstance(dtype, pl.Date | pl.Datetime):
        write = "Write dates or datetimes, or name another column."
        raise DataError(Fault(f"{where}.columns.timestamp", "must be a column of dates or times", str(dtype), write))
    empty = rows.filter(pl.col("symbol").is_null() | pl.col("timestamp").is_null())
    faults = [replace(each, where=where) for each in span_faults(rows)]
    if empty.height:
        must, was = "every row must have a symbol and a stamp", f"{empty.height} without"
        faults.append(Fault(where, must, was, "Repair the rows or leave them out of the file.", excerpt=excerpt(empty)))
    if faults:
        raise DataError(faults)
    return rows


def _known(where: str, file: EventFile, rows: pl.DataFrame) -> pl.Series:
    """Return the instant from which each row's event is known, in UTC nanoseconds."""
    stamps, dtype = rows["timestamp"], rows.schema["timestamp"]
    is_aware = isinstance(dtype, pl.Datetime) and dtype.time_zone is not None
    faults = _time_faults(where, file, is_date=isinstance(dtype, pl.Date))
    faults += [_no_zone(where, "stamps without an offset")] if file.zone is None and not is_aware else []
    if faults:
        raise DataError(faults)
    if is_aware:
        return stamps.dt.cast_time_unit("ns").to_physical()
    if file.at is not None:
        hours, minutes = (int(part) for part in file.at.split(":"))
        stamps = stamps.cast(pl.Datetime("us")) + timedelta(hours=hours, minutes=minutes)
    found = localized(stamps, WallClock(file.zone or ""))
    doubtful = rows.filter(found.instant.is_null())
    if doubtful.height:
        must = f"must be times that the clocks of {file.zone} showed once"
        write = "Clocks were changed over them; write those stamps with an offset, or another time of day as at."
        raise DataError(Fault(where, must, f"{doubtful.height} that they didn't", write, excerpt=excerpt(doubtful)))
    return found.instant


def _time_faults(where: str, file: EventFile, *, is_date: bool) -> list[Fault]:
    """Return a fault if the time of day is missing or superfluous."""
    if is_date and file.at is None:
        write = 'Write the time of day from which an event of that date is known, e.g. at: "16:30".'
        return [Fault(f"{where}.at", "must be given where stamps are dates", "null", write)]
    if not is_date and file.at is not None:
        write = "Write at: null: the stamps say when their events were known."
        return [Fault(f"{where}.at", "must be null where stamps have a time of day", f'"{file.at}"', write)]
    return []


def _laid(rows: pl.DataFrame, universe: Universe, zone: str) -> tuple[Events, dict[str, object]]:
    """Return the events of the universe's symbols, and what became of the rows."""
    day = pl.col("known").cast(pl.Datetime("ns", "UTC")).dt.convert_time_zone(zone).dt.date()
    tickers = tickers_of(universe)
    ours = rows.filter(pl.col("symbol").is_in(tickers)).with_columns(day.alias("session"))
    lived = by_lives(ours, universe)
    each = [
        lived.frame.filter(pl.col("symbol") == symbol)["known"].unique().sort().to_numpy() for symbol in universe.symbols
    ]
    counts = [known.size for known in each]
    events = Events(np.append(0, np.cumsum(counts)).astype(np.int64), np.concatenate(each).astype(np.int64))
    if rows.height and not ours.height:
        return events, {"rows": rows.height, "events": 0, "notes": [_nobodys(rows["symbol"], tickers)]}
    strangers = rows.height - ours.height
    without = [symbol for symbol, count in zip(universe.symbols, counts, strict=True) if not count]
    notes = [*_strange(strangers), *lived.notes, *_merged(lived.frame.height - sum(counts)), *_without(without)]
    return events, {"rows": rows.height, "events": sum(counts), "notes": notes}


def _nobodys(symbols: pl.Series, tickers: Iterable[str]) -> str:
    """Return what to say of rows all of which are of others: one of those, if possible one that looks misspelt."""
    others, known = symbols.unique().sort().to_list(), set(tickers)
    other = next((each for each in others[:TRIED] if "Did you mean" in suggest(each, known)), others[0])
    whose = other if len(others) == 1 else f"{len(others)} others, such as {other}"
    return f"no event of a symbol of the universe, but {_counted(symbols.len())} of {whose}. {suggest(other, known)}"


def _strange(rows: int) -> Iterable[str]:
    if rows:
        yield f"{_counted(rows)} of other symbols than the universe's {'was' if rows == 1 else 'were'} passed over"


def _merged(rows: int) -> Iterable[str]:
    if rows:
        yield f"{_counted(rows)} repeat{'s' if rows == 1 else ''} an event of the same symbol and instant"


def _without(symbols: list[str]) -> Iterable[str]:
    if symbols:
        yield f"no event of {', '.join(symbols)}"


def _counted(rows: int) -> str:
    return f"{rows} row{'s' if rows != 1 else ''}"


def _no_zone(where: str, what: str) -> Fault:
    write = "Write the zone they are in, e.g. zone: America/New_York, or stamps with an offset."
    return Fault(f"{where}.zone", f"must be given with {what}", "null", write)


def _unreadable(found: InputFile, error: Exception) -> Fault:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
    write = "Check that it is complete, and that its name ends in .csv, .csv.gz or .parquet."
    return Fault(found.name, "must be a file of events", reason, write)

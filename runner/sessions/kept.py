"""What a session was made from, in its run directory: with it the session is made again where its data are gone.

history.json             until when history is known; streams and columns; names of calendars and events
history-STREAM.parquet   the rows that warmed its signals up
sessions-N.parquet       when the market opens and closes, one file per calendar
events-NAME.parquet      the events that its signals may ask for
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from runner.archive.directory import RunDirectory
from runner.archive.parquet import read_table
from runner.engine.arriving import Columns
from runner.engine.surroundings import surroundings_of
from runner.errors import Fault, RunError
from runner.launch.rebuild import kept_plugins, kept_spec, kept_values
from runner.market.calendar import Calendar
from runner.market.load import MarketData
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.prepare import Prepared, prepare_unread
from runner.sessions.history import History
from runner.signal.sheet import Events, Surroundings
from runner.tables import Table

__all__ = ["Kept", "around_of", "keep", "kept"]

HISTORY = "history.json"
ROWS = "history-"
SESSIONS = "sessions-"
EVENTS = "events-"
ENDS = {"ts": "open_ns", "close": "close_ns", "break_start": "break_start_ns", "break_end": "break_end_ns"}
"""Column of a file of sessions → what a calendar calls it."""

Calendars = Mapping[Stream, Mapping[str, Calendar]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a session was made from."""

    prepared: Prepared
    history: History
    columns: Columns
    """Of the streams that it listens to."""
    calendars: Calendars
    """Stream → symbol → its sessions."""
    events: Mapping[str, Events]

    @property
    def around(self) -> Surroundings:
        """What its signals read besides the market."""
        return around_of(self.prepared, self.calendars, self.events)


def around_of(prepared: Prepared, calendars: Calendars, events: Mapping[str, Events]) -> Surroundings:
    """Return what a session's signals read besides the market."""
    return surroundings_of(prepared.spec, MarketData({}, {}, {}, calendars, events))


def keep(directory: RunDirectory, made_from: Kept) -> None:
    """Write into a run directory what its session is made from."""
    for stream, names in made_from.columns.items():
        tape = made_from.history.tapes[stream]
        table: dict[str, Any] = {"ts": tape.ts, "opened": tape.opened, "session": tape.session, "symbol": tape.symbol}
        directory.write_table(f"{ROWS}{stream}", {**table, **{name: tape.columns[name] for name in names}})
    used, calendars = _numbered(made_from.calendars)
    for number, calendar in enumerate(calendars):
        directory.write_table(f"{SESSIONS}{number}", _session_table(calendar))
    for name, each in made_from.events.items():
        symbol = np.repeat(np.arange(each.offsets.size - 1), np.diff(each.offsets))
        directory.write_table(f"{EVENTS}{name}", {"ts": each.ts, "symbol": symbol})
    words = made_from.prepared.vocabulary
    directory.write_json(
        HISTORY,
        {
            "until_ns": made_from.history.until_ns,
            "columns": {stream: list(names) for stream, names in made_from.columns.items()},
            "words": {stream: list(names) for stream, names in words.streams.items()},
            "without_hours": sorted(words.without_hours),
            "calendars": [each.name for each in calendars],
            "sessions": used,
            "events": list(made_from.events),
        },
    )


def kept(folder: Path) -> Kept:
    """Return what a session was made from; nothing but its run directory is read.

    Raises:
        RunError: It isn't there.
        ConfigError: Its spec isn't one any more, or the user's own files that it kept don't do.
    """
    try:
        told: dict[str, Any] = json.loads((folder / HISTORY).read_text(encoding="utf-8"))
    except OSError as problem:
        fix = "Name the run directory of a session that had begun."
        raise RunError(Fault(str(folder), f"must hold {HISTORY}", problem.strerror or "", fix)) from None
    folders = kept_plugins(folder)
    spec = kept_spec(folder, kept_values(folder))
    streams = {stream: tuple(names) for stream, names in told["words"].items()}
    prepared = prepare_unread(spec, streams=streams, without_hours=frozenset(told["without_hours"]), folders=folders)
    symbols = tuple(spec.universe.symbols)
    columns: Columns = {stream: tuple(names) for stream, names in told["columns"].items()}
    tapes = {stream: _tape(folder, stream, names, symbols) for stream, names in columns.items()}
    calendars = [_calendar(folder, number, name) for number, name in enumerate(told["calendars"])]
    sessions: Calendars = {
        stream: {symbol: calendars[number] for symbol, number in of.items()} for stream, of in told["sessions"].items()
    }
    events = {name: _events(folder, name, len(symbols)) for name in told["events"]}
    return Kept(prepared, History(told["until_ns"], tapes), columns, sessions, events)


def _numbered(calendars: Calendars) -> tuple[dict[str, dict[str, int]], list[Calendar]]:
    """Return stream → symbol → number of its calendar, and the calendars, each of them once."""
    found: list[Calendar] = []
    numbers: dict[int, int] = {}
    used: dict[str, dict[str, int]] = {}
    for stream, of_symbols in calendars.items():
        for symbol, calendar in of_symbols.items():
            if id(calendar) not in numbers:
                numbers[id(calendar)] = len(found)
                found.append(calendar)
            used.setdefault(stream, {})[symbol] = numbers[id(calendar)]
    return used, found


def _session_table(calendar: Calendar) -> Table:
    return {"day": calendar.days, **{name: getattr(calendar, theirs) for name, theirs in ENDS.items()}}


def _tape(folder: Path, stream: Stream, names: Any, symbols: tuple[str, ...]) -> Tape:
    table = read_table(folder / f"{ROWS}{stream}.parquet")
    symbol = np.asarray(table["symbol"], np.int32)
    counts = np.bincount(symbol, minlength=len(symbols))
    return Tape(
        symbols=symbols,
        ts=np.asarray(table["ts"], np.int64),
        opened=np.asarray(table["opened"], np.int64),
        session=np.asarray(table["session"], np.int32),
        symbol=symbol,
        columns={name: np.asarray(table[name], np.float64) for name in names},
        offsets=np.append(0, np.cumsum(counts)).astype(np.int64),
        stream=stream,
    )


def _calendar(folder: Path, number: int, name: str) -> Calendar:
    table = read_table(folder / f"{SESSIONS}{number}.parquet")
    ends = {theirs: np.asarray(table[column], np.int64) for column, theirs in ENDS.items()}
    opens, closes = ends["open_ns"], ends["close_ns"]
    days = np.asarray(table["day"], np.int32)
    return Calendar(name, days, opens, closes, ends["break_start_ns"], ends["break_end_ns"])


def _events(folder: Path, name: str, symbols: int) -> Events:
    table = read_table(folder / f"{EVENTS}{name}.parquet")
    counts = np.bincount(np.asarray(table["symbol"], np.int64), minlength=symbols)
    return Events(np.append(0, np.cumsum(counts)).astype(np.int64), np.asarray(table["ts"], np.int64))

"""The history of a session in its run directory: what warmed its signals up, so that it can do so again."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from runner.archive.directory import RunDirectory
from runner.archive.parquet import read_table
from runner.engine.arriving import Columns
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.sessions.history import History

__all__ = ["keep_history", "kept_history"]

PREFIX = "history-"
UNTIL = "history.json"


def keep_history(directory: RunDirectory, history: History, columns: Columns) -> None:
    """Write `history-STREAM.parquet` for each stream that the session listens to."""
    for stream, names in columns.items():
        tape = history.tapes[stream]
        table: dict[str, Any] = {"ts": tape.ts, "opened": tape.opened, "session": tape.session, "symbol": tape.symbol}
        directory.write_table(f"{PREFIX}{stream}", {**table, **{name: tape.columns[name] for name in names}})
    directory.write_json(UNTIL, {"until_ns": history.until_ns})


def kept_history(folder: Path, symbols: tuple[str, ...], columns: Columns) -> History:
    """Return what `keep_history` wrote."""
    until_ns = int(json.loads((folder / UNTIL).read_text(encoding="utf-8"))["until_ns"])
    tapes: dict[Stream, Tape] = {}
    for stream, names in columns.items():
        table = read_table(folder / f"{PREFIX}{stream}.parquet")
        symbol = np.asarray(table["symbol"], np.int32)
        counts = np.bincount(symbol, minlength=len(symbols))
        tapes[stream] = Tape(
            symbols=symbols,
            ts=np.asarray(table["ts"], np.int64),
            opened=np.asarray(table["opened"], np.int64),
            session=np.asarray(table["session"], np.int32),
            symbol=symbol,
            columns={name: np.asarray(table[name], np.float64) for name in names},
            offsets=np.append(0, np.cumsum(counts)).astype(np.int64),
            stream=stream,
        )
    return History(until_ns, tapes)

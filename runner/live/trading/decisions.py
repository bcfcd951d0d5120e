"""The decisions of a session, line by line: what the trader was told, in its order, and what it answered.

A line is a JSON array whose first item says what it is:

    ["life", number]                    a process began to trade, counted from 1
    ["i", serial, ts, rows]             an instant: its number in the feed, 0 of one that history filled in; UTC nanoseconds;
                                        its rows, or their digest where they are no bars: the feed's recording has them
    ["r", ts, session, symbol, order, quantity, price, fee, maker, how, execution]     what a venue reported (`Report`)
    ["q", ts, [[symbol, bid, ask] …]]   the market opened: best prices in ticks, by which what waited is asked for
    ["k", whole numbers …, numbers …]   a line of the kernel: an order, a fill, an end, a refusal, a charge

Whoever has the lines that tell can make the lines that answer again: that is how a process goes on where another died, and
what `runner replay` does. Lines are handed to the operating system before anything follows from them, so that they survive
the death of the process; before an order leaves they are forced to the disk.
"""

import json
import math
import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from struct import pack
from typing import Any

from runner.engine.arriving import Report
from runner.signal.cells import CellNames, Cells, block_of
from runner.signal.push import PushedRow

__all__ = [
    "DECISIONS",
    "DecisionLog",
    "Line",
    "instant_digest",
    "instant_digests",
    "read_decisions",
    "report_of",
    "rows_of",
    "told_rows",
]

DECISIONS = "decisions.jsonl"
Line = list[Any]
PRIVATE = 0o600
DIGITS = 16
ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class DecisionLog:
    """The lines of one run directory, appended to."""

    def __init__(self, folder: Path) -> None:
        """Begin or go on; a line that was cut off when a process died is taken away."""
        path = folder / DECISIONS
        self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE)
        self._waiting: list[str] = []
        self.lines = 0
        """Lines written by this process."""
        self._failure: OSError | None = None
        """Why nothing is written any more."""
        self._cut_torn()

    def add(self, line: Sequence[Any]) -> None:
        """Add a line; it is written with the next `flush`."""
        self._waiting.append(_text(line))
        self.lines += 1

    def flush(self, *, force: bool = False) -> None:
        """Hand all lines over to the operating system; with `force`, return only when they are on the disk.

        Raises:
            OSError: The disk takes no more. It is never tried again: lines after a hole would be of another session.
        """
        if self._failure is not None:
            raise self._failure
        data = "".join(f"{line}\n" for line in self._waiting).encode()
        try:
            while data:
                data = data[os.write(self._file, data) :]
            if force:
                os.fsync(self._file)
        except OSError as failure:
            self._failure = failure
            raise
        self._waiting.clear()

    def close(self) -> None:
        """Write what waits, unless the disk has refused before, and let go of the file."""
        try:
            if self._failure is None:
                self.flush()
        finally:
            os.close(self._file)

    def _cut_torn(self) -> None:
        size = os.fstat(self._file).st_size
        end = size
        while end > 0 and os.pread(self._file, 1, end - 1) != b"\n":
            end -= 1
        if end != size:
            os.ftruncate(self._file, end)


def read_decisions(folder: Path) -> Iterator[Line]:
    """Yield the whole lines of a run directory.

    Raises:
        ValueError: A line is no JSON array.
    """
    with (folder / DECISIONS).open(encoding="utf-8") as file:
        for text in file:
            if not text.endswith("\n"):
                return
            line = json.loads(text)
            if not isinstance(line, list) or not line:
                raise ValueError(text[:80])
            yield line


def instant_digest(rows: Sequence[PushedRow]) -> str:
    """Return the digest of an instant's rows: the first hex digits of SHA-256 over their moments, names and values."""
    return _digest(b"".join(_row_bytes(row) for row in rows))


def instant_digests(instants: Sequence[Sequence[PushedRow]]) -> list[str]:
    """Return the digest of each of some instants."""
    called = _called(instants)
    if called is None:
        return [instant_digest(rows) for rows in instants]
    # The same bytes, of which most are known beforehand.
    names, places = called.by_name
    rows = [found[0] for found in instants]
    values = block_of([row.columns for row in rows], called.names)[:, places].tobytes()
    width = len(values) // len(rows)
    return [
        _digest(
            f"({row.clock!r}, {row.symbol}, {row.ts}, {row.session}, {row.opened}, {names})".encode()
            + values[k * width : (k + 1) * width]
        )
        for k, row in enumerate(rows)
    ]


def _called(instants: Sequence[Sequence[PushedRow]]) -> CellNames | None:
    """Return what the values are called where each instant is one row, and all of one sort; else None."""
    found = None
    for rows in instants:
        columns = rows[0].columns if len(rows) == 1 else None
        if not isinstance(columns, Cells) or (found is not None and columns.called is not found):
            return None
        found = columns.called
    return found


def _row_bytes(row: PushedRow) -> bytes:
    names = sorted(row.columns)
    moments = (row.clock, row.symbol, row.ts, row.session, row.opened, names)
    return repr(moments).encode() + pack(f"<{len(names)}d", *[row.columns[name] for name in names])


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:DIGITS]


def told_rows(rows: Sequence[PushedRow]) -> Line:
    """Return rows as a line says them."""
    return [
        [
            row.clock,
            row.symbol,
            row.ts,
            row.session,
            row.opened,
            [[name, _plain(x)] for name, x in sorted(row.columns.items())],
        ]
        for row in rows
    ]


def rows_of(told: Sequence[Any]) -> tuple[PushedRow, ...]:
    """Return the rows that a line says."""
    return tuple(
        PushedRow(clock, symbol, ts, session, {name: math.nan if x is None else float(x) for name, x in columns}, opened)
        for clock, symbol, ts, session, opened, columns in told
    )


def report_of(line: Line) -> Report:
    """Return the report that a line says."""
    ts, session, symbol, order, quantity, price, fee, maker, how = line[1:10]
    return Report(ts, session, symbol, order, quantity, math.nan if price is None else price, fee, bool(maker), how)


def _plain(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _text(line: Sequence[Any]) -> str:
    if line[0] == "i" and isinstance(line[3], str):
        # Most lines are of instants with a digest, of which nothing has to be quoted.
        return f'["i",{line[1]},{line[2]},"{line[3]}"]'
    return ENCODER.encode(line)

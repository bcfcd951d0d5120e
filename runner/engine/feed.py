"""Windows of several streams, brought together into stretches of time over which a run goes on.

1. Each stream gives its windows one after another; the one that has come least far gives its next.
2. A stretch reaches as far as every row of every stream that is known or has opened by then is there: an order fills at a
   bar's open, before the bar is known, so a stretch ends the length of the longest bar before the end of a window.
3. It ends before the last instant at which something may be decided, as long as there may be rows after it: what is due
   between two decisions can be done only if there is another one.
4. Behind a stretch stay the last row of each symbol that was done, which a fill may still read, and what is ahead.

So a run over stretches has a window of each stream in memory, however long the streams are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from runner.errors import DataError, Fault
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.market.tape_parts import part_of, rows_between
from runner.market.windows import joined

__all__ = ["Stretch", "stretches"]

Rows = NDArray[np.int64]

BEFORE_ALL = -(2**62)
AFTER_ALL = 2**62
NO_LENGTHS: Mapping[Stream, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Rows over which a run goes on: those that are new, before them each symbol's last one, behind them what is ahead."""

    tapes: Mapping[Stream, Tape]
    done: Mapping[Stream, Rows]
    """Stream → [N] rows at the beginning of each symbol's that belong to earlier stretches."""
    stops: Mapping[Stream, Rows]
    """Stream → [N] row after the last that is new."""
    gone: Mapping[Stream, Rows]
    """Stream → [N] rows at the beginning of each symbol's of the stretch before that aren't held any more."""
    until: int
    """UTC nanoseconds: every row known by then is done or new."""
    goes_on: bool
    """Whether there is an instant after it at which something may be decided."""

    def new(self, stream: Stream) -> Tape:
        """Return the rows of a stream that are new."""
        return part_of(self.tapes[stream], self._starts(stream), self.stops[stream])

    def rows(self, stream: Stream) -> slice | Rows:
        """Return which rows of a stream's tape are new."""
        return rows_between(self._starts(stream), self.stops[stream])

    def places(self, stream: Stream) -> tuple[int, int]:
        """Return the first place of the new rows in the order of time, and the place after the last."""
        first = int(self.done[stream].sum())
        return first, first + int((self.stops[stream] - self._starts(stream)).sum())

    def _starts(self, stream: Stream) -> Rows:
        starts: Rows = self.tapes[stream].offsets[:-1] + self.done[stream]
        return starts


@dataclass(slots=True)
class _Held:
    """One stream: its windows to come, and the rows that are held of it."""

    windows: Iterator[Tape]
    tape: Tape
    done: Rows
    gone: Rows
    reach: int
    """Instant of the latest row."""
    longest: int
    """Nanoseconds of the longest bar so far; nothing of other streams."""
    is_over: bool = field(default=False)

    @classmethod
    def begun(cls, windows: Iterator[Tape], longest: int) -> "_Held":
        tape = next(windows)
        none = np.zeros(len(tape.symbols), np.int64)
        return cls(windows, tape, none, none, int(tape.ts.max()), max(longest, _longest(tape)))

    @property
    def horizon(self) -> int:
        """Instant by which everything is there that is known or has opened."""
        return self.reach - self.longest

    def stops(self, until: int) -> Rows:
        """Return [N] the first row of each symbol after an instant."""
        tape = self.tape
        edges = zip(tape.offsets[:-1].tolist(), tape.offsets[1:].tolist(), strict=True)
        found = [start + int(np.searchsorted(tape.ts[start:stop], until, side="right")) for start, stop in edges]
        return np.array(found, dtype=np.int64)

    def pull(self, done_until: int) -> None:
        """Put the next window behind the rows that are held."""
        window = next(self.windows, None)
        if window is None:
            self.is_over = True
            return
        _check_ascending(window, self.reach, done_until)
        self.reach, self.longest = int(window.ts.max()), max(self.longest, _longest(window))
        self.tape = joined([self.tape, window])

    def leave(self, stops: Rows) -> None:
        """Let go of the rows before some, but for the last one of each symbol."""
        begins = self.tape.offsets[:-1]
        kept = np.maximum(stops - 1, begins)
        self.gone, self.done = kept - begins, stops - kept
        self.tape = part_of(self.tape, kept, self.tape.offsets[1:], copied=True)


def stretches(
    sources: Mapping[Stream, Iterator[Tape]], deciding: Stream, *, longest: Mapping[Stream, int] = NO_LENGTHS
) -> Iterator[Stretch]:
    """Yield stretches, ascending in time; together they have every row of every window.

    To keep memory low, a stretch and what was made of its tapes should not be held any longer than until the next is asked
    for.

    Args:
        sources: Stream → its windows, ascending in time and none of them empty.
        deciding: The stream at whose instants something may be decided.
        longest: Stream → nanoseconds of the longest bar that may come, where that is known; else the longest of the windows
            so far counts.

    Raises:
        DataError: A window has a row that isn't later than those before, or a bar that opened before what was decided.
    """
    held = {stream: _Held.begun(windows, longest.get(stream, 0)) for stream, windows in sources.items()}
    done_until = BEFORE_ALL
    while True:
        live = [each for each in held.values() if not each.is_over]
        last = held[deciding].reach
        until = min((each.horizon for each in live), default=AFTER_ALL)
        if not held[deciding].is_over:
            until = min(until, last - 1)
        stops = {stream: each.stops(until) for stream, each in held.items()}
        if any((stops[stream] > each.tape.offsets[:-1] + each.done).any() for stream, each in held.items()):
            yield Stretch(
                {stream: each.tape for stream, each in held.items()},
                {stream: each.done for stream, each in held.items()},
                stops,
                {stream: each.gone for stream, each in held.items()},
                until,
                last > until,
            )
            for stream, each in held.items():
                each.leave(stops[stream])
            done_until = until
        if not live:
            return
        min(live, key=lambda each: each.reach).pull(done_until)


def _longest(tape: Tape) -> int:
    return int((tape.ts - tape.opened).max())


def _check_ascending(window: Tape, reach: int, done_until: int) -> None:
    """Refuse a window that belongs before rows that were handed out."""
    first, opened = int(window.ts.min()), int(window.opened.min())
    if first > reach and opened > done_until:
        return
    early, late, word = (first, reach, "known") if first <= reach else (opened, done_until, "opened")
    must = "must cut the data so that what comes in a later window comes later"
    was = f"a row of the {window.stream} {word} at {_text(early)} in the window after one that reaches to {_text(late)}"
    write = "Write a window of whole days, or null to read the data whole."
    raise DataError(Fault("engine.window", must, was, write))


def _text(ns: int) -> str:
    return f"{np.datetime64(ns, 'ns')}Z"

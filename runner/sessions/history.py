"""What is known before a session begins: the rows that warm its signals up, and of the embedded venue those it plays."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from runner.engine.pipeline import Pipeline
from runner.errors import DataError, Fault
from runner.market.load import MarketData
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.market.tape_parts import part_of
from runner.market.tickdb.days import days_window
from runner.spec.run import RunSpec
from runner.spec.session import Session

__all__ = ["History", "history_until", "split_at"]

MS = 1_000_000
FAR_MS = 4_102_444_800_000
"""2100: no tape reaches so far."""


@dataclass(frozen=True, slots=True)
class History:
    """The market up to an instant."""

    until_ns: int
    """Every row is known by then."""
    tapes: Mapping[Stream, Tape]


def history_until(tapes: Mapping[Stream, Tape], until_ns: int) -> History:
    """Return the rows that are known by an instant."""
    found = {}
    for stream, tape in tapes.items():
        edges = zip(tape.offsets[:-1].tolist(), tape.offsets[1:].tolist(), strict=True)
        stops = [first + int(np.searchsorted(tape.ts[first:stop], until_ns, side="right")) for first, stop in edges]
        found[stream] = part_of(tape, tape.offsets[:-1], np.array(stops, np.int64))
    return History(until_ns, found)


def split_at(spec: RunSpec, session: Session, market: MarketData, pipeline: Pipeline) -> History:
    """Return the history of a session that the embedded venue plays the rest to: what lies before its first session date.

    Raises:
        DataError: Nothing is left to be played.
    """
    tape = next(tape for stream, tape in market.tapes.items() if stream == pipeline.clock)
    if session.start is not None:
        start_ms, _ = days_window(session.start, None, spec.timezone.zone, FAR_MS)
        until = start_ms * MS - 1
    else:
        days = np.unique(tape.session)
        first = days[max(days.size - session.sessions, 0)] if days.size else 0
        before = tape.ts[tape.session < first]
        until = int(before.max()) if before.size else int(tape.opened.min()) - 1
    if not (tape.ts > until).any():
        must = "must leave something of the data to be played"
        was = f"{session.start or session.sessions}, and the data end at {np.datetime64(int(tape.ts.max()), 's')}Z"
        raise DataError(Fault("session.start", must, was, "Write an earlier date."))
    return history_until(market.tapes, until)

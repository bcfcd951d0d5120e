"""Instants at which the future is cut off, and what is left of the market then."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.sheet import Events, Surroundings

__all__ = ["around_until", "instants", "session_ends", "tape_until", "tapes_until"]

Instants = NDArray[np.int64]


def instants(tape: Tape, count: int, generator: Generator) -> tuple[int, ...]:
    """Return instants spread over a tape's rows, ascending: by turns one of a row, a session's last, and just before a row.

    Args:
        tape: The rows that decide.
        count: How many; fewer where there are fewer instants.
        generator: Where chance comes from.
    """
    known = np.unique(tape.ts)[1:]
    if known.size == 0:
        return ()
    ends = session_ends(tape)
    edges = np.linspace(0, known.size, min(count, known.size) + 1).astype(np.int64)
    found = set()
    for turn, (low, high) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        ts = int(known[generator.integers(low, high)])
        end = int(ends[np.searchsorted(ends, ts)])
        if turn % 3 == 1 and end not in found:
            ts = end
        found.add(ts - 1 if turn % 3 == 2 else ts)
    return tuple(sorted(found))


def session_ends(tape: Tape) -> Instants:
    """Return the last instant of each session, ascending."""
    days, place = np.unique(tape.session, return_inverse=True)
    ends = np.full(days.size, np.iinfo(np.int64).min)
    np.maximum.at(ends, place, tape.ts)
    return np.unique(ends)


def tapes_until(tapes: Mapping[Stream, Tape], ts: int) -> dict[Stream, Tape]:
    """Return what is left of the tapes at an instant: rows that are known, and bars that have opened.

    An order that was placed in time fills at the open of a bar that is known only later, so such bars stay; whatever is
    compared lies at the instant or before it.
    """
    return {stream: tape_until(tape, ts) for stream, tape in tapes.items()}


def tape_until(tape: Tape, ts: int) -> Tape:
    """Return the rows that are known by an instant, or whose bar opened before it."""
    kept = (tape.ts <= ts) | (tape.opened < ts)
    counts = np.add.reduceat(np.append(kept, [False]).astype(np.int64), tape.offsets[:-1]) if kept.size else np.zeros(0)
    counts = np.where(np.diff(tape.offsets) > 0, counts, 0) if kept.size else np.zeros(tape.offsets.size - 1)
    return replace(
        tape,
        ts=tape.ts[kept],
        opened=tape.opened[kept],
        session=tape.session[kept],
        symbol=tape.symbol[kept],
        columns={name: column[kept] for name, column in tape.columns.items()},
        offsets=np.append(0, np.cumsum(counts)).astype(np.int64),
    )


def around_until(around: Surroundings, ts: int) -> Surroundings:
    """Return what surrounds the market without the events after an instant; hours of sessions are published beforehand."""
    return replace(around, events={name: _events(events, ts) for name, events in around.events.items()})


def _events(events: Events, ts: int) -> Events:
    kept = events.ts <= ts
    total = np.append(0, np.cumsum(kept)).astype(np.int64)
    return Events(total[events.offsets], events.ts[kept])

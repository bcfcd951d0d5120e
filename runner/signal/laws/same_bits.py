"""Laws of one definition: however an operator is run, its values are the same to the bit."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from runner.signal.laws.broken import Broken, differing, flawed, unlike
from runner.signal.laws.history import Flags, Values
from runner.signal.laws.trial import Trial, pushed, room_needed, scan_of, values

__all__ = ["a_scan_goes_on_from_a_snapshot", "arrays_end_where_they_end", "pushing_is_scanning", "room_does_not_matter"]

GUARD = 512
"""Numbers before and after an array in which it is seen whether an operator reaches beyond."""

FILLINGS = (7.0, -3e5)


def arrays_end_where_they_end(trial: Trial, _: Generator) -> Broken | None:
    """Nothing beyond state, row and parameters is read or written, and a cross-section writes every value.

    Compiled code doesn't look whether an index is within an array. What lies behind one symbol's state is the next one's,
    and behind the last one's it is somebody else's memory: nothing else can be trusted where this law is broken.
    """
    runs: list[Values] = []
    for filling in (*FILLINGS, FILLINGS[0]):
        buffers: list[Values] = []
        runs.append(pushed(trial, room=room_needed(trial), guard=_guarding(filling, buffers), unwritten=filling)[0])
        if any((buffer[:, :GUARD] != filling).any() or (buffer[:, -GUARD:] != filling).any() for buffer in buffers):
            return flawed(arrays_end_where_they_end, trial, "nothing may be written beyond the arrays that were given")
    first, other, again = runs
    by_chance = unlike(first, again)  # differs by itself, which is for `pushing_is_scanning` to say
    return differing(
        arrays_end_where_they_end, trial, "no value may depend on what lies beyond the arrays, or stay unwritten",
        where=unlike(first, other) & ~by_chance, expected=first, got=other,
    )  # fmt: skip


def pushing_is_scanning(trial: Trial, _: Generator) -> Broken | None:
    """Row by row, with the state handed from one to the next, gives the values and the state of whole columns."""
    room = room_needed(trial) + 1  # a full window grows before the next row, whether or not an old one leaves with it
    expected, states = scan_of(trial, room=room)
    got, ends = pushed(trial, room=room)
    other = np.zeros(trial.history.rows, dtype=np.bool_)
    for part, state, end in zip(trial.history.parts, states, ends, strict=False):
        other[part.stop - 1 : part.stop] = bool(unlike(state, end).any())
    return differing(
        pushing_is_scanning, trial, "rows pushed one by one must give the values of a scan",
        where=unlike(expected, got), expected=expected, got=got,
    ) or differing(
        pushing_is_scanning, trial, "after rows pushed one by one the state must be that of a scan",
        where=other, expected=expected, got=got,
    )  # fmt: skip


def a_scan_goes_on_from_a_snapshot(trial: Trial, generator: Generator) -> Broken | None:
    """Wherever a history is cut, a copy of the state is all that is needed to go on."""
    if trial.form == "cross":
        return None
    history, expected = trial.history, values(trial)
    early: Flags = np.zeros(history.rows, dtype=np.bool_)
    for part in history.parts:
        early[part.start : generator.integers(part.start, part.stop, endpoint=True)] = True
    got = np.empty(history.rows)
    got[early], states = scan_of(trial.on(history.kept(early)), room=room_needed(trial))
    snapshot = states.copy()
    states.fill(-1.0)
    got[~early] = scan_of(trial.on(history.kept(~early)), states=snapshot)[0]
    return differing(
        a_scan_goes_on_from_a_snapshot, trial, "a scan in two parts must give the values of one",
        where=unlike(expected, got), expected=expected, got=got,
    )  # fmt: skip


def room_does_not_matter(trial: Trial, _: Generator) -> Broken | None:
    """A window of time has the same values with just enough room, with far more, and when it has to grow."""
    if trial.form != "span":
        return None
    room, expected = room_needed(trial), values(trial)
    for detail, got in (
        ("twice the room must give the same values", scan_of(trial, room=2 * room)[0]),
        ("eight times the room must give the same values", scan_of(trial, room=8 * room)[0]),
        ("growing from room for two rows must give the same values", pushed(trial, room=2)[0]),
    ):
        broken = differing(
            room_does_not_matter, trial, detail, where=unlike(expected, got), expected=expected, got=got
        )  # fmt: skip
        if broken:
            return broken
    return None


def _guarding(filling: float, buffers: list[Values]) -> Callable[[Values], Values]:
    """Return what puts every row of an array between guards, and keeps the whole of it in `buffers`."""

    def guard(content: Values) -> Values:
        rows, length = content.shape
        buffer = np.full((rows, length + 2 * GUARD), filling)
        buffer[:, GUARD:-GUARD] = content
        buffers.append(buffer)
        return buffer[:, GUARD:-GUARD]

    return guard

"""One operator in one of its forms, with parameters, over a history; and the ways to run it.

`scan_of` runs whole columns as a backtest does, `pushed` row by row as a live session does, growing windows of time when
they are full. A law compares the two, or either with itself over another history.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from runner.signal.kernel import Form, kernel
from runner.signal.laws.history import History, Values
from runner.signal.operator import Cross, Formula, Operator, Row, Window, WindowRule
from runner.signal.scan import room_for, scanned

__all__ = [
    "Trial",
    "fewest_rows",
    "first_counted",
    "forms",
    "instants",
    "is_forgetful",
    "own_columns",
    "pushed",
    "required_columns",
    "room_needed",
    "rows_read",
    "scan_of",
    "tolerance",
    "values",
]


DEEPER = re.compile(r".*_[1-9][0-9]*")
"""Name of a column of a book's level below the first."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a law is put to."""

    operator: Operator
    form: Form
    parameters: tuple[float, ...]
    """All of the operator's; the window of form `span` in microseconds."""
    history: History

    def on(self, history: History) -> "Trial":
        """Return the same over another history."""
        return replace(self, history=history)


def forms(operator: Operator) -> tuple[Form, ...]:
    """Return the forms an operator is compiled in; a formula has none, it is held to the laws of what it stands for."""
    of_body: dict[type, tuple[Form, ...]] = {Row: ("row",), WindowRule: ("rows", "span"), Cross: ("cross",), Formula: ()}
    return of_body[type(operator.body)]


def own_columns(operator: Operator, parameters: tuple[float, ...]) -> tuple[str, ...]:
    """Return the names of the columns an operator reads without being given them."""
    body = operator.body
    return body.columns(*parameters) if isinstance(body, Row | Cross) else ()


def required_columns(operator: Operator, parameters: tuple[float, ...]) -> tuple[int, ...]:
    """Return the columns an undefined value of which makes the row undefined.

    Those are all but levels of a book below the first, which may be missing, and the clock's, which never are.
    """
    own = enumerate(own_columns(operator, parameters), start=len(operator.inputs))
    needed = (k for k, name in own if not name.startswith("@") and not DEEPER.fullmatch(name))
    return (*range(len(operator.inputs)), *needed)


def tolerance(trial: Trial) -> float:
    """Return the weight that what lies before the warm-up may have."""
    named = [
        value for each, value in zip(trial.operator.parameters, trial.parameters, strict=True) if each.name == "tolerance"
    ]
    return named[0] if named else trial.operator.tolerance


def is_forgetful(trial: Trial) -> bool:
    """Tell whether what lies before the warm-up has lost its weight.

    So it has for every operator whose undefined rows pass, and for those that decay. One that skips undefined rows and names
    no tolerance may count from the first row on, as a cumulative sum does.
    """
    weight = tolerance(trial)
    return weight < 1.0 and (weight > 0.0 or trial.operator.undefined == "window")


def rows_read(trial: Trial) -> int:
    """Return how many rows before a row count for its value, of a row operator or a window of rows."""
    body = trial.operator.body
    return body.warm_up(*trial.parameters) if isinstance(body, Row) else int(trial.parameters[0]) - 1


def first_counted(trial: Trial) -> NDArray[np.int64]:
    """Return [R] the first row that counts for the value of each; before the symbol's own first where there are too few."""
    history = trial.history
    if trial.form != "span":
        return np.arange(history.rows) - rows_read(trial)
    first = np.zeros(history.rows, dtype=np.int64)
    for part in history.parts:
        if trial.parameters[0] > 0.0:
            known = history.known[part]
            first[part] = part.start + np.searchsorted(known, known - trial.parameters[0], side="right")
        else:
            first[part] = part.start + np.searchsorted(history.session[part], history.session[part], side="left")
    return first


def fewest_rows(operator: Operator) -> int:
    """Return how many rows a window needs for a value."""
    window = operator.parameters[0]
    return window.least if isinstance(window, Window) else 1


def instants(history: History) -> list[NDArray[np.int64]]:
    """Return the rows known at each instant, in the universe's order."""
    order = np.argsort(history.known, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(history.known[order])) + 1) if order.size else []


def values(trial: Trial) -> Values:
    """Return [R] the values over the history, NaN where undefined."""
    return scan_of(trial)[0]


def room_needed(trial: Trial) -> int:
    """Return the rows a window of time has to have room for; 0 of any other form."""
    history = trial.history
    return room_for(history.known, history.session, trial.parameters[0], history.offsets) if trial.form == "span" else 0


def scan_of(trial: Trial, *, room: int | None = None, states: Values | None = None) -> tuple[Values, Values]:
    """Run whole columns.

    Args:
        trial: What to run.
        room: Rows a window of time has room for; as many as needed if not given.
        states: [N, S] to go on from, changed in place; made afresh if not given.

    Returns:
        [R] values and [N, S] the state after the last row.
    """
    columns = _all_columns(trial)
    if trial.form == "cross":
        return _across(trial, columns), np.zeros((trial.history.offsets.size - 1, 0))
    if states is None:
        room = room_needed(trial) if room is None else room
        compiled = kernel(trial.operator, trial.form, len(columns))
        states = compiled.fresh(trial.history.offsets.size - 1, trial.parameters, room)
    return scanned(
        trial.operator, columns, trial.parameters, offsets=trial.history.offsets, form=trial.form, states=states
    )  # fmt: skip


def pushed(
    trial: Trial, *, room: int = 0, guard: Callable[[Values], Values] = np.copy, unwritten: float = np.nan
) -> tuple[Values, list[Values]]:
    """Run row by row, or instant by instant.

    Args:
        trial: What to run.
        room: Rows a window of time has room for at first.
        guard: Makes the arrays that are handed to the operator: of [B, n] contents B rows, each of them contiguous.
        unwritten: What a cross-section's values are before they are written.

    Returns:
        [R] values and per symbol the state after its last row.
    """
    history, columns = trial.history, _all_columns(trial)
    compiled = kernel(trial.operator, trial.form, len(columns))
    matrix = np.column_stack(columns)
    p, out, ends = guard(np.array([trial.parameters], dtype=np.float64))[0], np.full(history.rows, np.nan), []
    if trial.form == "cross":
        for rows in instants(history):
            found = guard(np.full((1, rows.size), unwritten))[0]
            compiled.step(guard(matrix[rows].reshape(1, -1))[0].reshape(rows.size, -1), p, found)
            out[rows] = found
        return out, []
    x = guard(matrix)
    for part in history.parts:
        state = guard(compiled.fresh(1, trial.parameters, room))[0]
        for t in range(part.start, part.stop):
            if compiled.is_full(state):
                state = guard(compiled.grown(state, trial.parameters)[np.newaxis])[0]
            out[t] = compiled.step(state, x[t], p)
        ends.append(state)
    return out, ends


def _all_columns(trial: Trial) -> tuple[Values, ...]:
    """Return what the kernel reads: windows of time read the clock after their inputs."""
    history = trial.history
    return (*history.columns, history.known, history.session) if trial.form == "span" else history.columns


def _across(trial: Trial, columns: tuple[Values, ...]) -> Values:
    """Run a function of all symbols over every instant."""
    groups = instants(trial.history)
    out = np.full(trial.history.rows, np.nan)
    if groups:
        order = np.concatenate(groups).astype(np.int64)
        bounds = np.cumsum([0, *(group.size for group in groups)], dtype=np.int64)
        strides = np.ones(len(columns), dtype=np.int64)
        p = np.array(trial.parameters, dtype=np.float64)
        kernel(trial.operator, "cross", len(columns)).scan(order, bounds, *columns, strides, p, out)
    return out

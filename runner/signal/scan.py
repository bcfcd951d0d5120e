"""One operator over whole columns."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from runner.signal.kernel import BLOCK, Form, kernel
from runner.signal.operator import Operator, Row

__all__ = ["room_for", "scanned", "strides_of"]

Values = NDArray[np.float64]


def scanned(  # noqa: PLR0913 - keywords
    operator: Operator,
    columns: Sequence[Values],
    parameters: Sequence[float],
    *,
    offsets: NDArray[np.int64],
    form: Form | None = None,
    states: Values | None = None,
    out: Values | None = None,
) -> tuple[Values, Values]:
    """Return an operator's values over every symbol's rows, and the state after them.

    Args:
        operator: With a row's or a window's body.
        columns: [R] values per input, then per column that the body reads by itself; [1] for a constant. A window of time
            (`form="span"`) reads `@known` and `@session`.
        parameters: The operator's, all of them.
        offsets: [N+1] rows `offsets[i]:offsets[i + 1]` belong to symbol i; rows before them are NaN.
        form: `row` or `rows`, which are found from the body, or `span`.
        states: [N, S] state to go on from, changed in place; made afresh if not given.
        out: [R] where the values go; a column of its own if not given.
    """
    form = form or ("row" if isinstance(operator.body, Row) else "rows")
    compiled = kernel(operator, form, len(columns))
    if states is None:
        room = room_for(columns[-2], columns[-1], parameters[0], offsets) if form == "span" else 0
        states = compiled.fresh(offsets.size - 1, parameters, room)
    out = np.empty(int(offsets[-1])) if out is None else out
    out[: int(offsets[0])] = np.nan
    p = np.array(parameters, dtype=np.float64)
    given = [np.full(BLOCK, column[0]) if column.size == 1 else column for column in columns]
    compiled.scan(states, np.empty(len(columns)), *given, strides_of(columns), p, offsets, out)
    return out, states


def strides_of(columns: Sequence[Values]) -> NDArray[np.int64]:
    """Return [K] how far a scan goes on in each column from row to row: 0 in a constant, which is one value for all."""
    return np.array([0 if column.size == 1 else 1 for column in columns], dtype=np.int64)


def room_for(known: Values, session: Values, span: float, offsets: NDArray[np.int64]) -> int:
    """Return the most rows that a window of time ever holds over these rows.

    Args:
        known: [R] instants in microseconds, ascending within a symbol.
        session: [R] session dates.
        span: Length in microseconds; 0 reaches back to the session's open.
        offsets: [N+1] rows of each symbol.
    """
    most = 1
    for start, stop in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        if start == stop:
            continue
        if span > 0.0:
            first = np.searchsorted(known[start:stop], known[start:stop] - span, side="right")
        else:
            first = np.searchsorted(session[start:stop], session[start:stop], side="left")
        most = max(most, int((np.arange(1, stop - start + 1) - first).max()))
    return most

"""From an operator's body to machine code: the text of its loops, and the shape of its state.

Every body becomes the same two functions, whatever it is written as:

    step(state, x, p) -> value                              one row: what a live session pushes
    scan(states, x, *columns, strides, p, offsets, out)     `step` over whole columns, one symbol after another

`scan` calls `step` and nothing else, so batch and live can't differ. A window's body is wrapped into a `turn` that keeps the
ring of rows, which both call; there is one wrapping for windows of rows and one for windows of time, which also serves
`since_open`. A column that is a constant is handed over as BLOCK equal rows, and its stride is 0.

State of a window: `sums` numbers, then HEADER numbers (next place, rows held, undefined rows held, rows since the sums were
made anew, capacity, session), then per input `capacity` values, then the operator's memory, then for windows of time
`capacity` instants.

Shipped operators run in blocks of rows, with the row in hand and a window's sums where nobody else can reach them, so that
the compiler keeps them in registers and spreads what it can over a vector. They are held to the ends of their arrays by the
laws. An operator of the user's own is compiled with a check of every index, and its row and state stay where `breakage`
finds them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from runner.compiler import Compiled, build
from runner.signal.breakage import telling
from runner.signal.operator import Cross, Operator, Row, WindowRule

__all__ = ["BLOCK", "HEADER", "RING", "Form", "Kernel", "kernel"]

Values = NDArray[np.float64]
Form = Literal["row", "rows", "span", "cross"]
"""`rows` and `span` are the two wrappings of a window; `row` and `cross` are what they say."""

HEADER = 6
RING = HEADER
"""Where the ring of a window with `memory` begins; it keeps no sums."""
BLOCK = 256
"""Rows that are done in one go."""
TURNS = 8
"""Times the ring goes round before the sums are made anew."""

IMPORTS = """\
import numpy as np

from runner.compiler import FLAT, FLOAT, INTS, MATRIX, ROWS, SERIES, {exactly}, registers

"""

ROW = """
@exactly(FLOAT(FLAT, FLAT, FLAT), inlined=True)
def step(state, x, p):
    return function(state, x, p)

"""

SCAN = """
@exactly((MATRIX, FLAT, {types}, INTS, FLAT, ROWS, FLAT))
def scan(states, scratch, {columns}, strides, p, offsets, out):
    x = registers({count})
    block = registers({block})
    for s in range(offsets.size - 1):
        state = states[s]
        for first in range(offsets[s], offsets[s + 1], {block}):
            rows = min(offsets[s + 1] - first, {block})
{sliced}
            for t in range(rows):
{fill}
                block[t] = step(state, x, p)
            for t in range(rows):
                out[first + t] = block[t]
"""

OWN_SCAN = """
@exactly((MATRIX, FLAT, {types}, INTS, FLAT, ROWS, FLAT))
def scan(states, x, {columns}, strides, p, offsets, out):
    for s in range(offsets.size - 1):
        state = states[s]
        for t in range(offsets[s], offsets[s + 1]):
{fill}
            out[t] = step(state, x, p)
"""

SCAN_OF_SUMS = """
@exactly((MATRIX, FLAT, {types}, INTS, FLAT, ROWS, FLAT))
def scan(states, scratch, {columns}, strides, p, offsets, out):
    x = registers({count})
    head = registers({head})
    for s in range(offsets.size - 1):
        state = states[s]
        for i in range({head}):
            head[i] = state[i]
        for t in range(offsets[s], offsets[s + 1]):
{fill}
            out[t] = turn(head, state, x, p)
        for i in range({head}):
            state[i] = head[i]
"""

STEP_OF_WINDOW = """
@exactly(FLOAT(FLAT, FLAT, FLAT), inlined=True)
def step(state, x, p):
    return turn(state, state, x, p)

"""

WINDOW_OF_ROWS = """
@exactly(FLOAT(FLAT, FLAT, FLAT, FLAT), inlined=True)
def turn(head, state, x, p):
    n = int(p[0])
    place = head[{sums}]
    at = int(place)
    lost = False
{load_old}
{store_first}
    if head[{held}] < p[0]:
        head[{held}] += 1.0
    elif {old_defined}:
        {drop}
    else:
        head[{bad}] -= 1.0
{store_last}
    if {new_defined}:
        {add}
    else:
        head[{bad}] += 1.0
    newest = at
    place += 1.0
    if place == p[0]:
        place = 0.0
        head[{since}] += 1.0
        lost = lost or head[{since}] >= {turns}
    head[{sums}] = place
{anew}
    if head[{held}] < p[0] or head[{bad}] > 0.0:
        return np.nan
    return {value}

"""

ROWS_ANEW = """
    if lost:
        head[{since}] = 0.0
        for i in range({sums}):
            head[i] = 0.0
        for i in range(n):
            at = int(head[{sums}]) + i
            if at >= n:
                at -= n
{load_old}
            if {old_defined}:
                {add_old}
"""

WINDOW_OF_TIME = """
@exactly(FLOAT(FLAT, FLAT, FLAT, FLAT), inlined=True)
def turn(head, state, x, p):
    n = int(head[{capacity}])
    now = x[{inputs}]
    times = state.size - n
    newest = int(head[{sums}])
    held = int(head[{held}])
    lost = False
    if p[0] == 0.0 and held > 0 and head[{session}] != x[{inputs} + 1]:
        held = 0
        head[{bad}] = 0.0
        head[{since}] = 0.0
        for i in range({sums}):
            head[i] = 0.0
        for i in range({ring} + {inputs} * n, times):
            state[i] = 0.0
    head[{session}] = x[{inputs} + 1]
    while p[0] > 0.0 and held > 0:
        at = newest - held
        if at < 0:
            at += n
        if state[times + at] > now - p[0]:
            break
{load_old}
        if {old_defined}:
            {drop}
        else:
            head[{bad}] -= 1.0
        held -= 1
    if held == n:
        raise OverflowError("a window of time holds more rows than it was given room for")
    at = newest
{store_new}
    state[times + at] = now
    held += 1
    head[{held}] = held
    if {new_defined}:
        {add}
    else:
        head[{bad}] += 1.0
    head[{sums}] = at + 1 if at + 1 < n else 0
    head[{since}] += 1.0
{anew}
    if head[{bad}] > 0.0:
        return np.nan
    newest = at
    return {value}

"""

TIME_ANEW = """
    if lost or head[{since}] >= {turns} * held:
        head[{since}] = 0.0
        for i in range({sums}):
            head[i] = 0.0
        for i in range(held):
            at = newest + 1 - held + i
            if at < 0:
                at += n
            elif at >= n:
                at -= n
{load_old}
            if {old_defined}:
                {add_old}
        at = newest
"""

CROSS = """
@exactly((MATRIX, FLAT, FLAT), allocates=True)
def step(x, p, out):
    function(x, p, out)


@exactly((ROWS, ROWS, {types}, INTS, FLAT, FLAT), allocates=True)
def scan(order, bounds, {columns}, strides, p, out):
    widest = 0
    for g in range(bounds.size - 1):
        widest = max(widest, bounds[g + 1] - bounds[g])
    x = np.empty((widest, {count}))
    values = np.empty(widest)
    for g in range(bounds.size - 1):
        rows = bounds[g + 1] - bounds[g]
        for i in range(rows):
            t = order[bounds[g] + i]
{fill}
        step(x[:rows], p, values[:rows])
        for i in range(rows):
            out[order[bounds[g] + i]] = values[i]
"""


@dataclass(frozen=True, slots=True)
class Kernel:
    """An operator, compiled in one of its forms for a number of inputs."""

    operator: Operator
    form: Form
    step: Compiled
    scan: Compiled

    def fresh(self, symbols: int, parameters: Sequence[float], capacity: int) -> Values:
        """Return [N, S] state before the first row.

        Args:
            symbols: N.
            parameters: The operator's, the window first.
            capacity: Rows that a window of time has room for; nothing to other forms.
        """
        body = self.operator.body
        if isinstance(body, Row):
            return np.zeros((symbols, body.state(*parameters)))
        if isinstance(body, Cross):
            return np.zeros((symbols, 0))
        assert isinstance(body, WindowRule)  # noqa: S101 - formulas are gone before anything is compiled
        rows = capacity if self.form == "span" else int(parameters[0])
        memory = body.memory(rows) if body.memory else 0
        size = body.sums + HEADER + len(self.operator.inputs) * rows + memory + (rows if self.form == "span" else 0)
        state = np.zeros((symbols, size))
        state[:, body.sums + 4] = rows
        return state

    def is_full(self, state: Values) -> bool:
        """Tell whether a window of time has no room for another row."""
        body = self.operator.body
        if self.form != "span" or not isinstance(body, WindowRule):
            return False
        return bool(state[body.sums + 1] >= state[body.sums + 4])

    def room(self, state: Values) -> int:
        """Return how many rows a window of time has room for."""
        body = self.operator.body
        assert isinstance(body, WindowRule)  # noqa: S101 - only windows hold rows
        return int(state[body.sums + 4])

    def held(self, state: Values) -> tuple[Values, Values]:
        """Return instants and session dates of the rows that a window of time holds, oldest first."""
        body = self.operator.body
        assert isinstance(body, WindowRule)  # noqa: S101 - only windows hold rows
        rows, held = int(state[body.sums + 4]), int(state[body.sums + 1])
        places = (int(state[body.sums]) - held + np.arange(held)) % rows
        return state[state.size - rows + places], np.full(held, state[body.sums + 5])

    def grown(self, state: Values, parameters: Sequence[float]) -> Values:
        """Return the state of a window of time with room for twice as many rows, and otherwise the same."""
        body = self.operator.body
        assert isinstance(body, WindowRule)  # noqa: S101 - only windows are ever full
        sums, inputs = body.sums, len(self.operator.inputs)
        rows, held = int(state[sums + 4]), int(state[sums + 1])
        larger: Values = self.fresh(1, parameters, 2 * rows)[0]
        places = (int(state[sums]) - held + np.arange(held)) % rows
        values = [state[sums + HEADER + k * rows + places] for k in range(inputs)]
        times = state[state.size - rows + places]
        p = np.array(parameters, dtype=np.float64)
        if body.memory:
            for row in zip(*values, times, strict=True):
                self.step(larger, np.array([*row, state[sums + 5]]), p)
            return larger
        larger[: sums + HEADER] = state[: sums + HEADER]
        larger[sums], larger[sums + 4] = held, 2 * rows
        for k, column in enumerate(values):
            larger[sums + HEADER + 2 * k * rows :][:held] = column
        larger[larger.size - 2 * rows :][:held] = times
        return larger


@cache
def kernel(operator: Operator, form: Form, columns: int) -> Kernel:
    """Return an operator's machine code; compiled when it is first asked for, and found on disk ever after.

    Args:
        operator: Any but a formula.
        form: Which wrapping.
        columns: Length of `x`: inputs and the columns that the operator reads by itself.
    """
    body = operator.body
    if isinstance(body, Row):
        text = ROW + (_plain(OWN_SCAN, columns) if operator.own else _scan(columns))
        functions = {"function": body.step}
    elif isinstance(body, Cross):
        text = _plain(CROSS, columns, "x[i, {k}]")
        functions = {"function": body.across}
    elif isinstance(body, WindowRule):
        if operator.own:
            scan = _plain(OWN_SCAN, columns)
        else:
            scan = _scan(columns) if body.memory else _plain(SCAN_OF_SUMS, columns, head=body.sums + HEADER)
        text = _window(operator, body, form) + STEP_OF_WINDOW + scan
        functions = {"add": body.add, "drop": body.drop, "value": body.value}
        functions |= {"is_said": _is_said} if operator.own else {}
    else:
        raise TypeError(f"{operator.name} is a formula, which nothing compiles")
    imports = IMPORTS.format(exactly="checked_exactly as exactly" if operator.own else "exactly")
    name = f"{operator.name}_{form}"
    module = build(name, imports + text, functions, allocates=form == "cross", is_checked=operator.own is not None)
    if operator.own:
        return Kernel(operator, form, *(telling(operator, module, loop, functions) for loop in ("step", "scan")))
    return Kernel(operator, form, module.step, module.scan)


def _is_said(said):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return what a function said, false if it said nothing; compiled with the functions of the user's own operators."""
    if said is None:
        return False
    return bool(said)


def _scan(columns: int) -> str:
    """Write the loop over blocks of rows."""
    names = [f"c{k}" for k in range(columns)]
    return SCAN.format(
        types=", ".join(["SERIES"] * columns),
        columns=", ".join(names),
        count=columns,
        block=BLOCK,
        sliced=_lines(columns, 12, "d{k} = c{k}[first * strides[{k}] : first * strides[{k}] + rows]"),
        fill=_lines(columns, 16, "x[{k}] = d{k}[t]"),
    )


def _plain(template: str, columns: int, place: str = "x[{k}]", *, head: int = 0) -> str:
    """Fill a template that takes each row from the columns themselves."""
    names = [f"c{k}" for k in range(columns)]
    return template.format(
        types=", ".join(["SERIES"] * columns),
        columns=", ".join(names),
        count=columns,
        head=head,
        fill=_lines(columns, 12, f"{place} = c{{k}}[t * strides[{{k}}]]"),
    )


def _lines(columns: int, indent: int, line: str) -> str:
    return "\n".join(" " * indent + line.format(k=k) for k in range(columns)) or " " * indent + "pass"


def _window(operator: Operator, body: WindowRule, form: Form) -> str:
    """Write the `step` of a window."""
    sums, inputs = body.sums, len(operator.inputs)
    ring = sums + HEADER
    if body.memory is None:
        a = f"head[:{sums}]" if operator.own else "head"
        dropped = f"drop({a}, {{old}}, p)"
        dropped = f"is_said({dropped})" if operator.own else dropped
        drop = f"lost = {dropped}" if form == "rows" else f"lost = {dropped} or lost"
        add, add_old = f"add({a}, {{new}}, p)", f"add({a}, {{old}}, p)"
        value = f"value({a}, float(n), p)" if form == "rows" else f"value({a}, float(held), p)"
    else:
        rows = "n" if form == "rows" else "held"
        drop, add, add_old = "drop(state, {old}, at, n, p)", "add(state, {new}, at, n, p)", ""
        value = f"value(state, newest, {rows}, n, p)"
    places = [f"{ring} + {k} * n + at" for k in range(inputs)]
    words = {
        "old": ", ".join(f"old{k}" for k in range(inputs)),
        "new": ", ".join(f"x[{k}]" for k in range(inputs)),
    }
    filled = {
        "sums": sums, "held": sums + 1, "bad": sums + 2, "since": sums + 3, "capacity": sums + 4, "session": sums + 5,
        "ring": ring, "inputs": inputs, "turns": float(TURNS),
        "old_defined": " and ".join(f"np.isfinite(old{k})" for k in range(inputs)),
        "new_defined": " and ".join(f"np.isfinite(x[{k}])" for k in range(inputs)),
        "drop": drop.format(**words), "add": add.format(**words), "add_old": add_old.format(**words), "value": value,
    }  # fmt: skip
    template, anew = (WINDOW_OF_ROWS, ROWS_ANEW) if form == "rows" else (WINDOW_OF_TIME, TIME_ANEW)
    store = "\n".join(f"    state[{place}] = x[{k}]" for k, place in enumerate(places))
    again = "" if body.memory else anew.format(**filled, load_old=_load(places, 12))
    return template.format(
        **filled,
        load_old=_load(places, 4 if form == "rows" else 8),
        store_new=store,
        store_first="" if body.memory else store,
        store_last=store if body.memory else "",
        anew=again,
    )


def _load(places: Sequence[str], indent: int) -> str:
    return "\n".join(f"{' ' * indent}old{k} = state[{place}]" for k, place in enumerate(places))

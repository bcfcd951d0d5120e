"""What an operator is: a word of the expression language, with its inputs, its parameters and one of four bodies.

| body | written as | sees |
|---|---|---|
| row | `step(state, x, p) -> value` | one row of one symbol, and what it keeps itself |
| window | `add`, `drop`, `value` | the rows of a window: so many rows, so much time, or since the session opened |
| cross-section | `across(x, p, out)` | one row of every symbol known at one instant |
| formula | an expression | the values of other operators |

None can see a later row: a row function isn't given one, a window is filled row by row, an instant is complete when it is
handed over. Batch and live run the same compiled functions with the same state, and a snapshot is a copy of an array. A
value is NaN where it is undefined; booleans are 1.0, 0.0 and NaN.

**Undefined inputs** (NaN or infinite) follow one of two rules, which every operator names and the laws hold it to:

- `window`: the value is undefined while an undefined row is within the operator's memory, and then as if it had never been.
- `skip`: the value is undefined at that row, and all later ones are as if the row had not been there.
"""

import inspect
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from runner.errors import Fault

__all__ = [
    "SESSION",
    "TYPES",
    "Body",
    "Cross",
    "Formula",
    "Function",
    "Input",
    "Number",
    "Operator",
    "Ordered",
    "Parameter",
    "Row",
    "Rows",
    "Undefined",
    "ValueType",
    "Window",
    "WindowRule",
    "cross_operator",
    "formula",
    "operator",
    "window_operator",
]

ValueType = Literal["number", "boolean", "group"]
"""The type of a series: every value is a number; or true, false or undefined; or says which group a symbol belongs to, by a
number that its members share and that means nothing else."""

TYPES = {"number": "number", "boolean": "condition", "group": "grouping"}
"""Type → what users read."""

Undefined = Literal["window", "skip"]
"""What an undefined input does; see the module."""

Function = Callable[..., Any]
"""A plain Python function that is compiled when it is first used."""

SESSION = 0.0
"""Length of the window that reaches back to the session's open."""

MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Number:
    """A parameter that may be any finite number within its bounds."""

    name: str
    least: float = -math.inf
    most: float = math.inf
    default: float | None = None
    """Taken where a call leaves the parameter out."""
    above: bool = False
    """Whether `least` itself is too small."""

    def fault(self, where: str, value: float) -> Fault | None:
        """Return what is wrong with a value, if anything."""
        if math.isfinite(value) and self.least <= value <= self.most and not (self.above and value == self.least):
            return None
        bounds = [f"{'above' if self.above else 'at least'} {self.least:g}"] if math.isfinite(self.least) else []
        bounds += [f"at most {self.most:g}"] if math.isfinite(self.most) else []
        must = f"{self.name} must be a number{' ' if bounds else ''}{' and '.join(bounds)}"
        return Fault(where, must, f"{value:.15g}", "Write a number within these bounds.")


@dataclass(frozen=True, slots=True)
class Rows:
    """A parameter that counts rows of the series' own clock, or anything else that is whole."""

    name: str
    least: int = 1
    most: int = MOST_ROWS
    default: int | None = None
    of_symbols: bool = False
    """Whether it counts symbols of one instant, of which there are no more than the universe has."""

    def fault(self, where: str, value: float) -> Fault | None:
        """Return what is wrong with a value, if anything."""
        if math.isfinite(value) and value == int(value) and self.least <= value <= self.most:
            return None
        must = f"{self.name} must be a whole number from {self.least} to {self.most}"
        return Fault(where, must, f"{value:.15g}", f"Write a whole number, e.g. {min(max(self.least, 20), self.most)}.")


@dataclass(frozen=True, slots=True)
class Window:
    """A parameter that is a window: a number of rows, a duration such as `"30min"`, or `since_open`."""

    name: str = "lookback"
    least: int = 1
    """Fewest rows a window of rows may have."""
    most: int = MOST_ROWS

    @property
    def default(self) -> None:
        """A window is always written out."""
        return

    def fault(self, where: str, value: float) -> Fault | None:
        """Return what is wrong with a number of rows, if anything."""
        return Rows(self.name, self.least, self.most).fault(where, value)


Parameter = Number | Rows | Window


@dataclass(frozen=True, slots=True)
class Input:
    """A series an operator reads."""

    name: str
    type: ValueType = "number"


@dataclass(frozen=True, slots=True)
class Ordered:
    """Two arguments, inputs or parameters, the first of which makes no sense above the second where both are constants."""

    lower: str
    upper: str
    strictly: bool = False
    """Whether equal ones make no sense either."""

    def is_broken(self, constants: Mapping[str, float]) -> bool:
        """Tell whether the constants among a call's arguments contradict each other."""
        if self.lower not in constants or self.upper not in constants:
            return False
        lower, upper = constants[self.lower], constants[self.upper]
        return lower > upper or (self.strictly and lower == upper)


@dataclass(frozen=True, slots=True)
class Row:
    """A row function `step(state: float64[S], x: float64[K], p: float64[P]) -> float`; `state` starts as zeros."""

    step: Function
    state: Callable[..., int]
    """Parameters → S."""
    warm_up: Callable[..., int]
    """Parameters → rows of defined input before the first defined value."""
    columns: Callable[..., tuple[str, ...]]
    """Parameters → columns of the clock's own stream that `x` holds after the inputs. A name with `@` isn't market data:
    `@known` the instant the row is known in microseconds since 1970, `@session` its session date in days since 1970,
    `@since_open` seconds since its session opened. Of a book: `bid_price_0` …, which quotes have for level 0 as well."""


@dataclass(frozen=True, slots=True)
class WindowRule:
    """What a window keeps, and its value.

    Without `memory` the window is a few sums:

        add(a, x, p)        a defined row enters; one argument per input: add(a, x, y, p) of two inputs
        drop(a, x, p)       the oldest row leaves; returns true if so much precision went with it that the sums are made
                            anew; false, or nothing at all, if not
        value(a, n, p)      the value of n defined rows

    `a[0]` … `a[sums - 1]` are the operator's, zero at first. Sums are made anew from the rows of the window, oldest first,
    when `drop` asks for it and from time to time, so rounding can't pile up.

    With `memory` the window is a structure over numbered places of a ring of `capacity` rows, and the functions are

        add(s, x, at, capacity, p)          a defined row enters at place `at`; its value is stored there already
        drop(s, x, at, capacity, p)         the row at place `at` leaves; what it returns doesn't matter
        value(s, at, n, capacity, p)        the value of n defined rows, the newest of which is at place `at`

    where `s[RING + i]` is the first input at place i, and `s[RING + inputs * capacity + j]`, for j below `memory(capacity)`,
    is the operator's, zero at first (`RING` from `signal.kernel`). Places are taken in a circle.

    `p[0]` is the window as written (rows; microseconds; 0 since the open), `p[1:]` are the other parameters.
    """

    add: Function
    drop: Function
    value: Function
    sums: int
    memory: Callable[[int], int] | None


@dataclass(frozen=True, slots=True)
class Cross:
    """A function of all rows known at one instant.

    `across(x: float64[M, K], p: float64[P], out: float64[M]) -> None`; M counts the symbols that have a row at the instant,
    in the universe's order. It must write every `out`, NaN where undefined; undefined inputs are left out of what it
    computes.
    """

    across: Function
    columns: Callable[..., tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression of the inputs and parameters, put in place of the call."""

    expression: str


Body = Row | WindowRule | Cross | Formula


@dataclass(frozen=True, slots=True)
class Operator:
    """A registered word of the expression language."""

    name: str
    inputs: tuple[Input, ...]
    """Series it reads, in order."""
    parameters: tuple[Parameter, ...]
    """Constants it takes after the series."""
    gives: ValueType
    """Type of the values."""
    body: Body
    undefined: Undefined
    """What an undefined input does."""
    tolerance: float
    """Weight that what lies before the warm-up may still have; 0 where nothing before it counts. The laws allow for it."""
    description: str
    """What it computes, with its formula and units."""
    source: str
    """File and line of the definition."""
    own: str | None = None
    """What messages call the file, if it is the user's own; then its code is held to the ends of its arrays."""
    ordered: tuple[Ordered, ...] = ()
    """Which constants contradict each other."""

    @property
    def line(self) -> int:
        """Line of the definition."""
        return int(self.source.rpartition(":")[2])

    @property
    def usage(self) -> str:
        """The call as a user writes it."""
        words = [each.name for each in self.inputs]
        words += [p.name if p.default is None else f"{p.name}={p.default:g}" for p in self.parameters]
        return f"{self.name}({', '.join(words)})"

    def contradictions(self, constants: Mapping[str, float]) -> Iterator[Ordered]:
        """Yield what the constants among a call's arguments contradict."""
        yield from (each for each in self.ordered if each.is_broken(constants))


def operator(  # noqa: PLR0913 - keywords, each with a default that holds for most
    *inputs: str | Input,
    parameters: tuple[Parameter, ...] = (),
    state: Callable[..., int] = lambda *_: 0,
    warm_up: Callable[..., int] = lambda *_: 0,
    columns: Callable[..., tuple[str, ...]] = lambda *_: (),
    gives: ValueType = "number",
    undefined: Undefined = "window",
    tolerance: float = 0.0,
    ordered: tuple[Ordered, ...] = (),
) -> Callable[[Function], Operator]:
    """Turn a row function into an operator that goes by the function's name, without trailing underscore.

    Args:
        *inputs: Series it reads: names of numbers, or `Input`s.
        parameters: Constants that follow the series in a call.
        state: Parameters → length of the state array, which starts as zeros.
        warm_up: Parameters → rows of defined input before the first defined value.
        columns: Parameters → columns it reads without being given them; see `Row`.
        gives: Type of the values.
        undefined: What an undefined input does; see the module.
        tolerance: Weight that rows before the warm-up may still have in a value.
        ordered: Arguments that contradict each other where they are constants in the wrong order.
    """

    def register(step: Function) -> Operator:
        body = Row(step, state, warm_up, columns)
        return _made(step, inputs, parameters, gives, body, undefined, tolerance, ordered)

    return register


def window_operator(
    *inputs: str,
    add: Function,
    drop: Function,
    sums: int = 0,
    memory: Callable[[int], int] | None = None,
    window: Window = Window(),
    parameters: tuple[Number | Rows, ...] = (),
) -> Callable[[Function], Operator]:
    """Turn the `value` function of a window into an operator that goes by the function's name, without trailing underscore.

    The window is the operator's first parameter. See `WindowRule` for the three functions.

    Args:
        *inputs: Series whose rows enter the window together; a row counts as undefined if one of its values is.
        add: What happens when a row enters.
        drop: What happens when the oldest row leaves.
        sums: How many sums it keeps, without `memory`.
        memory: Capacity of the window → numbers it keeps.
        window: The window's name and fewest rows.
        parameters: Constants that follow the window.
    """

    def register(value: Function) -> Operator:
        body = WindowRule(add, drop, value, sums, memory)
        return _made(value, inputs, (window, *parameters), "number", body, "window", 0.0)

    return register


def cross_operator(
    *inputs: str | Input,
    parameters: tuple[Number | Rows, ...] = (),
    columns: Callable[..., tuple[str, ...]] = lambda *_: (),
    gives: ValueType = "number",
) -> Callable[[Function], Operator]:
    """Turn a function of all symbols at one instant into an operator; see `Cross`."""

    def register(across: Function) -> Operator:
        return _made(across, inputs, parameters, gives, Cross(across, columns), "window", 0.0)

    return register


def formula(  # noqa: PLR0913 - keywords
    name: str,
    *inputs: str | Input,
    expression: str,
    description: str,
    parameters: tuple[Parameter, ...] = (),
    gives: ValueType = "number",
    undefined: Undefined = "window",
    tolerance: float = 0.0,
    ordered: tuple[Ordered, ...] = (),
) -> Operator:
    """Make an operator that stands for an expression of its inputs and parameters; what it keeps to, its parts must."""
    frame = sys._getframe(1)  # noqa: SLF001 - where the definition stands, which is all that is asked
    source = f"{frame.f_code.co_filename}:{frame.f_lineno}"
    made = tuple(each if isinstance(each, Input) else Input(each) for each in inputs)
    body = Formula(expression)
    return Operator(name, made, parameters, gives, body, undefined, tolerance, description, source, ordered=ordered)


def _made(  # noqa: PLR0913, PLR0917 - the operator's own fields
    function: Function,
    inputs: tuple[str | Input, ...],
    parameters: tuple[Parameter, ...],
    gives: ValueType,
    body: Body,
    undefined: Undefined,
    tolerance: float,
    ordered: tuple[Ordered, ...] = (),
) -> Operator:  # fmt: skip
    """Make the operator a function stands for."""
    code = function.__code__
    return Operator(
        name=function.__name__.rstrip("_"),
        inputs=tuple(each if isinstance(each, Input) else Input(each) for each in inputs),
        parameters=parameters,
        gives=gives,
        body=body,
        undefined=undefined,
        tolerance=tolerance,
        description=inspect.cleandoc(function.__doc__ or ""),
        source=f"{code.co_filename}:{code.co_firstlineno}",
        ordered=ordered,
    )

"""What an operator is: a row function with its inputs, parameters, state and warm-up.

An operator is written as a plain Python function of one row,

    step(state: float64[S], x: float64[K], p: float64[P]) -> float

with `x` the inputs' values at this row and `p` the parameters. It sees no other row: what it needs of the past it keeps in
`state`, which starts as zeros. So it can't look ahead, batch and live run the same function, and a snapshot is a copy of an
array. The value is NaN where it is undefined; booleans are 1.0, 0.0 and NaN.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from runner.errors import Fault

__all__ = ["Number", "Operator", "Rows", "ValueType", "operator"]

ValueType = Literal["number", "boolean"]
"""The type of a series: every value is a number, or true, false or undefined."""

Step = Callable[..., float]
"""A row function `step(state, x, p) -> value`."""


@dataclass(frozen=True, slots=True)
class Number:
    """A parameter that may be any finite number."""

    name: str

    def fault(self, where: str, value: float) -> Fault | None:  # noqa: ARG002 - the shape of every parameter
        """Return None: any number will do."""
        return None


@dataclass(frozen=True, slots=True)
class Rows:
    """A parameter that counts rows of the series' own clock."""

    name: str
    least: int = 1
    most: int = 1_000_000

    def fault(self, where: str, value: float) -> Fault | None:
        """Return what is wrong with a value, if anything."""
        if math.isfinite(value) and value == int(value) and self.least <= value <= self.most:
            return None
        must = f"{self.name} must be a whole number of rows from {self.least} to {self.most}"
        return Fault(where, must, f"{value:g}", f"Write a whole number, e.g. {max(self.least, 20)}.")


@dataclass(frozen=True, slots=True)
class Operator:
    """A registered function of the expression language."""

    name: str
    """Word used in expressions."""
    step: Step
    """The row function."""
    inputs: tuple[str, ...]
    """Names of the series it reads, in order."""
    parameters: tuple[Number | Rows, ...]
    """Constants it takes after the series."""
    state: Callable[..., int]
    """Parameters → length of the state array."""
    warm_up: Callable[..., int]
    """Parameters → rows of defined input before the first defined value."""
    takes: ValueType
    """Type of the inputs."""
    gives: ValueType
    """Type of the values."""
    description: str
    """What it computes, with its formula and NaN rule."""

    @property
    def usage(self) -> str:
        """The call as a user writes it."""
        words = [*self.inputs, *(parameter.name for parameter in self.parameters)]
        return f"{self.name}({', '.join(words)})"


def operator(
    *inputs: str,
    parameters: tuple[Number | Rows, ...] = (),
    state: Callable[..., int] = lambda *_: 0,
    warm_up: Callable[..., int] = lambda *_: 0,
    takes: ValueType = "number",
    gives: ValueType = "number",
) -> Callable[[Step], Operator]:
    """Turn a row function into an operator that goes by the function's name, without trailing underscore.

    Args:
        *inputs: Names of the series it reads.
        parameters: Constants that follow the series in a call.
        state: Parameters → length of the state array, which starts as zeros.
        warm_up: Parameters → rows of defined input before the first defined value.
        takes: Type of the inputs.
        gives: Type of the values.
    """

    def register(step: Step) -> Operator:
        return Operator(
            name=step.__name__.rstrip("_"),
            step=step,
            inputs=inputs,
            parameters=parameters,
            state=state,
            warm_up=warm_up,
            takes=takes,
            gives=gives,
            description=(step.__doc__ or "").strip(),
        )

    return register

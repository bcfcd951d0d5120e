"""The signal graph as the user writes it: parameters, named expressions, rules."""

from typing import Annotated

from pydantic import Field, StringConstraints

from runner.spec.kind import Spec
from runner.units import LARGEST, Finite

__all__ = ["Expression", "NodeName", "Rule", "Signal"]

LARGEST_INT = int(LARGEST)

NodeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A lower-case name that can be used in an expression."""

Expression = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
"""Text in the expression language, e.g. `mean(pressure, lookback)`."""


class Rule(Spec):
    """When a position is opened and when it is closed."""

    enter: Expression
    """A boolean expression; true while flat opens a position."""
    exit: Expression
    """A boolean expression; true while in a position closes it."""


class Signal(Spec):
    """Parameters, nodes and rules; key = node, names used = edges."""

    params: dict[NodeName, Annotated[int, Field(ge=-LARGEST_INT, le=LARGEST_INT)] | Finite] = Field(default={})
    """Numbers that expressions use by name; what a sweep varies."""
    nodes: dict[NodeName, Expression] = Field(default={})
    """Named expressions; the order they are written in doesn't matter."""
    long: Rule
    """The rule of long positions."""

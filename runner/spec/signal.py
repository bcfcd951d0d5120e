"""The signal graph as the user writes it: parameters, named expressions, rules."""

from typing import Annotated

from pydantic import Field, StringConstraints, WithJsonSchema
from pydantic.config import JsonDict, JsonValue

from runner.spec.kind import Spec
from runner.units import LARGEST, Duration, Finite

__all__ = ["RESERVED", "Expression", "NodeName", "Rule", "Signal"]

LARGEST_INT = int(LARGEST)

NodeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A lower-case name that can be used in an expression."""

RESERVED = frozenset({
    "and", "or", "not", "if", "else", "in", "is", "lambda", "true", "false", "none", "since_open", "target",
})  # fmt: skip
"""Words of the expression language, which no node and no parameter may be called."""

FREE: JsonDict = {"propertyNames": {"not": {"enum": list[JsonValue](sorted(RESERVED))}}}
"""What an editor is told of the names of nodes and parameters; the compiler, which knows the columns as well, refuses."""

Expression = Annotated[
    str, StringConstraints(min_length=1, max_length=2_000), WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": 2_000, "pattern": r"\S"}
    ),
]  # fmt: skip
"""Text in the expression language, e.g. `mean(pressure, lookback)`; the parser refuses a blank one."""


class Rule(Spec):
    """When a position is opened and when it is closed."""

    enter: Expression
    """A boolean expression; true while flat opens a position."""
    exit: Expression
    """A boolean expression; true while in a position closes it."""


class Signal(Spec):
    """Parameters, nodes and rules; key = node, names used = edges.

    At least one of `long`, `short` and `target` must be there, and a target stands alone. At one instant, in this order:

    1. A position whose exit is true is closed.
    2. A symbol without a position, or whose position is being closed, is opened long if `long.enter` is true and short if
       `short.enter` is true, in the same order as the closing one (a flip). If both are true, neither is.
    3. An entry against a position that isn't being closed does nothing.
    4. An undefined condition does nothing.
    """

    params: dict[NodeName, Annotated[int, Field(ge=-LARGEST_INT, le=LARGEST_INT)] | Finite | Duration] = Field(
        default={}, json_schema_extra=FREE
    )
    """Numbers, or durations such as `"30min"`, that expressions use by name; what a sweep varies."""
    nodes: dict[NodeName, Expression] = Field(default={}, json_schema_extra=FREE)
    """Named expressions; the order they are written in doesn't matter."""
    long: Rule | None = None
    """The rule of long positions."""
    short: Rule | None = None
    """The rule of short positions."""
    target: Expression | None = None
    """A number, the position wanted as a share of what the sizing gives: 1 is fully long, -1 fully short, 0 is flat. Beyond
    that it counts as 1 or -1; undefined keeps the position."""

    def rules(self) -> dict[str, str]:
        """Return the rules that are there: `long.enter`, `long.exit`, `short.enter`, `short.exit`, `target` → expression."""
        found: dict[str, str] = {}
        for side, rule in (("long", self.long), ("short", self.short)):
            if rule is not None:
                found |= {f"{side}.enter": rule.enter, f"{side}.exit": rule.exit}
        return found if self.target is None else {**found, "target": self.target}

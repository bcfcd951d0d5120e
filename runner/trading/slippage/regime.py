"""Costs that rise in named circumstances: after events, or where a condition holds."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, SerializeAsAny, model_validator
from pydantic_core import PydanticCustomError

from runner.compiler import calling
from runner.signal.operator import ValueType
from runner.spec.kind import Kind, OfFamily, Spec
from runner.spec.signal import Expression, NodeName
from runner.trading.own import handed, place_of
from runner.trading.slippage import GIVEN, PRICE, Slippage
from runner.trading.slippage.fixed_bps import FixedBps
from runner.units import Bps, Duration

__all__ = ["Circumstance", "Regime"]

based_on = calling(PRICE)
HEAD = 3
"""Numbers before the costs: where the base's function lies, how many circumstances there are, how much the base reads."""


def _price(p, quantity, reference, given):
    count, first = int(p[1]), GIVEN + int(p[2])
    price = based_on(int(p[0]), (p[HEAD + count :], quantity, reference, given))
    worst = 0.0
    for place in range(count):
        # What isn't known isn't taken for calm.
        if given[first + place] != 0.0:
            worst = max(worst, p[HEAD + place])
    side = 1.0 if quantity > 0.0 else -1.0
    dear = reference + side * abs(reference) * worst * 1e-4
    return dear if side * (dear - price) > 0.0 and np.isfinite(price) else price


class Circumstance(Spec):
    """A condition, or a length of time after events, and the cost then: `when`, or `event` and `within`."""

    when: Expression | None = None
    """A condition in the expression language, as it was at the symbol's last row before the fill, e.g.
    `std(returns(close), 20) > 0.02`. One that is undefined counts as true."""
    event: NodeName | None = None
    """Name of a file of events; those up to the fill itself count, also those after the symbol's last row."""
    within: Duration | None = None
    """How long after an event the cost holds, e.g. `"2d"`."""
    bps: Bps
    """Cost in basis points of the reference price."""

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        said = (self.when is not None, self.event is not None, self.within is not None)
        if said not in {(True, False, False), (False, True, True)}:
            raise PydanticCustomError("circumstance", "must have either when, or event and within")
        return self


class Regime(Slippage):
    """The worst of what `base` costs and of every circumstance that holds: a circumstance never makes a fill cheaper."""

    kind: Literal["regime"] = "regime"
    base: Annotated[SerializeAsAny[Kind], OfFamily("slippage")] = FixedBps()
    """What filling costs at all times: another kind of slippage."""
    regimes: dict[NodeName, Circumstance] = Field(default={})
    """Name → circumstance and its cost."""

    price = staticmethod(_price)

    @model_validator(mode="after")
    def _has_a_plain_base(self) -> Self:
        if not isinstance(self.base, Slippage) or isinstance(self.base, Regime) or self.base.windows():
            raise PydanticCustomError("regime_base", "must have a base that is a slippage without circumstances of its own")
        return self

    @property
    def walks(self) -> bool:
        """Whether the base walks through the levels of the book."""
        return self._base().walks

    @property
    def inner(self) -> Slippage:
        """The base."""
        return self._base()

    def numbers(self) -> tuple[float, ...]:
        """Return where the base's function lies, counts, the cost of each circumstance, and the base's numbers."""
        base = self._base()
        place = place_of(base, "price", PRICE)
        costs = [each.bps for each in (*self._conditions().values(), *self._events().values())]
        return (float(place), float(len(costs)), float(len(base.expressions())), *costs, *handed(base, base.numbers()))

    def expressions(self) -> Mapping[str, tuple[str, ValueType]]:
        """Return the base's expressions, then the conditions."""
        of_base = {f"base.{field}": expression for field, expression in self._base().expressions().items()}
        conditions: dict[str, tuple[str, ValueType]] = {
            f"regimes.{name}.when": (each.when or "", "boolean") for name, each in self._conditions().items()
        }
        return {**of_base, **conditions}

    def windows(self) -> Mapping[str, tuple[str, str]]:
        """Return the lengths of time after events."""
        return {f"regimes.{name}": (each.event or "", each.within or "") for name, each in self._events().items()}

    def _conditions(self) -> Mapping[str, Circumstance]:
        return {name: each for name, each in sorted(self.regimes.items()) if each.when is not None}

    def _events(self) -> Mapping[str, Circumstance]:
        return {name: each for name, each in sorted(self.regimes.items()) if each.when is None}

    def _base(self) -> Slippage:
        assert isinstance(self.base, Slippage)  # noqa: S101 - validation has seen to it
        return self.base

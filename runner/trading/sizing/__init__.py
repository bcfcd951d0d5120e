"""How much is ordered: one file per kind."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar

from runner.compiler import FLAT, FLOAT, SERIES
from runner.signal.operator import ValueType
from runner.spec.kind import Kind

__all__ = ["SIZE", "Sizing"]

SIZE = FLOAT(FLAT, FLOAT, FLOAT, FLOAT, SERIES)
"""Signature: `size(p, equity, price, share, given) -> units`."""


class Sizing(Kind):
    """A kind of the `sizing` family.

    Its row function `size(p, equity, price, share, given)` returns the units of a position, zero or more, from the equity
    and the last price at the instant of the decision. `share`, above 0 and up to 1, is how much of a full position is
    wanted: 1 for a rule, the size of the target where the signal has one. `given` are the values of the kind's own
    expressions. Zero means that no order is sent, which is a refusal.
    """

    size: ClassVar[Callable[..., float]]

    @abstractmethod
    def numbers(self, symbols: int) -> tuple[float, ...]:
        """Return the parameters `p` of the row function for a universe of so many symbols."""

    def expressions(self) -> Mapping[str, tuple[str, ValueType]]:
        """Return field → expression and its type, in the order in which `given` has their values."""
        return {}

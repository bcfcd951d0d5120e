"""How much is ordered: one file per kind."""

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from runner.compiler import FLAT, FLOAT
from runner.spec.kind import Kind

__all__ = ["SIZE", "Sizing"]

SIZE = FLOAT(FLAT, FLOAT, FLOAT, FLOAT)
"""Signature: `size(p, equity, price, share) -> units`."""


class Sizing(Kind):
    """A kind of the `sizing` family.

    Its row function `size(p, equity, price, share)` returns the units of a position, zero or more, from the equity and the
    last close at the instant of the decision. `share`, above 0 and up to 1, is how much of a full position is wanted: 1 for
    a rule, the size of the target where the signal has one. Zero means that no order is sent, which is a refusal.
    """

    size: ClassVar[Callable[..., float]]

    @abstractmethod
    def numbers(self) -> tuple[float, ...]:
        """Return the parameters `p` of the row function."""

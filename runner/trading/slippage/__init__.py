"""What filling costs beyond the reference price: one file per kind."""

from collections.abc import Callable
from typing import ClassVar

from runner.compiler import FLAT, FLOAT
from runner.spec.kind import Kind

__all__ = ["PRICE", "Slippage"]

PRICE = FLOAT(FLAT, FLOAT, FLOAT)
"""Signature: `price(p, quantity, reference) -> price`."""


class Slippage(Kind):
    """A kind of the `slippage` family.

    Its row function `price(p, quantity, reference)` returns the price at which a signed quantity fills when the fill clock
    says `reference`: never better than the reference.
    """

    price: ClassVar[Callable[..., float]]

    def numbers(self) -> tuple[float, ...]:
        """Return the parameters `p` of the row function; none unless the kind says otherwise."""
        return ()

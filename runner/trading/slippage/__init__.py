"""What filling costs beyond the reference price: one file per kind."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from runner.compiler import FLAT, FLOAT
from runner.signal.operator import ValueType
from runner.spec.kind import Kind

__all__ = ["PRICE", "Slippage"]

PRICE = FLOAT(FLAT, FLOAT, FLOAT, FLAT)
"""Signature: `price(p, quantity, reference, given) -> price`."""


class Slippage(Kind):
    """A kind of the `slippage` family.

    Its row function `price(p, quantity, reference, given)` returns the price at which a signed quantity fills when the fill
    clock says `reference`: never better than the reference. `given` begins with the row's bid, ask and size (`BID`, `ASK`,
    `VOLUME`; NaN where the clock has none), and from `GIVEN` on has the values of the kind's own expressions at the symbol's
    last row before the fill.
    """

    price: ClassVar[Callable[..., float]]

    def numbers(self) -> tuple[float, ...]:
        """Return the parameters `p` of the row function; none unless the kind says otherwise."""
        return ()

    def expressions(self) -> Mapping[str, tuple[str, ValueType]]:
        """Return field → expression and its type, in the order in which `given` has their values."""
        return {}

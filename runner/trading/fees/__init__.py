"""What broker and venue charge: one file per kind."""

from collections.abc import Callable
from typing import ClassVar

from runner.compiler import FLAT, FLOAT
from runner.spec.kind import Kind

__all__ = ["FEE", "Fees"]

FEE = FLOAT(FLAT, FLOAT, FLOAT)
"""Signature: `fee(p, quantity, price) -> fee`."""


class Fees(Kind):
    """A kind of the `fees` family.

    Its row function `fee(p, quantity, price)` returns the charge for one fill of a signed quantity, in quote currency, zero
    or more.
    """

    fee: ClassVar[Callable[..., float]]

    def numbers(self) -> tuple[float, ...]:
        """Return the parameters `p` of the row function; none unless the kind says otherwise."""
        return ()

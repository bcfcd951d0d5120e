"""What broker and venue charge: one file per kind."""

from collections.abc import Callable
from typing import ClassVar

from runner.compiler import FLAT, FLOAT
from runner.spec.kind import Kind

__all__ = ["FEE", "Fees"]

FEE = FLOAT(FLAT, FLAT, FLOAT, FLOAT, FLOAT)
"""Signature: `fee(p, traded, quantity, price, maker) -> fee`."""


class Fees(Kind):
    """A kind of the `fees` family.

    Its row function `fee(p, traded, quantity, price, maker)` returns the charge for one fill of a signed quantity, in quote
    currency; below zero is a rebate. `traded[0]` is the value traded so far in this period of 30 days, `maker` is 1 where
    the order waited in the book and else 0.
    """

    fee: ClassVar[Callable[..., float]]
    rebates: ClassVar[bool] = False
    """Whether a charge may be below zero."""

    def numbers(self) -> tuple[float, ...]:
        """Return the parameters `p` of the row function; none unless the kind says otherwise."""
        return ()

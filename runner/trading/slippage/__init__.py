"""What filling costs beyond the reference price: one file per kind."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from runner.compiler import FLAT, FLOAT
from runner.signal.operator import ValueType
from runner.spec.kind import Kind
from runner.trading.kernel.layout import ASK, BID, GIVEN, VOLUME

__all__ = ["ASK", "BID", "GIVEN", "PRICE", "VOLUME", "Slippage"]

PRICE = FLOAT(FLAT, FLOAT, FLOAT, FLAT)
"""Signature: `price(p, quantity, reference, given) -> price`."""


class Slippage(Kind):
    """A kind of the `slippage` family.

    Its row function `price(p, quantity, reference, given)` returns the price at which a signed quantity fills when the fill
    clock says `reference`: never better than the reference. `given` begins with the row's bid, ask and size (`BID`, `ASK`,
    `VOLUME`; NaN where the clock has none), and from `GIVEN` on has the values of the kind's own expressions at the symbol's
    last row before the fill, and after these the kind's windows of events at the fill itself. NaN says that the cost isn't
    known: what would open a position is rejected, what closes one waits for a row at which it is.
    """

    price: ClassVar[Callable[..., float]]

    def numbers(self) -> tuple[float, ...]:
        """Return the parameters `p` of the row function; none unless the kind says otherwise."""
        return ()

    def expressions(self) -> Mapping[str, tuple[str, ValueType]]:
        """Return field → expression and its type, in the order in which `given` has their values."""
        return {}

    def windows(self) -> Mapping[str, tuple[str, str]]:
        """Return field → name of events and a length of time; `given` has 1 where a fill is no later than that after one."""
        return {}

    @property
    def inner(self) -> "Slippage | None":
        """The kind whose row function this one's calls, with the last of its numbers as that one's; None of most."""
        return None

    @property
    def chain(self) -> tuple["Slippage", ...]:
        """The kind, and those whose row functions it comes to."""
        return (self,) if self.inner is None else (self, *self.inner.chain)

    @property
    def walks(self) -> bool:
        """Whether orders walk through the levels of the book; the reference is then what that comes to."""
        return False

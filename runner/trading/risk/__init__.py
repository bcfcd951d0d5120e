"""What an order must pass before it leaves: one file per kind of rule.

Rules see only orders that would increase a position: an order that reduces one always passes, whatever the rules say. That
is decided in the kernel, once, not in each rule.
"""

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from runner.compiler import FLAT, FLOAT
from runner.spec.kind import Kind

__all__ = ["ALLOWED", "RiskRule"]

ALLOWED = FLOAT(FLAT, FLOAT, FLOAT, FLOAT, FLOAT)
"""Signature: `allowed(p, wanted, position, price, equity) -> quantity`."""


class RiskRule(Kind):
    """A kind of the `risk` family.

    Its row function `allowed(p, wanted, position, price, equity)` returns how much of the signed quantity `wanted` may be
    ordered, given the signed position, the last close and the equity. The kernel keeps the answer between zero and `wanted`,
    and takes NaN for zero.
    """

    allowed: ClassVar[Callable[..., float]]

    @abstractmethod
    def numbers(self) -> tuple[float, ...]:
        """Return the parameters `p` of the row function."""

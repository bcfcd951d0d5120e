"""What an order must pass before it leaves: one file per kind of rule.

Rules see only orders that would increase a position: an order that reduces one always passes, whatever the rules say. That
is decided in the kernel, once, not in each rule.
"""

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from runner.compiler import FLAT, FLOAT, GRID, INT, MATRIX
from runner.spec.kind import Kind

__all__ = ["ALLOWED", "WATCH", "RiskRule"]

ALLOWED = FLOAT(FLAT, FLAT, FLOAT, FLOAT, INT, INT, FLAT, MATRIX, GRID)
"""Signature: `allowed(p, state, wanted, position, s, ts, account, book, times) -> quantity`."""

WATCH = FLOAT(FLAT, FLAT, INT, INT, FLAT, MATRIX, GRID)
"""Signature: `watch(p, state, ts, session, account, book, times) -> demand`."""


class RiskRule(Kind):
    """A kind of the `risk` family; it has one or both of two row functions.

    `allowed(p, state, wanted, position, s, ts, account, book, times)` returns how much of the signed quantity `wanted` may
    be ordered of symbol `s` beyond its signed `position`. The kernel keeps the answer between zero and `wanted`, and takes
    NaN for zero. Of an order that turns a position round, `position` is 0 and `wanted` the part beyond it.

    `watch(p, state, ts, session, account, book, times)` is called at every instant after marking and before anything is
    decided; it returns `PASS`, `BLOCK` (nothing may increase a position now, and what is on its way to do so is cancelled),
    `CLOSE_ALL` (and every position is closed) or `HALT` (for good, whatever it returns later); NaN is `BLOCK`. The instants
    at which it begins to return one of the last two are lines of `refusals`. `session` is the account's, see
    `runner.trading.kernel`; that of a symbol's own last price is in `times`.

    The fields of `account`, `book` and `times` are those of `runner.trading.kernel.layout`. `state` is the rule's own: NaN
    at first, kept from instant to instant, in every mode. It is the only thing that a rule may write to. A number that isn't
    known is no permission, and what was closed for what the account is worth stays closed in that session: see `laws`.
    """

    allowed: ClassVar[Callable[..., float] | None] = None
    watch: ClassVar[Callable[..., float] | None] = None
    is_steady: ClassVar[bool] = False
    """Whether `watch` goes by the account's equity and the session alone, and asking again while neither has changed gives
    the same answer and leaves the same state. It may then not be asked again at instants at which nothing is held."""

    @abstractmethod
    def numbers(self) -> tuple[float, ...]:
        """Return the parameters `p` of the row functions."""

    def state(self, symbols: int) -> int:  # noqa: ARG002 - what a rule that keeps something per symbol needs
        """Return how many numbers the rule keeps for a universe of so many symbols."""
        return 0

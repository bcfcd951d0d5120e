"""What the levels of the book cost beyond the best one."""

from typing import Literal

from runner.trading.slippage import Slippage

__all__ = ["BookWalk"]


def _price(p, quantity, reference, given):
    return reference


class BookWalk(Slippage):
    """An order takes the levels of the book that fills it, one after another: `fill: touch` then fills as `book_walk` does.

    Under a fill kind whose reference is half-way between the best prices, half the spread is slippage too. An order larger
    than the whole book fills in part and goes on at the next one. Needs depth: data without are refused.
    """

    kind: Literal["book_walk"] = "book_walk"

    price = staticmethod(_price)

    @property
    def walks(self) -> bool:
        """Whether orders walk through the levels of the book: they do."""
        return True

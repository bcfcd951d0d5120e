"""What exchanges charge: one rate for what waited in the book, another for what took from it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from runner.trading.fees import Fees

__all__ = ["MakerTaker"]

Rate = Annotated[float, Field(gt=-1_000, lt=1_000, allow_inf_nan=False)]


def _fee(p, traded, quantity, price, maker):
    rate = p[0] if maker == 1.0 else p[1]
    return abs(quantity * price) * rate * 1e-4


class MakerTaker(Fees):
    """|quantity × price| × maker / 10,000 for limit orders that waited in the book, × taker / 10,000 for all others."""

    kind: Literal["maker_taker"] = "maker_taker"
    maker: Rate = 1.0
    """Charge in basis points of the value of what waited in the book; below zero it is a rebate."""
    taker: Rate = 5.0
    """Charge in basis points of the value of what took from the book; below zero it is a rebate."""

    rebates: ClassVar[bool] = True

    fee = staticmethod(_fee)

    def numbers(self) -> tuple[float, ...]:
        """Return both rates."""
        return (self.maker, self.taker)

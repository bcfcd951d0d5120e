"""No slippage."""

from typing import Literal

from runner.trading.slippage import Slippage

__all__ = ["NoSlippage"]


def _price(p, quantity, reference, given):
    return reference


class NoSlippage(Slippage):
    """Every order fills at the reference price. Optimistic: no market is free."""

    kind: Literal["none"] = "none"

    price = staticmethod(_price)

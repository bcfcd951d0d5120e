"""No fees."""

from typing import Literal

from runner.trading.fees import Fees

__all__ = ["NoFees"]


def _fee(p, traded, quantity, price, maker):
    return 0.0


class NoFees(Fees):
    """Nothing is charged."""

    kind: Literal["none"] = "none"

    fee = staticmethod(_fee)

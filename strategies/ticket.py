"""The same charge for every fill, however large: fees, with one row function and one number."""

from typing import Literal

from runner.trading.fees import Fees
from runner.units import NonNegative


def _fee(p, traded, quantity, price, maker):
    return p[0]


class Ticket(Fees):
    """What a broker charges who bills by the ticket."""

    kind: Literal["ticket"] = "ticket"
    amount: NonNegative = 1.0
    """Charge per fill, in quote currency."""

    fee = staticmethod(_fee)

    def numbers(self):
        """Return the charge: the `p` of the function."""
        return (self.amount,)

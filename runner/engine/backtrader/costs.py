"""Runner's slippage, fees and sizes, called from Backtrader: the row functions the kernel calls, with the same arguments."""

import numpy as np
from numpy.typing import NDArray

from runner.engine.pipeline import Pipeline
from runner.market.tape import Tape
from runner.trading.fees import FEE
from runner.trading.kernel.booking import FEE_PERIOD
from runner.trading.kernel.layout import BID, GIVEN, VOLUME
from runner.trading.own import OwnCalls, compiled
from runner.trading.sizing import SIZE
from runner.trading.slippage import PRICE

__all__ = ["Costs"]


class Costs:
    """What filling costs, and how large a position is to be."""

    def __init__(self, pipeline: Pipeline, tape: Tape, extras: NDArray[np.float64]) -> None:
        """Compile the row functions.

        Args:
            pipeline: Whose kinds are called.
            tape: The bars that decide and fill.
            extras: [R, J] values of what sizing, orders and slippage read besides, by row.
        """
        self._volume = tape.columns["volume"]
        self._sessions = tape.session
        self._extras = extras
        self._own = slice(pipeline.column_of("slippage"), extras.shape[1])
        slippage, fees, sizing = pipeline.slippage, pipeline.fees, pipeline.sizing
        self._given = np.full(GIVEN + extras[:, self._own].shape[1], np.nan)
        self._traded = np.array([0.0, -1.0])
        self._calls = OwnCalls()
        self._slip = compiled(slippage, "price", PRICE)
        self._slip_p = self._calls.numbers(slippage.chain, slippage.numbers(), {"price": PRICE}, reach=self._given.size)
        self._charge = compiled(fees, "fee", FEE)
        self._charge_p = self._calls.numbers([fees], fees.numbers(), {"fee": FEE}, reach=self._traded.size)
        self._size = compiled(sizing, "size", SIZE)
        self._sized = len(sizing.expressions())
        numbers = sizing.numbers(len(tape.symbols))
        self._size_p = self._calls.numbers([sizing], numbers, {"size": SIZE}, reach=extras.shape[1])

    def price(self, row: int, quantity: float, reference: float) -> float:
        """Return the price of a signed quantity that fills during a row, with its expressions as of the row before."""
        given = self._given
        given[BID:VOLUME] = np.nan
        given[VOLUME] = self._volume[row]
        own = self._extras[row - 1, self._own]
        given[GIVEN : GIVEN + own.size] = own
        return reference + (self._heard(self._slip(self._slip_p, quantity, reference, given)) - reference)

    def fee(self, quantity: float, price: float, *, waited: bool) -> float:
        """Return the fee of one fill."""
        return self._heard(self._charge(self._charge_p, self._traded, quantity, price, 1.0 if waited else 0.0))

    def units(self, row: int, equity: float, price: float, share: float) -> float:
        """Return the units of a position decided on a row; 0 or not finite where there is no such size."""
        return self._heard(
            self._size(self._size_p, equity, price, share, np.ascontiguousarray(self._extras[row, : self._sized]))
        )

    def _heard(self, number: float) -> float:
        """Return what a row function gave; raise KindError if one of the user's own broke instead."""
        self._calls.check()
        return float(number)

    def traded(self, value: float) -> None:
        """Count a value traded, for fees that depend on it."""
        self._traded[0] += value

    def session(self, row: int) -> None:
        """Begin a new period of fees where the last one is over in the session of a row."""
        day = int(self._sessions[row])
        if self._traded[1] < 0.0 or day - self._traded[1] >= FEE_PERIOD:
            self._traded[:] = 0.0, day

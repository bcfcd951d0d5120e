"""When orders fill and at which reference price: one file per kind."""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape
from runner.spec.kind import Kind

__all__ = ["Fill", "FillClock"]


@dataclass(frozen=True, slots=True)
class FillClock:
    """For every row of a tape: the instant at which an order waiting for that row fills, and the reference price there."""

    ts: NDArray[np.int64]
    """[R] UTC nanoseconds; never before the previous row of the symbol was known."""
    price: NDArray[np.float64]
    """[R] reference price, before slippage."""


class Fill(Kind):
    """A kind of the `fill` family. An order decided at a row waits for the symbol's next row."""

    @abstractmethod
    def clock(self, tape: Tape) -> FillClock:
        """Return when and at which price each row fills what waits for it."""

"""The strategy's side of a session: what it sees, what it may ask for, and how it is kept from harming the rest.

A desk is asked what it wants and sees values, never the state itself. What it answers goes through the gate like everything
else; a desk that raises, or answers what is no instruction, latches the session, because nobody knows what it meant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from runner.live.gate import Denied, Wanted
from runner.live.model import Quote, State, Status

__all__ = ["Cancel", "Desk", "Informed", "Instruction", "OrderView", "Replace", "View"]


@dataclass(frozen=True, slots=True)
class Cancel:
    """Take an order back."""

    coid: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Put another order in the place of one that is working."""

    coid: str
    quantity: int
    """Lots of the new order."""
    price: int
    signal: int


Instruction = Wanted | Cancel | Replace


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order as it is now."""

    coid: str
    symbol: str
    side: int
    quantity: int
    price: int
    filled: int
    status: Status
    is_cancel_asked: bool
    signal: int


class View:
    """What a desk sees; it hands out copies alone."""

    def __init__(self, state: State, quotes: Mapping[str, Quote], now_ns: int) -> None:
        """Look at a state at a venue time."""
        self.now_ns = now_ns
        self._state = state
        self._quotes = quotes

    @property
    def symbols(self) -> tuple[str, ...]:
        """Return the instruments."""
        return tuple(self._state.instruments)

    def position(self, symbol: str) -> int:
        """Return the signed lots held."""
        return self._state.position(symbol)

    def quote(self, symbol: str) -> Quote | None:
        """Return the last quote; None if there is none, or its book has a gap."""
        quote = self._quotes.get(symbol)
        return quote if quote is not None and quote.is_valid else None

    def working(self, symbol: str) -> tuple[OrderView, ...]:
        """Return the orders that may still fill, oldest first; those that nobody knows the fate of are among them."""
        return tuple(
            OrderView(
                order.coid,
                order.symbol,
                order.side,
                order.quantity,
                order.price,
                order.filled,
                order.status,
                order.is_cancel_asked,
                order.signal,
            )
            for order in self._state.live_of(symbol)
        )


@runtime_checkable
class Desk(Protocol):
    """A strategy."""

    def decide(self, view: View) -> Sequence[Instruction]:
        """Return what is wanted now, in the order in which to try it; nothing for nothing."""


@runtime_checkable
class Informed(Protocol):
    """A strategy that wants to know what became of what it wanted."""

    def told(self, wanted: Wanted, outcome: str | Denied) -> None:
        """Take the client order id of an order whose intent is written, or why there is none."""

"""The account at the venue: orders, executions, positions and cash, in whole numbers.

    cash = first cash − Σ side · price · quantity − Σ fees        positions = Σ side · quantity

exactly, at every moment. Prices and quantities are whole units of 10⁻⁸, money is of 10⁻¹⁸.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from runner.venue.server.exact import ATTO_PER_PRODUCT, amount_text, money_text

__all__ = ["Account", "Execution", "Order", "Status"]

Status = Literal["open", "filled", "canceled", "expired", "rejected"]
FEE_STEP = 10**10
"""Fees are whole multiples of 10⁻⁸."""
ATTO = 10**18
SIDES = {1: "buy", -1: "sell"}


@dataclass(slots=True)
class Execution:
    """One execution."""

    number: int
    order: "Order"
    price: int
    quantity: int
    fee: int
    """Money."""
    at_ns: int
    """Market time."""
    gateway_ns: int
    shown_ns: tuple[int, int]
    """Market and gateway time of which either suffices for it to show in queries."""

    def told(self, currency: str) -> dict[str, Any]:
        """Return it as the API writes it."""
        order = self.order
        return {
            "exec_id": f"x{self.number}",
            "order_id": order.order_id,
            "client_order_id": order.client_id,
            "symbol": order.symbol,
            "side": SIDES[order.side],
            "quantity": amount_text(self.quantity),
            "price": amount_text(self.price),
            "fee": money_text(self.fee),
            "fee_currency": currency,
            "at_ns": self.at_ns,
            "gateway_ns": self.gateway_ns,
        }


@dataclass(slots=True)
class Order:
    """One order."""

    number: int
    client_id: str
    symbol: str
    code: int
    """Of the symbol."""
    side: int
    quantity: int
    price: int | None
    """None of a market order."""
    rests: bool
    at_ns: int
    gateway_ns: int
    shown_ns: tuple[int, int]
    filled: int = 0
    status: Status = "open"
    is_fresh: bool = True
    """Whether it has met no trade yet."""

    @property
    def order_id(self) -> str:
        """The venue's id."""
        return f"o{self.number}"

    @property
    def remaining(self) -> int:
        """What may still fill."""
        return self.quantity - self.filled if self.status == "open" else 0

    def allows(self, price: int) -> bool:
        """Return whether it may fill at a price."""
        return self.price is None or self.side * (self.price - price) >= 0

    def told(self) -> dict[str, Any]:
        """Return it as the API writes it."""
        return {
            "order_id": self.order_id,
            "client_order_id": self.client_id,
            "symbol": self.symbol,
            "side": SIDES[self.side],
            "type": "market" if self.price is None else "limit",
            "time_in_force": "gtc" if self.rests else "ioc",
            "quantity": amount_text(self.quantity),
            "price": None if self.price is None else amount_text(self.price),
            "filled": amount_text(self.filled),
            "status": self.status,
            "at_ns": self.at_ns,
            "gateway_ns": self.gateway_ns,
        }


@dataclass(slots=True)
class Account:
    """All of it."""

    first_cash: int
    currency: str
    fee_bps: Decimal
    cash: int = 0
    orders: list[Order] = field(default_factory=list)
    """All there ever were, oldest first."""
    executions: list[Execution] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    """Symbol → price of its last trade."""

    def __post_init__(self) -> None:
        """Begin with the first cash."""
        self.cash = self.first_cash

    def fee(self, price: int, quantity: int) -> int:
        """Return the fee of an execution, rounded up."""
        above, below = self.fee_bps.as_integer_ratio()
        notional = price * quantity * ATTO_PER_PRODUCT
        steps: int = -(-(notional * above) // (below * 10_000 * FEE_STEP))
        return steps * FEE_STEP

    def book(self, execution: Execution) -> None:
        """Take an execution."""
        order = execution.order
        self.executions.append(execution)
        order.filled += execution.quantity
        if order.filled >= order.quantity:
            order.status = "filled"
        self.positions[order.symbol] = self.positions.get(order.symbol, 0) + order.side * execution.quantity
        self.cash -= order.side * execution.price * execution.quantity * ATTO_PER_PRODUCT + execution.fee

    def equity(self) -> int:
        """Return cash and what the positions are worth at the last trades."""
        held: int = sum(lots * self.marks.get(symbol, 0) for symbol, lots in self.positions.items())
        return self.cash + held * ATTO_PER_PRODUCT

    def truth(self) -> dict[str, Any]:
        """Return everything, whether queries show it or not."""
        return {
            "currency": self.currency,
            "first_cash": money_text(self.first_cash),
            "cash": money_text(self.cash),
            "equity": money_text(self.equity()),
            "positions": {symbol: amount_text(held) for symbol, held in sorted(self.positions.items()) if held},
            "orders": [order.told() for order in self.orders],
            "fills": [execution.told(self.currency) for execution in self.executions],
        }

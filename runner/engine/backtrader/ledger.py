"""What happened, kept as it happens, and the tables it makes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from runner.tables import Table, Tables

__all__ = ["Fill", "Ledger"]


@dataclass(slots=True)
class _Order:
    ts: int
    place: int
    quantity: float
    kind: str
    price: float
    reason: str
    status: str = "unfilled"
    filled: float = 0.0
    refusal: str = ""


class Fill(NamedTuple):
    """One fill, and the position after it."""

    ts: int
    place: int
    quantity: float
    """Signed."""
    reference: float
    price: float
    fee: float
    waited: bool
    position: float
    average: float
    profit: float
    """What it realised, before its fee."""


class _Worth(NamedTuple):
    ts: int
    equity: float
    cash: float
    gross: float
    net: float


@dataclass(slots=True)
class Ledger:
    """Orders, fills, equity and refusals of one run, in the order in which they came."""

    symbols: tuple[str, ...]
    orders: list[_Order] = field(default_factory=list)
    fills: list[tuple[int, Fill]] = field(default_factory=list)
    realised: list[float] = field(default_factory=list)
    worth: list[_Worth] = field(default_factory=list)
    refusals: list[tuple[int, int, str, float]] = field(default_factory=list)
    _profit: dict[int, float] = field(default_factory=dict)

    def sent(self, place: int, ts: int, quantity: float, kind: str, price: float, reason: str) -> int:
        """Write down an order of a signed quantity; return its number."""
        self.orders.append(_Order(ts, place, quantity, kind, price if kind != "market" else np.nan, reason))
        return len(self.orders)

    def filled(self, number: int, fill: Fill) -> None:
        """Write down a fill of an order."""
        order = self.orders[number - 1]
        order.filled += abs(fill.quantity)
        if order.filled >= abs(order.quantity) * (1.0 - 1e-12):
            order.status = "filled"
        self._profit[fill.place] = self._profit.get(fill.place, 0.0) + fill.profit - fill.fee
        self.fills.append((number, fill))
        self.realised.append(self._profit[fill.place])

    def ended(self, number: int, status: str, refusal: str = "") -> None:
        """Write down how an order ended that wasn't filled, or not wholly."""
        order = self.orders[number - 1]
        order.status, order.refusal = status, refusal

    def refused(self, place: int, ts: int, rule: str, wanted: float) -> None:
        """Write down what kept an order from being sent."""
        self.refusals.append((ts, place, rule, wanted))

    def valued(self, ts: int, equity: float, cash: float, exposures: Sequence[float]) -> None:
        """Write down what the account is worth, given the value of each position."""
        self.worth.append(_Worth(ts, equity, cash, sum(abs(each) for each in exposures), sum(exposures)))

    def tables(self, measured_from: int | None, signals: Table) -> Tables:
        """Return the tables; equity counts as measured from an instant on."""
        return Tables(
            orders=self._orders(),
            fills=self._fills(),
            equity=self._equity(measured_from),
            positions=self._positions(),
            refusals=self._refusals(),
            charges={"ts": _whole([]), "symbol": _text([]), "amount": _number([])},
            signals=signals,
        )

    def _orders(self) -> Table:
        orders = self.orders
        return {
            "order": np.arange(1, len(orders) + 1),
            "ts": _whole([order.ts for order in orders]),
            "symbol": self._named([order.place for order in orders]),
            "side": _sides([order.quantity for order in orders]),
            "quantity": np.abs(_number([order.quantity for order in orders])),
            "kind": _text([order.kind for order in orders]),
            "price": _number([order.price for order in orders]),
            "reason": _text([order.reason for order in orders]),
            "status": _text([order.status for order in orders]),
            "filled": _number([order.filled for order in orders]),
            "refusal": _text([order.refusal for order in orders]),
        }

    def _fills(self) -> Table:
        fills = [fill for _, fill in self.fills]
        quantity, reference, price = (
            _number([getattr(fill, name) for fill in fills]) for name in ("quantity", "reference", "price")
        )
        return {
            "order": _whole([number for number, _ in self.fills]),
            "ts": _whole([fill.ts for fill in fills]),
            "symbol": self._named([fill.place for fill in fills]),
            "side": _sides([fill.quantity for fill in fills]),
            "quantity": np.abs(quantity),
            "reference": reference,
            "price": price,
            "slippage": np.abs(quantity) * np.abs(price - reference),
            "fee": _number([fill.fee for fill in fills]),
            "maker": np.array([fill.waited for fill in fills], dtype=bool),
        }

    def _positions(self) -> Table:
        fills = [fill for _, fill in self.fills]
        return {
            "ts": _whole([fill.ts for fill in fills]),
            "symbol": self._named([fill.place for fill in fills]),
            "quantity": _number([fill.position for fill in fills]),
            "average_price": _number([fill.average for fill in fills]),
            "realised": _number(self.realised),
        }

    def _equity(self, measured_from: int | None) -> Table:
        ts = _whole([line.ts for line in self.worth])
        columns = {
            name: _number([getattr(line, name) for line in self.worth]) for name in ("equity", "cash", "gross", "net")
        }
        measured = ts >= measured_from if measured_from is not None else np.zeros(ts.size, dtype=bool)
        return {"ts": ts, **columns, "measured": measured}

    def _refusals(self) -> Table:
        return {
            "ts": _whole([ts for ts, *_ in self.refusals]),
            "symbol": self._named([place for _, place, *_ in self.refusals]),
            "rule": _text([rule for *_, rule, _ in self.refusals]),
            "wanted": _number([wanted for *_, wanted in self.refusals]),
            "allowed": np.zeros(len(self.refusals)),
        }

    def _named(self, places: list[int]) -> NDArray[np.str_]:
        return _text([self.symbols[place] for place in places])


def _whole(values: list[int]) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def _number(values: list[float]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def _text(values: list[str]) -> NDArray[np.str_]:
    return np.array(values, dtype=np.str_)


def _sides(quantities: list[float]) -> NDArray[np.str_]:
    return _text(["buy" if quantity > 0.0 else "sell" for quantity in quantities])

"""Backtrader's broker with Runner's costs, writing down what it does.

Matching, cash and positions are Backtrader's. Replaced are the places it has for it: what an execution slips by, which isn't
clamped into the bar's range, and the commission. An order whose cost isn't known is rejected.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.engine.backtrader.costs import Costs
from runner.engine.backtrader.ledger import Fill, Ledger
from runner.engine.backtrader.library import bt

__all__ = ["Broker", "Commission"]

LIMITS = (bt.Order.Limit, bt.Order.StopLimit, bt.Order.StopTrailLimit)
STOPPED = (bt.Order.StopLimit, bt.Order.StopTrailLimit)
ENDS = {
    bt.Order.Canceled: ("cancelled", ""),
    bt.Order.Expired: ("expired", ""),
    bt.Order.Margin: ("rejected", "not enough cash"),
    bt.Order.Rejected: ("rejected", "cost undefined"),
}
"""Backtrader's status → status and refusal of the tables."""
OWN = "strategy"
"""Reason of orders that give none."""


class Commission(bt.CommInfoBase):  # type: ignore[misc]
    """A commission that is told what an execution costs altogether, and shares it between what it closes and opens."""

    params: Any = (("stocklike", True), ("commtype", bt.CommInfoBase.COMM_FIXED))

    def __init__(self) -> None:
        """Start with nothing executed."""
        super().__init__()
        self._per_unit = 0.0

    def charges(self, fee: float, quantity: float) -> None:
        """Say what the execution that comes next costs."""
        self._per_unit = fee / abs(quantity)

    def _getcommission(self, size: float, price: float, pseudoexec: bool) -> float:  # noqa: ARG002, FBT001 - Backtrader's
        return abs(size) * self._per_unit


class Broker(bt.brokers.BackBroker):  # type: ignore[misc]
    """Backtrader's broker under a strategy of the user's."""

    params: Any = (
        ("costs", None),
        ("ledger", None),
        ("opened", None),
        ("known", None),
        # Whether an order can be paid for is seen when it fills, at its price, not before.
        ("checksubmit", False),
    )

    def __init__(self) -> None:
        """Start without orders."""
        super().__init__()
        self.commission = Commission()
        self.addcommissioninfo(self.commission)
        self._numbers: dict[int, int] = {}
        self._order: Any = None
        self._reference: float | None = None
        self._shown = 0

    @property
    def ledger(self) -> Ledger:
        """What is written to."""
        found: Ledger = self.p.ledger
        return found

    @property
    def costs(self) -> Costs:
        """What filling costs."""
        found: Costs = self.p.costs
        return found

    def known(self, data: Any) -> int:
        """Return the instant at which the row of a feed's latest tick is known."""
        instants: NDArray[np.int64] = self.p.known
        return int(instants[data.row])

    def opened(self, data: Any) -> int:
        """Return the instant at which that row opened."""
        instants: NDArray[np.int64] = self.p.opened
        return int(instants[data.row])

    def _try_exec(self, order: Any) -> None:
        self._order, self._reference = order, None
        self.costs.session(order.data.row)
        super()._try_exec(order)

    def _slip_up(self, pmax: float, price: float, doslip: bool = True, lim: bool = False) -> float:  # noqa: ARG002, FBT001, FBT002
        return self._slipped(price)

    def _slip_down(self, pmin: float, price: float, doslip: bool = True, lim: bool = False) -> float:  # noqa: ARG002, FBT001, FBT002
        return self._slipped(price)

    def _slipped(self, price: float) -> float:
        self._reference = price
        return self._priced(self._order, self._order.executed.remsize)

    def _priced(self, order: Any, quantity: float) -> float:
        """Return what a signed quantity of an order costs per unit at the reference; a limit is never passed."""
        reference = self._reference
        if reference is None:
            return float("nan")
        price = self.costs.price(order.data.row, quantity, reference)
        if order.exectype not in LIMITS or order.info.get("leaves", False):
            return price
        limit: float = order.created.pricelimit if order.exectype in STOPPED else order.created.price
        return min(price, limit) if quantity > 0.0 else max(price, limit)

    def _execute(self, order: Any, ago: int | None = None, price: float | None = None, **rest: Any) -> Any:
        if ago is None or price is None:
            return super()._execute(order, ago=ago, price=price, **rest)
        quantity = order.executed.remsize
        waited = self._reference is None and order.exectype in LIMITS
        if self._reference is None and not waited:
            # An order for the close, which Backtrader lets go without slippage.
            price = self._slipped(price)
        self._pay(order, quantity, price, waited=waited, ago=ago, **rest)
        return None

    def _pay(self, order: Any, quantity: float, price: float, *, waited: bool, ago: int, **rest: Any) -> None:
        """Execute an order at a price that has its costs in it."""
        fee = self.costs.fee(quantity, price, waited=waited)
        if not (math.isfinite(price) and math.isfinite(fee)):
            order.reject(self)
            self.notify(order)
            return
        self._commit(order, quantity, price, fee, ago=ago, **rest)

    def _commit(self, order: Any, quantity: float, price: float, fee: float, *, ago: int, **rest: Any) -> None:
        self.commission.charges(fee, quantity)
        super()._execute(order, ago=ago, price=price, **rest)

    def notify(self, order: Any) -> None:
        """Write down what became of an order, and tell its owner."""
        if order.status in (bt.Order.Submitted, bt.Order.Accepted):
            self._sent(order)
        elif order.status in (bt.Order.Partial, bt.Order.Completed):
            self._filled(order)
        elif order.status in ENDS:
            self._ended(order, *ENDS[order.status])
        super().notify(order)

    def _sent(self, order: Any) -> None:
        if order.ref in self._numbers:
            return
        self._numbers[order.ref] = self._number(order, self.known(order.data))

    def _number(self, order: Any, instant: int) -> int:
        kind = (
            "limit" if order.exectype in LIMITS else "stop" if order.exectype in (bt.Order.Stop, bt.Order.StopTrail) else ""
        )
        return self.ledger.sent(
            order.data.place,
            instant,
            order.created.size,
            kind or "market",
            order.created.price if kind else math.nan,
            order.info.get("reason", OWN),
        )

    def _ended(self, order: Any, status: str, refusal: str) -> None:
        self._sent(order)
        self.ledger.ended(self._numbers[order.ref], status, refusal)

    def _filled(self, order: Any) -> None:
        bit, data = order.executed.exbits[-1], order.data
        position = self.positions[data]
        reference = bit.price if self._reference is None else self._reference
        fill = Fill(
            ts=self._instant(order, reference),
            place=data.place,
            quantity=bit.size,
            reference=reference,
            price=bit.price,
            fee=bit.comm,
            waited=self._reference is None,
            position=position.size,
            average=position.price if position.size else math.nan,
            profit=bit.pnl,
        )
        self.ledger.filled(self._filling(order, fill.ts), fill)
        self.costs.traded(abs(bit.size) * bit.price)

    def _filling(self, order: Any, instant: int) -> int:  # noqa: ARG002 - exits are sent when they fill
        """Return the number of the order that fills."""
        return self._numbers[order.ref]

    def _instant(self, order: Any, reference: float) -> int:
        """Return when an order fills: at the opening if that is its price, else when the bar is known."""
        data = order.data
        at_open = self._reference is not None and order.exectype != bt.Order.Close and reference == data.open[0]
        return self.opened(data) if at_open else self.known(data)

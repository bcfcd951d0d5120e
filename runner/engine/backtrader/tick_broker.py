"""Backtrader's broker under a pipeline: every bar comes as its open and its range, and exits follow the position.

Beyond the costs, this is what Runner's kernel does and Backtrader leaves open or does otherwise:

- Orders of one moment are met in the order of the universe, an exit after what else its symbol has, the nearest stop first.
  Backtrader keeps the order in which they were sent.
- An order is met once per tick of its own symbol. Backtrader tries a limit or stop again, at the same bar, whenever any
  other symbol has a new one.
- A limit is filled inside a bar only where the market trades through it. Backtrader fills at the touch.
- An order that can't be paid for is rejected whole, unless it turns a position round: then the position is closed.
- One whose cost isn't known is too, unless it closes a position or turns one round: then it waits for a tick where it is.
- Exits are kept for the position as it is: after every fill they are made anew, from its average price.
"""

import math
from typing import Any

from runner.engine.backtrader.broker import Broker
from runner.engine.backtrader.library import bt
from runner.spec.exits import Exits
from runner.trading.kernel.layout import REASONS, STOP_LOSS, TAKE_PROFIT, TRAILING_STOP

__all__ = ["TickBroker"]


class TickBroker(Broker):
    """See the module."""

    params: Any = (("exits", Exits()), ("through", 0.0))

    def __init__(self) -> None:
        """Start without positions."""
        super().__init__()
        self._exits: dict[Any, list[Any]] = {}
        self.entered: dict[Any, int] = {}
        """Feed → instant at which its position was opened."""

    def next(self) -> None:
        """Meet what is due at this moment, and value the account."""
        for order in sorted(self.pending, key=_turn):
            if order.alive():
                self._meet(order)
        self._get_value()

    def _meet(self, order: Any) -> None:
        data = order.data
        if len(data) <= order.info.seen:
            return
        order.info.seen = len(data)
        # A row whose open isn't known is no moment to trade at; its range comes one tick after its open.
        open_ = data.open[-1] if data.is_known else data.open[0]
        if math.isfinite(open_) and not (data.is_known and order.exectype == bt.Order.Market):
            # Backtrader takes an order out while it is tried: what is still in there is cancelled with it.
            self.pending.remove(order)
            self._try_exec(order)
            if order.alive():
                self.pending.append(order)

    def _try_exec_limit(self, order: Any, popen: float, phigh: float, plow: float, plimit: float) -> None:
        # Two ways to write the same: as the kernel has them, so that rounding is the same.
        if order.info.leaves:
            beyond = phigh - plimit if order.issell() else plimit - plow
            is_through = beyond > self.p.through
        else:
            is_through = plow < plimit - self.p.through if order.isbuy() else phigh > plimit + self.p.through
        if math.isfinite(popen) or is_through:
            super()._try_exec_limit(order, popen, phigh, plow, plimit)

    def _try_exec_stop(self, order: Any, *prices: float) -> None:
        *rest, pclose = prices
        # A trailing stop follows closes; at the open there is none yet.
        super()._try_exec_stop(order, *rest, pclose if order.data.is_known else math.nan)

    def _pay(self, order: Any, quantity: float, price: float, *, waited: bool, ago: int, **rest: Any) -> None:
        position, fee = self.positions[order.data].size, self.costs.fee(quantity, price, waited=waited)
        after = position + quantity
        is_known = math.isfinite(price) and math.isfinite(fee)
        is_paid = is_known and quantity * price + fee <= self.cash
        turns = position * after < 0.0
        if turns and not is_paid:
            price = self._priced(order, -position)
            fee = self.costs.fee(-position, price, waited=waited)
        if not (math.isfinite(price) and math.isfinite(fee)):
            if position * quantity >= 0.0 or order.info.leaves:
                self._reject(order)
        elif is_paid or (abs(after) <= abs(position) and not turns):
            self._commit(order, quantity, price, fee, ago=ago, **rest)
        elif turns:
            order.executed.remsize = -position
            self._commit(order, -position, price, fee, ago=ago, **rest)
            if is_known:
                self._margin(order)
            else:
                self._reject(order)
        else:
            self._margin(order)

    def _margin(self, order: Any) -> None:
        order.margin()
        self.notify(order)

    def _reject(self, order: Any) -> None:
        """Reject an order whose cost isn't known; an exit is tried again at the next tick."""
        if order.info.leaves:
            number = self._number(order, self._now(order.data))
            self.ledger.ended(number, "rejected", "cost undefined")
            return
        order.reject(self)
        self.notify(order)

    def _sent(self, order: Any) -> None:
        # Exits are market orders that are sent when their price is reached; until then they are nobody's business.
        if not order.info.leaves:
            super()._sent(order)

    def _ended(self, order: Any, status: str, refusal: str) -> None:
        if not order.info.leaves:
            super()._ended(order, status, refusal)

    def _number(self, order: Any, instant: int) -> int:
        if not order.info.leaves:
            return super()._number(order, instant)
        return self.ledger.sent(order.data.place, instant, order.created.size, "market", math.nan, order.info.reason)

    def _filling(self, order: Any, instant: int) -> int:
        return self._number(order, instant) if order.info.leaves else super()._filling(order, instant)

    def _instant(self, order: Any, reference: float) -> int:  # noqa: ARG002 - a tick has one instant
        return self._now(order.data)

    def _now(self, data: Any) -> int:
        return self.known(data) if data.is_known else self.opened(data)

    def _filled(self, order: Any) -> None:
        super()._filled(order)
        bit, data = order.executed.exbits[-1], order.data
        if bit.opened and bit.opened == self.positions[data].size:
            self.entered[data] = self._now(data)
        self._keep_exits(order, is_new=bit.opened == self.positions[data].size)

    def _keep_exits(self, order: Any, *, is_new: bool) -> None:
        """Replace a symbol's exits by those of the position it has now, and try these at the price of the moment."""
        data, owner = order.data, order.owner
        trails = [each.created.price for each in self._exits.get(data, ()) if each.exectype == bt.Order.StopTrail]
        for each in self._exits.pop(data, []):
            if each is not order:
                self.cancel(each)
        position = self.positions[data]
        if not position.size:
            return
        made = self._made_exits(owner, data, position.size, position.price)
        for each in made:
            if each.exectype == bt.Order.StopTrail and trails and not is_new:
                each.created.price = trails[0]
        self._exits[data] = made
        for each in sorted(made, key=_turn):
            if each.alive() and self._exits.get(data) is made:
                self._meet_aside(each)

    def _meet_aside(self, order: Any) -> None:
        """Meet an order while another one is being met."""
        held = self._order, self._reference
        self._meet(order)
        self._order, self._reference = held

    def _made_exits(self, owner: Any, data: Any, size: float, average: float) -> list[Any]:
        exits: Exits = self.p.exits
        side, send = (1.0, owner.sell) if size > 0.0 else (-1.0, owner.buy)
        given = {"data": data, "size": abs(size), "leaves": True, "seen": len(data) - 1}
        made = []
        if exits.stop_loss is not None:
            price = average * (1.0 - side * exits.stop_loss)
            made.append(send(exectype=bt.Order.Stop, price=price, reason=REASONS[STOP_LOSS], **given))
        if exits.trailing_stop is not None:
            percent, reason = exits.trailing_stop, REASONS[TRAILING_STOP]
            made.append(send(exectype=bt.Order.StopTrail, price=average, trailpercent=percent, reason=reason, **given))
        if exits.take_profit is not None:
            price = average * (1.0 + side * exits.take_profit)
            # What was bought somewhere in a range doesn't know whether the best of the range came after it.
            given["seen"] += int(data.is_known)
            made.append(send(exectype=bt.Order.Limit, price=price, reason=REASONS[TAKE_PROFIT], **given))
        return made


def _turn(order: Any) -> tuple[int, int, float]:
    """Return what orders of one moment are sorted by."""
    if not order.info.leaves:
        return order.data.place, 0, 0.0
    if order.exectype == bt.Order.Limit:
        return order.data.place, 2, 0.0
    nearer = -order.created.price if order.issell() else order.created.price
    return order.data.place, 1, nearer

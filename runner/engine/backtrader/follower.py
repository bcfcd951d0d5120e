"""The Backtrader strategy that does what a pipeline's rules say.

A position whose exit holds is closed; a symbol without a position, or whose position is being closed, is opened where
exactly one side's entry holds; a target says which position is wanted. While an order works nothing is decided but its end:
an entry is cancelled once the exit of its side holds, one towards a target once that has left its side. Rules are decided on
a tape's rows when these are known, with the equity that Backtrader has then.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.duration import nanoseconds
from runner.engine.backtrader.library import bt
from runner.engine.pipeline import Pipeline
from runner.market.tape import Tape
from runner.trading.kernel.layout import (
    BOTH_SIDES,
    FLATTEN,
    LONG_ENTER,
    LONG_EXIT,
    NO_EQUITY,
    NO_PRICE,
    REASONS,
    REFUSERS,
    SHORT_ENTER,
    SHORT_EXIT,
    SIZING,
    TARGET,
    TIME_EXIT,
    TO_LONG,
    TO_SHORT,
)
from runner.trading.kernel.quantities import DUST

__all__ = ["Follower", "Plan"]

LEAST = 5e-324
"""Stands for a price of zero, which Backtrader takes for none."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a follower follows."""

    pipeline: Pipeline
    tape: Tape
    ready: NDArray[np.int64]
    """[N] first row of each symbol at which something may be decided."""
    rules: Mapping[str, NDArray[np.float64]]
    """Rule → its values by row."""
    extras: NDArray[np.float64]
    last: NDArray[np.float64]
    """Last known price by row."""


class Follower(bt.Strategy):  # type: ignore[misc]
    """See the module."""

    params: Any = (("plan", None),)

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._plan: Plan = self.p.plan
        self._seen = dict.fromkeys(self.datas, 0)
        self._working: dict[Any, Any] = {}
        holding = self._plan.pipeline.exits.max_holding
        self._longest = nanoseconds(holding) if holding is not None else None

    def prenext(self) -> None:
        """Decide, although not every symbol trades yet."""
        self.next()

    def next(self) -> None:
        """Decide on the rows that are known now, if any are."""
        came = [data for data in self.datas if len(data) > self._seen[data] and data.is_known]
        self._seen = {data: len(data) for data in self.datas}
        if not came:
            return
        for data in came:
            self.broker.costs.session(data.row)
        equity = self.broker.getvalue()
        if not equity > 0.0:
            self._withdraw()
        for data in came:
            self._act(data, data.row, equity)

    def _act(self, data: Any, row: int, equity: float) -> None:
        position = self.getposition(data).size
        is_ready = row >= self._plan.ready[data.place]
        if not is_ready and position == 0.0:
            return
        leaves_long, leaves_short = (is_ready and self._holds(rule, row) for rule in ("long.exit", "short.exit"))
        is_over = position != 0.0 and self._longest is not None and self._age(data, row) >= self._longest
        working = self._working.get(data)
        if working is not None and working.alive():
            wanted = working.executed.remsize
            after = position + wanted
            turns = position * after < 0.0
            leaves = self._turned(row, wanted, is_ready=is_ready) or (leaves_long if wanted > 0.0 else leaves_short)
            if not ((turns or abs(after) > abs(position)) and (is_over or leaves)):
                return
            self.cancel(working)
            if turns and not self._plan.pipeline.signals.has_target:
                self._send(data, -position, LONG_EXIT if position > 0.0 else SHORT_EXIT)
                return
        if self._plan.pipeline.signals.has_target:
            self._aim(data, row, equity, is_over=is_over, is_ready=is_ready)
        elif position == 0.0 or is_over or (leaves_long if position > 0.0 else leaves_short):
            leaves = leaves_long if position > 0.0 else leaves_short
            self._turn(data, row, equity, leaves=leaves, side=self._entered(data, row) if is_ready else 0.0)

    def _withdraw(self) -> None:
        """Take back what would increase a position, and still close what an order would have turned round."""
        for data, working in list(self._working.items()):
            position, wanted = self.getposition(data).size, working.executed.remsize if working.alive() else 0.0
            after = position + wanted
            if abs(after) > abs(position) or position * after < 0.0:
                self.cancel(working)
                if position * after < 0.0:
                    self._send(data, -position, FLATTEN)

    def _turned(self, row: int, wanted: float, *, is_ready: bool) -> bool:
        """Tell whether the target has left the side of an order."""
        targets = self._plan.rules.get("target")
        return is_ready and targets is not None and bool(wanted * targets[row] <= 0.0)

    def _holds(self, rule: str, row: int) -> bool:
        values = self._plan.rules.get(rule)
        return values is not None and bool(values[row] == 1.0)

    def _age(self, data: Any, row: int) -> int:
        return int(self._plan.tape.ts[row]) - int(self.broker.entered[data])

    def _entered(self, data: Any, row: int) -> float:
        """Return the side whose entry holds: 1, -1, or 0 for none and for both."""
        enters_long, enters_short = (self._holds(rule, row) for rule in ("long.enter", "short.enter"))
        if enters_long and enters_short:
            self._refuse(data, row, BOTH_SIDES, 0.0)
            return 0.0
        return 1.0 if enters_long else -1.0 if enters_short else 0.0

    def _turn(self, data: Any, row: int, equity: float, *, leaves: bool, side: float) -> None:
        """Open a position, or close the one there is and perhaps open one of the other side."""
        position = self.getposition(data).size
        wanted = 0.0 if side == 0.0 or side * position > 0.0 else self._sized(data, row, equity, side, 1.0)
        if wanted != 0.0 and not equity > 0.0:
            self._refuse(data, row, NO_EQUITY, wanted)
            wanted = 0.0
        if position == 0.0:
            if wanted != 0.0:
                self._open(data, row, wanted)
            return
        if wanted != 0.0:
            reason = TO_SHORT if wanted < 0.0 else TO_LONG
        else:
            reason = (LONG_EXIT if position > 0.0 else SHORT_EXIT) if leaves else TIME_EXIT
        self._send(data, wanted - position, reason)

    def _open(self, data: Any, row: int, wanted: float) -> None:
        pipeline = self._plan.pipeline
        order, side = pipeline.order, 1.0 if wanted > 0.0 else -1.0
        reason = LONG_ENTER if side > 0.0 else SHORT_ENTER
        if order.kind == "market":
            self._send(data, wanted, reason)
            return
        if order.price is not None:
            price = float(self._plan.extras[row, pipeline.column_of("order")])
        else:
            away = order.offset * 1e-4
            price = float(self._plan.last[row]) * (1.0 - side * (away if order.kind == "limit" else -away))
        if not math.isfinite(price):
            self._refuse(data, row, NO_PRICE, wanted)
            return
        if order.tick > 0.0:
            price = _on_tick(price, order.tick, is_down=(side > 0.0) == (order.kind == "limit"))
        kind = bt.Order.Limit if order.kind == "limit" else bt.Order.Stop
        self._send(data, wanted, reason, exectype=kind, price=price or LEAST)

    def _aim(self, data: Any, row: int, equity: float, *, is_over: bool, is_ready: bool) -> None:
        """Send the order that leads to the target, where it is defined."""
        target = 0.0 if is_over else float(self._plan.rules["target"][row]) if is_ready else math.nan
        if math.isnan(target):
            return
        side = 1.0 if target > 0.0 else -1.0
        wanted = self._sized(data, row, equity, side, min(abs(target), 1.0)) if target != 0.0 else 0.0
        held = self.getposition(data).size
        if abs(wanted - held) > DUST * max(abs(wanted), abs(held)):
            self._send(data, self._payable(data, row, equity, wanted) - held, TIME_EXIT if is_over else TARGET)

    def _payable(self, data: Any, row: int, equity: float, wanted: float) -> float:
        """Return the position that is wanted, or as much of it as is held where there is no equity to open more with."""
        held: float = self.getposition(data).size
        if equity > 0.0 or wanted == 0.0 or (wanted * held > 0.0 and abs(wanted) <= abs(held)):
            return wanted
        more = wanted - held if wanted * held > 0.0 else wanted
        self._refuse(data, row, NO_EQUITY, more)
        return wanted - more

    def _sized(self, data: Any, row: int, equity: float, side: float, share: float) -> float:
        units: float = self.broker.costs.units(row, equity, float(self._plan.last[row]), share)
        if units > 0.0 and math.isfinite(units):
            return side * units
        self._refuse(data, row, SIZING if equity > 0.0 else NO_EQUITY, side * units)
        return 0.0

    def _refuse(self, data: Any, row: int, who: int, wanted: float) -> None:
        self.broker.ledger.refused(data.place, int(self._plan.tape.ts[row]), REFUSERS[who], wanted)

    def _send(self, data: Any, quantity: float, reason: int, **how: Any) -> None:
        if quantity != 0.0:
            send = self.buy if quantity > 0.0 else self.sell
            given = {"reason": REASONS[reason], "leaves": False, "seen": len(data)}
            self._working[data] = send(data=data, size=abs(quantity), **given, **how)


def _on_tick(price: float, tick: float, *, is_down: bool) -> float:
    """Round to a tick in the direction that fills later."""
    steps = price / tick
    nearest = round(steps)
    if abs(steps - nearest) < 1e-9 * max(abs(steps), 1.0):
        return nearest * tick
    whole = math.floor(steps) if is_down else math.ceil(steps)
    return whole * tick

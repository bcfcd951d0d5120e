"""The strategy a simulation trades with: it wants everything at once, too much of it, and changes its mind.

It is given the view a real strategy is given. Some of its orders can't be allowed: too large, too far away, against its own,
twice the same. It cancels what it has just placed and replaces what is still on its way. Every decision has a number of its
own, and the auditor is told which quote it was made on.
"""

from collections.abc import Callable, Sequence

from runner.live.desk import Cancel, Instruction, OrderView, Replace, View
from runner.live.gate import Wanted
from runner.live.model import BUY, SELL, Status
from runner.venue.auditor import Decision
from runner.venue.weather import Tick
from runner.venue.world import World

__all__ = ["Adversary"]

MOST_WORKING = 8
"""Orders per instrument above which it rather cancels."""
USUAL = 6
LARGEST = 40
"""Lots it asks for at most, usually and at times; the latter is more than the gate allows."""


class Adversary:
    """Wants something at random whenever it is asked."""

    def __init__(self, world: World, *, has_replace: bool) -> None:
        """Begin to trade in the world's chance."""
        self.has_replace = has_replace
        self.is_quiet = False
        """Whether it wants nothing new any more."""
        self.seen: dict[str, tuple[int, Tick]] = {}
        """Symbol → when the last quote came, and which."""
        self.decided: Callable[[int, Decision], None] = _tell_nobody
        self._world = world
        self._draw = world.chance("strategy")
        self._eagerness = (0.15, 0.4, 0.9)[int(self._draw.random() * 3)]
        self._number = 0
        self._last: Wanted | None = None

    def hear(self, tick: Tick) -> None:
        """Take note of a quote, as the witness of what the session was told."""
        self.seen[tick.symbol] = (self._world.now, tick)

    def decide(self, view: View) -> Sequence[Instruction]:
        """Return what is wanted now."""
        if self.is_quiet or self._draw.random() >= self._eagerness:
            return ()
        count = 1 + int(self._draw.random() * self._draw.random() * 4)
        found = [self._instruction(view) for _ in range(count)]
        return [each for each in found if each is not None]

    def _instruction(self, view: View) -> Instruction | None:
        symbol = view.symbols[int(self._draw.random() * len(view.symbols))]
        working = view.working(symbol)
        draw = self._draw.random
        kind = draw()
        if working and (kind < 0.2 or len(working) >= MOST_WORKING):
            return Cancel(self._one_of(working).coid)
        if working and kind < 0.5:
            known = [order for order in working if order.status is not Status.UNKNOWN and not order.is_cancel_asked]
            return self._replacement(self._one_of(known if known and draw() < 0.9 else working), symbol)
        if self._last is not None and kind < 0.54:
            return self._again(self._last)
        return self._wanted(view, symbol)

    def _wanted(self, view: View, symbol: str) -> Wanted | None:
        if symbol not in self.seen:
            return None
        _, tick = self.seen[symbol]
        draw = self._draw.random
        held = view.position(symbol)
        reduces = held != 0 and draw() < 0.4
        side = (SELL if held > 0 else BUY) if reduces else (BUY if draw() < 0.5 else SELL)
        touch = tick.ask if side == BUY else tick.bid
        away = int(draw() * 9) - 2 if draw() < 0.95 else 100_000
        price = max(touch - side * away, 1)
        self._last = Wanted(symbol, side, self._quantity(), price, draw() < 0.8, self._decision(symbol))
        return self._last

    def _replacement(self, order: OrderView, symbol: str) -> Replace:
        price = max(order.price + int(self._draw.random() * 5) - 2, 1)
        return Replace(order.coid, self._quantity(), price, self._decision(symbol))

    def _quantity(self) -> int:
        largest = USUAL if self._draw.random() < 0.93 else LARGEST
        return 1 + int(self._draw.random() * largest)

    def _again(self, last: Wanted) -> Wanted:
        """Want the same once more: the gate knows repetitions."""
        return Wanted(last.symbol, last.side, last.quantity, last.price, last.rests, self._decision(last.symbol))

    def _decision(self, symbol: str) -> int:
        self._number += 1
        seen = self.seen.get(symbol)
        at, is_valid = (None, False) if seen is None else (seen[0], seen[1].is_valid)
        self.decided(self._number, Decision(self._world.now, at, is_valid))
        return self._number

    def _one_of(self, working: Sequence[OrderView]) -> OrderView:
        return working[int(self._draw.random() * len(working))]


def _tell_nobody(number: int, decision: Decision) -> None:
    """Keep a decision secret."""

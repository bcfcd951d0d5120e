"""What happens around a session whatever it does: quotes come, clocks jump, people interfere.

Every half second each kind of interference has its chance. What people break, people mend: a foreign order is cleared away,
stopped quotes come again.
"""

from collections.abc import Callable
from dataclasses import dataclass

from runner.venue.exchange import Exchange
from runner.venue.faults import Fault, FaultPlan, Phase
from runner.venue.process import SimKill, WallClock
from runner.venue.rules import INSTRUMENTS
from runner.venue.world import MS, SECOND, World

__all__ = ["Tick", "Weather"]

EVERY = SECOND // 2
STEPS = (-3_600 * SECOND, -SECOND, SECOND, 3_600 * SECOND)
"""What a wall clock jumps by."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One quote on its way to the session."""

    symbol: str
    bid: int
    ask: int
    is_valid: bool


class Weather:
    """Drives everything that isn't the session's doing."""

    def __init__(self, world: World, exchange: Exchange, plan: FaultPlan, wall: WallClock, kill: SimKill) -> None:
        """Be still until `begin`."""
        self.quote: Callable[[Tick], None] = _hear_nothing
        """Called with every quote that reaches the machine."""
        self.stop: Callable[[], None] = _stop_nobody
        """Called when somebody asks the process to stop."""
        self._world = world
        self._exchange = exchange
        self._plan = plan
        self._wall = wall
        self._kill = kill
        self._draw = world.chance("weather")
        self._silent_until: dict[str, int] = {}
        self._broken_until: dict[str, int] = {}

    def begin(self, until: int) -> None:
        """Let it go on until a time."""
        for number, instrument in enumerate(INSTRUMENTS):
            self._world.after((number + 1) * 7 * MS, lambda symbol=instrument.symbol: self._quote(symbol, until))  # type: ignore[misc]
        self._world.after(EVERY, lambda: self._interfere(until))

    def clear(self) -> None:
        """Mend everything at once."""
        self._silent_until.clear()
        self._broken_until.clear()
        self._exchange.cancel_foreign()

    def _quote(self, symbol: str, until: int) -> None:
        now = self._world.now
        book = self._exchange.books[symbol]
        if now >= self._silent_until.get(symbol, 0):
            self.quote(Tick(symbol, book.bid, book.ask, is_valid=now >= self._broken_until.get(symbol, 0)))
        if now < until:
            self._world.after((100 + int(self._draw.random() * 200)) * MS, lambda: self._quote(symbol, until))

    def _interfere(self, until: int) -> None:
        plan, draw, world = self._plan, self._draw, self._world
        plan.reach(Phase.IDLE)
        symbol = INSTRUMENTS[int(draw.random() * len(INSTRUMENTS))].symbol
        book = self._exchange.books[symbol]
        if plan.strikes(Fault.QUOTES_STOP):
            self._silent_until[symbol] = world.now + int((1 + draw.random() * 6) * SECOND)
        if plan.strikes(Fault.BROKEN_BOOK):
            self._broken_until[symbol] = world.now + int((1 + draw.random() * 6) * SECOND)
        if plan.strikes(Fault.CLOCK_STEP):
            self._wall.offset += STEPS[int(draw.random() * len(STEPS))]
        if plan.strikes(Fault.FOREIGN):
            side = 1 if draw.random() < 0.5 else -1
            price = book.mid - side * (2 + int(draw.random() * 4))
            self._exchange.place_foreign(symbol, side, 1 + int(draw.random() * 3), price)
        if plan.strikes(Fault.KILL_SWITCH):
            self._kill.ask("an operator asks for it")
        if plan.strikes(Fault.RESTART):
            self.stop()
        if world.now < until:
            world.after(EVERY, lambda: self._interfere(until))


def _hear_nothing(tick: Tick) -> None:
    """Lose a quote: there is no process."""


def _stop_nobody() -> None:
    """Stop no process."""

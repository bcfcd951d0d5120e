"""When a session may trade: in the hours of the run's time-zone policy, and no longer than it was told to.

Outside of them nothing is sent; what was decided at the close waits for the open, and is then priced by a quote of the new
session, never by one of the old. Cancels leave at any time. A policy without hours, as of a market that never closes, lets
everything pass.

The embedded venue isn't held to this where it goes in step: its time stands still between two instants, and an order that is
sent at the close waits there.
"""

from runner.live.feed.sessions import Sessions
from runner.live.model import Quote
from runner.live.ports import Clock
from runner.sessions.sitting import Live, Sitting

__all__ = ["Hours", "keep_hours"]

LOOK_NS = 1_000_000_000
OVER = "its time is over"


class Hours:
    """The hours of one policy, by one clock."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        """Look sessions up as `sessions` does, by the market's time."""
        self._sessions = sessions
        self._clock = clock

    def opened(self) -> int | None:
        """Return when the session began that is open now, UTC nanoseconds; None while the market is closed."""
        return self._sessions.opening(self._clock.utc_ns())

    def is_open(self) -> bool:
        """Return whether anything may be sent now."""
        return self.opened() is not None


async def keep_hours(sitting: Sitting, hours: Hours, clock: Clock) -> None:
    """Look once a second whether the market opened or closed, and whether the session's time is over; until cancelled."""
    try:
        was_open = hours.is_open()
        while True:
            await clock.sleep(LOOK_NS)
            if sitting.until_ns is not None and clock.utc_ns() > sitting.until_ns:
                sitting.stop(OVER)
                return
            opened = hours.opened()
            _keep(sitting, opened, clock, was_open=was_open)
            was_open = opened is not None
    except Exception as problem:  # noqa: BLE001 - a session whose hours nobody keeps mustn't go on
        sitting.failed(problem)


def _keep(sitting: Sitting, opened: int | None, clock: Clock, *, was_open: bool) -> None:
    """Forget prices while the market is closed, and ask for what waited once it has opened."""
    live = sitting.live
    if live is None or not hasattr(live.session, "journal"):
        return
    if opened is None:
        # No price of a session that is over may price an order of the next one.
        live.session.quotes.clear()
    elif not was_open or _waits(live):
        _send_what_waited(sitting, live, opened, clock)


def _waits(live: Live) -> bool:
    return any(symbol not in live.session.quotes for symbol in live.router.wishes)


def _send_what_waited(sitting: Sitting, live: Live, opened: int, clock: Clock) -> None:
    """Take the prices that have come since the open, and ask for what was decided before it."""
    found = [
        quote for symbol in live.router.wishes if (quote := _price_of(sitting, live, symbol, opened, clock)) is not None
    ]
    if found:
        live.session.quotes.update({quote.symbol: quote for quote in found})
        # No instant has these prices: whoever looks into it later finds here why an order left.
        sitting.trader.opened(clock.utc_ns(), [(quote.symbol, quote.bid, quote.ask) for quote in found])
        sitting.log.flush(force=True)
    live.session.consult()


def _price_of(sitting: Sitting, live: Live, symbol: str, opened: int, clock: Clock) -> Quote | None:
    """Return the best prices of a symbol since the open; None if there are none yet."""
    touch = sitting.feed.touch(sitting.symbols.index(symbol))
    if touch.fault or touch.ts < opened or not (touch.bid_price > 0 and touch.ask_price > 0):
        return None
    tick = float(live.instruments[symbol].tick)
    return Quote(symbol, round(touch.bid_price / tick), round(touch.ask_price / tick), clock.mono_ns())

"""Plays the tape: one instant after the other, in step with the listeners or by the clock.

1. `begin` stands where the history ends. The market waits to be told to go, if it is held.
2. In step, the market goes on when all who listen are ready (`steps`); by speed, when the time has come.
3. For each instant: the clock is set to it; orders meet its books and trades, and their frames leave; then the market
   data leave; then the pongs that were put off.
4. After the last instant the listeners are waited for once more; open orders expire, the clock goes on second by second, and
   `played` is set. Questions are answered until the venue is stopped.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from runner.venue.server.books import Book
from runner.venue.server.broker import Broker
from runner.venue.server.clock import MarketClock
from runner.venue.server.hub import Hub
from runner.venue.server.private import Private
from runner.venue.server.score import Instant
from runner.venue.server.settings import Settings
from runner.venue.server.stage import Stage
from runner.venue.server.trades import Trade
from runner.venue.server.words import book_data, ticker_data, trade_row, type_of

__all__ = ["Conductor", "trades_data"]

PRIVATE_SECONDS = 0.05
"""Longest wait for frames of the account to leave before the market data that caused them do."""
BREATH = 64
"""Instants told by the clock without a pause after which others get a turn."""


class Conductor:
    """Plays one tape once."""

    def __init__(
        self, stage: Stage, broker: Broker, hub: Hub, private: Private, clock: MarketClock, settings: Settings
    ) -> None:
        """Take the parts."""
        self.instants = 0
        """Told so far."""
        self._stage = stage
        self._broker = broker
        self._hub = hub
        self._private = private
        self._steps = hub.steps
        self._clock = clock
        self._settings = settings
        self._go = asyncio.Event()
        if not settings.is_held:
            self._go.set()

    def go(self) -> None:
        """Let a held market begin."""
        self._go.set()

    async def run(self, from_ms: int, on_played: Callable[[], None]) -> None:
        """Play everything after a time."""
        self._stage.begin(from_ms)
        for code, symbol in enumerate(self._stage.score.symbols):
            self._broker.begin(symbol, code, self._stage.last(code), None if self._stage.derives else self._stage.book(code))
        await self._go.wait()
        if self._settings.pace == "lockstep":
            await self._in_step(from_ms)
        else:
            await self._by_clock(from_ms, float(self._settings.pace))
        self._broker.finish()
        self._clock.run(1.0, None)
        self._steps.end()
        on_played()

    async def _in_step(self, from_ms: int) -> None:
        self._steps.begin()
        for instant in self._stage.score.instants(from_ms):
            await self._steps.all_ready(self._settings.patience)
            await self._play(instant)
        await self._steps.all_ready(self._settings.patience)

    async def _by_clock(self, from_ms: int, speed: float) -> None:
        loop = asyncio.get_running_loop()
        began, late = loop.time(), 0
        for instant in self._stage.score.instants(from_ms):
            self._clock.run(speed, instant.at_ms)
            wait = began + (instant.at_ms - from_ms) / 1_000 / speed - loop.time()
            late = late + 1 if wait <= 0 else 0
            if wait > 0 or late % BREATH == 0:
                await asyncio.sleep(max(wait, 0))
            await self._play(instant)
        await asyncio.gather(*(client.outbox.emptied() for client in self._hub.clients))

    async def _play(self, instant: Instant) -> None:
        self._clock.stand(instant.at_ms)
        books, trades = self._stage.take(instant)
        symbols = self._stage.score.symbols
        if not self._stage.derives:
            for code, book in books:
                self._broker.on_book(symbols[code], code, book)
        for code, told in trades:
            for trade in told:
                self._broker.on_trade(symbols[code], code, trade)
        await self._private.emptied(PRIVATE_SECONDS)
        for code, book in books:
            self._tell_book(symbols[code], book)
        for code, told in trades:
            self._tell_trades(symbols[code], code, told)
        self._steps.told()
        self.instants += 1

    def _tell_book(self, symbol: str, book: Book) -> None:
        for client in self._hub.listening("depth", symbol):
            client.tell("depth", book_data(symbol, book, client.dialect))

    def _tell_trades(self, symbol: str, code: int, trades: list[Trade]) -> None:
        listening = self._hub.listening("trade", symbol)
        if listening:
            data = trades_data(symbol, trades)
            for client in listening:
                client.tell("trade", data)
        listening = self._hub.listening("ticker", symbol)
        if listening:
            data = ticker_data(symbol, trades[-1], self._stage.day(code), self._stage.book(code))
            for client in listening:
                client.tell("ticker", data)


def trades_data(symbol: str, trades: list[Trade]) -> dict[str, Any]:
    """Return several trades of one symbol as one message holds them."""
    return {"symbol": symbol, "type": type_of(symbol), "trades": [trade_row(trade) for trade in trades]}

"""The embedded venue in one event loop: an aiohttp server on loopback that plays tapes and takes orders.

server = Server(tapes, settings)     reads the tapes; raises DataError
await server.start()                 listens on 127.0.0.1 and begins to play
await server.stop()                  stops, every connection closed
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from runner.errors import Fault, RunError
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.market.tickdb.secret import Secret
from runner.venue.server.broker import Broker, Clocks
from runner.venue.server.clock import MarketClock
from runner.venue.server.conductor import Conductor
from runner.venue.server.door import door
from runner.venue.server.edge import Machine, new_key
from runner.venue.server.fault_plan import Chances
from runner.venue.server.hub import Hub
from runner.venue.server.market_rest import ROUTES as MARKET_ROUTES
from runner.venue.server.market_socket import article_socket, market_socket
from runner.venue.server.parts import Parts
from runner.venue.server.private import Private
from runner.venue.server.private_socket import private_socket
from runner.venue.server.score import Score
from runner.venue.server.settings import Settings, rules_of
from runner.venue.server.stage import Stage
from runner.venue.server.steps import Steps
from runner.venue.server.trading_rest import ROUTES as TRADING_ROUTES
from runner.venue.world import World

__all__ = ["HOST", "Server"]

HOST = "127.0.0.1"
LARGEST_BODY = 64 * 1024
SHUTDOWN_SECONDS = 1.0


class Server:
    """One venue."""

    def __init__(self, tapes: Mapping[Stream, Tape], settings: Settings, key: Secret | None = None) -> None:
        """Read the tapes; raises DataError if they can't be played. Without a key one is drawn."""
        self.settings = settings
        self.key = new_key() if key is None else key
        self.port = settings.port
        """The port that is listened on, once the server has started."""
        self.score = Score.of(tapes)
        first = self.score.span_ms[0] - 1
        self.from_ms = first if settings.from_ms is None else max(settings.from_ms, first)
        self.machine = Machine()
        self.clock = MarketClock(self.machine, self.from_ms)
        self.on_played: Callable[[], None] = _nothing
        self._parts: Parts | None = None
        self._runner: web.AppRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._problem: BaseException | None = None

    async def start(self) -> None:
        """Listen and begin to play; raises RunError if the port is taken."""
        parts = self._parts = self._joined()
        app = web.Application(middlewares=[door], client_max_size=LARGEST_BODY)
        app[Parts.KEY] = parts
        app.add_routes([*MARKET_ROUTES, *TRADING_ROUTES])
        app.router.add_get("/v1/realtime", market_socket)
        app.router.add_get("/v1/market/stream", article_socket)
        app.router.add_get("/v1/trade/stream", private_socket)
        # No line per request, and none about bytes that are no request: the key of a socket stands in its address.
        self._runner = web.AppRunner(
            app, access_log=None, logger=_silent_logger(), handle_signals=False, shutdown_timeout=SHUTDOWN_SECONDS
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.settings.port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            must = "must be a free port of this machine"
            raise RunError(Fault("--port", must, str(self.settings.port), "Leave it out to take a free one.")) from error
        self.port = int(self._runner.addresses[0][1])
        self._tasks = [
            asyncio.create_task(parts.conductor.run(self.from_ms, self._played), name="conductor"),
            asyncio.create_task(parts.private.beat(), name="heartbeats"),
        ]
        self._tasks[0].add_done_callback(self._ended)

    async def stop(self) -> None:
        """Stop playing, close every connection and let go of the port; raises what broke the playing, if anything did."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._parts is not None:
            outboxes = [client.outbox for client in self._parts.hub.clients]
            outboxes += [client.outbox for client in self._parts.private.clients]
            for outbox in outboxes:
                outbox.break_off()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._problem is not None:
            raise self._problem

    def go(self) -> None:
        """Let a held market begin."""
        self.parts.conductor.go()

    @property
    def parts(self) -> Parts:
        """The parts, once it has started."""
        if self._parts is None:
            raise RuntimeError("the venue has not started")
        return self._parts

    def truth(self) -> dict[str, Any]:
        """Return everything that happened, as the venue counts it."""
        parts = self.parts
        return parts.broker.account.truth() | {
            "market_ns": self.clock.utc_ns(),
            "is_over": parts.is_over,
            "instants": parts.conductor.instants,
            "faults": dict(sorted(parts.chances.struck.items())),
            "dropped_connections": parts.hub.dropped + parts.private.dropped,
            "listeners_too_late": parts.steps.unheard,
        }

    def _joined(self) -> Parts:
        settings, clock = self.settings, self.clock
        rules = rules_of(self.score, settings)
        chances = Chances(settings.faults, clock.now_ms)
        clocks = Clocks(clock.utc_ns, self.machine.utc_ns)
        stage = Stage(self.score, rules, settings)
        steps = Steps()
        hub, private = Hub(steps), Private(steps)
        broker = Broker(rules, self.score.with_books, settings, clocks, chances)
        broker.tell = private.tell
        world = World(settings.seed)
        return Parts(
            settings=settings,
            key=self.key,
            machine=self.machine,
            clock=clock,
            clocks=clocks,
            chances=chances,
            stage=stage,
            broker=broker,
            steps=steps,
            hub=hub,
            private=private,
            conductor=Conductor(stage, broker, hub, private, clock, settings),
            data_latency=_latency(settings.data_latency, settings.jitter, world.chance("data").random),
            order_latency=_latency(settings.order_latency, settings.jitter, world.chance("orders").random),
        )

    def _played(self) -> None:
        self.parts.is_over = True
        self.on_played()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            # Nobody waits for what can't come any more; `stop` says why.
            self._problem = task.exception()
            self.on_played()


def _latency(seconds: float, jitter: float, draw: Callable[[], float]) -> Callable[[], float]:
    if not seconds and not jitter:
        return lambda: 0.0
    return lambda: seconds + jitter * draw()


def _silent_logger() -> logging.Logger:
    """Return what the library writes into; bugs of ours are told by `door`, without addresses and bodies."""
    logger = logging.getLogger(f"{__name__}.library")
    logger.setLevel(logging.CRITICAL + 1)
    return logger


def _nothing() -> None:
    """Tell nobody yet."""

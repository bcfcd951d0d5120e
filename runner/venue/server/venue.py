"""The embedded venue as a session starts it: a thread with an event loop of its own.

    with Venue(tapes, Settings(...)) as venue:
        venue.rest_url, venue.market_url, venue.private_url, venue.key, venue.clock

Why a thread: a busy session must not slow the venue's answers, nor the venue the session's. Everything public here may be
used from any thread.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.market.tickdb.secret import Secret
from runner.venue.server.clock import MarketClock
from runner.venue.server.server import HOST, Server
from runner.venue.server.settings import Settings

__all__ = ["Venue"]


class Venue:
    """One venue, from `start` to `stop`, or for the length of a `with` or `async with`."""

    def __init__(self, tapes: Mapping[Stream, Tape], settings: Settings | None = None, *, key: Secret | None = None) -> None:
        """Read the tapes; raises DataError if they can't be played. Without a key one is drawn."""
        self._server = Server(tapes, settings or Settings(), key)
        self.played = threading.Event()
        """Set when the tape is over and everyone has heard it, or when playing broke."""
        self._server.on_played = self.played.set
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._problem: BaseException | None = None
        self._truth: dict[str, Any] | None = None
        self._thread = threading.Thread(target=self._live, name="embedded venue", daemon=True)

    def start(self) -> Self:
        """Listen and begin to play; raises RunError."""
        self._thread.start()
        self._started.wait()
        if self._problem is not None:
            self._thread.join()
            raise self._problem
        return self

    def stop(self) -> None:
        """Stop and close everything; raises what broke the playing, if anything did. A second time does nothing."""
        loop, stopping = self._loop, self._stopping
        if loop is not None and stopping is not None and self._thread.is_alive():
            loop.call_soon_threadsafe(stopping.set)
        if self._thread.ident is not None:
            self._thread.join()
        problem, self._problem = self._problem, None
        if problem is not None:
            raise problem

    def go(self) -> None:
        """Let a held market begin."""
        self._ask(self._server.go)

    def truth(self) -> dict[str, Any]:
        """Return orders, fills, positions and cash as the venue counts them, and what went wrong how often."""
        if self._truth is not None:
            return self._truth
        found: dict[str, Any] = self._ask(self._server.truth)
        return found

    async def until_played(self) -> None:
        """Return when the tape is over and everyone has heard it."""
        await asyncio.to_thread(self.played.wait)

    @property
    def has_started(self) -> bool:
        """Whether it listened: from then on there is a truth, also after the end."""
        return self._loop is not None and self._problem is None

    @property
    def key(self) -> Secret:
        """The key that every request must carry: drawn anew for each venue."""
        return self._server.key

    @property
    def clock(self) -> MarketClock:
        """The market's time, for whoever lives in this process."""
        return self._server.clock

    @property
    def rest_url(self) -> str:
        """Address of REST, market data and trading."""
        return f"http://{HOST}:{self._server.port}"

    @property
    def market_url(self) -> str:
        """Address of the market data socket, documented dialect; the key is to be added as `?api_key=` or in a header."""
        return f"ws://{HOST}:{self._server.port}/v1/realtime"

    @property
    def article_url(self) -> str:
        """Address of the market data socket, the article's dialect; key and symbol are to be added."""
        return f"ws://{HOST}:{self._server.port}/v1/market/stream"

    @property
    def private_url(self) -> str:
        """Address of the private stream."""
        return f"ws://{HOST}:{self._server.port}/v1/trade/stream"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)

    def _live(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as problem:  # noqa: BLE001 - it is raised again in the thread that asks
            self._problem = problem
        finally:
            self._started.set()
            self.played.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        await self._server.start()
        self._started.set()
        try:
            await self._stopping.wait()
        finally:
            self._truth = self._server.truth()
            await self._server.stop()

    def _ask(self, question: Callable[[], Any]) -> Any:
        """Ask in the venue's own thread."""
        if self._loop is None or not self._thread.is_alive():
            raise RuntimeError("the venue is not running")

        async def answer() -> Any:
            return question()

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result()

"""One connection's life: opened, subscribed, listened to, watched, ended.

Four things go on at once, each on its own:

1. `_read` hands every message to the machine, and looks only at what is said of the connection.
2. `_subscribe` asks for everything, a batch at a time and at the venue's pace (`subscription`); a batch that was asked for
   `TRIES` times in vain wears the connection out.
3. `_ping` asks for the venue's time.
4. `_watch` looks by the clock: at pings without an answer, at data that don't come, at the connection's age.

Whatever ends it becomes an ending that `verdict` judges; this file draws no conclusions.

A market that says nothing isn't a broken one: a connection without data is replaced only after several times the silence
that makes data stale, and twice as long each time it was in vain.

An eager connection begins to ping when everything has been subscribed to: a venue that goes in step begins to play then.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from runner.live.feed.dialect import Dialect
from runner.live.feed.inputs import CLOSED, OPENED
from runner.live.feed.messages import Acked, Channel, Farewell, Message, Reached, Refused, Spent
from runner.live.feed.patience import HEALTHY_NS, Pace
from runner.live.feed.subscription import Subscriptions
from runner.live.feed.verdict import Ending, Worn, verdict
from runner.live.ports import Clock, NoAnswer, Socket, Sockets, StreamClosed, StreamRefused

__all__ = ["Connection", "Ended", "Hub", "Shard"]

SECOND = 1_000_000_000
TRIES = 3
ACK_NS = 5 * SECOND
"""How long an answer to a subscription is waited for."""
AGAIN_NS = SECOND
"""How often is looked by the clock, and after which an eager ping without an answer is followed by another."""
CALM_NS = 10_000_000
"""Between eager pings when they bring nothing but the time."""
MOST_EMPTY = 100
"""Pongs in a row without data after which eager pings are calmed."""


class Shard(NamedTuple):
    """What one connection carries."""

    symbols: tuple[int, ...]
    channels: tuple[Channel, ...]


class Ended(NamedTuple):
    """How a connection ended."""

    ending: Ending
    is_healthy: bool
    """Whether data came for long enough."""
    had_data: bool


class Hub(Protocol):
    """What a connection hands to, and is told by."""

    is_eager: bool
    """Whether the next ping follows as soon as what the last one brought has been dealt with."""

    def deal(self, kind: str, connection: int, body: bytes) -> list[Message]:
        """Record an input, let it be dealt with, and return what it said of the connection."""

    def deal_texts(self, connection: int, texts: Sequence[bytes]) -> list[tuple[int, Message]]:
        """Record messages that were there at once, let them be dealt with, and return what they said of the connection.

        With each goes the place of the message that said it.
        """

    def heard(self) -> Sequence[int | None]:
        """Return per symbol the market time at which data last came."""

    def are_silent(self, symbols: Sequence[int], failures: int, since: int) -> bool:
        """Tell whether all of some symbols have said nothing for so long that another connection is worth a try.

        Args:
            symbols: those that the connection carries.
            failures: how many connections in a row brought no data.
            since: market time at which this one was opened.
        """

    async def dealt(self) -> None:
        """Return when everything that came has been taken and decided on."""


class _Over(Exception):  # noqa: N818 - it is a way out, not an error
    def __init__(self, ending: Ending) -> None:
        self.ending = ending
        super().__init__()


class Connection:
    """One connection."""

    def __init__(self, number: int, shard: Shard, dialect: Dialect, clock: Clock, hub: Hub, failures: int) -> None:
        """Prepare; `number` is counted from 1 over the session, `failures` how many before it led to nothing."""
        self.number = number
        self.shard = shard
        self.state = "opening"
        self.since = clock.mono_ns()
        """When it was made, or opened, on the machine's clock."""
        self.pong_at: int | None = None
        """When the last pong came, on the machine's clock."""
        self._dialect = dialect
        self._manners = dialect.manners
        self._clock = clock
        self._hub = hub
        self._failures = failures
        self._pace = Pace(dialect.manners, clock)
        self._subscriptions = Subscriptions(shard.channels, shard.symbols, dialect.manners.symbols_per_message)
        self._answered = asyncio.Event()
        self._ponged = asyncio.Event()
        self._through = asyncio.Event()
        self._pinged_at: int | None = None
        self._worn: str | None = None
        self._opened_at = 0
        self._texts = 0
        self._texts_at_pong = 0
        self._empty = 0
        self._latest_data = 0
        self._data_since: int | None = None
        self._data_at: int | None = None

    async def live(self, sockets: Sockets) -> Ended:
        """Open, and return when it has ended."""
        try:
            socket = await sockets.open(self._dialect.path(self.shard.symbols))
        except (NoAnswer, StreamRefused) as error:
            return Ended(error, is_healthy=False, had_data=False)
        self.state, self.since, self._opened_at = "subscribing", self._clock.mono_ns(), self._clock.utc_ns()
        ending: Ending = Worn("the feed was closed", is_planned=True)
        self._latest_data = self._latest_heard()
        self._hub.deal(OPENED, self.number, json.dumps(self.shard.symbols).encode())
        try:
            ending = await self._until_over(socket)
        finally:
            self.state = "closed"
            await socket.close()
            self._hub.deal(CLOSED, self.number, verdict(ending, self._dialect).words.encode())
        since, until = self._data_since, self._data_at
        is_healthy = since is not None and until is not None and until - since >= HEALTHY_NS
        return Ended(ending, is_healthy, had_data=since is not None)

    def wear_out(self, reason: str) -> None:
        """Know that the connection is of no more use; it ends within a second."""
        self._worn = reason

    async def _until_over(self, socket: Socket) -> Ending:
        over: Ending | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(socket), name=f"feed {self.number} reads")
                group.create_task(self._subscribe(socket), name=f"feed {self.number} subscribes")
                group.create_task(self._watch(socket), name=f"feed {self.number} watches")
                if self._manners.heartbeat_ns is not None:
                    group.create_task(self._ping(socket), name=f"feed {self.number} pings")
        except* _Over as found:
            over = _first(found).ending
        except* StreamClosed as closed:
            over = over or StreamClosed(code=_code(closed))
        assert over is not None  # noqa: S101 - none of the four returns before it is over
        return over

    # --- 1 ------------------------------------------------------------------------------------------------------------

    async def _read(self, socket: Socket) -> None:
        deal, number, receive, at_hand = self._hub.deal_texts, self.number, socket.receive, socket.at_hand
        while True:
            text = await receive()
            texts = [text, *at_hand()]
            before = self._texts
            for place, said in deal(number, texts):
                self._texts = before + place + 1
                self._hear(said)
            self._texts = before + len(texts)

    def _hear(self, said: Message) -> None:
        match said:
            case Reached():
                self.pong_at, self._pinged_at = self._clock.mono_ns(), None
                self._empty = self._empty + 1 if self._texts == self._texts_at_pong + 1 else 0
                self._texts_at_pong = self._texts
                self._ponged.set()
            case Acked():
                if said.refused or (said.code and not said.symbols and not self._dialect.passes(said.code)):
                    raise _Over(said)
                if not said.code or said.symbols:
                    self._subscriptions.confirm(said)
                    self._answered.set()
            case Refused():
                found = verdict(said, self._dialect)
                if found.is_final:
                    raise _Over(said)
            case Farewell():
                raise _Over(said)
            case Spent(reason=reason):
                raise _Over(Worn(reason))

    # --- 2 ------------------------------------------------------------------------------------------------------------

    async def _subscribe(self, socket: Socket) -> None:
        wanted = self._subscriptions
        while not wanted.are_through:
            await self._pace.turn()
            batch = wanted.ask(self._clock.utc_ns())
            if batch.tries > TRIES:
                raise _Over(Worn("a subscription wasn't acknowledged"))
            self._answered.clear()
            await socket.send(self._dialect.subscribe(batch.channel, batch.symbols, batch.number))
            if not await self._within(self._answered, ACK_NS):
                wanted.give_up(self._hub.heard())
        self.state = "live"
        self._through.set()

    async def _within(self, event: asyncio.Event, duration_ns: int) -> bool:
        """Wait for an event, so long at most by the clock; tell whether it came."""
        waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._clock.sleep(duration_ns))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return event.is_set()

    # --- 3 ------------------------------------------------------------------------------------------------------------

    async def _ping(self, socket: Socket) -> None:
        if self._hub.is_eager:
            await self._through.wait()
        while True:
            self._ponged.clear()
            if self._pinged_at is None:
                self._pinged_at = self._clock.mono_ns()
            await socket.send(self._dialect.ping())
            if not self._hub.is_eager:
                await self._clock.sleep(self._manners.heartbeat_ns or SECOND)
                continue
            await self._ponged.wait()
            await self._hub.dealt()
            if self._empty > MOST_EMPTY:
                await self._clock.sleep(CALM_NS)

    # --- 4 ------------------------------------------------------------------------------------------------------------

    async def _watch(self, socket: Socket) -> None:
        manners = self._manners
        while True:
            await self._clock.sleep(AGAIN_NS)
            now = self._clock.mono_ns()
            self._look_for_data(now)
            if self._worn is not None:
                raise _Over(Worn(self._worn))
            if self._pinged_at is not None and now - self._pinged_at >= manners.pong_ns:
                raise _Over(Worn("a ping wasn't answered"))
            if self._hub.is_eager and self._pinged_at is not None and now - self._pinged_at >= AGAIN_NS:
                # The pong may be lost, and a venue that goes in step waits for another ping.
                await socket.send(self._dialect.ping())
            if manners.life_ns is not None and now - self.since >= manners.life_ns:
                raise _Over(Worn("the connection is as old as it may get", is_planned=True))
            if self.state == "live" and self._hub.are_silent(self.shard.symbols, self._failures, self._opened_at):
                raise _Over(Worn("no data came"))

    def _look_for_data(self, now: int) -> None:
        latest = self._latest_heard()
        if latest != self._latest_data:
            self._latest_data, self._data_at = latest, now
            self._data_since = now if self._data_since is None else self._data_since

    def _latest_heard(self) -> int:
        """Return market time at which data of any of the symbols last came, by whatever connection; 0: never."""
        heard = self._hub.heard()
        return max(heard[symbol] or 0 for symbol in self.shard.symbols)


def _first(group: BaseExceptionGroup[_Over]) -> _Over:
    found = group.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found


def _code(group: BaseExceptionGroup[StreamClosed]) -> int:
    found = group.exceptions[0]
    return _code(found) if isinstance(found, BaseExceptionGroup) else found.code

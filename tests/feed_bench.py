"""A feed on the bench: real parts, virtual time, and a venue that says exactly what the test says.

`BenchVenue` speaks TickDB's dialect over sockets in memory. It acknowledges subscriptions and answers pings with the market's
time unless told otherwise; data it sends only when the test does (`tell`), or a script that the test schedules (`at`).
"""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field

from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feed.doors import Doors
from runner.live.feed.feed import Feed
from runner.live.feed.inputs import CLOSED, HEARD, OPENED, TICK, Input, unpacked
from runner.live.feed.machine import Machine
from runner.live.feed.plan import Plan
from runner.live.feed.recording import Recording, head
from runner.live.ports import StreamClosed
from runner.spec.timezone import Timezone
from runner.venue.loop import SimLoop
from runner.venue.world import World

MS = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
EPOCH = 1_710_000_000 * SECOND // MINUTE * MINUTE
"""What the market's clock shows when the world begins: a whole minute of a Saturday."""
BOOTED = 1_000 * SECOND

CRYPTO = Timezone(zone="UTC", stamp="open", interval="1min", calendar="24-7")
EVENTS = Timezone(zone="UTC", stamp="event", calendar="24-7")
PAIR = ("BTCUSDT", "ETHUSDT")


def plan(**changes):
    """Return a plan of one-minute bars of two symbols, decided as soon as the venue's time says so."""
    return Plan(**({"symbols": PAIR, "bars": CRYPTO, "lateness_ns": 0} | changes))


def books(**changes):
    """Return a plan of books of two levels."""
    return plan(**({"streams": ("depth",), "levels": 2, "bars": None, "events": EVENTS} | changes))


def trade(symbol, ts, price, size=1.0, **more):
    """Return a message of one trade, at nanoseconds since the world began; `more` replaces its fields."""
    deal = {"id": "0", "price": str(price), "quantity": str(size), "side": "buy", "timestamp": (EPOCH + ts) // MS} | more
    return {"cmd": "trade", "data": {"symbol": symbol, "trades": [deal]}}


def book(symbol, ts, bids=(("9", "1"), ("8", "1")), asks=(("11", "2"), ("12", "2")), **more):
    """Return a message of one book."""
    data = {"symbol": symbol, "bids": bids, "asks": asks, "timestamp": (EPOCH + ts) // MS} | more
    return {"cmd": "depth", "data": data}


def pong(ts):
    """Return the answer to a ping."""
    return {"cmd": "pong", "code": 0, "message": "pong", "data": {"timestamp": (EPOCH + ts) // MS}}


def text(message):
    """Return a message as it travels; bytes travel as they are."""
    return message if isinstance(message, bytes) else json.dumps(message, separators=(",", ":")).encode()


def fed(messages, plan, dialect=None, *, now=None, opened=0):
    """Feed a machine messages on one connection, without any clock but their own; return the instants and the machine."""
    machine = Machine(plan, dialect or TickDb(plan.symbols))
    everything = json.dumps(list(range(len(plan.symbols)))).encode()
    inputs = [Input(OPENED, 1, 0, EPOCH + opened, everything)]
    channels = [{"cmd": "subscribe", "code": 0}]
    inputs += [Input(HEARD, 1, 0, EPOCH + opened, text(each)) for each in [*channels, pong(opened)]]
    inputs += [Input(HEARD, 1, 0, EPOCH + (opened if now is None else now), text(each)) for each in messages]
    return [instant for each in inputs for instant in machine.take(each)], machine


def ticks(machine, ts, mono=0):
    """Let time pass."""
    return list(machine.take(Input(TICK, 0, mono, EPOCH + ts)))


def cut(machine, ts):
    """Lose the connection."""
    return list(machine.take(Input(CLOSED, 1, 0, EPOCH + ts)))


class BenchClock:
    """The world's time."""

    def __init__(self, world, speed=1):
        self._world = world
        self._speed = speed

    def utc_ns(self):
        return EPOCH + self._world.now * self._speed

    def mono_ns(self):
        return BOOTED + self._world.now

    async def sleep(self, duration_ns):
        await asyncio.sleep(max(duration_ns, 0) / SECOND)


class BenchChance:
    """Chance of the world's seed."""

    def __init__(self, world):
        self._source = world.chance("jitter")

    def below(self, bound):
        return self._source.randrange(bound)


class BenchAlarm:
    """Remembers what rang."""

    def __init__(self):
        self.rang = []

    def ring(self, code, detail):
        self.rang.append((code, detail))

    def codes(self):
        return {code for code, _ in self.rang}


class BenchRecorder:
    """A recording in memory."""

    def __init__(self, plan):
        self.head = head(plan, 1)
        self.kept = []
        self.waiting = []
        self.is_closed = False

    def put(self, record):
        self.waiting.append(record)

    def flush(self):
        self.kept += self.waiting
        self.waiting = []

    def close(self):
        self.flush()
        self.is_closed = True

    def file(self):
        return self.head + b"".join(self.kept)

    def recording(self):
        (found,) = Recording.read([self.file()])
        return found

    def inputs(self, kind):
        return [each for each in unpacked(b"".join(self.kept)) if each.kind == kind]


class BenchSocket:
    """One connection in memory."""

    def __init__(self, venue, path):
        self.path = path
        self.sent = []
        self.is_open = True
        self._venue = venue
        self._waiting = deque()
        self._arrived = asyncio.Event()

    async def send(self, text):
        if not self.is_open:
            raise StreamClosed
        self.sent.append((self._venue.now, text))
        self._venue.heard(self, json.loads(text))

    async def receive(self):
        while not self._waiting:
            if not self.is_open:
                raise StreamClosed(code=self.code)
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()

    def at_hand(self):
        found = list(self._waiting)
        self._waiting.clear()
        return found

    async def close(self):
        self.end(1000)

    def put(self, message):
        if self.is_open:
            self._waiting.append(text(message))
            self._arrived.set()

    def end(self, code=1006):
        if self.is_open:
            self.is_open, self.code = False, code
            self._arrived.set()

    code = 1006


@dataclass
class BenchVenue:
    """Says what the test says."""

    world: World
    sockets: list = field(default_factory=list)
    refusals: deque = field(default_factory=deque)
    """What the next openings raise; None lets one through."""
    always: Exception | None = None
    """What every opening raises once `refusals` are used up."""
    opened_at: list = field(default_factory=list)
    """When openings were tried, nanoseconds since the world began."""
    acks: deque = field(default_factory=deque)
    """Answers to the next subscriptions: a message, or None for none."""
    pongs: bool = True
    on_open: object = None
    """Called with each socket that opens."""
    lag: int = MS

    @property
    def now(self):
        return self.world.now

    @property
    def live(self):
        return [socket for socket in self.sockets if socket.is_open]

    async def open(self, path=""):
        self.opened_at.append(self.now)
        await asyncio.sleep(self.lag / SECOND)
        refusal = self.refusals.popleft() if self.refusals else self.always
        if refusal is not None:
            raise refusal
        socket = BenchSocket(self, path)
        self.sockets.append(socket)
        if self.on_open is not None:
            self.on_open(socket)
        return socket

    def heard(self, socket, said):
        if said.get("cmd") == "ping":
            if self.pongs:
                self.world.after(self.lag, lambda: socket.put(pong(self.now)))
        elif said.get("cmd") == "subscribe":
            answer = self.acks.popleft() if self.acks else {"cmd": "subscribe", "code": 0, "data": said["data"]}
            if answer is not None:
                self.world.after(self.lag, lambda: socket.put(answer))

    def tell(self, *messages):
        """Send messages on every open connection."""
        for socket in self.live:
            for message in messages:
                socket.put(message)

    def at(self, ts, *messages):
        """Send messages at a time."""
        self.world.at(ts, lambda: self.tell(*messages))


class Bench:
    """A world, a venue and a feed."""

    def __init__(self, plan, *, dialect=None, seed=1, history=None, books=None, recorder=None, speed=1, **venue):
        self.world = World(seed)
        self.plan = plan
        self.venue = BenchVenue(self.world, **venue)
        self.alarm = BenchAlarm()
        self.recorder = recorder or BenchRecorder(plan)
        self.clock = BenchClock(self.world, speed)
        self.dialect = dialect or TickDb(plan.symbols)
        self.doors = Doors(
            self.venue, self.clock, BenchChance(self.world), self.alarm, self.recorder, history=history, books=books
        )
        self.instants = []
        self.feed = None
        self.failure = None

    def run(self, seconds, during=None, *, consume=True):
        """Run a feed for so long; `during(feed)` is called when it is open, and its instants are kept."""
        loop = SimLoop(self.world, in_order=True, step_cost=0)
        try:
            loop.run_process(self._run(seconds, during, consume))
        finally:
            loop.close()
        assert loop.unobserved == []
        return self.instants

    async def _run(self, seconds, during, consume):
        async with Feed(self.plan, self.dialect, self.doors) as feed:
            self.feed = feed
            taking = asyncio.create_task(self._take(feed)) if consume else None
            if during is not None:
                await during(feed)
            await asyncio.sleep(seconds)
            if taking is not None:
                taking.cancel()
                await asyncio.gather(taking, return_exceptions=True)

    async def _take(self, feed):
        try:
            async for instant in feed:
                self.instants.append(instant)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            self.failure = error

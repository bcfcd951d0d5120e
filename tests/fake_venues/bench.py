"""A session against a fake venue in virtual time: real contract, real signatures, real private stream, and faults on the way."""

import asyncio
from collections import defaultdict, deque
from dataclasses import replace

from runner.live.edge.doors import _introduction, _secrets, _signer
from runner.live.gate import Wanted
from runner.live.limits import Limits
from runner.live.model import BUY, Quote, SessionState
from runner.live.ports import NoAnswer, Ports, Response, StreamClosed, StreamRefused
from runner.live.private_stream import PrivateStream
from runner.live.session import Session
from runner.live.setup import Setup
from runner.venue.loop import SimLoop
from runner.venue.world import World
from tests.fake_venues.all_venues import VENUES
from tests.fake_venues.speaking import broker_of, instruments_of
from tests.fake_venues.wire import asked
from tests.live_bench import EPOCH, FREE, MS, SECOND, Bells, BenchClock, MemoryDisk, NoChance, Quiet, Switch


class Way:
    """The REST port: what leaves arrives signed and encoded, unless the test has other plans for it."""

    def __init__(self, world, venue, signer):
        self.world = world
        self.venue = venue
        self.signer = signer
        self.plans = defaultdict(deque)
        self.sent = []

    def plan(self, action, *plans):
        """Say what becomes of the next requests of an action.

        "drop" loses it, "mute" its answer, "before" and "after" answer with an error, "twice" brings it twice, ("late", ns)
        brings it so much later, a reply stands in for the venue's.
        """
        self.plans[action].extend(plans)

    async def send(self, request, *, timeout_ns):
        self.sent.append(request)
        plans = self.plans[request.action]
        plan = plans.popleft() if plans else None
        signed = self.signer.sign(request)
        answer = asyncio.get_running_loop().create_future()

        def arrive():
            told = self._answered(request.method, signed, plan)
            if told is not None and not answer.done():
                self.world.after(10 * MS, lambda: answer.done() or answer.set_result(told))

        if plan != "drop":
            self.world.after(plan[1] if isinstance(plan, tuple) else 10 * MS, arrive)
        done, _ = await asyncio.wait((answer,), timeout=timeout_ns / SECOND)
        if not done:
            raise NoAnswer
        return answer.result()

    def _answered(self, method, signed, plan):
        if plan == "before":
            return Response(503, b"<html>upstream</html>")
        told = self.venue.answer(asked(method, signed.target, signed.headers, signed.body))
        if plan == "twice":
            told = self.venue.answer(asked(method, signed.target, signed.headers, signed.body))
        if plan == "mute":
            return None
        return Response(502, b"") if plan == "after" else Response(told.status, told.body, told.headers)


class Line:
    """One socket: what the venue says arrives a little later, unless the line is deaf."""

    def __init__(self, lines):
        self.lines = lines
        self.frames = deque()
        self.arrived = asyncio.Event()
        self.is_open = True

    async def send(self, text):
        if not self.is_open:
            raise StreamClosed
        self.hear(*self.lines.venue.greet(text))

    async def receive(self):
        while not self.frames:
            if not self.is_open:
                raise StreamClosed
            self.arrived.clear()
            await self.arrived.wait()
        return self.frames.popleft()

    def at_hand(self):
        found = list(self.frames)
        self.frames.clear()
        return found

    async def close(self):
        self.is_open = False
        self.arrived.set()

    def hear(self, *frames):
        for frame in frames:
            self.lines.world.after(10 * MS, lambda frame=frame: self._heard(frame))

    def _heard(self, frame):
        if self.is_open:
            self.frames.append(frame)
            self.arrived.set()


class Lines:
    """Opens sockets that have introduced themselves."""

    def __init__(self, world, venue, introduce):
        self.world = world
        self.venue = venue
        self.introduce = introduce
        self.opened = []
        self.deaf = False
        """Whether what happens isn't told."""
        venue.account.told.append(self._tell)

    async def open(self, path=""):  # noqa: ARG002 - the port's signature
        introduction = self.introduce()
        headers = [(name, secret.reveal()) for name, secret in introduction.headers]
        await asyncio.sleep(0.02)
        status = self.venue.opened(headers)
        if status != 200:
            raise StreamRefused(status)
        line = Line(self)
        self.opened.append(line)
        for message in introduction.messages:
            line.hear(*self.venue.greet(message.reveal()))
        if self.venue.heartbeat:
            self._beat(line)
        return line

    def cut(self):
        """Let the line break."""
        line = self.opened[-1]
        line.is_open = False
        line.arrived.set()

    def _tell(self, what, order, fill):
        if self.opened and self.opened[-1].is_open and not self.deaf:
            self.opened[-1].hear(*self.venue.frames(what, order, fill))

    def _beat(self, line):
        if line.is_open:
            line.hear(self.venue.heartbeat)
            self.world.after(2 * SECOND, lambda: self._beat(line))


class VenueBench:
    """One world with a fake venue; its account and the journal's disk outlive the sessions."""

    def __init__(self, kind, **told):
        self.world = World(1)
        self.clock = BenchClock(self.world)
        self.venue = VENUES[kind](lambda: EPOCH + self.world.now)
        self.account = self.venue.account
        self.broker = broker_of(kind)
        self.instruments = instruments_of(self.venue)
        self.disk = MemoryDisk()
        self.bells = Bells()
        self.switch = Switch()
        self.told = told
        credentials = self.broker.service().credentials
        secrets = _secrets(credentials, self.venue.environment)
        self.way = Way(self.world, self.venue, _signer(credentials.scheme, secrets, self.clock))
        self.lines = Lines(self.world, self.venue, lambda: _introduction(credentials.scheme, secrets, self.clock))
        self.session = None
        self.running = None

    def run(self, scenario):
        """Play a scenario to its end in virtual time."""
        loop = SimLoop(self.world, in_order=True, step_cost=0, dies_at=None)
        try:
            return loop.run_process(self._play(scenario))
        finally:
            loop.close()

    async def _play(self, scenario):
        try:
            return await scenario(self)
        finally:
            await self.die()
            mine = asyncio.current_task()
            left = [task for task in asyncio.all_tasks() if task is not mine]
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    def setup(self, **changed):
        limits: Limits = replace(FREE, symbols=frozenset(self.instruments))
        told = {
            "account": self.broker.fingerprint,
            "run": "run",
            "environment": self.broker.place,
            "config": "config",
            "code": "code",
            "instruments": self.instruments,
            "currency": self.account.quote,
            "profile": self.broker.profile(),
            "limits": limits,
            "versions": {},
            "halt_ns": 60 * SECOND,
        }
        return Setup(**told | self.told | changed)

    def begin(self, **told):
        stream = PrivateStream(self.lines, self.broker.service().manners, self.clock)
        ports = Ports(self.clock, NoChance(), self.way, stream, self.disk, self.bells, self.switch)
        contract = self.broker.contract(self.instruments)
        self.session = Session(ports, self.setup(**told), contract, Quiet())
        self.running = asyncio.create_task(self.session.run(), name="session")

    async def die(self):
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)

    async def live(self, **told):
        self.begin(**told)
        await self.until(lambda: self.state_is(SessionState.LIVE))
        self.quote()

    def quote(self):
        for symbol in self.instruments:
            self.session.on_quote(Quote(symbol, 1_999, 2_001, self.clock.mono_ns()))

    def state_is(self, state):
        return hasattr(self.session, "journal") and self.session.state.session is state

    @property
    def state(self):
        return self.session.state

    def buy(self, lots=10, ticks=2_000, side=BUY, symbol=None):
        coid = self.session.orders.submit(Wanted(symbol or self.venue.symbols[0], side, lots, ticks))
        assert isinstance(coid, str), coid
        return coid

    def order(self, coid):
        return self.state.orders[coid]

    def there(self, coid):
        """Return the venue's orders of an id."""
        return [order for order in self.account.orders if order.coid == coid]

    def fill(self, coid, lots):
        (order,) = self.there(coid)
        self.account.fill(order, lots * self.account.steps[order.symbol][1])

    async def working(self, *lots_and_ticks, **more):
        coid = self.buy(*lots_and_ticks, **more)
        await self.until(lambda: self.order(coid).is_acked)
        return coid

    async def until(self, holds, seconds=200):
        for _ in range(int(seconds * 50)):
            if holds():
                return
            if self.running.done():
                self.running.result()
                break
            await asyncio.sleep(0.02)
        state = self.session.state if hasattr(self.session, "journal") else None
        assert holds(), (state and (state.session, state.killed, state.frozen), self.bells.rung[-5:])

    async def ended(self, seconds=400):
        await asyncio.wait((self.running,), timeout=seconds)
        return self.running.result()

    def limited(self, seconds):
        return self.venue.limited(seconds)

    def differences(self):
        """Return how the session's books differ from the account."""
        found = []
        for symbol, held in self.account.held.items():
            ours = self.state.position(symbol) * self.account.steps[symbol][1]
            if ours != held:
                found.append((symbol, ours, held))
        for asset, amount in self.account.cash.items():
            account = self.state.accounts.get(asset)
            if (account.cash if account else 0) != int(amount * 10**18):
                found.append((asset, account, amount))
        found += [(order.coid, "open there") for order in self.account.orders if order.is_open]
        found += [(coid, "alive here") for coid in self.state.live]
        return found

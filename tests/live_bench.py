"""A session on the bench: real parts, virtual time, and a venue that does exactly what the test says.

Nothing trades by itself here. A test places orders through the session, lets the venue fill, cancel, hide or forget them, and
says what becomes of each request and frame on its way. The worlds in which all of that happens at random are elsewhere.
"""

import asyncio
import json
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from decimal import Decimal

from runner.live.brokers.plain import PlainContract
from runner.live.desk import Replace
from runner.live.gate import Wanted
from runner.live.limits import Limits
from runner.live.model import BUY, Instrument, Quote, SessionState
from runner.live.money import money_of
from runner.live.ports import DiskFailed, NoAnswer, Ports, Response, StreamClosed, StreamRefused
from runner.live.profile import IdScope, Profile
from runner.live.session import Session
from runner.live.setup import Setup
from runner.venue.loop import SimLoop
from runner.venue.world import World

MS = 1_000_000
SECOND = 1_000_000_000
EPOCH = 1_900_000_000 * SECOND
BOOTED = 1_000 * SECOND
"""What the monotonic clock shows when the world begins."""

XYZ = Instrument("XYZ", Decimal("0.01"), Decimal(1), "USD")
ABC = Instrument("ABC", Decimal("0.5"), Decimal("0.25"), "USD")
INSTRUMENTS = {"XYZ": XYZ, "ABC": ABC}

PROFILE = Profile(
    name="bench",
    ids=IdScope.OPEN,
    valid_ns=5 * SECOND,
    visible_ns=2 * SECOND,
    has_replace=True,
    orders_per_window=100,
    requests_per_window=1_000,
    window_ns=10 * SECOND,
)

FREE = Limits(
    symbols=frozenset(INSTRUMENTS),
    order_units=None,
    order_value=None,
    position_units=None,
    position_value=None,
    position_share=None,
    gross_value=None,
    gross_share=None,
    net_value=None,
    net_share=None,
    open_value=None,
    collar=None,
    max_age_ns=3_600 * SECOND,
    held_fresh=False,
    duplicate_ns=None,
    rate_orders=None,
    rate_ns=SECOND,
    rate_per_symbol=False,
    day_orders=None,
    loss_share=None,
    loss_value=None,
    loss_since_close=True,
    loss_halts=False,
    drawdown_share=None,
    rejects=None,
    rejects_ns=60 * SECOND,
    repeats=None,
)
"""No limit at all, but an old quote is still an old quote."""


def setup(**changed):
    """Return what a session on the bench is told."""
    told = {
        "account": "account",
        "run": "run",
        "environment": "paper",
        "config": "config",
        "code": "code",
        "instruments": INSTRUMENTS,
        "currency": "USD",
        "profile": PROFILE,
        "limits": FREE,
        "versions": {},
        "halt_ns": 60 * SECOND,
    }
    return Setup(**told | changed)


class BenchClock:
    def __init__(self, world):
        self.world = world
        self.wall_ahead = 0

    def utc_ns(self):
        return EPOCH + self.world.now + self.wall_ahead

    def mono_ns(self):
        return BOOTED + self.world.now

    async def sleep(self, duration_ns):
        await asyncio.sleep(duration_ns / SECOND)


class NoChance:
    def below(self, bound):
        return bound // 2


class Bells:
    def __init__(self):
        self.rung = []

    def ring(self, code, detail):
        self.rung.append((code, detail))

    def codes(self):
        return [code for code, _ in self.rung]


class Switch:
    def __init__(self):
        self.reason = None
        self.latched = None
        self.beats = 0

    def asked(self):
        return self.reason

    def latch(self, reason):
        self.reason = self.reason or reason
        self.latched = reason

    def beat(self):
        self.beats += 1


class MemoryDisk:
    """Rows in memory; a test may make it slow or make it fail."""

    def __init__(self):
        self.kept = []
        self.headed = {}
        self.delay_ns = 100_000
        self.fails = None
        self.commits = 0
        self.closed = 0

    def head(self):
        return dict(self.headed)

    async def found(self, head):
        if self.fails:
            raise DiskFailed(self.fails)
        self.headed = dict(head)

    def rows(self, after=0):
        return iter([row for row in self.kept if row.seq > after])

    def anchor(self):
        return max((row.seq for row in self.kept if row.kind == "SNAPSHOT"), default=0)

    async def commit(self, rows):
        self.commits += 1
        await asyncio.sleep(self.delay_ns / SECOND)
        if self.fails:
            raise DiskFailed(self.fails)
        self.kept.extend(rows)

    def close(self):
        self.closed += 1

    def kinds(self):
        return [row.kind for row in self.kept]

    def bodies(self, kind):
        return [json.loads(row.body) for row in self.kept if row.kind == kind]


class BenchStream:
    def __init__(self):
        self.frames = deque()
        self.is_open = False
        self.arrived = asyncio.Event()
        self.openings = 0
        self.refuses = None
        self.deaf = False
        """Whether frames are lost on the way."""

    async def connect(self):
        self.openings += 1
        await asyncio.sleep(0.001)
        if self.refuses is not None:
            raise StreamRefused(self.refuses)
        self.is_open = True
        self.frames.clear()

    async def receive(self):
        while True:
            if self.frames:
                return self.frames.popleft()
            if not self.is_open:
                raise StreamClosed
            self.arrived.clear()
            await self.arrived.wait()

    async def close(self):
        self.is_open = False
        self.arrived.set()

    def tell(self, frame, *, always=False):
        if self.is_open and (always or not self.deaf):
            self.frames.append(json.dumps(frame).encode())
            self.arrived.set()


@dataclass
class VenueOrder:
    order_id: str
    client_order_id: str | None
    symbol: str
    side: str
    quantity: int
    price: str
    filled: int = 0
    status: str = "open"
    visible_at: int = 0

    def told(self):
        lot = INSTRUMENTS[self.symbol].lot
        return {
            "order_id": self.order_id,
            "client_order_id": self.client_order_id,
            "symbol": self.symbol,
            "side": self.side,
            "quantity": f"{self.quantity * lot:f}",
            "price": self.price,
            "filled": f"{self.filled * lot:f}",
            "status": self.status,
        }


@dataclass
class BenchVenue:
    """One account. Requests are carried out as the dialect says, unless the test has other plans for them."""

    world: World
    stream: BenchStream
    orders: list = field(default_factory=list)
    fills: list = field(default_factory=list)
    positions: dict = field(default_factory=lambda: defaultdict(int))
    cash: Decimal = Decimal(1_000_000)
    lag_ns: int = 0
    """How long what happens stays hidden from queries."""
    way_ns: int = 10 * MS
    plans: dict = field(default_factory=lambda: defaultdict(deque))
    """Action → what becomes of its next requests, see `_carry_out`."""
    always: dict = field(default_factory=dict)
    """Action → what becomes of all its requests."""
    asked: list = field(default_factory=list)
    """(venue time, request) of everything that left."""
    page: int = 100
    is_unreachable: bool = False

    def utc_ns(self):
        return EPOCH + self.world.now

    def plan(self, action, *plans):
        """Say what becomes of the next requests of an action."""
        self.plans[action].extend(plans)

    def sent(self, action):
        return [request for _, request in self.asked if request.action is action]

    async def send(self, request, *, timeout_ns):
        self.asked.append((self.utc_ns(), request))
        plans = self.plans[request.action]
        plan = plans.popleft() if plans else self.always.get(request.action)
        answer = asyncio.get_running_loop().create_future()
        self._carry_out(request, plan, answer)
        done, _ = await asyncio.wait((answer,), timeout=timeout_ns / SECOND)
        if not done:
            raise NoAnswer("https://venue/?key=secret")
        return answer.result()

    def _carry_out(self, request, plan, answer):
        """Do what is planned: None obeys; "drop" loses the request, "mute" its answer; a response stands in for the venue's;
        ("after", response) obeys and answers that; ("late", ns) arrives so much later."""

        def reply(response):
            def arrive():
                if not answer.done():
                    answer.set_result(response)

            self.world.after(self.way_ns, arrive)

        def obey(then=None):
            response = self.answer(request)
            if plan != "mute":
                reply(then or response)

        if plan == "drop" or self.is_unreachable:
            return
        if isinstance(plan, Response):
            self.world.after(self.way_ns, lambda: reply(plan))
        elif isinstance(plan, tuple) and plan[0] == "after":
            self.world.after(self.way_ns, lambda: obey(plan[1]))
        elif isinstance(plan, tuple) and plan[0] == "late":
            self.world.after(plan[1], obey)
        else:
            self.world.after(self.way_ns, obey)

    def answer(self, request):
        fields = dict(request.fields)
        return getattr(self, f"_{request.action}")(fields)

    def _place(self, fields):
        if "valid_ns" in fields and self.utc_ns() - int(fields["sent_at_ns"]) > int(fields["valid_ns"]):
            return response(400, {"code": "request_expired"})
        return response(200, self.accept(fields).told())

    def accept(self, fields):
        """Take an order into the book."""
        lot = INSTRUMENTS[fields["symbol"]].lot
        order = VenueOrder(
            f"v{len(self.orders) + 1}",
            fields.get("client_order_id"),
            fields["symbol"],
            fields["side"],
            int(Decimal(fields["quantity"]) / lot),
            fields["price"],
            visible_at=self.world.now + self.lag_ns,
        )
        self.orders.append(order)
        self.stream.tell({"type": "order", "order": order.told()})
        return order

    def _cancel(self, fields):
        order = self._named(fields)
        if order is None:
            return response(404, {"code": "order_not_found"})
        if order.status != "open":
            return response(409, {"code": "not_open"})
        self.end(order, "canceled")
        return response(200, order.told())

    def _replace(self, fields):
        old = self._named({"client_order_id": fields["replaces"]})
        if old is None or old.status != "open":
            return response(409, {"old": {"code": "not_open"}, "new": {"code": "not_attempted"}})
        self.end(old, "canceled")
        return response(200, {"old": old.told(), "new": self.accept(fields).told()})

    def _query(self, fields):
        found = [each for each in self._visible() if each.client_order_id == fields["client_order_id"]]
        if not found:
            return response(404, {"code": "order_not_found"})
        return response(200, {"orders": [each.told() for each in found]})

    def _open_orders(self, fields):
        return self._page("orders", [each.told() for each in self._visible() if each.status == "open"], fields)

    def _fills(self, fields):
        since = int(fields["since_ns"])
        found = [fill for at, fill in self.fills if at <= self.world.now and int(fill["at_ns"]) >= since]
        return self._page("fills", found, fields)

    def _positions(self, fields):
        held = [
            {"symbol": symbol, "quantity": f"{lots * INSTRUMENTS[symbol].lot:f}"}
            for symbol, lots in self.positions.items()
            if lots
        ]
        return self._page("positions", held, fields)

    def _balances(self, fields):
        return self._page("balances", [{"currency": "USD", "amount": f"{self.cash:f}"}], fields)

    def _time(self, _):
        return response(200, {"now_ns": str(self.utc_ns())})

    def _dead_man(self, _):
        return response(200, {})

    def _page(self, name, found, fields):
        first = int(fields.get("page", 0))
        following = str(first + self.page) if first + self.page < len(found) else None
        return response(200, {name: found[first : first + self.page], "next": following})

    def _visible(self):
        return [each for each in self.orders if each.visible_at <= self.world.now]

    def _named(self, fields):
        found = [
            each
            for each in self._visible()
            if fields.get("order_id") == each.order_id or fields.get("client_order_id") == each.client_order_id
        ]
        return found[-1] if found else None

    def fill(self, order, lots, price=None, *, fee="0", tell=True, exec_id=None):
        """Execute an order; return the execution as it is told."""
        instrument = INSTRUMENTS[order.symbol]
        price = price or order.price
        fill = {
            "exec_id": exec_id or f"x{len(self.fills) + 1}",
            "order_id": order.order_id,
            "client_order_id": order.client_order_id,
            "symbol": order.symbol,
            "side": order.side,
            "quantity": f"{lots * instrument.lot:f}",
            "price": price,
            "fee": fee,
            "fee_currency": "USD",
            "at_ns": str(self.utc_ns()),
        }
        self.fills.append((self.world.now + self.lag_ns, fill))
        order.filled += lots
        order.status = "filled" if order.filled >= order.quantity else order.status
        sign = 1 if order.side == "buy" else -1
        self.positions[order.symbol] += sign * lots
        self.cash -= sign * lots * instrument.lot * Decimal(price) + Decimal(fee)
        if tell:
            self.stream.tell({"type": "fill", "fill": fill})
            self.stream.tell({"type": "order", "order": order.told()})
        return fill

    def end(self, order, status, *, tell=True):
        order.status = status
        if tell:
            self.stream.tell({"type": "order", "order": order.told()})


def response(status, told, **headers):
    return Response(
        status, json.dumps(told).encode(), tuple((name.replace("_", "-"), value) for name, value in headers.items())
    )


class Quiet:
    """A desk that wants nothing by itself."""

    def decide(self, _):
        return ()


class Bench:
    """One world: its venue and disk outlive the sessions."""

    def __init__(self, **told):
        self.world = World(1)
        self.stream = BenchStream()
        self.venue = BenchVenue(self.world, self.stream)
        self.disk = MemoryDisk()
        self.bells = Bells()
        self.switch = Switch()
        self.clock = BenchClock(self.world)
        self.told = told
        self.desk = Quiet()
        self.session = None
        self.running = None

    def run(self, scenario):
        """Play a scenario, a coroutine function, to its end in virtual time; whatever still lives then dies."""
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

    def begin(self, **told):
        """Start a session, the first or another one."""
        ports = Ports(self.clock, NoChance(), self.venue, self.stream, self.disk, self.bells, self.switch)
        self.session = Session(ports, setup(**self.told | told), PlainContract(INSTRUMENTS), self.desk)
        self.running = asyncio.create_task(self.session.run(), name="session")

    async def die(self):
        """Let the session be gone, whatever it was about to do."""
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)

    async def live(self, **told):
        """Start a session and wait until it trades, with a quote for everything."""
        self.begin(**told)
        await self.until(lambda: self.state_is(SessionState.LIVE))
        self.quote("XYZ", 9_999, 10_001)
        self.quote("ABC", 999, 1_001)

    def state_is(self, state):
        return hasattr(self.session, "journal") and self.session.state.session is state

    def quote(self, symbol, bid, ask, *, is_valid=True):
        self.session.on_quote(Quote(symbol, bid, ask, self.clock.mono_ns(), is_valid))

    def buy(self, lots=10, price=10_000, **more):
        """Ask for an order; return its id."""
        coid = self.session.orders.submit(Wanted("XYZ", BUY, lots, price, **more))
        assert isinstance(coid, str), coid
        return coid

    def swap(self, coid, lots, price):
        return self.session.orders.replace(Replace(coid, lots, price, 0))

    def order(self, coid):
        return self.session.state.orders[coid]

    def at_venue(self, coid):
        return [each for each in self.venue.orders if each.client_order_id == coid]

    async def working(self, lots=10, price=10_000, **more):
        """Place an order and wait until it works; return its id and the venue's side of it."""
        coid = self.buy(lots, price, **more)
        await self.until(lambda: self.order(coid).is_acked)
        return coid, self.at_venue(coid)[0]

    async def until(self, holds, seconds=100):
        """Wait in virtual time until something holds."""
        for _ in range(int(seconds * 100)):
            if holds():
                return
            if self.running.done():
                self.running.result()
                break
            await asyncio.sleep(0.01)
        assert holds(), (self.session.state.session, self.session.state.killed, self.bells.rung[-5:])

    async def wait(self, seconds):
        await asyncio.sleep(seconds)

    async def ended(self, seconds=200):
        """Return the exit code."""
        await asyncio.wait((self.running,), timeout=seconds)
        return self.running.result()

    @property
    def state(self):
        return self.session.state


def limits(**changed):
    return replace(FREE, **changed)


def dollars(amount):
    return money_of(Decimal(amount))

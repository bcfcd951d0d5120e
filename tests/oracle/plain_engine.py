"""An engine of events in plain Python, after what the configuration's documents say of orders, exits and costs.

Nothing of Runner is used. Bars decide, and orders fill from the next open on. What happens, in the order of time; at one
instant first all bars that end are gone through, then everything is valued and decided, then the next bars open; symbols of
one moment in the order of the universe:

    open    orders that were sent before meet the first price of the bar, then the exits of what is held
    range   what waits for a price meets the rest of the bar
    close   last prices, equity, decisions

With `at_close` orders fill at closes instead, from that of the bar that decides on: after all decisions of its instant.

Nothing fills while an outage lasts, nor in the range of a bar that one touches. A time in force is the time of what opens a
position: what closes one lasts until it is filled, also where a cost isn't known for a while, which rejects what would open.
"""

import math
from dataclasses import dataclass, field

MINUTE = 60_000_000_000
DAYS = 365


@dataclass(frozen=True)
class Bar:
    """What happened between two instants, in nanoseconds, and the session it belongs to."""

    opened: int
    known: int
    session: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True)
class Plan:
    """What is traded how; rules are functions of a symbol's bars so far that say True, False or None, targets numbers.

    `price` is a function of the same sort for the price of a limit or stop, `unknown_above` the volume of a bar above which nobody
    knows what trading in it costs.
    """

    rules: dict
    warm_up: int
    capital: float
    units: float | None
    share: float | None
    bps: float = 0.0
    rate: float = 0.0
    minimum: float = 0.0
    kind: str = "market"
    offset: float = 0.0
    through: float = 0.0
    tick: float = 0.0
    life: str | int = "gtc"
    volume_share: float | None = None
    lot: float = 0.0
    stop_loss: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None
    max_holding: int | None = None
    latency: int = 0
    outages: tuple = ()
    borrow: float = 0.0
    debt: float = 0.0
    price: object = None
    unknown_above: float = math.inf
    at_close: bool = False


@dataclass
class Order:
    """An order and what is left of it; quantities have a sign."""

    number: int
    sent: int
    symbol: str
    quantity: float
    kind: str
    price: float
    reason: str
    arrives: int
    expires: float
    rest: float
    works_as: str
    session: int | None = None
    part_of: Bar | None = None
    status: str = "unfilled"

    def closes(self, held):
        """Tell whether what is left makes a position smaller before anything else."""
        return self.rest * held < 0


@dataclass
class Holding:
    """A position of one symbol."""

    units: float = 0.0
    average: float = math.nan
    best: float = math.nan
    since: int = 0


@dataclass
class Account:
    """What came of it: orders, fills as (order, instant, symbol, quantity, reference, price, fee), equity per instant."""

    plan: Plan
    bars: dict
    cash: float
    orders: list = field(default_factory=list)
    fills: list = field(default_factory=list)
    curve: list = field(default_factory=list)
    refusals: list = field(default_factory=list)
    session: int | None = None

    def __post_init__(self):
        self.held = {symbol: Holding() for symbol in self.bars}
        self.last = dict.fromkeys(self.bars, math.nan)
        self.working = dict.fromkeys(self.bars)
        self.seen = {symbol: [] for symbol in self.bars}
        self.taken = dict.fromkeys(self.bars, (None, 0.0))

    def refuse(self, now, symbol, who, wanted):
        self.refusals.append((now, symbol, who, wanted))


def trade(bars, plan):
    """Return the account after all bars, symbol → bars in the order of time."""
    account = Account(plan, bars, plan.capital)
    events = []
    for place, (symbol, rows) in enumerate(bars.items()):
        for bar in rows:
            events += [
                (bar.known, 0, place, symbol, bar),
                (bar.known, 1, place, symbol, bar),
                (bar.opened, 2, place, symbol, bar),
            ]
    events.sort(key=lambda event: event[:3])
    ends = max((event[0] for event in events if event[1] == 1), default=0)
    for at, what, _, symbol, bar in events:
        if at > ends or (at == ends and what == 2):
            break
        charge_nights(account, bar.session)
        if what == 0 and not plan.at_close:
            meet_range(account, symbol, bar)
        elif what == 0:
            meet_close(account, symbol, bar)
        elif what == 2 and not plan.at_close:
            meet_open(account, symbol, bar)
        elif what == 1 and (not account.curve or account.curve[-1][0] < at):
            rows = [(s, b) for t, w, _, s, b in events if t == at and w == 1]
            close(account, at, rows)
            for s, b in rows if plan.at_close else ():
                meet_close(account, s, b, sent=at)
    return account


# --- the venue -------------------------------------------------------------------------------------------------------


def is_down(account, first, last):
    """Tell whether an outage has any instant from the first to the last."""
    return any(start <= last and first < end for start, end in account.plan.outages)


def finish(account, order, status):
    order.status = status
    account.working[order.symbol] = None


def arrived(account, symbol, bar, *, since, is_over):
    """Return the order that is there for a bar, if it still lives; one whose time is over ends whatever the bar is like."""
    order = account.working[symbol]
    if order is None or order.arrives > since:
        return None
    if order.session is None:
        order.session = bar.session
    if account.plan.life == "session":
        is_over = lambda expires: bar.session != order.session  # noqa: ARG005, E731
    if not order.closes(account.held[symbol].units) and is_over(order.expires):
        finish(account, order, "expired")
        return None
    return order


def stays(account, order):
    """End an order that lives for one bar alone, if that is over and there is anything to end; what closes goes on."""
    is_working = account.working[order.symbol] is order
    if is_working and account.plan.life == "ioc" and not order.closes(account.held[order.symbol].units):
        finish(account, order, "expired")


def meet_close(account, symbol, bar, sent=None):
    """Fill at a bar's close: what came from before, or what was sent right there."""
    order = account.working[symbol]
    if order is None or (order.sent == bar.known) != (sent is not None):
        return
    order = arrived(account, symbol, bar, since=bar.known, is_over=lambda expires: bar.known > expires)
    if order is None:
        return
    if math.isfinite(bar.close) and not is_down(account, bar.known, bar.known):
        fill(account, order, bar, bar.known, bar.close)
    stays(account, order)


def meet_open(account, symbol, bar):
    order = arrived(account, symbol, bar, since=bar.opened, is_over=lambda expires: bar.opened >= expires)
    if not math.isfinite(bar.open) or is_down(account, bar.opened, bar.opened):
        if order:
            stays(account, order)
        return
    price = bar.open
    if order:
        buys = order.rest > 0
        beyond = order.works_as == "market"
        if order.works_as == "limit":
            beyond = price <= order.price if buys else price >= order.price
        elif order.works_as == "stop" and (price >= order.price if buys else price <= order.price):
            order.works_as, beyond = "market", True
        if beyond:
            fill(account, order, bar, bar.opened, price)
        if order.works_as == "market" or order.part_of is bar:
            stays(account, order)
    watch(account, symbol, bar, bar.opened, price, price, price)


def meet_range(account, symbol, bar):
    order = account.working[symbol]
    if order and order.works_as != "market":
        # A bar that ends as an order does happened while it lived.
        order = arrived(account, symbol, bar, since=bar.opened, is_over=lambda expires: bar.known > expires)
    if not math.isfinite(bar.open) or is_down(account, bar.opened, bar.known):
        if order and order.works_as != "market":
            stays(account, order)
        return
    before = account.held[symbol].units
    if order and order.works_as != "market" and order.part_of is not bar:
        buys, through = order.rest > 0, account.plan.through
        if order.works_as == "limit" and (bar.low < order.price - through if buys else bar.high > order.price + through):
            fill(account, order, bar, bar.known, order.price, waited=True)
        elif order.works_as == "stop" and (bar.high >= order.price if buys else bar.low <= order.price):
            order.works_as = "market"
            fill(account, order, bar, bar.known, order.price)
        stays(account, order)
    watch(account, symbol, bar, bar.known, None, bar.low, bar.high, is_new=account.held[symbol].units != before)


def watch(account, symbol, bar, now, first, low, high, *, is_new=False):
    """Close a position whose loss or profit was reached; the loss comes first."""
    plan, held, order = account.plan, account.held[symbol], account.working[symbol]
    closes = order and order.works_as == "market" and order.arrives <= bar.opened and order.rest == -held.units
    if not held.units or closes:
        return
    side = 1 if held.units > 0 else -1
    stops = []
    if plan.stop_loss is not None:
        stops.append((held.average * (1 - side * plan.stop_loss), "exits.stop_loss"))
    if plan.trailing_stop is not None:
        stops.append((held.best * (1 - side * plan.trailing_stop), "exits.trailing_stop"))
    worst, best = (low, high) if side > 0 else (high, low)
    if stops:
        stop, reason = max(stops, key=lambda each: side * each[0])
        if side * worst <= side * stop:
            leave(account, symbol, bar, now, stop if first is None else first, reason)
            return
    if plan.take_profit is not None and not is_new:
        take = held.average * (1 + side * plan.take_profit)
        if side * best >= side * take if first is not None else side * (best - take) > plan.through:
            leave(account, symbol, bar, now, take if first is None else first, "exits.take_profit", waited=first is None)


def leave(account, symbol, bar, now, reference, reason, *, waited=False):
    """Send an order that closes a position, and fill it where it was sent."""
    if account.working[symbol]:
        finish(account, account.working[symbol], "cancelled")
    order = send(account, symbol, now, -account.held[symbol].units, "market", math.nan, reason)
    order.arrives = now
    fill(account, order, bar, now, reference, waited=waited)


def fill(account, order, bar, now, reference, *, waited=False):
    """Fill what a bar gives of an order, at the reference price and what slippage adds to it."""
    plan, held = account.plan, account.held[order.symbol]
    most = had(account, order, bar)
    if not most > 0:
        return
    is_unknown = not waited and bar.volume > plan.unknown_above
    if is_unknown:
        if not order.closes(held.units):
            finish(account, order, "rejected")
        return
    quantity = math.copysign(most, order.rest)
    price, fee = cost(plan, order, quantity, reference, waited=waited)
    is_unpaid = quantity * price + fee > account.cash
    turns = held.units * (held.units + quantity) < 0
    if is_unpaid and turns:
        quantity = -held.units
        price, fee = cost(plan, order, quantity, reference, waited=waited)
    elif is_unpaid and abs(held.units + quantity) > abs(held.units):
        finish(account, order, "rejected")
        return
    account.taken[order.symbol] = (bar, taken(account, order.symbol, bar) + abs(quantity))
    book(account, order.symbol, quantity, price, fee, now)
    account.fills.append((order.number, now, order.symbol, quantity, reference, price, fee))
    if abs(quantity) == abs(order.rest):
        finish(account, order, "filled")
    elif is_unpaid and turns:
        finish(account, order, "rejected")
    else:
        order.rest, order.part_of = order.rest - quantity, bar


def taken(account, symbol, bar):
    """Return what a bar has given a symbol's orders so far."""
    of, units = account.taken[symbol]
    return units if of is bar else 0.0


def had(account, order, bar):
    """Return how many units of an order a bar has for it: of its share what other orders left, in lots, or in whole units."""
    plan, wanted = account.plan, abs(order.rest)
    if plan.volume_share is None:
        return wanted
    part = plan.volume_share * bar.volume - taken(account, order.symbol, bar)
    if math.isnan(part) or part >= wanted * (1 - 1e-12):
        return 0.0 if math.isnan(part) else wanted
    lot = plan.lot or (1.0 if wanted == math.floor(wanted) else 0.0)
    return max(math.floor(part / lot * (1 + 1e-12)) * lot if lot else part, 0.0)


def cost(plan, order, quantity, reference, *, waited):
    """Return price and fee of a quantity; a limit is never passed."""
    price = reference
    if not waited:
        price += math.copysign(abs(reference) * plan.bps / 10_000, quantity)
        if order.works_as == "limit":
            price = min(price, order.price) if quantity > 0 else max(price, order.price)
    return price, max(abs(quantity) * plan.rate, plan.minimum)


# --- the books -------------------------------------------------------------------------------------------------------


def book(account, symbol, quantity, price, fee, now):
    held = account.held[symbol]
    before, after = held.units, held.units + quantity
    account.cash -= quantity * price + fee
    if before * after < 0 or before == 0:
        held.average, held.best, held.since = price, price, now
    elif before * quantity > 0:
        held.average = (held.average * before + price * quantity) / after
    held.units = after


def charge_nights(account, session):
    """Charge what holding cost since the session before, at its last prices."""
    if account.session is not None and session > account.session:
        nights = session - account.session
        for symbol, held in account.held.items():
            if held.units < 0:
                account.cash += held.units * account.last[symbol] * account.plan.borrow * nights / DAYS
        if account.cash < 0:
            account.cash += account.cash * account.plan.debt * nights / DAYS
    account.session = max(session, -1 if account.session is None else account.session)


# --- decisions -------------------------------------------------------------------------------------------------------


def close(account, now, rows):
    """Value everything at an instant and decide for the symbols that have a bar."""
    for symbol, bar in rows:
        account.seen[symbol].append(bar)
        if math.isfinite(bar.close):
            held = account.held[symbol]
            account.last[symbol] = bar.close
            if held.units:
                held.best = max(held.best, bar.close) if held.units > 0 else min(held.best, bar.close)
    worth = (held.units * account.last[symbol] for symbol, held in account.held.items() if held.units)
    equity = account.cash + sum(worth)
    account.curve.append((now, equity, account.cash))
    if not equity > 0:
        withdraw(account, now)
    for symbol, _ in rows:
        decide(account, symbol, now, equity)


def withdraw(account, now):
    """Take back what would open something; of what turns a position round the part that closes it is sent again."""
    for symbol, order in account.working.items():
        held = account.held[symbol].units
        if order and (abs(held + order.rest) > abs(held) or held * (held + order.rest) < 0):
            finish(account, order, "cancelled")
            if held * order.rest < 0:
                send(account, symbol, now, -held, "market", math.nan, "risk")


def is_unwanted(order, plan, said):
    """Tell whether the exit of an order's side holds, or the target has left that side."""
    if "target" not in plan.rules:
        return said.get("long.exit" if order.rest > 0 else "short.exit") is True
    target = said.get("target")
    return target is not None and not math.isnan(target) and order.rest * target <= 0


def settled(account, order, now, said, *, is_old):
    """End a working order that is over or no longer wanted; tell whether something else may be decided then."""
    plan, held = account.plan, account.held[order.symbol]
    if now >= order.expires and not order.closes(held.units):
        finish(account, order, "expired")
        return True
    turns = held.units * (held.units + order.rest) < 0
    if not ((turns or abs(held.units + order.rest) > abs(held.units)) and (is_old or is_unwanted(order, plan, said))):
        return False
    finish(account, order, "cancelled")
    if turns and "target" not in plan.rules:
        own = "long" if held.units > 0 else "short"
        send(account, order.symbol, now, -held.units, "market", math.nan, f"{own}.exit")
        return False
    return True


def decide(account, symbol, now, equity):
    plan, held, order = account.plan, account.held[symbol], account.working[symbol]
    seen = account.seen[symbol]
    said = {name: rule(seen) for name, rule in plan.rules.items()} if len(seen) > plan.warm_up else {}
    is_old = bool(held.units) and plan.max_holding is not None and now - held.since >= plan.max_holding
    if not said and not held.units:
        return
    if order and not settled(account, order, now, said, is_old=is_old):
        return
    if "target" in plan.rules:
        aim(account, symbol, now, equity, 0.0 if is_old else said.get("target"), is_old=is_old)
        return
    own = "long" if held.units > 0 else "short"
    leaves = said.get(f"{own}.exit") is True
    if held.units and not (is_old or leaves):
        return
    side = entered(account, symbol, now, said)
    wanted = opened(account, symbol, now, equity, None if held.units and side == own else side)
    if held.units:
        reason = f"{own}.exit, {side}.enter" if wanted else (f"{own}.exit" if leaves else "exits.max_holding")
        send(account, symbol, now, wanted - held.units, "market", math.nan, reason)
    elif wanted:
        enter(account, symbol, now, wanted, f"{side}.enter")


def entered(account, symbol, now, said):
    """Return the side whose entry holds; none if both do."""
    enters = [side for side in ("long", "short") if said.get(f"{side}.enter") is True]
    if len(enters) == 2:
        account.refuse(now, symbol, "signal: long and short at once", 0.0)
    return enters[0] if len(enters) == 1 else None


def opened(account, symbol, now, equity, side):
    """Return the signed units of a new position; none for an account without equity."""
    wanted = size(account, symbol, now, equity, 1.0 if side == "long" else -1.0) if side else 0.0
    if wanted and not equity > 0:
        account.refuse(now, symbol, "account: equity is not above zero", wanted)
        return 0.0
    return wanted


def enter(account, symbol, now, wanted, reason):
    """Send the order that opens a position, if the price is known at which it is to wait."""
    kind, price = account.plan.kind, waiting_price(account, symbol, wanted)
    if kind != "market" and not math.isfinite(price):
        account.refuse(now, symbol, "order.price: undefined", wanted)
    else:
        send(account, symbol, now, wanted, kind, price, reason)


def aim(account, symbol, now, equity, target, *, is_old):
    """Send the order that leads to a target, a share of a full position; None and NaN leave it as it is.

    What is held and what is wanted are the same if they differ by a billionth of the larger.
    """
    if target is None or math.isnan(target):
        return
    held = account.held[symbol].units
    wanted = size(account, symbol, now, equity, max(-1.0, min(target, 1.0))) if target else 0.0
    if abs(wanted - held) <= 1e-9 * max(abs(wanted), abs(held)):
        return
    more = wanted - held if wanted * held > 0 else wanted
    if more * wanted > 0 and not equity > 0:
        account.refuse(now, symbol, "account: equity is not above zero", more)
        wanted -= more
    quantity = wanted - held
    if quantity:
        send(account, symbol, now, quantity, "market", math.nan, "exits.max_holding" if is_old else "target")


def size(account, symbol, now, equity, share):
    """Return the signed units of a position; none without a price, without which nobody knows the size, or without equity."""
    plan, last = account.plan, account.last[symbol]
    units = 0.0
    if math.isfinite(last) and plan.units is not None:
        units = plan.units * share
    elif math.isfinite(last) and equity > 0:
        units = math.copysign(float(math.floor(plan.share * abs(share) * equity / last)), share)
    if not units:
        account.refuse(now, symbol, "sizing" if equity > 0 else "account: equity is not above zero", 0.0)
    return units


def waiting_price(account, symbol, wanted):
    """Return the price a limit or stop waits at, on the tick where it fills later; NaN where its own rule has none."""
    plan = account.plan
    if plan.kind == "market":
        return math.nan
    lower = (wanted > 0) == (plan.kind == "limit")
    if plan.price is None:
        price = account.last[symbol] * (1 - plan.offset / 10_000 if lower else 1 + plan.offset / 10_000)
    else:
        price = plan.price(account.seen[symbol])
    if not math.isfinite(price):
        return math.nan
    steps = price / plan.tick if plan.tick else 0.0
    if plan.tick and abs(steps - round(steps)) >= 1e-9 * max(steps, 1.0):
        return (math.floor(steps) if lower else math.ceil(steps)) * plan.tick
    return round(steps) * plan.tick if plan.tick else price


def send(account, symbol, now, quantity, kind, price, reason):
    life, arrives = account.plan.life, now + account.plan.latency
    expires = arrives + life if isinstance(life, int) else math.inf
    number = len(account.orders) + 1
    order = Order(number, now, symbol, quantity, kind, price, reason, arrives, expires, quantity, kind)
    account.orders.append(order)
    account.working[symbol] = order
    return order

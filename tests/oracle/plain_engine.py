"""An engine of events in plain Python, after what the configuration's documents say of orders, exits and costs.

Nothing of Runner is used. Bars decide, and orders fill from the next open on. What happens, in the order of time; at one
instant first all bars that end are gone through, then everything is valued and decided, then the next bars open; symbols of
one moment in the order of the universe:

    open    orders that were sent before meet the first price of the bar, then the exits of what is held
    range   what waits for a price meets the rest of the bar
    close   last prices, equity, decisions
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
    """What is traded how; rules are functions of a symbol's bars so far that say True, False or None, targets numbers."""

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
    session: int | None = None

    def __post_init__(self):
        self.held = {symbol: Holding() for symbol in self.bars}
        self.last = dict.fromkeys(self.bars, math.nan)
        self.working = dict.fromkeys(self.bars)
        self.seen = {symbol: [] for symbol in self.bars}


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
        if what == 0:
            meet_range(account, symbol, bar)
        elif what == 2:
            meet_open(account, symbol, bar)
        elif not account.curve or account.curve[-1][0] < at:
            close(account, at, [(s, b) for t, w, _, s, b in events if t == at and w == 1])
    return account


# --- the venue -------------------------------------------------------------------------------------------------------


def is_down(account, instant):
    return any(start <= instant < end for start, end in account.plan.outages)


def is_met(account, bar, *, inside):
    """Tell whether orders can meet a bar: it has a first price, and the venue was there at it, and still is."""
    return math.isfinite(bar.open) and not is_down(account, bar.opened) and not (inside and is_down(account, bar.known))


def finish(account, order, status):
    order.status = status
    account.working[order.symbol] = None


def alive(account, order, bar, now):
    """Tell whether an order that meets a bar still lives; end it if not."""
    life = account.plan.life
    if order.session is None:
        order.session = bar.session
    over = bar.session != order.session if life == "session" else now >= order.expires
    if over:
        finish(account, order, "expired")
    return not over


def meet_open(account, symbol, bar):
    if not is_met(account, bar, inside=False):
        return
    order, price = account.working[symbol], bar.open
    if order and order.arrives <= bar.opened and alive(account, order, bar, bar.opened):
        buys = order.rest > 0
        beyond = order.works_as == "market"
        if order.works_as == "limit":
            beyond = price <= order.price if buys else price >= order.price
        elif order.works_as == "stop" and (price >= order.price if buys else price <= order.price):
            order.works_as, beyond = "market", True
        if beyond:
            fill(account, order, bar, bar.opened, price)
        is_over = order.works_as == "market" or order.part_of is bar
        if account.working[symbol] is order and account.plan.life == "ioc" and is_over:
            finish(account, order, "expired")
    watch(account, symbol, bar, bar.opened, price, price, price)


def meet_range(account, symbol, bar):
    if not is_met(account, bar, inside=True):
        return
    order, before = account.working[symbol], account.held[symbol].units
    lives = order and order.arrives <= bar.opened and alive(account, order, bar, bar.known)
    if lives and order.works_as != "market" and order.part_of is not bar:
        buys, through = order.rest > 0, account.plan.through
        if order.works_as == "limit" and (bar.low < order.price - through if buys else bar.high > order.price + through):
            fill(account, order, bar, bar.known, order.price, waited=True)
        elif order.works_as == "stop" and (bar.high >= order.price if buys else bar.low <= order.price):
            order.works_as = "market"
            fill(account, order, bar, bar.known, order.price)
        if account.working[symbol] is order and account.plan.life == "ioc":
            finish(account, order, "expired")
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
    life = account.plan.life
    order.arrives, order.session = now, bar.session
    order.expires = now + life if isinstance(life, int) else math.inf
    fill(account, order, bar, now, reference, waited=waited)
    if account.working[symbol] is order and life == "ioc":
        finish(account, order, "expired")


def fill(account, order, bar, now, reference, *, waited=False):
    """Fill what a bar gives of an order, at the reference price and what slippage adds to it."""
    plan, held = account.plan, account.held[order.symbol]
    most = abs(order.rest)
    if plan.volume_share is not None:
        part = plan.volume_share * bar.volume
        part = math.floor(part / plan.lot) * plan.lot if plan.lot and not math.isnan(part) else part
        most = min(most, part) if part > 0 else 0.0
    if not most > 0:
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
    book(account, order.symbol, quantity, price, fee, now)
    account.fills.append((order.number, now, order.symbol, quantity, reference, price, fee))
    if abs(quantity) == abs(order.rest):
        finish(account, order, "filled")
    elif is_unpaid and turns:
        finish(account, order, "rejected")
    else:
        order.rest, order.part_of = order.rest - quantity, bar


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
    for symbol, _ in rows:
        decide(account, symbol, now, equity)


def is_unwanted(order, plan, said):
    """Tell whether the exit of an order's side holds, or the target has left that side."""
    if "target" not in plan.rules:
        return said.get("long.exit" if order.rest > 0 else "short.exit") is True
    target = said.get("target")
    return target is not None and not math.isnan(target) and order.rest * target <= 0


def settled(account, order, now, said, *, is_old):
    """End a working order that is over or no longer wanted; tell whether something else may be decided then."""
    plan, held = account.plan, account.held[order.symbol]
    if now >= order.expires:
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
    enters = [side for side in ("long", "short") if said.get(f"{side}.enter") is True]
    side = enters[0] if len(enters) == 1 else None
    if held.units and side == own:
        side = None
    wanted = size(account, symbol, equity, 1.0) * (1 if side == "long" else -1) if side else 0.0
    if held.units:
        reason = f"{own}.exit, {side}.enter" if wanted else (f"{own}.exit" if leaves else "exits.max_holding")
        send(account, symbol, now, wanted - held.units, "market", math.nan, reason)
    elif wanted:
        send(account, symbol, now, wanted, plan.kind, waiting_price(account, symbol, wanted), f"{side}.enter")


def aim(account, symbol, now, equity, target, *, is_old):
    """Send the order that leads to a target, a share of a full position; None and NaN leave it as it is."""
    if target is None or math.isnan(target):
        return
    wanted = math.copysign(size(account, symbol, equity, min(abs(target), 1.0)), target) if target else 0.0
    quantity = wanted - account.held[symbol].units
    if quantity:
        send(account, symbol, now, quantity, "market", math.nan, "exits.max_holding" if is_old else "target")


def size(account, symbol, equity, share):
    """Return the units of a position; none without a price."""
    plan, last = account.plan, account.last[symbol]
    if not math.isfinite(last):
        return 0.0
    if plan.units is not None:
        return plan.units * share
    return float(math.floor(plan.share * share * equity / last)) if equity > 0 else 0.0


def waiting_price(account, symbol, wanted):
    """Return the price a limit or stop waits at, on the tick where it fills later."""
    plan = account.plan
    if plan.kind == "market":
        return math.nan
    lower = (wanted > 0) == (plan.kind == "limit")
    price = account.last[symbol] * (1 - plan.offset / 10_000 if lower else 1 + plan.offset / 10_000)
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

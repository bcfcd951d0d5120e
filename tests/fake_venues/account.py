"""The truth behind every fake venue: one account with orders, executions, holdings and cash, in plain decimals.

A dialect (`plain`, `tickdb`, `alpaca`, `binance`) tells it in its venue's own words. Nothing here is the product's code, and
the dialects are written from the venues' documentation, not from the adapters.
"""

from dataclasses import dataclass, field
from decimal import Decimal

SECOND = 1_000_000_000


class RefusedError(Exception):
    """What the venue says no with: `funds`, `duplicate`, `expired`, `unknown`, `not_open`, `malformed`."""


@dataclass
class FakeOrder:
    number: int
    venue_id: str
    coid: str
    symbol: str
    side: int
    quantity: Decimal
    price: Decimal
    rests: bool
    at_ns: int
    visible_ns: int
    filled: Decimal = Decimal(0)
    status: str = "open"
    replaces: str | None = None

    @property
    def is_open(self):
        return self.status == "open"


@dataclass
class FakeFill:
    number: int
    order: FakeOrder
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at_ns: int
    visible_ns: int


@dataclass
class FakeAccount:
    now_ns: object
    """Returns the venue's time."""
    steps: dict
    """Symbol → (tick, lot)."""
    quote: str = "USD"
    fee_asset: str = "USD"
    fee: Decimal = Decimal(0)
    """Of each execution, whatever its size."""
    ids: str = "all"
    """Among which orders an id is taken once: `all`, `open`."""
    name_id: object = lambda number: f"v{number}"
    lag_ns: int = 0
    """How long what happens stays hidden from queries."""
    orders: list = field(default_factory=list)
    fills: list = field(default_factory=list)
    held: dict = field(default_factory=dict)
    cash: dict = field(default_factory=dict)
    told: list = field(default_factory=list)
    """Functions that hear (what, order, fill) of everything that happens."""
    refuse: str | None = None
    """What the next placement is refused for."""

    def __post_init__(self):
        self.held = dict.fromkeys(self.steps, Decimal(0))
        self.cash = {self.quote: Decimal(1_000_000), **self.cash}
        self.cash.setdefault(self.fee_asset, Decimal(100))

    def place(self, coid, symbol, side, quantity, price, *, rests=True, replaces=None):
        """Take an order; raise `RefusedError`."""
        why, self.refuse = self.refuse, None
        if why:
            raise RefusedError(why)
        tick, lot = self.steps.get(symbol, (None, None))
        if tick is None or quantity <= 0 or price <= 0 or quantity % lot or price % tick:
            raise RefusedError("malformed")
        same = [order for order in self.orders if order.coid == coid]
        if same and (self.ids == "all" or any(order.is_open for order in same)):
            raise RefusedError("duplicate")
        number, now = len(self.orders) + 1, self.now_ns()
        order = FakeOrder(
            number,
            self.name_id(number),
            coid,
            symbol,
            side,
            quantity,
            price,
            rests,
            now,
            now + self.lag_ns,
            replaces=replaces,
        )
        self.orders.append(order)
        self.tell("order", order)
        if not rests:
            self.end(order, "expired")
        return order

    def cancel(self, order):
        """End an open order; raise `RefusedError`."""
        if order is None:
            raise RefusedError("unknown")
        if not order.is_open:
            raise RefusedError("not_open")
        self.end(order, "canceled")
        return order

    def end(self, order, status):
        order.status = status
        self.tell("order", order)

    def fill(self, order, quantity, price=None, *, tell=True):
        """Execute so much of an order."""
        number, now = len(self.fills) + 1, self.now_ns()
        fill = FakeFill(number, order, Decimal(quantity), Decimal(price or order.price), self.fee, now, now + self.lag_ns)
        self.fills.append(fill)
        order.filled += fill.quantity
        order.status = "filled" if order.filled >= order.quantity else order.status
        self.held[order.symbol] += order.side * fill.quantity
        self.cash[self.quote] -= order.side * fill.quantity * fill.price
        self.cash[self.fee_asset] -= fill.fee
        if tell:
            self.tell("fill", order, fill)
        return fill

    def tell(self, what, order, fill=None):
        for hear in self.told:
            hear(what, order, fill)

    def visible(self, things):
        return [thing for thing in things if thing.visible_ns <= self.now_ns()]

    def by_coid(self, coid):
        """Return the newest order that queries show under an id."""
        return next((order for order in reversed(self.visible(self.orders)) if order.coid == coid), None)

    def by_venue_id(self, venue_id):
        return next((order for order in self.orders if order.venue_id == venue_id), None)

    def open_orders(self, symbol=None):
        return [order for order in self.visible(self.orders) if order.is_open and symbol in {None, order.symbol}]


def plain(number):
    """Return a decimal as text without an exponent."""
    return f"{number:f}"

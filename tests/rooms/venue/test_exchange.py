"""The simulated exchange, spoken to through its bytes and read by the adapter that production uses."""

from decimal import Decimal

import pytest

from runner.live import model
from runner.live.brokers.plain import PlainContract
from runner.live.contract import Accepted, End, Exists, Found, NotFound, NotOpen, Rejected
from runner.live.ports import Action, Request
from runner.venue.exchange import EPOCH_NS, Exchange
from runner.venue.faults import Fault, FaultPlan
from runner.venue.rules import CURRENCY, INSTRUMENTS, VENUES
from runner.venue.wire import Wire
from runner.venue.world import SECOND, World

CONTRACT = PlainContract({each.symbol: model.Instrument(each.symbol, each.tick, each.lot, CURRENCY) for each in INSTRUMENTS})


class Desk:
    """One exchange and somebody who talks to it."""

    def __init__(self, venue="strict", faults=None):
        self.world = World(5)
        self.plan = FaultPlan(self.world, faults or {}, 0)
        self.exchange = Exchange(self.world, VENUES[venue], self.plan)
        self.wire = Wire(self.exchange)

    def order(self, coid="a", side=1, quantity=3, price=9_000, symbol="ALPHA", *, rests=True, age=0):
        return model.Order(
            coid=coid,
            number=1,
            symbol=symbol,
            side=side,
            quantity=quantity,
            price=price,
            rests=rests,
            sent_at_ns=EPOCH_NS + self.world.now - age,
            signal=1,
        )

    def place(self, order, valid=3 * SECOND):
        return CONTRACT.read_place(self.wire.answer(CONTRACT.place(order, valid)))

    def fills(self):
        found, page = [], None
        while True:
            answer = CONTRACT.read_fills(self.wire.answer(CONTRACT.fills(0, page)))
            found += answer.items
            page = answer.next
            if page is None:
                return found


def test_an_order_away_from_the_market_rests():
    """It is accepted, shown as open, and can be cancelled once."""
    desk = Desk()
    order = desk.order()

    placed = desk.place(order)
    desk.world.run_until(SECOND)
    found = CONTRACT.read_query(desk.wire.answer(CONTRACT.query(order)))
    first = CONTRACT.read_cancel(desk.wire.answer(CONTRACT.cancel(order)))
    second = CONTRACT.read_cancel(desk.wire.answer(CONTRACT.cancel(order)))

    assert isinstance(placed, Accepted)
    assert isinstance(found, Found)
    assert [report.end for report in found.reports] == [None]
    assert isinstance(first, Accepted)
    assert first.report.end is End.CANCELED
    assert isinstance(second, NotOpen)


def test_an_order_through_the_market_trades():
    """Position, cash and the executions told agree to the last digit."""
    desk = Desk("open_only")
    desk.place(desk.order(quantity=2, price=10_010, rests=False))
    desk.world.run_until(SECOND)

    fills = desk.fills()
    lots = sum(fill.quantity for fill in fills)
    paid = sum(fill.quantity * fill.each + fill.fee for fill in fills)
    balance = CONTRACT.read_balances(desk.wire.answer(CONTRACT.balances(None))).items[0].amount

    assert lots == desk.exchange.positions["ALPHA"] == 2
    assert balance == Decimal(1_000_000) * 10**18 - paid


@pytest.mark.parametrize(
    ("venue", "second"),
    [("open_only", Exists), ("strict", Exists), ("never", Accepted)],
    ids=["open_only", "strict", "never"],
)
def test_an_id_of_an_open_order(venue, second):
    """Only the venue that never looks takes the id of an open order again."""
    desk = Desk(venue)
    desk.place(desk.order())

    assert isinstance(desk.place(desk.order()), second)


@pytest.mark.parametrize(
    ("venue", "second"),
    [("open_only", Accepted), ("strict", Exists), ("never", Accepted)],
    ids=["open_only", "strict", "never"],
)
def test_an_id_of_an_ended_order(venue, second):
    """Only the strict venue remembers the id of an order that has ended."""
    desk = Desk(venue)
    order = desk.order()
    desk.place(order)
    desk.world.run_until(SECOND)
    desk.wire.answer(CONTRACT.cancel(order))

    assert isinstance(desk.place(desk.order()), second)


def test_an_old_request_is_refused():
    """What arrives after its window is not placed; exactly at its end it still is."""
    desk = Desk()

    late = desk.place(desk.order("late", age=3 * SECOND + 1))
    in_time = desk.place(desk.order("in-time", age=3 * SECOND))

    assert late == Rejected("request_expired")
    assert isinstance(in_time, Accepted)


def test_a_venue_without_window_takes_old_requests():
    """There, nothing ever proves that an order won't arrive."""
    desk = Desk("never")

    assert isinstance(desk.place(desk.order(age=3_600 * SECOND), valid=None), Accepted)


def test_what_was_placed_may_stay_invisible():
    """A query that comes too soon is told that there is no such order."""
    desk = Desk(faults={Fault.MOST_LAG: 1.0})
    order = desk.order()
    desk.place(order)

    before = CONTRACT.read_query(desk.wire.answer(CONTRACT.query(order)))
    desk.world.run_until(VENUES["strict"].most_lag)
    after = CONTRACT.read_query(desk.wire.answer(CONTRACT.query(order)))

    assert isinstance(before, NotFound)
    assert isinstance(after, Found)


def test_lists_come_in_pages():
    """Every open order is on exactly one page."""
    desk = Desk()
    for number in range(12):
        desk.place(desk.order(f"a{number}"))
    desk.world.run_until(SECOND)
    seen, page, pages = [], None, 0
    while True:
        answer = CONTRACT.read_open_orders(desk.wire.answer(CONTRACT.open_orders(page)))
        seen += [report.coid for report in answer.items]
        page, pages = answer.next, pages + 1
        if page is None:
            break

    assert seen == [f"a{number}" for number in range(12)]
    assert pages == 3


def test_an_order_that_would_trade_with_ones_own_is_refused():
    """The venue prevents trades with oneself."""
    desk = Desk()
    desk.place(desk.order("buy", 1, 3, 9_990))

    assert desk.place(desk.order("sell", -1, 1, 9_980)) == Rejected("self_trade")


def test_too_many_orders_are_refused_with_a_time_to_wait():
    """The exchange counts, and says when to come again."""
    desk = Desk()
    requests = [CONTRACT.place(desk.order(f"a{number}"), 3 * SECOND) for number in range(33)]

    answers = [desk.wire.answer(request) for request in requests]

    assert [answer.status for answer in answers] == [200] * 32 + [429]
    assert answers[-1].header("retry-after") == "10"
    assert desk.exchange.limited == 1


def test_a_replacement_is_a_cancel_and_an_order():
    """The old order ends and the new one is open, each under its own id."""
    desk = Desk()
    old, new = desk.order("old"), desk.order("new", price=9_100)
    desk.place(old)
    desk.world.run_until(SECOND)

    done = CONTRACT.read_replace(desk.wire.answer(CONTRACT.replace(old, desk.order("new", price=9_100), 3 * SECOND)))

    assert done.old.report.end is End.CANCELED
    assert done.new.report.coid == new.coid
    assert [order.client_id for order in desk.exchange.open_orders()] == ["new"]


def test_half_a_replacement_leaves_nothing():
    """The old order is gone and the new one was refused; both halves say so."""
    desk = Desk(faults={Fault.HALF_REPLACE: 1.0})
    old = desk.order("old")
    desk.place(old)
    desk.world.run_until(SECOND)

    done = CONTRACT.read_replace(desk.wire.answer(CONTRACT.replace(old, desk.order("new"), 3 * SECOND)))

    assert done.old.report.end is End.CANCELED
    assert done.new == Rejected("insufficient_funds")
    assert desk.exchange.open_orders() == []


def test_the_dead_mans_switch_cancels_everything():
    """Without another word in time the venue clears the account."""
    desk = Desk()
    desk.exchange.open(10 * SECOND)
    desk.place(desk.order())

    desk.wire.answer(CONTRACT.dead_man(2 * SECOND))
    desk.world.run_until(1 * SECOND)
    during = len(desk.exchange.open_orders())
    desk.world.run_until(4 * SECOND)

    assert during == 1
    assert desk.exchange.open_orders() == []


def test_the_books_balance_over_a_long_day():
    """Positions and cash are the sums of the executions, whatever happened."""
    desk = Desk("open_only")
    desk.exchange.open(200 * SECOND)
    draw = desk.world.chance("test")
    for number in range(120):
        instrument = INSTRUMENTS[number % 3]
        book = desk.exchange.books[instrument.symbol]
        price = book.mid + draw.randrange(-4, 5)
        desk.place(desk.order(f"a{number}", draw.choice((1, -1)), 1 + draw.randrange(9), price, instrument.symbol))
        desk.world.run_until(desk.world.now + SECOND)

    fills = desk.exchange.fills
    cash = sum(
        -fill.order.side * fill.quantity * fill.price * desk.exchange.instrument(fill.order.symbol).atoms_per_lot_tick
        - fill.fee
        for fill in fills
    )

    assert len(fills) > 50
    assert desk.exchange.cash == desk.exchange.first_cash + cash
    for symbol, lots in desk.exchange.positions.items():
        assert lots == sum(fill.order.side * fill.quantity for fill in fills if fill.order.symbol == symbol)
    for order in desk.exchange.orders.values():
        assert order.filled == sum(fill.quantity for fill in order.fills) <= order.quantity


def test_nobody_understands_nonsense():
    """An unknown path and unreadable fields are refused, and nothing is placed."""
    desk = Desk()

    astray = desk.wire.answer(Request(Action.QUERY, "GET", "/v1/nowhere"))
    empty = desk.wire.answer(Request(Action.PLACE, "POST", "/v1/orders", (("symbol", "ALPHA"),)))
    between = CONTRACT.place(desk.order(), None)
    fields = tuple((name, "0.005" if name == "price" else value) for name, value in between.fields)
    between_ticks = desk.wire.answer(Request(Action.PLACE, "POST", "/v1/orders", fields))

    assert [astray.status, empty.status, between_ticks.status] == [404, 400, 400]
    assert desk.exchange.orders == {}

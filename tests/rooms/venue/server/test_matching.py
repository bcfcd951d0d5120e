"""How orders fill against the market that is played."""

from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.venue.server.books import Book
from runner.venue.server.broker import Broker, Clocks, Refused
from runner.venue.server.fault_plan import Chances, FaultPlan
from runner.venue.server.settings import Rules, Settings
from runner.venue.server.trades import Trade

SECOND = 10**9


class Desk:
    """A broker of two symbols, A with trades alone and B with a book, on clocks that stand until they are moved."""

    def __init__(self, *, faults=None, tick="0.01", lot="1", **settings):
        self.market, self.gateway = 1_000 * SECOND, 9_000 * SECOND
        rules = [Rules(name, Decimal(tick), Decimal(lot)) for name in "AB"]
        clocks = Clocks(lambda: self.market, lambda: self.gateway)
        plan = FaultPlan(kinds=faults or {})
        chances = Chances(plan, lambda: self.market // 10**6)
        self.broker = Broker(rules, frozenset({1}), Settings(**settings), clocks, chances)
        self.frames = []
        self.broker.tell = lambda kind, told: self.frames.append((kind, told))
        self._ids = count(1)

    def place(self, side="buy", quantity="10", price=None, symbol="A", **more):
        kind = "market" if price is None else "limit"
        given = {"symbol": symbol, "side": side, "type": kind, "quantity": quantity, "price": price}
        stamp = {"client_order_id": f"c{next(self._ids)}", "sent_at_ns": self.market}
        return self.broker.place(given | stamp | more)

    def trade(self, price, size=1000.0):
        self.broker.on_trade("A", 0, Trade(0, 0, price, size, 0))

    def book(self, bids, asks):
        self.broker.on_book("B", 1, Book(0, tuple(bids), tuple(asks)))

    def fills(self):
        return [(fill["quantity"], fill["price"]) for fill in self.broker.account.truth()["fills"]]

    def status(self, order):
        return self.broker.status(order["order_id"], None)["status"]


def code_of(refused):
    """Return HTTP status and code of a refusal."""
    return refused.value.code[:2]


@pytest.mark.parametrize(
    ("order", "prices", "fills", "status"),
    [
        ({}, [100.0], [("10", "100")], "filled"),
        ({"price": "101.00"}, [100.5, 99.0], [("10", "100.5")], "filled"),
        ({"price": "100.00"}, [100.0], [("10", "100")], "filled"),
        ({"price": "99.00", "time_in_force": "ioc"}, [100.0, 98.0], [], "expired"),
        ({"price": "99.00"}, [100.0, 99.0], [], "open"),
        ({"price": "99.00"}, [100.0, 98.99], [("10", "99")], "filled"),
        ({"side": "sell", "price": "101.00"}, [100.0, 101.0], [], "open"),
        ({"side": "sell", "price": "101.00"}, [100.0, 101.01], [("10", "101")], "filled"),
        ({"side": "sell"}, [100.0], [("10", "100")], "filled"),
    ],
)
def test_orders_fill_at_trades(order, prices, fills, status):
    """What its limit allows fills at the next trade's price; what has rested fills at its limit, strictly through."""
    desk = Desk()
    placed = desk.place(**order)

    for price in prices:
        desk.trade(price)

    assert desk.fills() == fills
    assert desk.status(placed) == status


def test_no_order_fills_at_a_trade_before_it():
    """The trade that an order was decided on is past."""
    desk = Desk()
    desk.trade(100.0)
    desk.place()

    assert desk.fills() == []


def test_a_share_of_the_trade_fills():
    """With a participation a trade fills no more than its share, whole lots, and touching the limit is enough."""
    desk = Desk(participation=Decimal("0.25"))
    waiting = desk.place(price="100.00", quantity="10")

    desk.trade(101.0, 100.0)
    desk.trade(100.0, 30.0)
    desk.trade(100.0, 8.0)
    partly = desk.status(waiting), desk.broker.status(waiting["order_id"], None)["filled"]
    desk.trade(99.0, 1000.0)

    assert partly == ("open", "9")
    assert desk.fills() == [("7", "100"), ("2", "100"), ("1", "100")]
    assert desk.status(waiting) == "filled"


def test_a_share_is_served_once():
    """Two orders at one trade share its share, the earlier one first."""
    desk = Desk(participation=Decimal("0.5"))
    first, second = desk.place(quantity="6"), desk.place(quantity="6")

    desk.trade(100.0, 16.0)

    assert desk.fills() == [("6", "100"), ("2", "100")]
    assert [desk.status(order) for order in (first, second)] == ["filled", "expired"]


def test_a_book_is_taken_level_by_level():
    """A marketable order takes the shown levels at once, each at its price; what it took is gone until the next book."""
    desk = Desk()
    desk.book([(99.0, 5.0)], [(100.0, 3.0), (100.5, 4.0), (102.0, 50.0)])

    first = desk.place(symbol="B", price="101.00", quantity="10")
    second = desk.place(symbol="B", price="101.00", quantity="1", time_in_force="ioc")

    assert desk.fills() == [("3", "100"), ("4", "100.5")]
    assert [desk.status(order) for order in (first, second)] == ["open", "expired"]


def test_the_rest_waits_for_the_other_side_to_come():
    """A resting order fills at its limit when a new book's other side comes to it, no more than is there."""
    desk = Desk()
    desk.book([(99.0, 5.0)], [(102.0, 3.0)])
    order = desk.place(symbol="B", price="101.00", quantity="10")

    desk.book([(99.0, 5.0)], [(101.0, 4.0)])
    desk.book([(99.0, 5.0)], [(100.0, 4.0), (101.5, 9.0)])

    assert desk.fills() == [("4", "101"), ("4", "101")]
    assert desk.broker.status(order["order_id"], None)["filled"] == "8"


def test_a_market_order_leaves_what_the_book_does_not_hold():
    """A market order takes what is shown and expires with the rest; it rests never."""
    desk = Desk()
    desk.book([(99.0, 5.0)], [(102.0, 3.0)])

    order = desk.place(symbol="B", quantity="10")

    assert (order["filled"], order["status"]) == ("3", "expired")


def test_sizes_below_a_lot_do_not_fill():
    """A level of two and a half fills two."""
    desk = Desk()
    desk.book([], [(100.0, 2.5)])

    order = desk.place(symbol="B", quantity="3", price="100.00")

    assert order["filled"] == "2"


def test_an_execution_is_told_before_its_order():
    """Frames come in the order of events: the order, its execution, the order as it is then."""
    desk = Desk()
    desk.place(quantity="2")

    desk.trade(100.0)

    assert [(kind, told.get("status")) for kind, told in desk.frames] == [
        ("order", "open"),
        ("fill", None),
        ("order", "filled"),
    ]


ORDERS = st.tuples(
    st.sampled_from("AB"),
    st.sampled_from(["buy", "sell"]),
    st.integers(1, 40),
    st.one_of(st.none(), st.integers(9_900, 10_100)),
)
MOVES = st.tuples(st.just("move"), st.integers(9_900, 10_100), st.integers(0, 60), st.integers(1, 30))


@given(
    st.lists(st.one_of(ORDERS, MOVES), max_size=40),
    st.sampled_from(["0", "2.5", "0.333333"]),
    st.sampled_from([None, "0.3"]),
)
def test_the_account_adds_up_exactly(happenings, fee_bps, participation):
    """Cash is first cash less what was paid and all fees, positions are what was bought less what was sold, to the last digit."""
    share = None if participation is None else Decimal(participation)
    desk = Desk(fee_bps=Decimal(fee_bps), participation=share, cash=Decimal("1000000.50"), leverage=Decimal(50))

    for what, *rest in happenings:
        if what == "move":
            at, size, spread = rest
            desk.trade(at / 100, float(size))
            desk.book([((at - spread) / 100, float(size + 1))], [((at + spread) / 100, float(size + 1))])
        else:
            side, quantity, price = rest
            desk.place(side, str(quantity), None if price is None else f"{price / 100:.2f}", symbol=what)
    truth = desk.broker.account.truth()

    paid, fees, held, filled = Decimal(0), Decimal(0), {}, {}
    for fill in truth["fills"]:
        sign = 1 if fill["side"] == "buy" else -1
        quantity, price, fee = (Decimal(fill[name]) for name in ("quantity", "price", "fee"))
        paid += sign * quantity * price
        fees += fee
        least = quantity * price * Decimal(fee_bps) / 10_000
        assert least <= fee < least + Decimal("1e-8")
        held[fill["symbol"]] = held.get(fill["symbol"], 0) + sign * quantity
        filled[fill["order_id"]] = filled.get(fill["order_id"], 0) + quantity
    assert Decimal(truth["cash"]) == Decimal("1000000.50") - paid - fees
    assert {name: Decimal(text) for name, text in truth["positions"].items()} == {k: v for k, v in held.items() if v}
    for order in truth["orders"]:
        assert Decimal(order["filled"]) == filled.get(order["order_id"], 0) <= Decimal(order["quantity"])
        assert (order["status"] == "filled") == (order["filled"] == order["quantity"])
        limit = order["price"]
        prices = [Decimal(fill["price"]) for fill in truth["fills"] if fill["order_id"] == order["order_id"]]
        beyond = [
            p for p in prices if limit is not None and (p > Decimal(limit) if order["side"] == "buy" else p < Decimal(limit))
        ]
        assert beyond == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"symbol": "Z"}, (404, 2002)),
        ({"symbol": ["A"]}, (400, 7001)),
        ({"side": "hold"}, (400, 7001)),
        ({"side": ["buy"]}, (400, 7001)),
        ({"quantity": "0"}, (400, 7001)),
        ({"quantity": "-1"}, (400, 7001)),
        ({"quantity": "1.5"}, (400, 7001)),
        ({"quantity": 1}, (400, 7001)),
        ({"quantity": "1e3"}, (400, 7001)),
        ({"quantity": "NaN"}, (400, 7001)),
        ({"price": "100.001"}, (400, 7001)),
        ({"price": None, "type": "limit"}, (400, 7001)),
        ({"price": "100", "type": "market"}, (400, 7001)),
        ({"type": "market", "time_in_force": "gtc"}, (400, 7001)),
        ({"type": "stop"}, (400, 7001)),
        ({"client_order_id": ""}, (400, 7001)),
        ({"client_order_id": "x" * 65}, (400, 7001)),
        ({"client_order_id": "a b"}, (400, 7001)),
        ({"client_order_id": None}, (400, 7001)),
        ({"sent_at_ns": None}, (400, 7001)),
        ({"sent_at_ns": True}, (400, 7001)),
        ({"clock": "wall"}, (400, 2001)),
        ({"clock": []}, (400, 2001)),
        ({"sent_at_ns": 995 * SECOND - 1}, (400, 7002)),
        ({"sent_at_ns": 999 * SECOND, "valid_ns": SECOND - 1}, (400, 7002)),
        ({"sent_at_ns": 1_001 * SECOND + 1}, (400, 7002)),
        ({"clock": "gateway"}, (400, 7002)),
        ({"quantity": "100000"}, (403, 7005)),
    ],
)
def test_what_is_no_order_is_refused(fields, code):
    """Each refusal has its own code, and nothing was placed."""
    desk = Desk()
    desk.trade(100.0)

    with pytest.raises(Refused) as refused:
        desk.place(**({"price": "100.00"} | fields))

    assert code_of(refused) == code
    assert desk.broker.account.orders == []


def test_an_id_is_taken_for_good():
    """The second order of one id is a duplicate whatever became of the first, also when the second is old or the market over."""
    desk = Desk()
    desk.place(client_order_id="mine")
    desk.trade(100.0)
    desk.market += 3_600 * SECOND
    desk.broker.finish()

    with pytest.raises(Refused) as refused:
        desk.place(client_order_id="mine", sent_at_ns=0)

    assert code_of(refused) == (409, 7006)


def test_either_clock_may_stamp_an_order():
    """A request that names the gateway's clock is judged by it."""
    desk = Desk()

    order = desk.place(clock="gateway", sent_at_ns=desk.gateway - 4 * SECOND)

    assert order["status"] == "open"


def test_the_market_closes_with_the_tape():
    """At the end open orders expire, and no more are taken."""
    desk = Desk()
    order = desk.place(price="90.00")

    desk.broker.finish()

    assert desk.status(order) == "expired"
    with pytest.raises(Refused) as refused:
        desk.place()
    assert code_of(refused) == (400, 7003)


def test_leverage_bounds_what_increases_and_never_what_reduces():
    """Open orders and positions together stay within the multiple of equity; selling what is held is always possible."""
    desk = Desk(cash=Decimal(1_000), leverage=Decimal(1))
    desk.trade(100.0)
    desk.place(quantity="6")
    desk.trade(100.0)

    with pytest.raises(Refused) as refused:
        desk.place(quantity="5", price="100.00")
    fits = desk.place(quantity="4", price="100.00")
    desk.trade(40.0)
    out = desk.place("sell", quantity="10")

    assert code_of(refused) == (403, 7005)
    assert (fits["status"], out["status"]) == ("open", "open")


def test_queries_lag_and_cancels_do_not():
    """What was just accepted is not shown, may be cancelled all the same, and shows on whichever clock comes first."""
    desk = Desk(faults={"most_lag": {"chance": 1.0}})
    first, second = desk.place(price="90.00"), desk.place(price="91.00")

    hidden = desk.broker.open_orders(None)["orders"]
    with pytest.raises(Refused) as refused:
        desk.status(first)
    desk.broker.cancel(first["order_id"], None)
    desk.gateway += SECOND
    shown = desk.broker.open_orders(None)["orders"]

    assert code_of(refused) == (404, 7007)
    assert (hidden, [order["order_id"] for order in shown]) == ([], [second["order_id"]])
    assert desk.status(first) == "canceled"


def test_positions_and_cash_show_with_their_executions():
    """While an execution is hidden, so are its position, its cash, and its part of the order."""
    desk = Desk(faults={"most_lag": {"chance": 1.0}})
    order = desk.place(quantity="2")
    desk.gateway += SECOND
    desk.trade(100.0)

    def seen():
        held = [line["quantity"] for line in desk.broker.positions(None)["positions"]]
        told = desk.broker.status(order["order_id"], None)
        fills = len(desk.broker.fills(None, None, None)["fills"])
        return held, desk.broker.funds()["balances"][0]["amount"], told["filled"], told["status"], fills

    before = seen()
    desk.market += SECOND

    assert before == ([], "100000", "0", "open", 0)
    assert seen() == (["2"], "99800", "2", "filled", 1)


def test_lists_come_by_pages_that_follow_each_other():
    """Pages go on where the last one ended, while executions and orders are added."""
    desk = Desk(page=2)
    for _ in range(5):
        desk.place(price="1.00")
    for _ in range(3):
        desk.place(quantity="1")
    desk.trade(100.0)

    pages, page = [], None
    while page is not None or not pages:
        found = desk.broker.open_orders(page)
        pages.append([order["order_id"] for order in found["orders"]])
        page = found["next"]
    first = desk.broker.fills(None, None, None)
    desk.place(quantity="1")
    desk.trade(101.0)
    rest = desk.broker.fills(None, None, first["next"])

    assert pages == [["o1", "o2"], ["o3", "o4"], ["o5"]]
    assert [fill["exec_id"] for fill in (*first["fills"], *rest["fills"])] == ["x1", "x2", "x3", "x4"]


def test_fills_are_asked_for_since_a_time_by_either_clock():
    """`since_ns` itself is included, on the clock that is named."""
    desk = Desk()
    for _ in range(2):
        desk.place(quantity="1")
        desk.trade(100.0)
        desk.market, desk.gateway = desk.market + 7, desk.gateway + 3

    by_market = desk.broker.fills(desk.market - 7, "market", None)["fills"]
    by_gateway = desk.broker.fills(str(desk.gateway - 3), "gateway", None)["fills"]
    after = desk.broker.fills(desk.market - 6, None, None)["fills"]

    assert [fill["exec_id"] for fill in by_market] == [fill["exec_id"] for fill in by_gateway] == ["x2"]
    assert after == []


@pytest.mark.parametrize("bad", [{"page": "-1"}, {"page": "x"}, {"since": "soon"}, {"clock": "wall"}])
def test_bad_questions_are_refused(bad):
    """What can't be read of a question is 2001."""
    desk = Desk()

    with pytest.raises(Refused) as refused:
        desk.broker.fills(bad.get("since"), bad.get("clock"), bad.get("page"))

    assert code_of(refused) == (400, 2001)


def test_cancelling_what_can_not_be_cancelled():
    """Unknown is 7007, ended is 7008, by either id."""
    desk = Desk()
    order = desk.place(client_order_id="mine", price="90.00")

    done = desk.broker.cancel("mine", "client_order_id")
    codes = []
    for name, by in (("mine", "client_order_id"), (order["order_id"], None), ("o99", None), ("../", None), ("mine", None)):
        with pytest.raises(Refused) as refused:
            desk.broker.cancel(name, by)
        codes.append(code_of(refused)[1])

    assert done["status"] == "canceled"
    assert codes == [7008, 7008, 7007, 7007, 7007]

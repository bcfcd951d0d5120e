"""What the kernel wants is at the venue once, in whole ticks and lots, and as long as it wants it."""

from decimal import Decimal

import pytest

from runner.live.desk import Cancel, View
from runner.live.gate import Denied, Wanted
from runner.live.model import Instrument, Order, Quote, State, Status
from runner.live.trading.router import Router, Wish
from runner.live.trading.trader import KernelLine
from runner.trading.kernel import layout

A = Instrument("A", Decimal("0.01"), Decimal(10), "USD")
QUOTE = Quote("A", 9_900, 10_100, 0)


def router(reach=0.05):
    return Router(["A"], {"A": A}, reach=reach)


def ordered(quantity, kind=layout.MARKET, price=0.0, number=1):
    return KernelLine((layout.ORDER_LINE, number, 60, 0, layout.LONG_ENTER, int(kind), quantity, price))


def filled(quantity, number=1):
    return KernelLine((layout.FILL_LINE, number, 61, 0, 0, 0, quantity))


def view(state=None, quote=QUOTE):
    return View(State({"A": A}) if state is None else state, {} if quote is None else {"A": quote}, 0)


def working(signal=1, side=1):
    state = State({"A": A})
    order = Order(
        "c1", 1, "A", side, 3, 10_000, rests=True, sent_at_ns=0, signal=signal, status=Status.WORKING, venue_ids=("v1",)
    )
    state.orders["c1"] = state.live["c1"] = order
    return state


@pytest.mark.parametrize(("quantity", "side", "price"), [(35.0, 1, 10_605), (-35.0, -1, 9_405)])
def test_a_market_order_is_a_limit_within_reach(quantity, side, price):
    """Five hundredths beyond the best price, three whole lots of ten, at once or never."""
    desk = router()
    desk.answered([ordered(quantity)], lambda _: 0.0)

    assert desk.decide(view()) == [Wanted("A", side, 3, price, rests=False, signal=1)]


@pytest.mark.parametrize(("quantity", "price"), [(30.0, 10_012), (-30.0, 10_013)])
def test_a_limit_between_two_ticks_fills_later_not_sooner(quantity, price):
    """A buyer pays no more, a seller takes no less."""
    desk = router()
    desk.answered([ordered(quantity, layout.LIMIT, 100.125)], lambda _: 0.0)

    (found,) = desk.decide(view())

    assert (found.price, found.rests) == (price, True)


def test_nothing_is_sent_twice_for_one_instant():
    """What was tried is tried again at the next one."""
    desk = router()
    desk.answered([ordered(30.0)], lambda _: 0.0)
    desk.decide(view())

    assert desk.decide(view()) == []
    desk.begin_instant()
    assert len(desk.decide(view())) == 1


def test_what_is_left_of_an_order_is_sent():
    """Of thirty units ten have filled."""
    desk = router()
    desk.answered([ordered(30.0), filled(10.0)], lambda _: 0.0)

    assert [each.quantity for each in desk.decide(view())] == [2]


@pytest.mark.parametrize("lot", ["0.1", "0.01", "0.001", "0.00001"])
def test_no_lot_is_lost_to_the_rounding_of_what_is_left(lot):
    """Three tenths less one tenth are a hair less than two tenths in binary, and two lots all the same, down to the last."""
    desk = Router(["A"], {"A": Instrument("A", Decimal("0.01"), Decimal(lot), "USD")}, reach=0.05)
    step = float(lot)
    desk.answered([ordered(29 * step)], lambda _: 0.0)

    for left in range(29, 0, -1):
        desk.begin_instant()
        assert [each.quantity for each in desk.decide(view())] == [left]
        desk.answered([filled(step)], lambda _: 0.0)
    assert desk.wishes == {}


def test_an_order_of_an_earlier_decision_is_cancelled_first():
    """Nothing is sent while it may still fill."""
    desk = router()
    desk.answered([ordered(30.0, number=2)], lambda _: 0.0)

    assert desk.decide(view(working(signal=1))) == [Cancel("c1")]


def test_an_order_that_nobody_wants_any_more_is_cancelled():
    """Its end is the kernel's word."""
    desk = router()
    desk.answered([ordered(30.0), KernelLine((layout.END_LINE, 1, 61, 0, layout.EXPIRED, 0))], lambda _: 0.0)

    assert desk.decide(view(working())) == [Cancel("c1")]


@pytest.mark.parametrize("quote", [None, Quote("A", 9_900, None, 0)], ids=["no quote", "no offer"])
def test_without_a_price_nothing_is_sent(quote):
    """A market order has none of its own."""
    desk = router()
    desk.answered([ordered(30.0)], lambda _: 0.0)

    assert desk.decide(view(quote=quote)) == []


def test_h5_nothing_is_sent_while_the_market_is_closed_but_cancels():
    """What was decided then waits for the open."""
    desk = router()
    desk.is_open = lambda: False
    desk.answered([ordered(30.0, number=2)], lambda _: 0.0)

    assert desk.decide(view()) == []
    assert desk.decide(view(working(signal=1))) == [Cancel("c1")]
    desk.is_open = lambda: True
    assert len(desk.decide(view())) == 1


@pytest.mark.parametrize(("held", "ends"), [(0.0, 1), (-50.0, 0)], ids=["opens", "closes"])
def test_a_refusal_ends_what_opens_and_keeps_what_closes(held, ends):
    """A position has to be closed sooner or later."""
    desk = router()
    desk.answered([ordered(30.0)], lambda _: held)
    (wanted,) = desk.decide(view())

    desk.told(wanted, Denied("MAX_ORDER", "too much"))

    reports = desk.reports(State({"A": A}), set(), 70, 3)
    assert [(report.order, report.how) for report, _ in reports] == [(1, layout.REJECTED)] * ends
    assert desk.refused == {"MAX_ORDER: too much": 1}


def test_a_process_that_goes_on_knows_what_was_wanted():
    """From the kernel's own list of orders at work."""
    desk = router()
    desk.wishes["A"] = Wish(4, 20.0, None, is_closing=False)

    assert [(each.signal, each.quantity) for each in desk.decide(view())] == [(4, 2)]

"""What a session that goes on makes of orders that the process before had sent."""

from decimal import Decimal

import pytest

from runner.engine.arriving import Working
from runner.live.desk import Cancel, View
from runner.live.model import BUY, Instrument, Order, Quote, State, Status
from runner.live.trading.router import Router
from runner.trading.kernel import layout

ABC = Instrument("ABC", Decimal("0.01"), Decimal(1), "USD")
MARKET, LIMIT = None, 10.0


def resumed(limit):
    """Return a router that took over an order to buy five, the kernel's seventh."""
    router = Router(["ABC"], {"ABC": ABC}, reach=0.05)
    router.go_on([Working(0, 7, 5.0, limit)], lambda _: 0.0)
    return router


def state_with(status, signal=7):
    """Return the books of a session that sent an order before."""
    order = Order("c1", 1, "ABC", BUY, 5, 1_000, rests=True, sent_at_ns=0, signal=signal, status=status)
    live = {order.coid: order} if status.is_live else {}
    return State({"ABC": ABC}, {order.coid: order}, live)


def decided(router, state):
    return router.decide(View(state, {"ABC": Quote("ABC", 999, 1_001, 0)}, 0))


@pytest.mark.parametrize("status", [Status.WORKING, Status.PARTIAL, Status.UNKNOWN])
def test_an_order_that_still_works_is_not_sent_again(status):
    """Nor cancelled: it is what the kernel wants."""
    router = resumed(LIMIT)

    assert router.reports(state_with(status), (), 1, 2) == []
    assert list(decided(router, state_with(status))) == []


@pytest.mark.parametrize(
    ("status", "limit", "how"),
    [
        (Status.REJECTED, MARKET, layout.REJECTED),
        (Status.NOT_PLACED, MARKET, layout.CANCELLED),
        (Status.CANCELED, LIMIT, layout.CANCELLED),
    ],
)
def test_an_order_that_ended_meanwhile_is_reported(status, limit, how):
    """The kernel is told, as if the process that sent it had lived."""
    router = resumed(limit)

    reports = router.reports(state_with(status), (), 1, 2)

    assert [(report.order, report.how, report.quantity) for report, _ in reports] == [(7, how, 0.0)]


def test_what_was_decided_and_never_sent_is_sent_now():
    """Killed between the decision's line and the intent: nothing of it is at the venue."""
    router = resumed(MARKET)

    assert router.reports(State({"ABC": ABC}), (), 1, 2) == []
    (wanted,) = decided(router, State({"ABC": ABC}))

    assert (wanted.signal, wanted.side, wanted.quantity, wanted.rests) == (7, BUY, 5, False)


def test_an_order_of_an_older_decision_is_cancelled_first():
    """Nothing is sent for a symbol while something else may still fill there."""
    router = resumed(MARKET)
    state = state_with(Status.WORKING, signal=6)

    assert router.reports(state, (), 1, 2) == []
    assert list(decided(router, state)) == [Cancel("c1")]

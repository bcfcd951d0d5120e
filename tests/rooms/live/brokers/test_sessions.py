"""Whole sessions over every broker: whatever is lost on the way, the books end as the venue's, to the last digit.

The session is the real one, and so are contract, signatures and private stream; the venue is a fake, and time is virtual.
"""

import pytest

from runner.live.desk import Replace
from runner.live.model import SELL, Quote, SessionState, Status
from runner.live.ports import Action
from runner.live.setup import ForeignPolicy
from tests.fake_venues.all_venues import VENUES
from tests.fake_venues.bench import VenueBench
from tests.live_bench import SECOND

KINDS = sorted(VENUES)
PLACE, CANCEL, QUERY, FILLS, OPEN, REPLACE = (
    Action.PLACE,
    Action.CANCEL,
    Action.QUERY,
    Action.FILLS,
    Action.OPEN_ORDERS,
    Action.REPLACE,
)


def play(kind, scenario, **told):
    return VenueBench(kind, **told).run(scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_orders_work_fill_and_are_cancelled(kind):
    """Without faults: acknowledged, filled in parts, cancelled, sold again; everything exact at the end."""

    async def scenario(bench):
        await bench.live()
        first = await bench.working(10)
        bench.fill(first, 4)
        await bench.until(lambda: bench.order(first).filled == 4)
        bench.session.orders.cancel(first, "test")
        await bench.until(lambda: not bench.order(first).status.is_live)
        second = await bench.working(3, 1_900, symbol=bench.venue.symbols[1])
        bench.fill(second, 3)
        third = await bench.working(2, 2_100, side=SELL)
        bench.fill(third, 2)
        await bench.until(lambda: bench.order(third).status is Status.FILLED)
        assert (bench.order(first).status, bench.order(second).status) == (Status.CANCELED, Status.FILLED)
        bench.session.stop()
        assert await bench.ended() == 0
        assert bench.differences() == []

    play(kind, scenario)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("plan", ["mute", "after", "twice", ("late", 3 * SECOND)])
@pytest.mark.parametrize("is_deaf", [False, True])
def test_an_order_whose_answer_says_nothing_is_found_and_counted_once(kind, plan, is_deaf):
    """The venue took it, and filled a part before anybody heard: one order, one position, whatever the stream told."""

    async def scenario(bench):
        await bench.live()
        bench.lines.deaf = is_deaf
        bench.way.plan(PLACE, plan)
        coid = bench.buy(10)
        await bench.until(lambda: bench.there(coid))
        bench.fill(coid, 3)
        await bench.until(lambda: bench.order(coid).filled == 3)
        bench.session.stop()
        assert await bench.ended() == 0
        assert len(bench.there(coid)) == 1
        assert bench.state.killed is None
        assert bench.differences() == []

    play(kind, scenario)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("plan", ["drop", "before"])
def test_an_order_that_never_arrived_is_proved_absent_or_frozen(kind, plan):
    """Where a request has a validity, two not-founds after it are the proof; where it has none, the operator is asked."""

    async def scenario(bench):
        await bench.live()
        bench.way.plan(PLACE, plan)
        coid = bench.buy(10)
        if bench.broker.profile().valid_ns is not None:
            await bench.until(lambda: bench.order(coid).status is Status.NOT_PLACED)
        else:
            await bench.until(lambda: bench.state.frozen)
            assert bench.order(coid).status is Status.UNKNOWN
            bench.session.stop()
            assert await bench.ended() == 3
            await bench.live(resume="it isn't there", resume_absent=frozenset({coid}))
            assert bench.order(coid).status is Status.NOT_PLACED
        assert bench.there(coid) == []
        bench.session.stop()
        assert await bench.ended() == 0
        assert bench.differences() == []

    play(kind, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_an_execution_that_the_stream_drops_is_swept(kind):
    """Heartbeats or pongs go on, the fill's frame is lost: the sweep brings it within seconds."""

    async def scenario(bench):
        await bench.live()
        coid = await bench.working(10)
        bench.lines.deaf = True
        bench.fill(coid, 10)
        await bench.until(lambda: bench.order(coid).status is Status.FILLED, seconds=30)
        bench.session.stop()
        assert await bench.ended() == 0
        assert bench.differences() == []

    play(kind, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_a_session_that_dies_with_an_order_on_its_way_finds_it_again(kind):
    """Sent and not answered when the process died; filled meanwhile; the next session knows all of it before it trades."""

    async def scenario(bench):
        await bench.live()
        bench.way.plan(PLACE, "mute")
        coid = bench.buy(10)
        await bench.until(lambda: bench.there(coid))
        await bench.die()
        bench.fill(coid, 6)
        await bench.live()
        assert (bench.order(coid).status, bench.order(coid).filled) == (Status.PARTIAL, 6)
        bench.session.stop()
        assert await bench.ended() == 0
        assert bench.differences() == []

    play(kind, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_a_latch_cancels_everything_whatever_is_lost(kind):
    """Cancels dropped, refused for rate, answered with errors: they go out until nothing is open."""

    async def scenario(bench):
        await bench.live()
        coids = [await bench.working(lots, 2_000 - lots) for lots in (1, 2, 3)]
        bench.way.plan(PLACE, "mute")
        coids.append(bench.buy(4))
        bench.way.plan(CANCEL, "drop", "before", "after", "mute", "mute")
        bench.session.latch("test")
        assert await bench.ended() == 4
        assert [order for order in bench.account.orders if order.is_open] == []
        assert bench.differences() == []
        assert all(not bench.order(coid).status.is_live for coid in coids)

    play(kind, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_limits_on_questions_are_waited_out(kind):
    """429 with its wait on the sweeps: it steps back and goes on, nothing is latched."""

    async def scenario(bench):
        await bench.live()
        coid = await bench.working(10)
        bench.lines.deaf = True
        bench.fill(coid, 5)
        bench.venue.next_reply = bench.venue.limited(3)
        await bench.until(lambda: bench.order(coid).filled == 5)
        bench.session.stop()
        assert await bench.ended() == 0
        assert bench.session.line.limits_met == 1
        assert bench.differences() == []

    play(kind, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_a_ban_latches(kind):
    """Shut out: nothing new is sent, and when the venue answers again everything is cancelled."""

    async def scenario(bench):
        await bench.live()
        await bench.working(10)
        bench.venue.next_reply = bench.venue.banned()
        await bench.until(lambda: bench.state.killed is not None)
        assert "shut us out" in bench.state.killed
        assert await bench.ended() == 4
        assert bench.differences() == []

    play(kind, scenario, halt_ns=600 * SECOND)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_that_breaks_is_opened_again_and_reconciled(kind):
    """Degraded while it is closed, live again after a reconciliation, with what happened meanwhile."""

    async def scenario(bench):
        await bench.live()
        coid = await bench.working(10)
        bench.lines.cut()
        bench.fill(coid, 7)
        await bench.until(lambda: bench.state_is(SessionState.DEGRADED))
        await bench.until(lambda: bench.state_is(SessionState.LIVE) and bench.order(coid).filled == 7)
        assert len(bench.lines.opened) == 2
        bench.session.stop()
        assert await bench.ended() == 0
        assert bench.differences() == []

    play(kind, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_a_quiet_stream_stays_open(kind):
    """Nothing happens for ten minutes: what keeps the stream alive is heard, and it is never opened anew."""

    async def scenario(bench):
        await bench.live()
        until = bench.world.now + 600 * SECOND
        await bench.until(lambda: bench.world.now > until, seconds=700)
        assert len(bench.lines.opened) == 1
        assert bench.state_is(SessionState.LIVE)

    play(kind, scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_of_somebody_else_latches(kind):
    """A foreign order that fills before anybody asked: its execution is asked about, booked, and the session latched."""

    async def scenario(bench):
        await bench.live()
        bench.lines.deaf = True
        lot = bench.account.steps[bench.venue.symbols[0]][1]
        order = bench.account.place(
            "somebody-else", bench.venue.symbols[0], 1, 5 * lot, bench.account.steps[bench.venue.symbols[0]][0] * 2_000
        )
        bench.account.fill(order, 5 * lot)
        await bench.until(lambda: bench.state.killed is not None)
        assert "not ours" in bench.state.killed
        assert await bench.ended() == 4
        assert bench.differences() == []

    play(kind, scenario, foreign=ForeignPolicy.REFUSE)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "tickdb"])
@pytest.mark.parametrize("plan", [None, "mute", "after"])
def test_a_replacement_leaves_one_order(kind, plan):
    """Whatever its answer: the old order has ended, the new one is there once."""

    async def scenario(bench):
        await bench.live()
        old = await bench.working(10)
        if plan:
            bench.way.plan(REPLACE, plan)
        from_desk = bench.session.orders.replace(Replace(old, 5, 2_001, 1))
        await bench.until(lambda: bench.order(from_desk).is_acked and not bench.order(old).status.is_live)
        bench.fill(from_desk, 5)
        await bench.until(lambda: bench.order(from_desk).status is Status.FILLED)
        bench.session.stop()
        assert await bench.ended() == 0
        assert bench.differences() == []

    play(kind, scenario)


def test_binance_books_a_fee_in_the_base_asset_and_then_says_that_it_differs():
    """The venue's default for purchases makes no whole lots: booked, compared, latched; BNB is the way."""

    async def scenario(bench):
        bench.account.fee_asset = "BTC"
        bench.account.cash["BTC"] = bench.account.cash["BNB"] * 0
        await bench.live()
        coid = await bench.working(1_000)
        bench.fill(coid, 1_000)
        await bench.until(lambda: bench.state.killed is not None)
        assert "BTC" in bench.state.killed

    play("binance", scenario, compare_ns=5 * SECOND)


def test_a_quote_of_another_symbol_is_nobody_s():
    """What isn't an instrument of the session is passed over."""

    async def scenario(bench):
        await bench.live()
        bench.session.on_quote(Quote("NOBODY", 1, 2, bench.clock.mono_ns()))
        assert "NOBODY" not in bench.session.quotes

    play("tickdb", scenario)

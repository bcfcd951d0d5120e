"""The order path, one fault at a time: what a session makes of every way in which a venue may fail to answer."""

import json
from dataclasses import replace

import pytest

from runner.live.gate import Denied, Wanted
from runner.live.model import SessionState, Status
from runner.live.ports import Action, Response
from runner.live.setup import ForeignPolicy
from tests.live_bench import PROFILE, SECOND, Bench, limits, response

PLACE, CANCEL, QUERY, REPLACE, FILLS, OPEN = (
    Action.PLACE,
    Action.CANCEL,
    Action.QUERY,
    Action.REPLACE,
    Action.FILLS,
    Action.OPEN_ORDERS,
)
NO_WINDOW = replace(PROFILE, valid_ns=None)


def play(scenario, **told):
    return Bench(**told).run(scenario)


def test_an_order_works_fills_and_is_counted():
    """The path without faults: sent once, acknowledged, filled in two parts, position and cash exact."""

    async def scenario(bench):
        await bench.live()
        coid, order = await bench.working(10, 10_000)
        bench.venue.fill(order, 4, fee="0.25")
        bench.venue.fill(order, 6, "99.995")
        await bench.until(lambda: bench.order(coid).status is Status.FILLED)

        assert bench.state.position("XYZ") == 10
        assert bench.state.accounts["USD"].cash == int(bench.venue.cash * 10**18)
        assert len(bench.venue.sent(PLACE)) == 1

    play(scenario)


def test_d1_request_that_never_arrived_is_not_placed_only_after_the_bound():
    """Nobody says it was not placed before validity, visibility and clock error have passed."""

    async def scenario(bench):
        await bench.live()
        bench.venue.plan(PLACE, "drop")
        coid = bench.buy()
        sent = bench.order(coid).sent_at_ns
        await bench.until(lambda: bench.order(coid).status is not Status.UNKNOWN)

        assert bench.order(coid).status is Status.NOT_PLACED
        assert bench.venue.utc_ns() - sent >= 7 * SECOND
        assert len(bench.venue.sent(PLACE)) == 1

    play(scenario)


def test_d2_order_whose_answer_was_lost_is_found():
    """The venue took it, the answer was lost, and so were the frames: a question finds the one order."""

    async def scenario(bench):
        await bench.live()
        bench.stream.deaf = True
        bench.venue.plan(PLACE, "mute")
        coid, order = await bench.working()

        assert bench.order(coid).status is Status.WORKING
        assert (bench.order(coid).venue_ids, len(bench.venue.orders)) == ((order.order_id,), 1)

    play(scenario)


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_d3_server_error_says_nothing_about_the_order(status, is_after):
    """An error may come before the order was taken or after: both end in the truth, with one request."""

    async def scenario(bench):
        await bench.live()
        bench.stream.deaf = True
        broken = Response(status, b"oops")
        bench.venue.plan(PLACE, ("after", broken) if is_after else broken)
        coid = bench.buy()
        await bench.until(lambda: bench.order(coid).status is not Status.UNKNOWN)

        assert bench.order(coid).status is (Status.WORKING if is_after else Status.NOT_PLACED)
        assert len(bench.venue.sent(PLACE)) == 1

    play(scenario)


@pytest.mark.parametrize(("late", "ends"), [(4 * SECOND, Status.WORKING), (6 * SECOND, Status.NOT_PLACED)])
def test_d4_order_that_lands_late_is_found_or_refused_by_its_window(late, ends):
    """Long after its timeout an order lands: inside its validity it works, beyond it the venue refuses it."""

    async def scenario(bench):
        await bench.live()
        bench.stream.deaf = True
        bench.venue.plan(PLACE, ("late", late))
        coid = bench.buy()
        await bench.until(lambda: bench.order(coid).status is not Status.UNKNOWN)
        await bench.wait(10)

        assert bench.order(coid).status is ends
        assert len(bench.at_venue(coid)) == (ends is Status.WORKING)

    play(scenario)


def test_d4_order_that_lands_after_our_crash_is_found_by_the_next_session():
    """The process dies with the order on its way; the next one resolves it before it trades."""

    async def scenario(bench):
        await bench.live()
        bench.venue.plan(PLACE, ("late", 3 * SECOND))
        coid = bench.buy()
        await bench.until(lambda: bench.venue.sent(PLACE))
        await bench.die()
        await bench.live()

        assert bench.order(coid).status is Status.WORKING
        assert len(bench.at_venue(coid)) == len(bench.venue.sent(PLACE)) == 1

    play(scenario)


def test_d5_no_id_is_ever_sent_twice():
    """Whatever becomes of orders, each id leaves in one request."""

    async def scenario(bench):
        await bench.live()
        bench.venue.plan(PLACE, "drop", "mute", Response(500, b""), response(429, {}, retry_after="1"), None)
        for lots in range(1, 6):
            bench.buy(lots)
        await bench.wait(30)

        ids = [dict(request.fields)["client_order_id"] for request in bench.venue.sent(PLACE)]
        assert sorted(ids) == sorted(set(ids))
        assert len(ids) == 5

    play(scenario)


def test_d6_duplicate_id_is_a_hint_to_ask():
    """A venue that knows the id already has the order: it is asked, not rejected."""

    async def scenario(bench):
        await bench.live()
        bench.stream.deaf = True
        bench.venue.plan(PLACE, ("after", response(409, {"code": "duplicate_id"})))
        coid, _ = await bench.working()

        assert bench.order(coid).status is Status.WORKING
        assert "EXISTS" in bench.bells.codes()

    play(scenario)


def test_d7_not_found_means_nothing_while_the_venue_may_hide_the_order():
    """The venue shows the order two seconds late: nothing is concluded before."""

    async def scenario(bench):
        await bench.live()
        bench.stream.deaf = True
        bench.venue.lag_ns = 2 * SECOND
        bench.venue.plan(PLACE, "mute")
        coid = bench.buy()
        await bench.wait(1.9)
        before = bench.order(coid).status
        await bench.until(lambda: bench.order(coid).is_acked)

        assert before is Status.UNKNOWN
        assert bench.order(coid).status is Status.WORKING

    play(scenario)


def test_d8_bad_request_on_an_accepted_order_is_unknown():
    """Only what is on the venue's own list of definitive answers rejects an order."""

    async def scenario(bench):
        await bench.live()
        bench.stream.deaf = True
        bench.venue.plan(PLACE, ("after", response(400, {"code": "request_timed_out"})))
        coid = bench.buy()
        await bench.until(lambda: bench.order(coid).is_acked)

        assert bench.order(coid).status is Status.WORKING
        assert len(bench.venue.sent(QUERY)) == 1
        assert "REJECT" not in bench.disk.kinds()

    play(scenario)


def test_d8_definitive_answer_rejects():
    """An answer on the list ends the order at once."""

    async def scenario(bench):
        await bench.live()
        bench.venue.plan(PLACE, response(403, {"code": "insufficient_funds"}))
        coid = bench.buy()
        await bench.until(lambda: bench.order(coid).status is Status.REJECTED)

        assert "QUERY" not in {request.action.name for _, request in bench.venue.asked}

    play(scenario)


def test_d9_fill_before_the_answer_implies_the_order():
    """A fill that overtakes the answer acknowledges the order."""

    async def scenario(bench):
        await bench.live()
        bench.stream.deaf = True
        bench.venue.plan(PLACE, "mute")
        coid = bench.buy(10)
        await bench.until(lambda: bench.venue.orders)
        bench.stream.deaf = False
        bench.venue.fill(bench.venue.orders[0], 3)
        await bench.until(lambda: bench.order(coid).filled == 3)

        assert bench.order(coid).status is Status.PARTIAL
        assert bench.order(coid).is_acked

    play(scenario)


@pytest.mark.parametrize(("policy", "halts"), [("refuse", True), ("count", False), ("adopt", False)])
def test_d10_foreign_fill_is_counted_and_refused_by_default(policy, halts):
    """Somebody else's execution moves the position; by default it halts the session as well."""

    async def scenario(bench):
        await bench.live()
        foreign = bench.venue.accept({"symbol": "XYZ", "side": "buy", "quantity": "7", "price": "100.00"})
        bench.venue.fill(foreign, 7)
        await bench.until(lambda: bench.state.position("XYZ") == 7)
        await bench.wait(1)

        assert (bench.state.killed is not None) is halts
        assert bench.disk.bodies("FOREIGN")[0]["quantity"] == 7

    play(scenario, foreign=ForeignPolicy(policy))


def test_d11_duplicate_fill_applied_once():
    """The same execution three times, by stream and by sweep, is one execution."""

    async def scenario(bench):
        await bench.live()
        coid, order = await bench.working(10)
        fill = bench.venue.fill(order, 4)
        bench.stream.tell({"type": "fill", "fill": fill})
        bench.stream.tell({"type": "fill", "fill": fill})
        await bench.wait(12)

        assert (bench.order(coid).filled, bench.state.position("XYZ")) == (4, 4)
        assert len(bench.disk.bodies("FILL")) == 1
        assert bench.state.killed is None

    play(scenario)


@pytest.mark.parametrize(
    ("changed", "held"), [({"quantity": "5"}, 5), ({"price": "99.99"}, 4), ({"fee": "1"}, 4), ({"side": "sell"}, 4)]
)
def test_d12_execution_with_other_numbers_halts(changed, held):
    """The same execution id with another content is a correction: booked where it is one, and the operator's to judge."""

    async def scenario(bench):
        await bench.live()
        _, order = await bench.working(10)
        fill = bench.venue.fill(order, 4)
        await bench.until(lambda: bench.state.position("XYZ") == 4)
        bench.stream.tell({"type": "fill", "fill": fill | changed})
        await bench.until(lambda: bench.state.killed is not None)

        assert bench.state.position("XYZ") == held
        assert ("CORRECT" in [row.kind for row in bench.disk.kept]) is ("side" not in changed)
        assert "KILL" in bench.bells.codes()

    play(scenario)


def test_d12_bust_is_booked_back_and_halts():
    """An execution that the venue takes back leaves the position, and the session halts."""

    async def scenario(bench):
        await bench.live()
        _, order = await bench.working(10)
        fill = bench.venue.fill(order, 4)
        await bench.until(lambda: bench.state.position("XYZ") == 4)
        bench.stream.tell({"type": "bust", "exec_id": fill["exec_id"]})
        await bench.until(lambda: bench.state.killed is not None)

        assert bench.state.position("XYZ") == 0

    play(scenario)


def test_d13_late_fill_after_a_cancel_is_counted_with_an_alarm():
    """Two partial fills, a cancel, and a fill nobody expected any more: the position is right and the bell rings."""

    async def scenario(bench):
        await bench.live()
        coid, order = await bench.working(10)
        bench.venue.fill(order, 2)
        bench.venue.fill(order, 3)
        bench.session.orders.cancel(coid, "test")
        await bench.until(lambda: bench.order(coid).status is Status.CANCELED)
        bench.venue.fill(order, 1)
        await bench.until(lambda: bench.state.position("XYZ") == 6)

        assert bench.state.late_fills == 1
        assert "LATE_FILL" in bench.bells.codes()

    play(scenario)


def test_d14_cancel_that_overtakes_a_fill_waits_for_it():
    """The venue says canceled with five filled, we know of none: the order ends when the five are found."""

    async def scenario(bench):
        await bench.live()
        coid, order = await bench.working(10)
        bench.venue.lag_ns = SECOND
        bench.venue.fill(order, 5, tell=False)
        bench.venue.end(order, "canceled")
        await bench.wait(0.5)
        before = bench.order(coid).status
        await bench.until(lambda: not bench.order(coid).status.is_live)

        assert before is Status.WORKING
        assert (bench.order(coid).status, bench.order(coid).filled) == (Status.CANCELED, 5)
        assert bench.state.position("XYZ") == 5

    play(scenario)


def test_d15_overfill_is_accepted_and_halts():
    """One lot more than was asked for is held, because it is held, and the session halts."""

    async def scenario(bench):
        await bench.live()
        _, order = await bench.working(10)
        bench.venue.fill(order, 11)
        await bench.until(lambda: bench.state.killed is not None)

        assert bench.state.position("XYZ") == 11

    play(scenario)


def test_d16_fill_lost_by_a_healthy_stream_is_swept():
    """The stream loses one frame and goes on as if nothing had happened: two sweeps later the fill is known."""

    async def scenario(bench):
        await bench.live()
        coid, order = await bench.working(10)
        bench.venue.fill(order, 4, tell=False)
        for _ in range(10):
            bench.stream.tell({"type": "heartbeat"})
            await bench.wait(1)

        assert bench.order(coid).filled == 4

    play(scenario)


@pytest.mark.parametrize("plan", ["drop", "mute", response(404, {"code": "order_not_found"})])
def test_d17_cancel_without_a_clear_answer_is_asked_for_again(plan):
    """A cancel that times out or finds nothing proves nothing: the flag stays until the venue shows the end."""

    async def scenario(bench):
        await bench.live()
        bench.stream.deaf = True
        coid, order = await bench.working()
        bench.venue.plan(CANCEL, plan)
        bench.session.orders.cancel(coid, "test")
        await bench.wait(0.2)
        before = bench.order(coid)
        assert before.is_cancel_asked
        assert before.status is Status.WORKING
        await bench.until(lambda: bench.order(coid).status is Status.CANCELED)

        assert order.status == "canceled"

    play(scenario)


def test_d17_cancel_of_a_filled_order_ends_as_filled():
    """The cancel comes too late: the fill decides."""

    async def scenario(bench):
        await bench.live()
        bench.stream.deaf = True
        coid, order = await bench.working(10)
        bench.venue.fill(order, 10)
        bench.session.orders.cancel(coid, "test")
        await bench.until(lambda: bench.order(coid).status is Status.FILLED)

        assert bench.state.position("XYZ") == 10

    play(scenario)


def test_d18_replacement_that_leaves_both_alive_is_two_orders_with_one_on_its_way_out():
    """The venue forks: both orders are known, and the old one is cancelled until it is gone."""

    async def scenario(bench):
        await bench.live()
        coid, old = await bench.working(10, 10_000)
        await bench.wait(0.1)
        bench.venue.plan(REPLACE, "drop")
        new = bench.swap(coid, 10, 9_990)
        fields = dict(bench.venue.sent(PLACE)[0].fields) | {"client_order_id": new, "price": "99.90"}
        bench.venue.plan(CANCEL, "drop")
        bench.venue.accept(fields)
        await bench.until(lambda: bench.order(new).is_acked)
        alive = set(bench.state.live)
        await bench.until(lambda: bench.order(coid).status is Status.CANCELED)

        assert alive == {coid, new}
        assert old.status == "canceled"
        assert bench.order(new).status is Status.WORKING

    play(scenario)


def test_d18_two_venue_orders_under_one_id_are_both_cancelled():
    """The venue makes two orders of one: both ids are kept, both are cancelled, and the session halts."""

    async def scenario(bench):
        await bench.live()
        coid, _ = await bench.working(10)
        bench.venue.accept(dict(bench.venue.sent(PLACE)[0].fields))
        await bench.until(lambda: not bench.order(coid).status.is_live)

        assert bench.order(coid).venue_ids == ("v1", "v2")
        assert [order.status for order in bench.venue.orders] == ["canceled", "canceled"]
        assert bench.state.killed is not None

    play(scenario)


@pytest.mark.parametrize(("definitive", "ends"), [(True, Status.REJECTED), (False, Status.NOT_PLACED)])
def test_d19_too_many_requests_backs_off_and_the_profile_says_what_it_means(definitive, ends):
    """429 keeps everything waiting as long as the venue asks; whether the order was looked at is the venue's promise."""

    async def scenario(bench):
        await bench.live()
        bench.venue.plan(PLACE, response(429, {"code": "rate_limited"}, retry_after="3"))
        coid = bench.buy()
        await bench.until(lambda: bench.session.line.limits_met == 1)
        began, count = bench.world.now, len(bench.venue.asked)
        await bench.wait(2.9)
        silent = len(bench.venue.asked) == count
        await bench.until(lambda: bench.order(coid).status is ends)

        assert silent, bench.world.now - began
        assert len(bench.venue.sent(PLACE)) == 1

    play(scenario, profile=replace(PROFILE, is_limit_definitive=definitive))


@pytest.mark.parametrize("status", [418, 403])
def test_d20_ban_halts_and_is_respected(status):
    """A ban latches the session, and not one request leaves before it is over, cancels neither."""

    async def scenario(bench):
        await bench.live()
        coid, order = await bench.working()
        bench.venue.plan(QUERY, response(status, {}, retry_after="20"))
        bench.session.resolver.doubtful.add(coid)
        await bench.until(lambda: bench.state.killed is not None)
        count = len(bench.venue.asked)
        await bench.wait(19.5)
        silent = len(bench.venue.asked) == count
        await bench.until(lambda: order.status == "canceled")

        assert silent

    play(scenario)


def test_d21_storm_of_rejections_halts():
    """So many rejections within so long latch the session."""

    async def scenario(bench):
        await bench.live()
        bench.venue.always[PLACE] = response(403, {"code": "insufficient_funds"})
        for lots in range(1, 6):
            assert bench.state.killed is None
            coid = bench.buy(lots)
            await bench.until(lambda coid=coid: bench.order(coid).status is Status.REJECTED)

        assert bench.state.killed is not None
        assert isinstance(bench.session.orders.submit(bench_wanted()), Denied)

    play(scenario, limits=limits(rejects=5))


def bench_wanted():
    return Wanted("XYZ", 1, 1, 10_000)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>ok</html>",
        b'{"order_id": "v1", "client_',
        json.dumps({"client_order_id": "?", "status": "open"}).encode(),
        b'{"order_id": 17}',
        b"[]",
        b"\xff\xfe",
        b'{"quantity": NaN}',
        b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("is_taken", [True, False])
def test_d22_malformed_success_is_neither_success_nor_failure(body, is_taken):
    """200 with a body nobody can read leaves the order unknown until a question is answered."""

    async def scenario(bench):
        await bench.live()
        bench.stream.deaf = True
        bench.venue.plan(PLACE, ("after", Response(200, body)) if is_taken else Response(200, body))
        coid = bench.buy()
        await bench.until(lambda: bench.order(coid).status is not Status.UNKNOWN)

        assert bench.order(coid).status is (Status.WORKING if is_taken else Status.NOT_PLACED)
        assert bench.venue.sent(QUERY)

    play(scenario)


def test_d23_half_a_replacement_is_taken_half_by_half():
    """Cancelled, but not placed: each half has its own outcome."""

    async def scenario(bench):
        await bench.live()
        bench.stream.deaf = True
        coid, old = await bench.working(10)
        await bench.wait(0.1)
        old.status = "canceled"
        half = response(409, {"old": old.told(), "new": {"code": "insufficient_funds"}})
        bench.venue.plan(REPLACE, half)
        new = bench.swap(coid, 5, 10_000)
        await bench.until(lambda: not bench.state.live)

        assert (bench.order(coid).status, bench.order(new).status) == (Status.CANCELED, Status.REJECTED)

    play(scenario)


def test_d24_numbers_changed_by_the_venue_count():
    """The venue rounds: its quantity and price are what is counted, and the bell rings."""

    async def scenario(bench):
        await bench.live()
        bench.venue.plan(PLACE, "drop")
        coid = bench.buy(10)
        await bench.until(lambda: bench.venue.sent(PLACE))
        bench.venue.accept(dict(bench.venue.sent(PLACE)[0].fields) | {"quantity": "8"})
        await bench.until(lambda: bench.order(coid).is_acked)
        bench.venue.fill(bench.venue.orders[0], 8)
        await bench.until(lambda: bench.order(coid).status is Status.FILLED)

        assert bench.order(coid).quantity == 8
        assert "CHANGED" in bench.bells.codes()

    play(scenario)


def test_d25_venue_that_counts_backwards_changes_no_id_of_ours():
    """The venue's own ids begin again after its restart: nothing is attributed by them, and a reused one halts."""

    async def scenario(bench):
        await bench.live()
        first, order = await bench.working(10)
        bench.venue.fill(order, 10)
        await bench.until(lambda: bench.order(first).status is Status.FILLED)
        bench.venue.orders.clear()  # the venue forgets, and its next id is v1 again
        second = bench.buy(5, 9_990)
        await bench.until(lambda: bench.state.killed is not None)

        assert first != second
        assert bench.order(first).filled == 10
        assert bench.order(second).filled == 0

    play(scenario)


def test_d26_absent_from_a_paged_list_is_not_closed():
    """Open orders come on three pages, and one isn't among them: it is asked about, not buried."""

    async def scenario(bench):
        await bench.live()
        bench.venue.page = 2
        coids = [(await bench.working(lots, 10_000 - lots))[0] for lots in range(1, 7)]
        hidden = bench.at_venue(coids[2])[0]
        bench.venue.always[OPEN] = response(
            200, {"orders": [each.told() for each in bench.venue.orders if each is not hidden], "next": None}
        )
        await bench.wait(12)

        assert [bench.order(coid).status for coid in coids] == [Status.WORKING] * 6
        asked = [dict(request.fields)["client_order_id"] for request in bench.venue.sent(QUERY)]
        assert set(asked) == {coids[2]}

    play(scenario)


def test_d26_pages_in_a_circle_are_no_list():
    """A cursor that leads back to a page that was read is an answer to nothing: the session isn't reconciled by it."""

    async def scenario(bench):
        bench.venue.always[FILLS] = response(200, {"fills": [], "next": "1"})
        bench.begin(recover_ns=10 * SECOND)
        await bench.until(lambda: bench.state_is(SessionState.HALTED))

        assert "recovery took too long" in bench.state.killed
        assert len(bench.venue.sent(FILLS)) < 100

    play(scenario)


def test_venue_without_a_window_freezes_what_can_not_be_proved():
    """Where not found never proves anything the instrument is frozen, the operator called, and the others go on."""

    async def scenario(bench):
        await bench.live()
        bench.venue.plan(PLACE, "drop")
        coid = bench.buy()
        await bench.until(lambda: bench.state.frozen)

        assert bench.order(coid).status is Status.UNKNOWN
        assert "FROZEN" in bench.bells.codes()
        assert isinstance(bench.session.orders.submit(bench_wanted()), Denied)
        assert bench.state.session is SessionState.LIVE

    play(scenario, profile=NO_WINDOW)

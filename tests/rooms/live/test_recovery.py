"""Startup is recovery: whatever the last session was in the middle of, the next one finds out before it trades."""

import asyncio
import gc
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from runner.errors import ConfigError, RunError
from runner.live.desk import Cancel, Replace
from runner.live.gate import Wanted
from runner.live.journal import restore
from runner.live.model import BUY, SessionState, Status
from runner.live.ports import Action, Response
from runner.live.setup import ForeignPolicy
from runner.live.snapshot import text
from tests.live_bench import INSTRUMENTS, MS, PROFILE, SECOND, Bench, Quiet, response, setup

ROOT = Path(__file__).parents[3]


def play(scenario, **told):
    return Bench(**told).run(scenario)


def test_f2_killed_between_the_intent_and_the_request():
    """The line is durable, no byte has left: the next session proves that it was never placed."""

    async def scenario(bench):
        await bench.live()
        bench.session.line.limiter.shut(10 * SECOND)
        coid = bench.buy()
        await bench.until(lambda: "INTENT" in bench.disk.kinds())
        await bench.die()
        await bench.live()

        assert bench.order(coid).status is Status.NOT_PLACED
        assert bench.venue.orders == []

    play(scenario)


def test_f2_killed_between_the_acknowledgement_and_its_line():
    """The venue has it and said so, the journal doesn't know: the next session learns it again, and its fill."""

    async def scenario(bench):
        await bench.live()
        coid = bench.buy(10)
        await bench.until(lambda: "INTENT" in bench.disk.kinds())
        bench.disk.delay_ns = 3_600 * SECOND
        await bench.until(lambda: bench.order(coid).is_acked)
        bench.venue.fill(bench.venue.orders[0], 4)
        await bench.until(lambda: bench.order(coid).filled == 4)
        await bench.die()
        assert "ACK" not in bench.disk.kinds()
        bench.disk.delay_ns = MS
        await bench.live()

        assert (bench.order(coid).status, bench.order(coid).filled) == (Status.PARTIAL, 4)
        assert len(bench.venue.sent(Action.PLACE)) == 1

    play(scenario)


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.1, 0.5, 2.2])
def test_f3_killed_three_times_in_the_middle_of_recovery(seconds):
    """Recovering again and again comes to the same end: nothing is doubled, nothing is lost."""

    async def scenario(bench):
        await bench.live()
        coid, order = await bench.working(10)
        await bench.die()
        bench.venue.fill(order, 6)
        for _ in range(3):
            bench.begin()
            await bench.wait(seconds)
            await bench.die()
        await bench.live()

        assert (bench.order(coid).filled, bench.state.position("XYZ")) == (6, 6)
        assert len(bench.disk.bodies("FILL")) == 1
        assert bench.state.boots >= 2

    play(scenario)


@pytest.mark.parametrize(
    "name", ["_read_frames", "_cancel_turn", "_resolve_turn", "_pulse_turn", "_mark_turn", "_time_turn"]
)
def test_f6_a_part_that_fails_halts_the_session(name):
    """An exception nobody has thought of, in any part: alarm, latch, everything cancelled, and not exit code 0."""

    async def scenario(bench):
        failures = []

        async def broken():
            failures.append(name)
            if len(failures) > 3:
                delattr(bench.session, name)
                bench.session.tasks.repeat(getattr(bench.session, name), "again")
                await asyncio.sleep(10_000)
            raise ZeroDivisionError

        bench.begin()
        setattr(bench.session, name, broken)
        bench.stream.arrived.set()
        code = await bench.ended()

        assert code == 4
        assert ("FAILED", f"{name.strip('_') if False else 'broken'}: ZeroDivisionError") in bench.bells.rung
        assert "failed" in bench.state.killed

    play(scenario)


def test_f6_a_sender_that_fails_halts_the_session():
    """The one task that sends an order raises: the order stays unknown until it is resolved, the session halts."""

    async def scenario(bench):
        await bench.live()

        async def broken(*_):
            raise ZeroDivisionError

        bench.session.orders._place = broken
        coid = bench.buy()
        assert await bench.ended() == 4

        assert bench.order(coid).status is Status.NOT_PLACED

    play(scenario)


def test_f7_no_task_is_lost_to_the_garbage_collector():
    """Collected at every step, everything still ends as it should."""

    async def scenario(bench):
        await bench.live()
        bench.venue.plan(Action.PLACE, ("late", SECOND))
        coid = bench.buy(10)
        for _ in range(150):
            gc.collect()
            await bench.wait(0.01)
        bench.venue.fill(bench.venue.orders[0], 10)
        await bench.until(lambda: bench.order(coid).status is Status.FILLED)

    # What other tests have left in memory is none of its business, and would be gone through every time.
    gc.freeze()
    try:
        play(scenario)
    finally:
        gc.unfreeze()


def cancelled_at(steps, seconds):
    """Cancel the sender of an order after so many steps and so long; return how it ended and what the venue has."""

    async def scenario(bench):
        await bench.live()
        coid = bench.buy(10)
        sender = next(task for task in bench.session.tasks.running if task.get_name() == f"send {coid}")
        for _ in range(steps):
            await asyncio.sleep(0)
        await bench.wait(seconds)
        sender.cancel()
        await bench.until(lambda: bench.order(coid).status is not Status.UNKNOWN)
        await bench.wait(1)
        return bench.order(coid).status, len(bench.at_venue(coid)), len(bench.venue.sent(Action.PLACE))

    return play(scenario)


def test_f8_a_send_that_is_cancelled_at_any_step_is_resolved():
    """Wherever it is cut, the order ends in the truth, with at most one request."""
    outcomes = [cancelled_at(steps, 0) for steps in range(12)]
    outcomes += [cancelled_at(0, seconds) for seconds in (0.0001, 0.001, 0.005, 0.0102, 0.02, 0.0205, 0.1)]

    assert all(status is (Status.WORKING if there else Status.NOT_PLACED) for status, there, _ in outcomes)
    assert all(there <= sent <= 1 for _, there, sent in outcomes)
    assert {there for _, there, _ in outcomes} == {0, 1}


class Raising(Quiet):
    def decide(self, _):
        raise ValueError("secret-word")


class Nonsense(Quiet):
    def __init__(self, answer):
        self.answer = answer

    def decide(self, _):
        return self.answer


def test_f11_a_strategy_that_raises_halts_and_is_not_quoted():
    """Its exception stops nothing but itself; its text, which may hold anything, isn't told."""

    async def scenario(bench):
        bench.desk = Raising()
        await bench.live()
        assert await bench.ended() == 4

        assert bench.state.killed == "the strategy failed: ValueError"
        assert not any("secret-word" in detail for _, detail in bench.bells.rung)

    play(scenario)


@pytest.mark.parametrize("answer", [["buy"], [None], 5, [float("nan")]])
def test_f11_a_strategy_that_answers_nonsense_halts(answer):
    """What is no instruction is nobody's to guess."""

    async def scenario(bench):
        bench.desk = Nonsense(answer)
        await bench.live()
        assert await bench.ended() == 4
        assert bench.venue.sent(Action.PLACE) == []

    play(scenario)


@pytest.mark.parametrize("wanted", [Wanted("XYZ", BUY, float("nan"), 10_000), Wanted("XYZ", BUY, 10, float("inf"))])
def test_f11_an_order_without_numbers_is_refused(wanted):
    """A target that is NaN is an order that is refused, with a line that says so."""

    async def scenario(bench):
        bench.desk = Nonsense([wanted])
        await bench.live()
        await bench.until(lambda: bench.state.denials)

        assert bench.state.intents == 0
        assert bench.state.session is SessionState.LIVE

    play(scenario)


def test_a_strategy_s_instructions_are_carried_out():
    """Wanted, cancelled, replaced: what a desk answers happens, and it sees what came of it."""

    async def scenario(bench):
        seen = []

        class Busy(Quiet):
            def decide(self, view):
                working = view.working("XYZ")
                seen.append([(order.price, order.is_cancel_asked) for order in working])
                if len(seen) == 1:
                    return [Wanted("XYZ", BUY, 5, 9_990), Wanted("XYZ", BUY, 5, 9_980)]
                if len(seen) == 2:
                    return [Cancel(working[0].coid), Replace(working[1].coid, 7, 9_970, 2)]
                return []

        bench.desk = Busy()
        bench.begin()
        await bench.until(lambda: bench.state_is(SessionState.LIVE))
        for _ in range(3):
            bench.quote("XYZ", 9_999, 10_001)
            await bench.wait(1)

        assert seen == [[], [(9_990, False), (9_980, False)], [(9_970, False)]]

    play(scenario)


def test_f13_another_program_or_configuration_is_refused_unless_accepted_by_name():
    """The fingerprints of the last session are in the journal; account and instruments can't be accepted away."""

    async def scenario(bench):
        await bench.live()
        bench.session.stop()
        await bench.ended()
        for changed in ({"code": "other"}, {"config": "other"}, {"account": "other"}, {"environment": "live"}):
            bench.begin(**changed)
            with pytest.raises(RunError, match=rf"journal\.{next(iter(changed))}"):
                await bench.ended()
        bench.begin(account="other", accept_change=True)
        with pytest.raises(RunError):
            await bench.ended()
        await bench.live(code="other", config="new", accept_change=True)
        assert (bench.state.code, bench.state.config) == ("other", "new")
        bench.session.stop()
        await bench.ended()
        bench.begin(code="code", config="new")
        with pytest.raises(RunError, match=r"journal\.code"):
            await bench.ended()

    play(scenario)


def test_another_lot_size_is_another_journal():
    """Every number of a journal is in ticks and lots: others can't be accepted."""
    coarse = {"XYZ": replace(INSTRUMENTS["XYZ"], lot=INSTRUMENTS["XYZ"].lot * 10), "ABC": INSTRUMENTS["ABC"]}

    async def scenario(bench):
        await bench.live()
        bench.session.stop()
        await bench.ended()
        bench.begin(instruments=coarse, accept_change=True)
        with pytest.raises(RunError, match=r"journal\.instruments"):
            await bench.ended()

    play(scenario)


def test_a_session_has_one_currency():
    """Limits are in one currency; an instrument of another one is refused before anything is read."""
    with pytest.raises(ConfigError, match=r"instruments\.XYZ"):
        setup(instruments={"XYZ": replace(INSTRUMENTS["XYZ"], currency="EUR")}, currency="USD")


@pytest.mark.parametrize("what", ["position", "cash"])
def test_mismatch_halts_with_a_difference_and_makes_nothing_up(what):
    """One lot or one cent that nobody can explain: halted, told, and not booked away."""

    async def scenario(bench):
        await bench.live()
        await bench.die()
        if what == "position":
            bench.venue.positions["XYZ"] = 1
        else:
            bench.venue.cash += type(bench.venue.cash)("0.01")
        rows = len(bench.disk.kept)
        bench.begin()
        assert await bench.ended() == 4

        assert ("XYZ: 0 lots here, 1 at the venue" if what == "position" else "USD: ") in bench.state.killed
        assert not {"ADJUST", "FILL", "FOREIGN"} & {row.kind for row in bench.disk.kept[rows:]}

    play(scenario)


def test_foreign_order_at_startup_is_refused_by_default():
    """Somebody else's open order: counted and refused; adopted, it is cancelled when the session is latched."""

    async def scenario(bench):
        order = bench.venue.accept({"symbol": "XYZ", "side": "sell", "quantity": "3", "price": "105.00"})
        bench.begin()
        await bench.until(lambda: hasattr(bench.session, "journal") and bench.state.foreign)
        if bench.session.setup.foreign is ForeignPolicy.ADOPT:
            await bench.until(lambda: bench.state_is(SessionState.LIVE))
            bench.session.latch("test")
            await bench.until(lambda: order.status == "canceled")
        await bench.wait(3)
        return order.status, bench.state.killed, bench.state.session

    assert play(scenario)[1] == "an open order of the account is not ours: v1"
    assert play(scenario, foreign=ForeignPolicy.COUNT) == ("open", None, SessionState.LIVE)
    assert play(scenario, foreign=ForeignPolicy.ADOPT)[0] == "canceled"


def test_the_stream_is_open_before_the_first_question():
    """What happens between the list and the stream would be lost: the stream comes first, its frames wait."""

    async def scenario(bench):
        await bench.live()
        _, order = await bench.working(10)
        await bench.die()
        bench.begin()
        await bench.until(lambda: bench.venue.sent(Action.POSITIONS)[2:], 20)
        assert bench.stream.openings == 2
        bench.venue.fill(order, 10)
        await bench.until(lambda: bench.state_is(SessionState.LIVE))

        assert bench.state.position("XYZ") == 10

    play(scenario)


def test_a_recovery_that_takes_too_long_halts():
    """The venue doesn't answer for a minute: halted, with what it was at."""

    async def scenario(bench):
        bench.venue.is_unreachable = True
        bench.begin()
        await bench.until(lambda: bench.state_is(SessionState.HALTED), 90)

        assert "recovery took too long" in bench.state.killed
        assert bench.world.now <= 63 * SECOND

    play(scenario)


def test_h1_a_wall_clock_that_is_set_changes_nothing():
    """An hour forward, two back, in the middle of orders: no timer fires early or late, no order is refused or lost."""

    async def scenario(bench):
        await bench.live()
        for ahead in (3_600, -3_600, 0):
            bench.clock.wall_ahead = ahead * SECOND
            await bench.wait(3)
            bench.quote("XYZ", 9_999, 10_001)
            coid, order = await bench.working(10)
            began = bench.world.now
            bench.venue.plan(Action.PLACE, "drop")
            lost = bench.buy(5)
            await bench.until(lambda lost=lost: not bench.order(lost).status.is_live)
            assert 7 * SECOND <= bench.world.now - began <= 12 * SECOND
            bench.venue.fill(order, 10)
            await bench.until(lambda coid=coid: bench.order(coid).status is Status.FILLED)
            await bench.until(lambda: bench.state.session is SessionState.LIVE)

        assert [row.seq for row in bench.disk.kept] == list(range(1, len(bench.disk.kept) + 1))
        assert bench.state.killed is None

    play(scenario, profile=replace(PROFILE, max_skew_ns=7_200 * SECOND))


@pytest.mark.parametrize(("skew", "halts"), [(4.9, False), (-4.9, False), (5.1, True), (-5.1, True)])
def test_h2_skew_is_measured_and_beyond_its_bound_halts(skew, halts):
    """The venue's time goes into every stamp; a machine that is further off than its bound isn't trusted to trade."""

    async def scenario(bench):
        bench.clock.wall_ahead = int(skew * SECOND)
        bench.begin()
        await bench.until(lambda: bench.state_is(SessionState.LIVE) or bench.state_is(SessionState.HALTED))
        assert bench.state_is(SessionState.HALTED) is halts
        if not halts:
            bench.quote("XYZ", 9_999, 10_001)
            coid, _ = await bench.working()
            assert abs(bench.order(coid).sent_at_ns - bench.venue.utc_ns()) < SECOND // 2

    play(scenario)


def test_h3_after_sleep_everything_is_old():
    """The machine slept for half an hour: degraded, quotes too old, and reconciled before the next order."""

    async def scenario(bench):
        await bench.live(limits=replace(bench.session.setup.limits, max_age_ns=SECOND) if bench.session else LIMITED)
        assert isinstance(bench.session.orders.submit(Wanted("XYZ", BUY, 1, 10_000)), str)
        slept = 1_800 * SECOND
        bench.clock.wall_ahead = slept
        bench.venue.utc_ns = bench.clock.utc_ns
        swept = bench.session.resolver.swept_fills_ns
        await bench.until(lambda: bench.state.session is SessionState.DEGRADED, 2)
        denied = bench.session.orders.submit(Wanted("XYZ", BUY, 1, 10_000))
        assert denied.code in {"GATE", "STALE_DATA"}
        await bench.until(lambda: bench.state.session is SessionState.LIVE)

        assert bench.session.resolver.swept_fills_ns > swept
        assert abs(bench.session.venue_clock.now_ns() - bench.venue.utc_ns()) < SECOND
        assert bench.session.orders.submit(Wanted("XYZ", BUY, 1, 10_000)).code == "STALE_DATA"

    play(scenario)


LIMITED = replace(setup().limits, max_age_ns=SECOND)

DIGEST = """
import hashlib
from runner.live.ports import Action
from tests.live_bench import Bench

async def scenario(bench):
    await bench.live()
    bench.venue.plan(Action.PLACE, "mute", None, "drop")
    for lots in (1, 2, 3):
        bench.buy(lots)
    await bench.wait(20)
    bench.session.stop()
    await bench.ended()

bench = Bench()
bench.run(scenario)
print(hashlib.sha256(b"".join(row.hash for row in bench.disk.kept)).hexdigest())
"""


def test_h9_time_zone_locale_and_hash_seed_change_no_byte():
    """The same happenings give the same journal, wherever the machine stands."""
    seen = set()
    for zone, locale, seed in (
        ("UTC", "C", "0"),
        ("Asia/Kathmandu", "de_DE.UTF-8", "1"),
        ("America/New_York", "tr_TR", "77"),
    ):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", DIGEST], capture_output=True, text=True, env=environment, cwd=ROOT, check=True
        )
        seen.add(done.stdout.strip())

    assert len(seen) == 1
    assert len(seen.pop()) == 64


def test_memory_is_the_fold_of_the_journal_and_so_is_every_prefix():
    """L3 on the bench: what the session knows is what its lines say, and every beginning of them is a state."""

    async def scenario(bench):
        await bench.live()
        coid, order = await bench.working(10)
        bench.venue.fill(order, 4)
        bench.session.orders.cancel(coid, "test")
        await bench.until(lambda: not bench.state.live)
        await bench.session.journal.flush()
        state, seq, _ = restore(bench.disk, dict(INSTRUMENTS))
        full, _, _ = restore(bench.disk, dict(INSTRUMENTS), is_full=True)
        assert seq == bench.session.journal.appended
        assert text(state) == text(full) == text(bench.state)
        kept = bench.disk.kept
        for length in range(len(kept)):
            bench.disk.kept = kept[:length]
            assert restore(bench.disk, dict(INSTRUMENTS), is_full=True)[1] == length

    play(scenario)


def test_redirects_are_not_followed_and_say_nothing():
    """A 302 to another origin is an answer about nothing."""

    async def scenario(bench):
        await bench.live()
        bench.venue.plan(Action.PLACE, Response(302, b"", (("location", "https://elsewhere.example"),)))
        coid = bench.buy()
        await bench.until(lambda: not bench.order(coid).status.is_live)

        assert bench.order(coid).status is Status.NOT_PLACED
        assert len(bench.venue.sent(Action.PLACE)) == 1

    play(scenario)


def test_c3_a_stream_that_refuses_our_credentials_halts():
    """401 is nothing to try again."""

    async def scenario(bench):
        bench.stream.refuses = 401
        bench.begin()
        await bench.until(lambda: bench.state_is(SessionState.HALTED))
        assert bench.stream.openings <= 3

    play(scenario)


def test_c1_a_stream_that_closes_at_once_is_opened_within_its_budget():
    """Accept and close, for five minutes: no more openings than the venue allows, each later than the one before."""

    async def scenario(bench):
        await bench.live()
        for _ in range(3_000):
            await bench.stream.close()
            await bench.wait(0.1)

        assert bench.stream.openings <= 20

    play(scenario)


def test_a_silent_stream_is_closed_and_opened_again():
    """No frame, not even a heartbeat: the socket may be half open; degraded until another one is."""

    async def scenario(bench):
        await bench.live()
        await bench.wait(16)
        openings = bench.stream.openings
        await bench.until(lambda: bench.state.session is SessionState.LIVE)

        assert openings == 2
        assert "DEGRADED" in "".join(body["state"] for body in bench.disk.bodies("GATE")).upper()

    play(scenario)


def test_limited_questions_leave_room_for_cancels():
    """The window is full of questions: a cancel leaves at once."""

    async def scenario(bench):
        await bench.live()
        coid, order = await bench.working()
        await bench.wait(12)
        for _ in range(200):
            bench.session.tasks.spawn(lambda: flood(bench), "flood")
        await bench.wait(0.1)
        waiting = bench.session.line.limiter.waiting()
        bench.session.orders.cancel(coid, "test")
        await bench.wait(0.1)

        assert waiting > 50
        assert order.status == "canceled"

    play(scenario, profile=replace(PROFILE, requests_per_window=100))


async def flood(bench):
    await bench.session.line.call(bench.session.contract.time())


def test_secrets_of_the_transport_come_out_nowhere():
    """The network's own words hold a key: no alarm and no line repeats them."""

    async def scenario(bench):
        await bench.live()
        bench.venue.is_unreachable = True
        bench.buy()
        await bench.wait(30)
        told = " ".join([*(detail for _, detail in bench.bells.rung), *(row.body for row in bench.disk.kept)])

        assert "secret" not in told

    play(scenario)


def test_an_answer_about_another_order_halts():
    """The venue answers about somebody else's order: it isn't taken for ours."""

    async def scenario(bench):
        await bench.live()
        first, other = await bench.working(3)
        bench.venue.plan(Action.PLACE, response(200, other.told()))
        second = bench.buy(5)
        await bench.until(lambda: bench.state.killed is not None)

        assert "another order" in bench.state.killed
        assert bench.order(second).venue_ids == ()
        assert bench.order(first).venue_ids == (other.order_id,)

    play(scenario)


def test_an_order_decided_while_live_does_not_leave_degraded_unless_it_reduces():
    """The stream breaks between the decision and the door: what opens stays, what closes goes out."""

    async def scenario(bench):
        await bench.live()
        _, order = await bench.working(10)
        bench.venue.fill(order, 10)
        await bench.until(lambda: bench.state.position("XYZ") == 10)
        bench.session.line.limiter.shut(SECOND)
        opens = bench.buy(5)
        closes = bench.session.orders.submit(Wanted("XYZ", -1, 10, 10_050))
        await bench.stream.close()
        bench.stream.refuses = 503
        await bench.until(lambda: not bench.order(opens).status.is_live)
        await bench.until(lambda: bench.order(closes).is_acked)

        assert bench.order(opens).status is Status.NOT_PLACED
        assert bench.state.session is SessionState.DEGRADED

    play(scenario)


def test_g1_a_journal_that_can_not_be_begun_is_refused():
    """The disk is full before the first line: nothing is begun, and the user is told."""

    async def scenario(bench):
        bench.disk.fails = "No space left on device"
        bench.begin()
        with pytest.raises(RunError, match="No space left"):
            await bench.ended()
        assert bench.venue.asked == []

    play(scenario)


def test_a_bug_met_while_the_desk_is_asked_halts_and_spares_the_feed():
    """An invariant breaks inside an order's intent: the session is latched, and whoever brought the quote goes on."""

    async def scenario(bench):
        bench.desk = Nonsense([Wanted("XYZ", BUY, 1, 10_000)])
        bench.begin()
        await bench.until(lambda: bench.state_is(SessionState.LIVE))
        bench.state.intents = -5
        bench.quote("XYZ", 9_999, 10_001)

        assert "Broken" in bench.state.killed
        assert await bench.ended() == 4

    play(scenario)


def test_d25_a_venue_s_counter_is_taken_up_and_never_back():
    """Numbers go on from the venue's next one; after its restart it counts from below, and ours go on all the same."""

    async def scenario(bench):
        bench.venue._counter = lambda _: response(200, {"next": str(bench.next_number)})
        bench.next_number = 150
        await bench.live()
        first, second = bench.buy(1), bench.buy(2)
        await bench.until(lambda: bench.order(second).is_acked)
        await bench.die()
        bench.next_number = 100
        await bench.live()
        third = bench.buy(3)
        await bench.until(lambda: bench.order(third).is_acked)

        assert [bench.order(coid).integer_id for coid in (first, second, third)] == [150, 151, 152]
        assert [dict(request.fields)["number"] for request in bench.venue.sent(Action.PLACE)] == ["150", "151", "152"]
        assert bench.bells.codes().count("COUNTER") == 1

    play(scenario, profile=replace(PROFILE, takes_integer_ids=True))


def test_d25_a_venue_that_does_not_tell_its_counter_opens_no_session():
    """Without it a number might be one of somebody else's."""

    async def scenario(bench):
        bench.venue._counter = lambda _: response(200, {"next": "soon"})
        bench.begin()
        assert await bench.ended() == 4
        assert "order number" in bench.state.killed

    play(scenario, profile=replace(PROFILE, takes_integer_ids=True))

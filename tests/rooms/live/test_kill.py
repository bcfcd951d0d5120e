"""Latch, kill and the end of a session: nothing new leaves, everything that is out is proved to have ended."""

import threading
import time
from dataclasses import replace
from fractions import Fraction

import pytest

from runner.live.edge.alarm import QueuedAlarm
from runner.live.edge.kill_watch import KILL_FILE, KillWatch, leave_kill_file
from runner.live.gate import Denied, Wanted
from runner.live.model import BUY, SELL, SessionState, Status
from runner.live.ports import Action, Response
from tests.live_bench import PROFILE, SECOND, Bench, dollars, limits, response


def play(scenario, **told):
    return Bench(**told).run(scenario)


def test_e6_a_strategy_at_three_times_its_rate_halts():
    """Five orders are sent, the next ones refused; at fifteen within the window the session is latched."""

    async def scenario(bench):
        await bench.live()
        for number in range(14):
            bench.session.orders.submit(Wanted("XYZ", BUY, number + 1, 10_000))
        before = bench.state.killed
        bench.session.orders.submit(Wanted("XYZ", BUY, 99, 10_000))

        assert before is None
        assert bench.state.intents == 5
        assert "three times" in bench.state.killed

    play(scenario, limits=limits(rate_orders=5, rate_ns=10 * SECOND))


def test_e9_the_day_s_loss_first_reduces_then_latches_if_asked_to():
    """At the cap nothing is opened, exits go out; with `loss_halts` the session is latched at once."""

    async def scenario(bench):
        await bench.live()
        await bench.wait(2)
        _, order = await bench.working(100)
        bench.venue.fill(order, 100)
        await bench.wait(3)
        bench.quote("XYZ", 9_890, 9_892)
        await bench.until(lambda: bench.state.has_lost_too_much)
        opening = bench.session.orders.submit(Wanted("XYZ", BUY, 1, 9_890))
        closing = bench.session.orders.submit(Wanted("XYZ", SELL, 100, 9_890))
        bench.quote("XYZ", 10_100, 10_102)
        await bench.wait(2)
        later = bench.session.orders.submit(Wanted("XYZ", BUY, 2, 10_100))
        return opening, closing, later, bench.state.killed, bench.bells.codes()

    opening, closing, later, killed, rung = play(scenario, limits=limits(loss_value=dollars(100)))
    *_, halted, _ = play(scenario, limits=limits(loss_value=dollars(100), loss_halts=True))

    assert isinstance(opening, Denied)
    assert isinstance(closing, str)
    assert isinstance(later, Denied)
    assert killed is None
    assert rung.count("DAILY_LOSS") == 1
    assert "lost its cap" in halted


def test_e9_drawdown_latches():
    """Two in a hundred below the best equity: halted."""

    async def scenario(bench):
        await bench.live()
        _, order = await bench.working(1_000)
        bench.venue.fill(order, 1_000)
        bench.quote("XYZ", 11_999, 12_001)
        await bench.wait(2)
        bench.quote("XYZ", 9_690, 9_692)
        await bench.until(lambda: bench.state.killed is not None)

        assert "drawdown" in bench.state.killed

    play(scenario, limits=limits(drawdown_share=Fraction(2, 100)))


def test_e10_executions_without_a_new_decision_halt():
    """Three orders on one decision are executed where two may be; a new decision begins to count anew."""

    async def scenario(bench):
        await bench.live()
        for signal in (1, 1, 2, 2, 2):
            assert bench.state.killed is None
            _, order = await bench.working(1, signal=signal)
            bench.venue.fill(order, 1)
            await bench.wait(0.1)

        assert "on one decision" in bench.state.killed

    play(scenario, limits=limits(repeats=2))


@pytest.mark.parametrize("after", [0, 0.0001, 0.0002, 0.001, 0.005, 0.011, 0.02, 0.03, 0.5])
def test_e11_kill_with_sends_on_their_way_and_one_unknown(after):
    """At any moment of four sends: no new order after the latch, and everything is proved to have ended."""

    async def scenario(bench):
        await bench.live()
        bench.venue.plan(Action.PLACE, "mute", None, "drop", ("late", SECOND))
        coids = [bench.buy(lots) for lots in (1, 2, 3, 4)]
        bench.venue.plan(Action.CANCEL, "drop", Response(500, b""))
        await bench.wait(after)
        bench.switch.reason = "test"
        sent = len(bench.venue.sent(Action.PLACE))
        bench.session.orders.submit(Wanted("XYZ", BUY, 5, 10_000))
        assert await bench.ended() == 4

        assert len(bench.venue.sent(Action.PLACE)) == sent
        assert all(not bench.order(coid).status.is_live for coid in coids)
        assert [order for order in bench.venue.orders if order.status == "open"] == []

    play(scenario)


def test_e12_a_latch_survives_the_process():
    """The next session begins halted, cancels what it finds, and says so with its exit code."""

    async def scenario(bench):
        await bench.live()
        _, order = await bench.working()
        bench.venue.always[Action.CANCEL] = "drop"
        bench.session.latch("test")
        await bench.wait(1)
        await bench.die()
        bench.venue.always.clear()
        count = len(bench.venue.sent(Action.PLACE))
        bench.begin()
        assert await bench.ended() == 4

        assert order.status == "canceled"
        assert bench.state.killed == "test"
        assert len(bench.venue.sent(Action.PLACE)) == count

    play(scenario)


def test_e12_only_the_operator_takes_the_latch_off_and_only_reconciled():
    """Resumed by name, after positions agree; otherwise it halts again."""

    async def scenario(bench):
        await bench.live()
        bench.session.latch("test")
        assert await bench.ended() == 4
        bench.begin()
        assert await bench.ended() == 4
        await bench.live(resume="looked at it")
        assert bench.state.killed is None
        assert bench.disk.bodies("RESUME") == [{"reason": "looked at it"}]
        bench.session.latch("again")
        assert await bench.ended() == 4
        bench.venue.positions["XYZ"] += 1
        bench.begin(resume="didn't look")
        assert await bench.ended() == 4
        assert bench.state.killed == "again"
        await bench.live(resume="the venue is right", resume_adjusts=True)
        assert bench.state.position("XYZ") == 1

    play(scenario)


def test_e13_kill_with_the_network_down_ends_with_three_and_a_list():
    """It tries for as long as it was told to, then says what may still fill."""

    async def scenario(bench):
        await bench.live()
        coid, _ = await bench.working()
        bench.venue.is_unreachable = True
        before = len(bench.venue.sent(Action.CANCEL))
        bench.session.latch("test")
        assert await bench.ended() == 3

        assert len(bench.venue.sent(Action.CANCEL)) - before > 10
        assert any(code == "LEFT" and coid in detail for code, detail in bench.bells.rung)

    play(scenario)


def test_e14_a_stuck_loop_is_latched_from_another_thread(tmp_path):
    """No pulse for longer than allowed: asked for, though nothing in the loop runs."""
    watch = KillWatch(tmp_path, longest_silence=0.05, every=0.01)
    try:
        time.sleep(0.1)
        assert watch.asked() is None  # the watch over the pulse begins with the first one
        watch.beat()
        until = time.monotonic() + 5
        while watch.asked() is None and time.monotonic() < until:
            threading.Event().wait(0.01)
        assert "stuck" in watch.asked()
        watch.beat()
        assert "stuck" in watch.asked()
    finally:
        watch.stop()


def test_e14_the_kill_file_is_seen_by_a_thread(tmp_path):
    """The file appears while the main thread does something else; its first line is the reason, without its tricks."""
    watch = KillWatch(tmp_path, every=0.01)
    try:
        assert watch.asked() is None
        leave_kill_file(tmp_path, "enough\x1b[2J")
        until = time.monotonic() + 5
        while watch.asked() is None and time.monotonic() < until:
            threading.Event().wait(0.01)
        assert watch.asked() == "kill file: enough[2J"
    finally:
        watch.stop()


def test_e14_a_latch_is_left_without_needing_space(tmp_path):
    """The kill file is a file that was there already, renamed; the next watch asks for the kill at once."""
    watch = KillWatch(tmp_path)
    armed = tmp_path / "KILL.armed"
    inode = armed.stat().st_ino
    watch.latch("the disk is full")
    watch.stop()

    assert (tmp_path / KILL_FILE).stat().st_ino == inode
    assert watch.asked() == "the disk is full"
    again = KillWatch(tmp_path)
    again.stop()
    assert again.asked() is not None


def test_e14_the_venue_s_own_switch_is_held_only_while_live():
    """Armed again and again while live; halted, it is left to fire."""

    async def scenario(bench):
        await bench.live()
        await bench.wait(10)
        held = len(bench.venue.sent(Action.DEAD_MAN))
        bench.venue.always[Action.CANCEL] = "drop"
        await bench.working()
        bench.session.latch("test")
        await bench.wait(1)
        count = len(bench.venue.sent(Action.DEAD_MAN))
        await bench.wait(20)

        assert held == 5
        assert len(bench.venue.sent(Action.DEAD_MAN)) == count

    play(scenario, profile=replace(PROFILE, dead_man_ns=8 * SECOND))


def test_f12_a_slow_reader_of_alarms_holds_nobody_up():
    """The stream blocks: alarms beyond the queue are dropped and counted, and the caller never waits."""
    gate = threading.Event()

    class Slow:
        def __init__(self):
            self.lines = []

        def write(self, text):
            gate.wait(10)
            self.lines.append(text)

        def flush(self):
            """Have nothing to flush."""

    out = Slow()
    alarm = QueuedAlarm(out)
    began = time.monotonic()
    for number in range(3_000):
        alarm.ring("TEST", f"{number}\x1b[31m\n")
    took = time.monotonic() - began
    gate.set()
    alarm.stop(5)

    assert took < 2
    assert alarm.dropped >= 1_900
    assert "ALARM TEST 0?[31m?" in out.lines


def test_stop_cancels_proves_and_closes():
    """SIGTERM's way: gate closed, orders cancelled until proved, the last line says how it ended."""

    async def scenario(bench):
        await bench.live()
        coid, order = await bench.working()
        bench.venue.plan(Action.CANCEL, "drop")
        bench.session.stop()
        assert isinstance(bench.session.orders.submit(Wanted("XYZ", BUY, 1, 10_000)), (Denied, str))
        assert await bench.ended() == 0

        assert (bench.order(coid).status, order.status) == (Status.CANCELED, "canceled")
        assert bench.disk.kinds()[-1] == "CLOSE"
        assert bench.disk.bodies("CLOSE") == [{"exit_code": 0, "reason": "asked to stop"}]
        assert bench.disk.closed == 1

    play(scenario)


def test_f9_a_second_stop_is_fast_and_still_journaled():
    """Asked twice it doesn't wait for proof: three, a list, and the last line is there."""

    async def scenario(bench):
        await bench.live()
        coid, _ = await bench.working()
        bench.venue.always[Action.CANCEL] = "drop"
        bench.session.stop()
        await bench.wait(1)
        began = bench.world.now
        bench.session.stop()
        assert await bench.ended() == 3

        assert bench.world.now - began < SECOND
        assert bench.disk.kinds()[-1] == "CLOSE"
        assert any(code == "LEFT" and coid in detail for code, detail in bench.bells.rung)

    play(scenario)


def test_stop_may_leave_working_orders_if_told_so():
    """Orders that work are left where that was asked for; one whose fate is unknown isn't left lightly."""

    async def scenario(bench):
        await bench.live()
        _, order = await bench.working()
        bench.session.stop()
        assert await bench.ended() == 0
        assert order.status == "open"
        await bench.live()
        assert len(bench.state.live) == 1

    play(scenario, cancel_on_stop=False)


def test_nothing_is_sent_between_the_kill_and_its_latch():
    """The switch is asked at the door itself: an order that waits for its turn doesn't leave after it."""

    async def scenario(bench):
        await bench.live()
        bench.session.line.limiter.shut(SECOND)
        coid = bench.buy()
        await bench.wait(0.5)
        bench.switch.reason = "test"
        assert await bench.ended() == 4

        assert bench.order(coid).status is Status.NOT_PLACED
        assert bench.venue.sent(Action.PLACE) == []

    play(scenario)


def test_a_halted_session_knows_what_was_executed_meanwhile():
    """It ends only when its books hold everything up to the moment nothing was out any more."""

    async def scenario(bench):
        await bench.live()
        _, order = await bench.working(10)
        bench.stream.deaf = True
        bench.venue.lag_ns = 2 * SECOND
        bench.venue.fill(order, 3)
        bench.session.latch("test")
        assert await bench.ended() == 4

        assert bench.state.position("XYZ") == 3
        assert bench.state.session is SessionState.CLOSED

    play(scenario)


def test_limits_that_are_met_in_the_middle_of_a_kill_do_not_end_it():
    """429 on the cancels: it waits as long as it was asked to and goes on."""

    async def scenario(bench):
        await bench.live()
        _, order = await bench.working()
        bench.venue.plan(Action.CANCEL, *[response(429, {}, retry_after="2")] * 3)
        bench.session.latch("test")
        assert await bench.ended() == 4

        assert order.status == "canceled"

    play(scenario)

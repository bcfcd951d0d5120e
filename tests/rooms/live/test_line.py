"""The line to the venue: lanes, windows, patience, and one request at a time for each that was asked for."""

import asyncio

import pytest

from runner.live.brokers.plain import PlainContract
from runner.live.limiter import Limiter
from runner.live.line import Answered, Line, Silent, Unsent
from runner.live.pages import all_pages
from runner.live.ports import Action, Request, Response
from runner.live.profile import IdScope, Profile
from runner.live.venue_clock import VenueClock
from tests.live_bench import INSTRUMENTS, MS, SECOND, Bench, NoChance, response

PROFILE = Profile(
    "line", IdScope.ALL, None, 0, has_replace=False, orders_per_window=4, requests_per_window=10, window_ns=SECOND
)


def asked(action):
    return Request(action, "GET", "/", ())


def play(scenario):
    bench = Bench()
    return bench.run(scenario)


async def fresh(bench):
    """Return a limiter whose first half-used window is over."""
    limiter = Limiter(PROFILE, bench.clock)
    await bench.wait(1.1)
    return limiter


def test_cancels_come_before_questions_before_new_orders():
    """Whoever waits for room is let through by lane, and within a lane by who came first."""

    async def scenario(bench):
        limiter = await fresh(bench)
        for _ in range(10):
            await limiter.admit(Action.CANCEL)
        order = []

        async def wait(name, action):
            await limiter.admit(action)
            order.append(name)

        names = [("place", Action.PLACE), ("query", Action.QUERY), ("cancel", Action.CANCEL), ("query 2", Action.FILLS)]
        await asyncio.gather(*(wait(*each) for each in names))
        await limiter.stop()

        assert order == ["cancel", "query", "query 2", "place"]

    play(scenario)


def test_no_more_leave_within_any_window_than_the_venue_takes():
    """Fifty requests at once: never more than ten in any second, of which two are kept for cancels."""

    async def scenario(bench):
        limiter = await fresh(bench)
        times = []

        async def wait(action):
            await limiter.admit(action)
            times.append(bench.world.now)

        await asyncio.gather(*(wait(Action.QUERY) for _ in range(50)))
        await limiter.stop()

        assert all(sum(first <= at < first + SECOND for at in times) <= 8 for first in times)
        assert times[-1] - times[0] <= 7 * SECOND

    play(scenario)


def test_new_orders_have_a_window_of_their_own():
    """Four orders a second, whatever room there is for questions."""

    async def scenario(bench):
        limiter = await fresh(bench)
        times = []

        async def wait():
            await limiter.admit(Action.PLACE)
            times.append(bench.world.now)

        await asyncio.gather(*(wait() for _ in range(9)))
        await limiter.stop()

        assert [round((at - times[0]) / SECOND) for at in times] == [0] * 4 + [1] * 4 + [2]

    play(scenario)


def test_a_new_limiter_begins_with_half_a_window():
    """The session before may have used the venue's patience: no burst right after a restart."""

    async def scenario(bench):
        limiter = Limiter(PROFILE, bench.clock)
        times = []

        async def wait():
            await limiter.admit(Action.CANCEL)
            times.append(bench.world.now)

        await asyncio.gather(*(wait() for _ in range(10)))
        await limiter.stop()

        assert sum(at < MS for at in times) == 5

    play(scenario)


def test_whoever_gave_up_waiting_takes_no_room():
    """A cancelled waiter leaves the line, and the next one is let through."""

    async def scenario(bench):
        limiter = await fresh(bench)
        for _ in range(10):
            await limiter.admit(Action.CANCEL)
        gone = asyncio.create_task(limiter.admit(Action.CANCEL))
        stays = asyncio.create_task(limiter.admit(Action.QUERY))
        await asyncio.sleep(0)
        gone.cancel()
        await stays
        await limiter.stop()

        assert limiter.waiting() == 0

    play(scenario)


def line_of(bench):
    return Line(bench.venue, bench.clock, NoChance(), PlainContract(INSTRUMENTS), PROFILE)


def test_outcomes_are_told_apart_and_nothing_is_sent_twice():
    """Answered, silent, unsent, limited: one request each, or none."""

    async def scenario(bench):
        line = line_of(bench)
        await bench.wait(1.1)
        question = line._contract.time()
        bench.venue.plan(Action.TIME, None, "drop", response(429, {}, retry_after="1"))
        answered = await line.call(question)
        silent = await line.call(question)
        unsent = await line.call(question, lambda: False)
        limited = await line.call(question)
        await line.limiter.stop()

        assert isinstance(answered, Answered)
        assert answered.back_ns - answered.sent_ns == 20 * MS
        assert isinstance(silent, Silent)
        assert isinstance(unsent, Unsent)
        assert limited.retry_after_ns == SECOND
        assert len(bench.venue.asked) == 3

    play(scenario)


def test_without_a_word_from_the_venue_patience_doubles():
    """429 without Retry-After: half a second to one, one to two, two to four, up to a minute; one answer ends it."""

    async def scenario(bench):
        line = line_of(bench)
        bench.venue.plan(Action.TIME, *[response(429, {})] * 8, None, response(429, {}))
        waits = []
        for _ in range(10):
            before = bench.world.now
            await line.call(line._contract.time())
            waits.append((bench.world.now - before) / SECOND)
        await line.limiter.stop()
        return waits

    waits = play(scenario)

    assert [round(wait, 1) for wait in waits[1:9]] == [0.8, 1.5, 3.0, 6.0, 12.0, 24.0, 45.0, 45.0]
    assert waits[9] < 1


def test_a_ban_is_told_and_lasts_two_minutes_by_itself():
    """Whoever listens hears of it before the answer is handed back."""

    async def scenario(bench):
        line, heard = line_of(bench), []
        line.on_ban = heard.append
        bench.venue.plan(Action.TIME, response(418, {}))
        await line.call(line._contract.time())
        assert heard == ["status 418"]
        before = bench.world.now
        await line.call(line._contract.time())
        await line.limiter.stop()

        assert bench.world.now - before >= 119 * SECOND

    play(scenario)


@pytest.mark.parametrize(
    "broken", ["drop", Response(500, b""), Response(200, b"{}"), response(200, {"positions": "x", "next": None})]
)
def test_a_list_with_a_missing_page_is_no_list(broken):
    """The second of three pages fails: nothing is known, rather than two thirds."""

    async def scenario(bench):
        line = line_of(bench)
        bench.venue.page = 1
        bench.venue.positions.update({"XYZ": 5, "ABC": 8})
        whole = await all_pages(line, line._contract.positions, line._contract.read_positions)
        bench.venue.plan(Action.POSITIONS, None, broken)
        part = await all_pages(line, line._contract.positions, line._contract.read_positions)
        await line.limiter.stop()

        assert [(each.symbol, each.lots) for each in whole] == [("XYZ", 5), ("ABC", 8)]
        assert part is None

    play(scenario)


def test_the_venue_s_time_is_told_on_the_monotonic_clock():
    """Offset from the middle of asking, error from half of it, growing with age; a worse answer isn't taken."""
    bench = Bench()
    clock = VenueClock(bench.clock)
    mono = bench.clock.mono_ns()
    clock.measure(mono - 20 * MS, mono, 5_000)
    assert clock.now_ns() == 5_000 + 10 * MS
    assert clock.error_ns() == 10 * MS
    bench.clock.wall_ahead = 10**15
    assert clock.now_ns() == 5_000 + 10 * MS
    bench.world.run_until(10 * SECOND)
    assert clock.error_ns() == 10 * MS + SECOND // 1_000
    clock.measure(bench.clock.mono_ns() - SECOND, bench.clock.mono_ns(), 0)
    assert clock.now_ns() == 5_000 + 10 * MS + 10 * SECOND
    clock.forget()
    assert not clock.is_known
    clock.measure(bench.clock.mono_ns() - SECOND, bench.clock.mono_ns(), 0)
    assert clock.is_known
    assert clock.now_ns() == SECOND // 2

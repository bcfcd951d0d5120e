"""A whole session under load: what is true at the venue is what the books and the decisions say, whatever comes how fast."""

import gc
import time
from dataclasses import replace
from pathlib import Path

import pytest

from runner.live.journal import restore
from runner.live.model import SessionState, Status
from runner.live.ports import Action, NoAnswer, Response
from runner.venue import loop as virtual
from tests.feed_bench import EPOCH, book, text, trade
from tests.live_bench import FREE, INSTRUMENTS, PROFILE, SECOND, Bench
from tests.long import IS_LONG, many
from tests.whole_session import SYMBOLS, Whole, agree

pytestmark = pytest.mark.timeout(3_600 if IS_LONG else 300)

MS = SECOND // 1_000
MINUTE = 60 * SECOND
MANY = many(300, 1_000)
"""Open orders."""
BEGUN = 10 * SECOND
"""When everything is sure to be listened to."""


@pytest.fixture(autouse=True)
def steps(monkeypatch):
    """A day has more steps than the worlds that are drawn by chance may take."""
    monkeypatch.setattr(virtual, "MOST_STEPS", 10**10)


def side_sizes(k, symbol):
    """Return a book that leans to the buyers for a while, then to the sellers."""
    middle = {"XYZ": 100.0, "ABC": 500.0}[symbol] + (k % 7) * 0.5
    bids, asks = (("9", "9"), ("1", "1")) if k // 500 % 2 else (("1", "1"), ("9", "9"))
    step = {"XYZ": 0.01, "ABC": 0.5}[symbol]
    return (
        [(f"{middle - (level + 1) * step:.2f}", size) for level, size in enumerate(bids)],
        [(f"{middle + (level + 1) * step:.2f}", size) for level, size in enumerate(asks)],
    )


def test_j1_a_burst_in_a_whole_session(tmp_path, capsys):
    """Twenty thousand messages a second while orders are sent and fill: no execution is lost, and what is held stays small."""
    count, every = many(2_000, 600_000), SECOND // 10_000
    seconds = count * every / SECOND
    whole = Whole(tmp_path, "depth")
    whole.recorder.put = lambda _: None

    def tell(k):
        whole.market.tell(*(text(book(symbol, BEGUN + k * every, *side_sizes(k, symbol))) for symbol in SYMBOLS))
        if k + 1 < count:
            whole.world.at(BEGUN + (k + 1) * every, lambda: tell(k + 1))

    whole.world.at(BEGUN, lambda: tell(0))
    taken, sizes, take = [], [], type(whole.trader).instants

    def timed(several):
        began = time.perf_counter_ns()
        found = take(whole.trader, several)
        taken.append(time.perf_counter_ns() - began)
        if len(taken) % 500 == 0:
            sizes.append(len(whole.sitting.feed._outbox) + len(whole.bench.session.listener.frames))
        return found

    whole.trader.instants = timed

    async def during(_):
        await virtual.asyncio.sleep(BEGUN / SECOND + seconds)

    code = whole.play(during)

    health = whole.sitting.feed.health()
    executions = whole.executions()
    with capsys.disabled():
        worst = sorted(taken)[int(len(taken) * 0.99)] / 1e3
        print(f"\nJ1: {2 * count:,} messages, {len(taken):,} decisions, p99 {worst:.0f} µs, {len(executions[0])} executions")
    assert code == 0
    assert len(executions[0]) >= 2
    assert agree(executions)
    assert agree(whole.positions())
    assert len(taken) + health.counts["instants superseded"] >= 2 * count
    assert max(sizes) <= 200
    assert health.counts["instants overrun"] == 0


def test_j4_a_thousand_unknown_orders_do_not_keep_a_cancel_waiting():
    """After a restart each of them is asked about, within the venue's rate; a cancel goes before all those questions."""
    roomy = replace(PROFILE, orders_per_window=10_000, requests_per_window=10_000)
    tight = replace(roomy, requests_per_window=200)
    bench = Bench(profile=roomy, recover_ns=600 * SECOND)

    async def scenario(bench):
        await bench.live()
        resting, order = await bench.working(1, 9_000)
        bench.venue.always[Action.PLACE], bench.stream.deaf = "mute", True
        for lots in range(MANY):
            bench.buy(lots % 7 + 1, 9_000 + lots % 90)
        await bench.until(lambda: len(bench.venue.orders) == MANY + 1, 60)
        await bench.die()
        bench.venue.asked.clear()
        began = bench.world.now
        # Their list can't be had, so that each has to be asked about by itself.
        bench.venue.always[Action.OPEN_ORDERS] = BUSY
        bench.begin(profile=tight)
        await bench.until(lambda: len(bench.venue.sent(Action.QUERY)) > 100, 60)
        assert bench.state.session is SessionState.RECONCILING
        asked_at = bench.world.now
        bench.session.orders.cancel(resting, "test")
        await bench.until(lambda: order.status == "canceled", 5)
        cancelled_after = bench.world.now - asked_at
        await bench.until(lambda: all(each.is_acked for each in bench.state.live.values()), 300)
        del bench.venue.always[Action.OPEN_ORDERS]
        await bench.until(lambda: bench.state_is(SessionState.LIVE), 300)
        live_after = bench.world.now - began
        return cancelled_after, live_after, sum(each.status is Status.WORKING for each in bench.state.live.values())

    cancelled_after, live_after, working = bench.run(scenario)

    times = [at for at, _ in bench.venue.asked]
    window = PROFILE.window_ns
    most = max(sum(start <= at < start + window for at in times) for start in times[:: len(times) // 50])
    assert cancelled_after < SECOND
    assert most <= 200
    assert working == MANY
    assert live_after < 120 * SECOND
    assert bench.bells.codes().count("KILL") == 0


def test_j4_a_latch_cancels_a_thousand_orders_within_the_rate():
    """Each once or a few times, none is forgotten, and all are proved to have ended."""
    roomy = replace(PROFILE, orders_per_window=10_000, requests_per_window=10_000)
    bench = Bench(profile=roomy, halt_ns=600 * SECOND)

    async def scenario(bench):
        await bench.live()
        for lots in range(MANY):
            bench.buy(1, 9_000 + lots % 90)
        await bench.until(lambda: all(order.is_acked for order in bench.state.live.values()), 300)
        await bench.die()
        bench.venue.asked.clear()
        bench.switch.reason = "somebody asks for it"
        bench.begin(profile=replace(roomy, requests_per_window=500))
        return await bench.ended(600)

    code = bench.run(scenario)

    assert code == 4
    assert {order.status for order in bench.venue.orders} == {"canceled"}
    times = [at for at, _ in bench.venue.asked]
    assert max(sum(start <= at < start + PROFILE.window_ns for at in times) for start in times[::50]) <= 500


def memory():
    """Return the bytes that this process holds, 0 where nobody tells."""
    path = Path("/proc/self/statm")
    return int(path.read_text().split()[1]) * 4096 if path.exists() else 0


def grown(whole):
    """Return the sizes of everything that could pile up while a session sits."""
    session = whole.bench.session
    limiter, book_ = session.line.limiter, session.book
    return {
        "tasks": len(virtual.asyncio.all_tasks()),
        "frames": len(session.listener.frames),
        "outbox": len(whole.sitting.feed._outbox),
        "limiter": len(limiter._sent) + len(limiter._orders) + len(limiter._waiting),
        "live": len(session.state.live),
        "wishes": len(whole.sitting.live.router.wishes),
        "asked": len(session.resolver._not_found) + len(session.resolver._gone) + len(session.resolver.doubtful),
        "moves": sum(len(value) for value in vars(book_).values() if isinstance(value, dict | set | list)),
        "quotes": len(session.quotes),
        "openings": len(session.listener._openings),
    }


MOST_BYTES_A_MINUTE = 200_000
"""Rows, lines, orders and what was recorded are kept; nothing else may be."""
BUSY = Response(503, b"<html>busy</html>", ())


def strike(whole, kind):
    """Let something go wrong; of ten minutes six have their own fault."""
    venue, market, stream = whole.venue, whole.market, whole.bench.stream
    if kind == 8:
        market.refusals.append(NoAnswer())
    if kind in {1, 8}:
        for socket in market.live:
            socket.end()
    elif kind == 3:
        venue.plan(Action.PLACE, "mute")
    elif kind == 5:
        venue.plan(Action.QUERY, BUSY, "drop")
        venue.plan(Action.FILLS, BUSY)
    elif kind in {6, 7}:
        stream.deaf = kind == 6
    if kind == 7:
        stream.is_open = False
        stream.arrived.set()


def a_minute_of_trades(whole, minute):
    """Have prices told that wander about, with their books."""
    chance = whole.world.chance("prices")
    for second in range(5, 60, 10):
        price = 100.0 + (minute + second // 20) % 5 + int(chance.random() * 3)
        at = minute * MINUTE + second * SECOND
        whole.market.at(at, trade("XYZ", at, f"{price:.2f}"), trade("ABC", at, f"{5 * price:.1f}"))
        whole.market.at(at, *(book(symbol, at, *side_sizes(second, symbol)) for symbol in SYMBOLS))


def test_j5_a_day_with_faults_leaves_nothing_growing_and_nothing_wrong(tmp_path):
    """Bars of a minute for hours, connections lost, answers lost, frames lost: at the end everything agrees, and replays."""
    minutes = many(10, 1_440)
    whole = Whole(tmp_path, "bars")
    looks = []
    for minute in range(minutes):
        whole.world.at(minute * MINUTE + 30 * SECOND, lambda kind=minute % 10: strike(whole, kind))
        a_minute_of_trades(whole, minute)

    async def during(_):
        for _ in range(12):
            await virtual.asyncio.sleep(minutes * 5)
            gc.collect()
            looks.append((grown(whole), memory()))

    code = whole.play(during, 30)

    assert code == 0, whole.state.killed
    assert whole.sitting.counts.instants >= minutes * 9 // 10
    assert len(whole.venue.orders) >= minutes // 4
    assert agree(whole.executions())
    assert agree(whole.positions())
    sizes = [size for size, _ in looks[1:]]
    for name in sizes[0]:
        seen = [size[name] for size in sizes]
        assert max(seen) <= max(2 * seen[0], seen[0] + 20), (name, seen)
    assert whole.retold().divergence is None
    again, lines, _ = restore(whole.bench.disk, dict(INSTRUMENTS), is_full=True)
    assert lines == len(whole.bench.disk.kept)
    assert again.positions == whole.state.positions
    assert looks[-1][1] - looks[len(looks) // 2][1] < MOST_BYTES_A_MINUTE * minutes


def test_j7_a_session_that_stood_still_sends_nothing_on_what_it_knew_before(tmp_path):
    """Half a minute of nothing, then all that came meanwhile at once: an alarm, degraded, asked anew, and no order on old prices."""
    whole = Whole(tmp_path, "depth", limits=replace(FREE, max_age_ns=10 * SECOND))
    for k in range(0, 120_000, 500):
        lean = 0 if k < 45_000 else 500
        told = [book(symbol, k * MS, *side_sizes(lean + k // 500 % 7, symbol)) for symbol in SYMBOLS]
        whole.market.at(k * MS, *told)
    seen = {}

    async def during(whole):
        await virtual.asyncio.sleep(30)
        session, world = whole.bench.session, whole.world
        assert session.state.session is SessionState.LIVE
        until = world.now + 30 * SECOND
        while (due := world.next_time()) is not None and due <= until:
            world.happen_next()
        world.now = until
        seen["sent"] = len(whole.intents()) + session.journal.appended - session.journal.committed
        await virtual.asyncio.sleep(0.3)
        seen["state"] = session.state.session
        seen["refused"] = dict(whole.sitting.live.router.refused)
        await virtual.asyncio.sleep(20)
        seen["later"] = session.state.session

    code = whole.play(during)

    waited = [EPOCH + 30 * SECOND, EPOCH + 58 * SECOND]
    while_old = [each for each in whole.intents() if waited[0] < _market_time(whole, each) < waited[1]]
    assert code == 0
    assert "SLEPT" in whole.bench.bells.codes()
    assert seen["state"] is SessionState.DEGRADED
    assert seen["later"] is SessionState.LIVE
    assert while_old == []
    assert all(each["quote_age_ns"] <= 10 * SECOND for each in whole.intents())
    assert any(reason.startswith(("GATE", "STALE_DATA")) for reason in seen["refused"])
    assert len(whole.intents()) >= 2
    assert agree(whole.executions())
    assert agree(whole.positions())


def _market_time(whole, intent):
    """Return the market's time at which an intent was written."""
    return intent["sent_at_ns"] - whole.venue.utc_ns() + EPOCH + whole.world.now

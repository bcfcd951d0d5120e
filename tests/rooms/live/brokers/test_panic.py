"""Panic at every broker: with the journal and a way to the venue alone, everything of ours is cancelled, or told."""

import asyncio
import io
import time
from dataclasses import replace

import pytest

from runner.archive.files import write_text
from runner.cli.panic import run as panic
from runner.live.edge.alarm import QueuedAlarm
from runner.live.edge.clock import MachineChance, MachineClock
from runner.live.edge.doors import doors_of
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.gate import Wanted
from runner.live.ids import prefix_of
from runner.live.line import Line
from runner.live.model import BUY, Quote, SessionState
from runner.live.panic import Panic, latch_journal
from runner.live.ports import Action, Ports
from runner.live.profile import MS
from runner.live.session import Session
from runner.strict_yaml import write
from tests.fake_venues.all_venues import VENUES
from tests.fake_venues.bench import VenueBench
from tests.fake_venues.serving import serving
from tests.fake_venues.speaking import broker_of, instruments_of
from tests.live_bench import SECOND, NoChance, Quiet, Switch

KINDS = sorted(VENUES)


async def panicked(bench, seconds=60):
    """Latch the journal of a session that is dead, and cancel what it knows."""
    state = await latch_journal(bench.disk, bench.clock, bench.instruments, "panic")
    contract = bench.broker.contract(bench.instruments)
    line = Line(bench.way, bench.clock, NoChance(), contract, bench.broker.profile())
    prefix = prefix_of(bench.broker.fingerprint, "run")
    return await Panic(line, bench.clock, contract, state, prefix).run(seconds * SECOND)


async def dead(bench):
    """Leave orders behind: two that work, one of them filled in part, one that only the venue knows the fate of."""
    await bench.live()
    coids = [await bench.working(10), await bench.working(5, 1_900, symbol=bench.venue.symbols[1])]
    bench.fill(coids[0], 4)
    bench.way.plan(Action.PLACE, "mute")
    coids.append(bench.buy(3, 1_950))
    await bench.until(lambda: bench.there(coids[-1]))
    await bench.die()
    return coids


@pytest.mark.parametrize("kind", KINDS)
def test_everything_of_a_dead_session_is_cancelled(kind):
    """Nothing is left open, nothing is told to be left; the next session halts and finds its books right."""

    async def scenario(bench):
        await dead(bench)
        assert await panicked(bench) == ()
        assert [order for order in bench.account.orders if order.is_open] == []
        bench.begin()
        assert await bench.ended() == 4
        assert bench.state.killed == "panic"
        assert bench.differences() == []

    VenueBench(kind).run(scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_it_goes_on_whatever_is_lost(kind):
    """Cancels, questions and lists that get no answer, errors, limits on rates: again, until nothing is open."""

    async def scenario(bench):
        await dead(bench)
        bench.way.plan(Action.CANCEL, "drop", "before", "mute", "after", "drop")
        bench.way.plan(Action.QUERY, "drop", "before", "mute")
        bench.way.plan(Action.OPEN_ORDERS, "drop", "before")
        bench.venue.next_reply = bench.venue.limited(2)
        assert await panicked(bench, seconds=120) == ()
        assert [order for order in bench.account.orders if order.is_open] == []

    VenueBench(kind).run(scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_that_bears_our_name_and_is_not_in_the_journal_is_cancelled_too(kind):
    """The journal lost it; its name is ours. One of somebody else is left alone."""

    async def scenario(bench):
        coids = await dead(bench)
        lot, tick = (bench.account.steps[bench.venue.symbols[0]][each] for each in (1, 0))
        lost = f"{coids[0].partition('-')[0]}-0000777"
        ours = bench.account.place(lost, bench.venue.symbols[0], 1, 2 * lot, 1_000 * tick)
        theirs = bench.account.place("somebody", bench.venue.symbols[0], 1, 2 * lot, 1_000 * tick)
        assert await panicked(bench) == ()
        assert (ours.is_open, theirs.is_open) == (False, True)

    VenueBench(kind).run(scenario)


@pytest.mark.parametrize("kind", KINDS)
def test_what_can_not_be_cancelled_is_told(kind):
    """The venue can't be reached: every order that may still fill is named, and it ends when its time is over."""

    async def scenario(bench):
        coids = await dead(bench)
        for action in Action:
            bench.way.plan(action, *["drop"] * 500)
        began = bench.world.now
        left = await panicked(bench, seconds=30)
        assert {each.coid for each in left} == {*coids, "?"}
        assert bench.world.now - began < 90 * SECOND

    VenueBench(kind).run(scenario)


async def until(holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def died(kind, folder, served):
    """Let a session over real sockets die with two orders working."""
    venue = served.venue
    broker = broker_of(kind, base_url=served.address)
    (folder / "spec.yaml").write_text(write({"broker": broker.model_dump()}))
    clock = MachineClock()
    doors = doors_of(broker, venue.environment, clock)
    instruments = instruments_of(venue)
    bench = VenueBench(kind)
    profile = replace(broker.profile(), visible_ns=100 * MS, requests_per_window=5_000, orders_per_window=1_000)
    setup = replace(bench.setup(), account=broker.fingerprint, profile=profile)
    alarm = QueuedAlarm(io.StringIO())
    ports = Ports(clock, MachineChance(), doors.rest, doors.stream, SqliteDisk(folder), alarm, Switch())
    session = Session(ports, setup, broker.contract(instruments), Quiet())
    running = asyncio.create_task(session.run())
    await until(lambda: hasattr(session, "journal") and session.state.session is SessionState.LIVE)
    session.on_quote(Quote(venue.symbols[0], 1_999, 2_001, clock.mono_ns()))
    for lots in (2, 3):
        coid = session.orders.submit(Wanted(venue.symbols[0], BUY, lots, 2_000))
        await until(lambda coid=coid: session.state.orders[coid].is_acked)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await doors.close()
    alarm.stop()


@pytest.mark.parametrize("kind", KINDS)
def test_the_verb_needs_the_run_directory_and_the_environment_alone(kind, tmp_path, monkeypatch, capsys):
    """Without credentials it says so and lists the orders; with them they are cancelled, and the venue has none open."""

    async def scenario():
        async with serving(VENUES[kind](time.time_ns)) as served:
            await died(kind, tmp_path, served)
            without = await asyncio.to_thread(panic, [str(tmp_path)], cancels_for_ns=20 * SECOND)
            for name, value in served.venue.environment.items():
                monkeypatch.setenv(name, value)
            only = await asyncio.to_thread(panic, [str(tmp_path), "--no-cancel"], cancels_for_ns=20 * SECOND)
            are_open = sum(order.is_open for order in served.venue.account.orders)
            code = await asyncio.to_thread(panic, [str(tmp_path)], cancels_for_ns=20 * SECOND)
            return without, only, are_open, code, sum(order.is_open for order in served.venue.account.orders)

    without, only, are_open, code, left_open = asyncio.run(scenario())
    out = capsys.readouterr().out

    assert (without, only, are_open) == (3, 3, 2)
    assert (code, left_open) == (0, 0)
    assert min(VENUES[kind].environment) in out
    assert out.count("not cancelled") == 4
    assert not any(value in out for value in VENUES[kind].environment.values())


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (None, "must be readable"),
        ("broker: null\n", "must name a broker"),
        ("broker:\n  kind: nobody\n", "must name a broker"),
        ("broker:\n  kind: alpaca\n  stray: 1\n", "must be as this version writes it"),
        ("broker: [\n", "nothing could be cancelled"),
    ],
)
def test_a_run_whose_broker_is_not_known_is_latched_all_the_same(spec, says, tmp_path, capsys):
    """Each says what is wrong; the latch is there, and the orders are listed."""

    async def scenario():
        async with serving(VENUES["tickdb"](time.time_ns)) as served:
            await died("tickdb", tmp_path, served)

    asyncio.run(scenario())
    (tmp_path / "spec.yaml").unlink()
    if spec is not None:
        write_text(tmp_path / "spec.yaml", spec)

    code = panic([str(tmp_path)])
    out = capsys.readouterr().out

    assert code == 3
    assert says in out
    assert (tmp_path / "KILL").exists()

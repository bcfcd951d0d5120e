"""The embedded broker against the embedded venue itself: two authors, one contract, met over real sockets."""

import asyncio
import io
import time
from dataclasses import replace

from runner.live.edge.alarm import QueuedAlarm
from runner.live.edge.clock import MachineChance, MachineClock
from runner.live.edge.doors import doors_of
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.gate import Wanted
from runner.live.model import BUY, Quote, SessionState, Status
from runner.live.ports import Ports
from runner.live.session import Session
from runner.live.setup import Setup
from runner.live.terms import instruments_at
from runner.venue.server.settings import Settings
from runner.venue.server.trading_words import LONGEST_VALID_NS, VISIBLE_NS
from runner.venue.server.venue import Venue
from tests.live_bench import FREE, Quiet, Switch
from tests.markets import minutes, tape_of
from tests.rooms.live.brokers.test_accounts import made

TAPES = {"bars": tape_of("bars", {"A": minutes((10, 12, 9, 11, 100), (20, 22, 19, 21, 800))})}


async def until(holds, seconds=30):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def traded(venue, folder):
    """Place one order that fills when the tape is let go and one that rests; return the session."""
    broker, clock = made("embedded").at(venue.rest_url), MachineClock()
    doors = doors_of(broker, {"RUNNER_EMBEDDED_KEY": venue.key.reveal()}, clock)
    instruments = await instruments_at(broker, doors.rest, ["A"])
    setup = Setup(
        account=broker.fingerprint,
        run="run",
        environment=broker.place,
        config="config",
        code="code",
        instruments=instruments,
        currency="USD",
        profile=broker.profile(),
        limits=replace(FREE, symbols=frozenset(instruments)),
        versions={},
    )
    alarm = QueuedAlarm(io.StringIO())
    ports = Ports(clock, MachineChance(), doors.rest, doors.stream, SqliteDisk(folder), alarm, Switch())
    session = Session(ports, setup, broker.contract(instruments), Quiet())
    running = asyncio.create_task(session.run())
    try:
        await until(lambda: hasattr(session, "journal") and session.state.session is SessionState.LIVE)
        ticks = int(11 / instruments["A"].tick)
        session.on_quote(Quote("A", ticks - 1, ticks + 1, clock.mono_ns()))
        filled = session.orders.submit(Wanted("A", BUY, 3, ticks))
        resting = session.orders.submit(Wanted("A", BUY, 2, ticks // 11))
        await until(lambda: all(session.state.orders[coid].is_acked for coid in (filled, resting)))
        venue.go()
        await until(lambda: session.state.orders[filled].status is Status.FILLED)
        session.stop()
        assert await running == 0
        assert session.state.orders[resting].status is Status.CANCELED
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await doors.close()
        alarm.stop()
    return session


def test_a_session_and_the_embedded_venue_tell_one_story(tmp_path):
    """Terms, placing, filling, cancelling, sweeping, comparing: at the end position and cash are the venue's."""
    with Venue(TAPES, Settings(is_held=True, pace=60.0, cash=1_000)) as venue:
        session = asyncio.run(traded(venue, tmp_path))
        truth = venue.truth()

    (fill,) = truth["fills"]
    assert session.state.position("A") == 3
    assert float(fill["price"]) <= 11
    assert session.state.killed is None
    assert session.state.accounts["USD"].fees == 0
    assert session.state.accounts["USD"].cash == int((1_000 - 3 * float(fill["price"])) * 10**18)


def test_the_profile_claims_no_more_than_the_venue_promises():
    """No longer a validity than it takes, no sooner a sight of things than it gives."""
    profile = made("embedded").profile()

    assert profile.valid_ns <= LONGEST_VALID_NS
    assert profile.visible_ns >= VISIBLE_NS

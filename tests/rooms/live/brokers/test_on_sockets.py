"""Every broker over real sockets: the doors as a user's configuration opens them, the session, and no key anywhere.

What the faults do to the books is tested in virtual time; here it is that the pieces fit, from the environment's variables to
the bytes on the wire.
"""

import asyncio
import io
import logging
import time
from dataclasses import replace

import pytest

from runner.live.edge.alarm import QueuedAlarm
from runner.live.edge.clock import MachineChance, MachineClock
from runner.live.edge.doors import doors_of
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.gate import Wanted
from runner.live.model import BUY, Quote, SessionState, Status
from runner.live.ports import Ports
from runner.live.profile import MS
from runner.live.session import Session
from runner.live.setup import Setup
from tests.canary import forms_of
from tests.fake_venues.all_venues import VENUES
from tests.fake_venues.serving import serving
from tests.fake_venues.speaking import broker_of, instruments_of
from tests.live_bench import FREE, Quiet, Switch


async def until(holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def traded(kind, folder, out):
    """Trade for a moment; return the session and the fake's account."""
    venue = VENUES[kind](time.time_ns)
    async with serving(venue) as served:
        broker = broker_of(kind, base_url=served.address)
        clock = MachineClock()
        doors = doors_of(broker, venue.environment, clock)
        instruments = instruments_of(venue)
        setup = Setup(
            account=broker.fingerprint,
            run="run",
            environment=broker.place,
            config="config",
            code="code",
            instruments=instruments,
            currency=venue.account.quote,
            profile=replace(broker.profile(), visible_ns=100 * MS, requests_per_window=5_000, orders_per_window=1_000),
            limits=replace(FREE, symbols=frozenset(instruments)),
            versions={},
        )
        alarm = QueuedAlarm(out)
        ports = Ports(clock, MachineChance(), doors.rest, doors.stream, SqliteDisk(folder), alarm, Switch())
        session = Session(ports, setup, broker.contract(instruments), Quiet())
        running = asyncio.create_task(session.run())
        try:
            await until(lambda: hasattr(session, "journal") and session.state.session is SessionState.LIVE)
            session.on_quote(Quote(venue.symbols[0], 1_999, 2_001, clock.mono_ns()))
            await trade(session, venue, served)
            session.stop()
            assert await running == 0
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await doors.close()
            alarm.stop()
        return session, venue.account, broker, doors


async def trade(session, venue, served):
    """One order in peace, one whose answer is lost after it was taken, one whose answer is an error, one cancelled."""
    lot = venue.account.steps[venue.symbols[0]][1]
    coids = []
    for fault in (None, "cut", "after"):
        served.faults.extend([fault] if fault else [])
        coid = session.orders.submit(Wanted(venue.symbols[0], BUY, 10, 2_000 - len(coids)))
        coids.append(coid)
        await until(lambda coid=coid: venue.account.by_coid(coid))
        venue.account.fill(venue.account.by_coid(coid), 10 * lot)
        await until(lambda coid=coid: session.state.orders[coid].status is Status.FILLED)
    last = session.orders.submit(Wanted(venue.symbols[0], BUY, 3, 1_990))
    await until(lambda: session.state.orders[last].is_acked)
    session.orders.cancel(last, "test")
    await until(lambda: session.state.orders[last].status is Status.CANCELED)
    assert len(venue.account.orders) == 4


@pytest.mark.parametrize("kind", sorted(VENUES))
def test_i1_a_session_trades_over_real_sockets_and_gives_no_key_away(kind, tmp_path, caplog):
    """Books equal to the venue's; no form of a key in the run directory, the alarms, the logs, or any representation."""
    caplog.set_level(logging.DEBUG)
    out = io.StringIO()

    session, account, broker, doors = asyncio.run(traded(kind, tmp_path, out))

    symbol = VENUES[kind].symbols[0]
    assert session.state.position(symbol) * account.steps[symbol][1] == account.held[symbol]
    for asset, amount in account.cash.items():
        assert session.state.accounts[asset].cash == int(amount * 10**18)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir()) + caplog.text.encode() + out.getvalue().encode()
    written += repr((session.setup, session.state, broker, doors, vars(doors.rest))).encode()
    for secret in VENUES[kind].environment.values():
        assert [form for form in forms_of(secret) if form in written] == []

"""The embedded venue as the doors of a session: started with it, ended with it, on loopback."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from runner.live.accounts.embedded import Embedded as EmbeddedAccount
from runner.live.edge.clock import MachineClock
from runner.live.edge.doors import doors_of
from runner.live.edge.rest import HttpRest
from runner.live.edge.signing import KeyHeaders
from runner.live.edge.websocket import Introduction, WebSockets
from runner.live.feeds.embedded import Embedded
from runner.live.ports import Clock
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.sessions.dialects import dialect_of
from runner.sessions.doors import Account, Doors
from runner.sessions.outside import tickdb_history
from runner.spec.run import RunSpec
from runner.venue.server.fault_plan import FaultPlan, read_plan
from runner.venue.server.settings import Settings
from runner.venue.server.venue import Venue

__all__ = ["embedded_doors"]

MS = 1_000_000


async def embedded_doors(spec: RunSpec, feed: Embedded, tapes: Mapping[Stream, Tape], until_ns: int) -> Doors:
    """Start the venue, held until the session is ready, and return the doors to it.

    Args:
        spec: The run.
        feed: How it plays.
        tapes: Everything; what is known by `until_ns` is history.
        until_ns: UTC nanoseconds.
    """
    plan = FaultPlan() if feed.faults is None else read_plan(Path(feed.faults))
    broker = spec.broker if isinstance(spec.broker, EmbeddedAccount) else None
    settings = Settings(
        pace="lockstep" if feed.speed is None else feed.speed,
        is_held=True,
        from_ms=until_ns // MS,
        zone=spec.timezone.zone,
        cash=Decimal(str(spec.capital)),
        currency="USD" if broker is None else broker.currency,
        ticks={} if broker is None else {symbol: Decimal(step) for symbol, step in broker.ticks.items()},
        lots={} if broker is None else {symbol: Decimal(step) for symbol, step in broker.lots.items()},
        seed=feed.seed,
        faults=plan,
    )
    venue = await asyncio.to_thread(Venue(tapes, settings).start)
    clock = _MarketTime(venue)
    address = venue.market_url if feed.dialect == "tickdb_v1" else venue.article_url
    sockets = WebSockets(address, lambda: Introduction(query=(("api_key", venue.key),)))
    account = None if broker is None else _account(broker, venue)
    rest = HttpRest(venue.rest_url, KeyHeaders({"X-API-Key": venue.key}))

    async def close() -> None:
        await rest.close()
        if account is not None:
            await account.close()
        await asyncio.to_thread(venue.stop)

    return Doors(
        venue="embedded",
        clock=clock,
        sockets=sockets,
        dialect=dialect_of(spec),
        lateness_ns=0,
        history=tickdb_history(spec, rest, feed.dialect),
        is_in_step=feed.speed is None,
        account=account,
        begin=venue.go,
        is_over=venue.played.is_set,
        truth=venue.truth,
        close=close,
    )


def _account(broker: EmbeddedAccount, venue: Venue) -> Account:
    there = broker.at(venue.rest_url)
    doors = doors_of(there, {there.key_env: venue.key.reveal()}, MachineClock())
    return Account(there, doors.rest, doors.stream, doors.close)


class _MarketTime(Clock):
    """The venue's market time; timers are the machine's."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._machine = MachineClock()

    def utc_ns(self) -> int:
        """Return the market's time."""
        return self._venue.clock.utc_ns()

    def mono_ns(self) -> int:
        """Return the machine's monotonic clock."""
        return self._machine.mono_ns()

    async def sleep(self, duration_ns: int) -> None:
        """Sleep by the machine's clock."""
        await self._machine.sleep(duration_ns)

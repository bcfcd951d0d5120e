"""The embedded venue that runs by itself as the doors of a session: it was there before, and outlives the session.

Its market's time is asked for every `ASKS_NS` of the machine and never goes back; between two answers it stands still, so it
is never ahead of the venue's.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from runner.errors import ConfigError, Fault, RunError
from runner.live.accounts.embedded import Embedded as EmbeddedAccount
from runner.live.edge.clock import MachineClock
from runner.live.edge.doors import doors_of
from runner.live.edge.websocket import Introduction, WebSockets
from runner.live.feeds.embedded import Embedded
from runner.live.ports import Action, Clock, NoAnswer, Request, Rest
from runner.market.tickdb.secret import Secret
from runner.sessions.dialects import dialect_of
from runner.sessions.doors import Account, Doors
from runner.spec.run import RunSpec

__all__ = ["joined_doors"]

MS = 1_000_000
ASKS_NS = 20 * MS
TIMEOUT_NS = 5_000 * MS
TRIES = 10
PATHS = {"tickdb_v1": "/v1/realtime", "article": "/v1/market/stream"}


async def joined_doors(spec: RunSpec, feed: Embedded, environment: Mapping[str, str]) -> Doors:
    """Return the doors to a venue that listens already.

    Args:
        spec: The run.
        feed: Where it listens.
        environment: Where keys are looked up.

    Raises:
        ConfigError: A key isn't set.
        RunError: Nobody listens there.
    """
    if feed.base_url is None:
        raise TypeError("a venue that runs by itself has an address")
    key = environment.get(feed.key_env, "")
    if not key:
        fix = f"Set the environment variable {feed.key_env} to the key of the venue."
        raise ConfigError(Fault("feed.key_env", "must name a variable that is set", feed.key_env, fix))
    secret, clock = Secret(key), MachineClock()
    # Its time is asked for with the account's kind of request, whether or not there is an account.
    asking = doors_of(EmbeddedAccount(base_url=feed.base_url, key_env=feed.key_env), environment, clock)
    market = _MarketTime(asking.rest)
    account = _account(spec.broker, environment, clock)
    address = feed.base_url.replace("http", "ws", 1) + PATHS[feed.dialect]

    async def close() -> None:
        await market.stop()
        await asking.close()
        if account is not None:
            await account.close()

    doors = Doors(
        venue="embedded",
        clock=market,
        sockets=WebSockets(address, lambda: Introduction(query=(("api_key", secret),))),
        dialect=dialect_of(spec),
        lateness_ns=0,
        is_in_step=feed.speed is None,
        account=account,
        is_over=lambda: market.is_over,
        close=close,
    )
    try:
        await market.start()
    except BaseException:
        await close()
        raise
    return doors


def _account(broker: object, environment: Mapping[str, str], clock: MachineClock) -> Account | None:
    if not isinstance(broker, EmbeddedAccount):
        return None
    doors = doors_of(broker, environment, clock)
    return Account(broker, doors.rest, doors.stream, doors.close)


@dataclass
class _MarketTime(Clock):
    """The venue's market time; timers are the machine's."""

    rest: Rest
    is_over: bool = False
    """Whether its tape is over."""
    _now: int = 0
    _machine: MachineClock = field(default_factory=MachineClock)
    _task: "asyncio.Task[None] | None" = None

    async def start(self) -> None:
        """Know the time, and go on asking.

        Raises:
            RunError: Nobody tells it.
        """
        for _ in range(TRIES):
            if await self._ask():
                self._task = asyncio.create_task(self._go_on(), name="time of the market")
                return
            await self._machine.sleep(10 * ASKS_NS)
        fix = "Start runner venue, and write the address that it prints and the variable with its key."
        raise RunError(Fault("feed.base_url", "must be a venue that answers with this key", "no time was told", fix))

    async def stop(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def utc_ns(self) -> int:
        """Return the market's time as it was last told."""
        return self._now

    def mono_ns(self) -> int:
        """Return the machine's monotonic clock."""
        return self._machine.mono_ns()

    async def sleep(self, duration_ns: int) -> None:
        """Sleep by the machine's clock."""
        await self._machine.sleep(duration_ns)

    async def _go_on(self) -> None:
        while True:
            await self._machine.sleep(ASKS_NS)
            await self._ask()

    async def _ask(self) -> bool:
        """Ask once; return whether the venue told. What can't be read tells nothing, and is asked for again."""
        try:
            response = await self.rest.send(Request(Action.TIME, "GET", "/v1/time"), timeout_ns=TIMEOUT_NS)
            told = json.loads(response.body)["data"] if response.status == 200 else {}
            now, is_over = int(told["market_ns"]), bool(told["is_over"])
        except (NoAnswer, ValueError, KeyError, TypeError):
            return False
        self._now, self.is_over = max(self._now, now), is_over
        return True

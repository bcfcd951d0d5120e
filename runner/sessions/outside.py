"""Real services as the doors of a session: keys from the environment, addresses from the configuration."""

from collections.abc import Mapping

from runner.errors import ConfigError, Fault
from runner.live.accounts import Broker
from runner.live.edge.clock import MachineClock
from runner.live.edge.doors import doors_of
from runner.live.edge.websocket import Introduction, WebSockets
from runner.live.feeds.tickdb import Tickdb
from runner.market.tickdb.secret import Secret
from runner.sessions.dialects import dialect_of
from runner.sessions.doors import Account, Doors
from runner.spec.run import RunSpec

__all__ = ["outside_doors"]

SECOND = 1_000_000_000


def outside_doors(spec: RunSpec, environment: Mapping[str, str]) -> Doors:
    """Return the doors to the services of a run; nothing is connected yet.

    Args:
        spec: The run.
        environment: Where keys are looked up.

    Raises:
        ConfigError: A key isn't set, or an address can't be used.
    """
    feed = spec.feed
    if not isinstance(feed, Tickdb):
        raise TypeError(f"{feed!r} is no feed that is known here")
    key = environment.get(feed.key, "")
    if not key:
        fix = f"Set the environment variable {feed.key} to the key of the service."
        raise ConfigError(Fault("feed.key", "must name a variable that is set", feed.key, fix))
    secret = Secret(key)
    clock = MachineClock()
    return Doors(
        venue=feed.kind,
        clock=clock,
        sockets=WebSockets(feed.address, lambda: Introduction(query=(("api_key", secret),))),
        dialect=dialect_of(spec),
        lateness_ns=SECOND,
        account=_account(spec.broker, environment, clock),
    )


def _account(broker: object, environment: Mapping[str, str], clock: MachineClock) -> Account | None:
    if not isinstance(broker, Broker):
        return None
    doors = doors_of(broker, environment, clock)
    return Account(broker, doors.rest, doors.stream, doors.close)

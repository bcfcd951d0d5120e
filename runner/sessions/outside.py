"""Real services as the doors of a session: keys from the environment, addresses from the configuration.

Each feed says where its stream is and how it is introduced, and what it is asked for beside the stream: bars for holes, and
whole books where the stream tells differences. Nothing is connected before the session begins.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from runner.errors import ConfigError, Fault
from runner.live.accounts import Broker
from runner.live.edge.clock import MachineClock
from runner.live.edge.doors import doors_of
from runner.live.edge.rest import HttpRest
from runner.live.edge.signing import KeyHeaders, expect_sendable
from runner.live.edge.websocket import Introduction, WebSockets
from runner.live.feed.beside import BinanceBooks, RowHistory, binance_rows, interval_word, tickdb_rows
from runner.live.feed.doors import Books, History
from runner.live.feed.grid import Grid
from runner.live.feed.messages import Channel
from runner.live.feeds.alpaca import Alpaca
from runner.live.feeds.binance import Binance
from runner.live.feeds.tickdb import Tickdb
from runner.live.ports import Rest
from runner.market.tickdb.secret import Secret
from runner.market.tickdb.settings import INTERVALS
from runner.sessions.dialects import dialect_of
from runner.sessions.doors import Account, Doors, nothing_to_close
from runner.spec.run import RunSpec

__all__ = ["outside_doors", "tickdb_history"]

MS = 1_000_000
SECOND = 1_000 * MS


@dataclass(frozen=True, slots=True)
class _Way:
    """One service's market data."""

    sockets: WebSockets
    history: History | None = None
    books: Books | None = None
    close: Callable[[], Awaitable[None]] = nothing_to_close


def outside_doors(spec: RunSpec, environment: Mapping[str, str]) -> Doors:
    """Return the doors to the services of a run; nothing is connected yet.

    Args:
        spec: The run.
        environment: Where keys are looked up.

    Raises:
        ConfigError: A key isn't set, or an address can't be used.
    """
    feed = spec.feed
    match feed:
        case Tickdb():
            way = _tickdb(spec, feed, environment)
        case Binance():
            way = _binance(spec, feed)
        case Alpaca():
            way = _alpaca(feed, environment)
        case _:
            raise TypeError(f"{feed!r} is no feed that is known here")
    clock = MachineClock()
    account = _account(spec.broker, environment, clock)

    async def close() -> None:
        await way.close()
        if account is not None:
            await account.close()

    return Doors(
        venue=feed.kind,
        clock=clock,
        sockets=way.sockets,
        dialect=dialect_of(spec),
        lateness_ns=SECOND,
        is_real_time=True,
        # Orders are priced by the best prices of the moment, where the service tells them.
        touch=None if account is None else Channel.QUOTES,
        history=way.history,
        books=way.books,
        account=account,
        close=close,
    )


def tickdb_history(spec: RunSpec, rest: Rest, dialect: str) -> History | None:
    """Return where bars are asked for of a service that answers like TickDB; None where it has none of their length."""
    word = interval_word(spec.timezone)
    if word is None or spec.timezone.stamp == "event":
        return None
    ask, read = tickdb_rows("article" if dialect == "article" else "tickdb_v1", word)
    return RowHistory(rest, spec.universe.symbols, Grid(spec.timezone), INTERVALS[word] * MS, ask, read)


def _tickdb(spec: RunSpec, feed: Tickdb, environment: Mapping[str, str]) -> _Way:
    (key,) = _secrets({"feed.key": feed.key}, environment)
    sockets = WebSockets(feed.address, lambda: Introduction(query=(("api_key", key),)))
    if feed.rest is None:
        return _Way(sockets)
    rest = HttpRest(feed.rest, KeyHeaders({"X-API-Key": key}))
    return _Way(sockets, tickdb_history(spec, rest, feed.dialect), close=rest.close)


def _binance(spec: RunSpec, feed: Binance) -> _Way:
    sockets = WebSockets(feed.address, Introduction)
    if feed.rest is None:
        return _Way(sockets)
    rest, symbols, word = HttpRest(feed.rest, KeyHeaders()), tuple(spec.universe.symbols), interval_word(spec.timezone)
    history = None
    if word is not None and spec.timezone.stamp != "event":
        history = RowHistory(rest, symbols, Grid(spec.timezone), INTERVALS[word] * MS, *binance_rows(word))
    return _Way(sockets, history, BinanceBooks(rest, symbols), rest.close)


def _alpaca(feed: Alpaca, environment: Mapping[str, str]) -> _Way:
    key, secret = _secrets({"feed.key": feed.key, "feed.secret": feed.secret}, environment)
    said = {"action": "auth", "key": key.reveal(), "secret": secret.reveal()}
    introduced = Introduction(messages=(Secret(json.dumps(said)),), secrets=(key, secret))
    return _Way(WebSockets(feed.address, lambda: introduced))


def _secrets(names: Mapping[str, str], environment: Mapping[str, str]) -> list[Secret]:
    """Return what variables hold; raises ConfigError with all that are unset, or hold what can't be sent."""
    faults = [
        Fault(where, "must name a variable that is set", variable, f"Set the environment variable {variable} to the key.")
        for where, variable in names.items()
        if not environment.get(variable)
    ]
    if faults:
        raise ConfigError(faults)
    found = {variable: Secret(environment[variable]) for variable in names.values()}
    expect_sendable(found)
    return [found[variable] for variable in names.values()]


def _account(broker: object, environment: Mapping[str, str], clock: MachineClock) -> Account | None:
    if not isinstance(broker, Broker):
        return None
    doors = doors_of(broker, environment, clock)
    return Account(broker, doors.rest, doors.stream, doors.close)

"""Everyone who listens to market data, and what each of them is told."""

from collections.abc import Iterable
from typing import Any

from runner.market.tickdb.settings import Dialect
from runner.market.tickdb.symbols import bare
from runner.venue.server.clock import MarketClock
from runner.venue.server.fault_plan import Chances, FaultKind
from runner.venue.server.outbox import Outbox
from runner.venue.server.steps import Listener, Steps
from runner.venue.server.words import Channel, line, message, pong

__all__ = ["Client", "Hub", "Subscription"]

Subscription = tuple[Channel, str]
MINUTE_MS = 60_000


class Client:
    """One connection."""

    def __init__(self, outbox: Outbox, dialect: Dialect, clock: MarketClock, chances: Chances) -> None:
        """Listen to nothing yet."""
        self.outbox = outbox
        self.dialect = dialect
        self.subscriptions: set[Subscription] = set()
        self.listener = Listener(self._pong)
        self._clock = clock
        self._chances = chances
        self._is_mute = False
        self._silent_until_ms = 0

    def say(self, told: Any, later: float = 0.0) -> None:
        """Send anything but data, so many seconds late."""
        if not self._is_mute:
            self.outbox.put(line(told), later)

    def tell(self, channel: Channel, data: dict[str, Any]) -> None:
        """Send one message of data, or what the fault plan makes of it."""
        strikes = self._chances.strikes
        if self._is_mute or not self.outbox.is_open:
            return
        if strikes(FaultKind.DISCONNECT):
            self.outbox.break_off()
            return
        if strikes(FaultKind.STALL):
            self._is_mute = True
            return
        if strikes(FaultKind.STALL_WITH_PONGS):
            self._silent_until_ms = self._clock.now_ms() + self._chances.outage_ms
        if self._clock.now_ms() < self._silent_until_ms or strikes(FaultKind.LOST_MESSAGE):
            return
        self._before()
        told: Any = message(channel, self._bent(channel, data), self.dialect)
        text = line([told] if strikes(FaultKind.AS_ARRAY) else told)
        self.outbox.put(text)
        if strikes(FaultKind.TWICE_MESSAGE):
            self.outbox.put(text)

    def _before(self) -> None:
        if self._chances.strikes(FaultKind.UNKNOWN_CMD):
            self.outbox.put(line({"cmd": "maintenance", "code": 0, "message": "notice", "data": {"text": "hello"}}))
        if self._chances.strikes(FaultKind.GARBAGE):
            self.outbox.put('{"cmd": "depth", "data": {"bids": [[')

    def _bent(self, channel: Channel, data: dict[str, Any]) -> dict[str, Any]:
        strikes = self._chances.strikes
        if channel == "depth":
            data = self._bent_book(data)
        if strikes(FaultKind.BARE_SYMBOL):
            data = data | {"symbol": bare(data["symbol"])}
        if strikes(FaultKind.STALE_STAMP):
            data = _restamped(data, lambda at: at - MINUTE_MS)
        if strikes(FaultKind.SECONDS_STAMP):
            data = _restamped(data, lambda at: at // 1_000)
        return data

    def _bent_book(self, data: dict[str, Any]) -> dict[str, Any]:
        strikes = self._chances.strikes
        if strikes(FaultKind.EMPTY_SIDE):
            data = data | {"asks": []}
        bids, asks = data["bids"], data["asks"]
        if bids and asks and strikes(FaultKind.CROSSED):
            data = data | {"bids": [[asks[0][0], bids[0][1]]], "asks": [[bids[0][0], asks[0][1]]]}
        if bids and asks and strikes(FaultKind.LOCKED):
            data = data | {"asks": [[bids[0][0], asks[0][1]]]}
        return data

    def _pong(self) -> bool:
        if self._is_mute or self._chances.strikes(FaultKind.NO_PONG):
            return False
        self.say(pong(self._clock.now_ms()))
        return True


class Hub:
    """All connections."""

    def __init__(self, steps: Steps) -> None:
        """Begin with none."""
        self.clients: list[Client] = []
        self.dropped = 0
        """Connections that were broken because they left too much unread."""
        self.steps = steps

    def join(self, client: Client) -> None:
        """Take a connection in; the market goes in step with it."""
        self.clients.append(client)
        self.steps.join(client.listener)

    def leave(self, client: Client) -> None:
        """Let a connection go."""
        self.clients.remove(client)
        self.steps.leave(client.listener)
        self.dropped += client.outbox.is_dropped

    def subscribe(self, client: Client, wanted: Iterable[Subscription]) -> None:
        """Subscribe a connection."""
        client.subscriptions.update(wanted)
        client.listener.drives = True

    def listening(self, channel: Channel, symbol: str) -> list[Client]:
        """Return who listens to a symbol's channel."""
        return [client for client in self.clients if (channel, symbol) in client.subscriptions]


def _restamped(data: dict[str, Any], change: Any) -> dict[str, Any]:
    if "trades" in data:
        return data | {"trades": [trade | {"timestamp": change(trade["timestamp"])} for trade in data["trades"]]}
    return data | {"timestamp": change(data["timestamp"])}

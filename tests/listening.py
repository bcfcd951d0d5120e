"""Somebody who talks to the embedded venue over real sockets on loopback."""

import asyncio
import json
from contextlib import asynccontextmanager

import aiohttp

from runner.venue.server.venue import Venue

PATIENCE = 5.0
"""Seconds that no answer of a loopback socket needs."""


class Socket:
    """One WebSocket of the venue."""

    def __init__(self, socket):
        self.socket = socket
        self.heard = []
        """Every message so far."""

    async def say(self, told):
        await self.socket.send_str(told if isinstance(told, str) else json.dumps(told))

    async def hear(self):
        """Return the next message, None when there will be none."""
        async with asyncio.timeout(PATIENCE):
            received = await self.socket.receive()
        if received.type is not aiohttp.WSMsgType.TEXT:
            return None
        try:
            told = json.loads(received.data)
        except ValueError:
            told = {"cmd": "unreadable"}
        self.heard.append(told)
        return told

    async def until(self, word):
        """Return everything up to a message that bears a word as its `cmd` or `type`, this included."""
        found = []
        while (told := await self.hear()) is not None:
            found.append(told)
            if isinstance(told, dict) and word in {told.get("cmd"), told.get("type")}:
                return found
        raise ConnectionError(f"closed before {word}")

    async def ping(self):
        """Ping; return everything up to the pong."""
        await self.say({"cmd": "ping"})
        return await self.until("pong")

    async def subscribe(self, channel, *symbols):
        """Subscribe; return everything up to the acknowledgement."""
        await self.say({"cmd": "subscribe", "data": {"channel": channel, "symbols": list(symbols)}})
        return await self.until("subscribe")


class Talk:
    """One client: REST and sockets, with the key."""

    def __init__(self, venue, session):
        self.venue = venue
        self.session = session

    async def ask(self, method, path, body=None, **params):
        """Return the status and the body of an answer, text where it is no JSON."""
        url = f"{self.venue.rest_url}{path}"
        async with self.session.request(method, url, json=body, params=params, allow_redirects=False) as answer:
            text = await answer.text()
        try:
            return answer.status, json.loads(text)
        except ValueError:
            return answer.status, text

    async def get(self, path, **params):
        """Return the data of a successful answer."""
        status, body = await self.ask("GET", path, **params)
        assert status == 200, body
        return body["data"]

    async def place(self, **fields):
        """Place an order, of this moment unless it says else."""
        given = {"symbol": "A", "side": "buy", "quantity": "1", "type": "market", "sent_at_ns": self.venue.clock.utc_ns()}
        return await self.ask("POST", "/v1/trade/place", given | fields)

    @asynccontextmanager
    async def socket(self, url=None, **params):
        """Open a socket, the market's unless told else."""
        async with self.session.ws_connect(url or self.venue.market_url, params=params) as socket:
            yield Socket(socket)


@asynccontextmanager
async def talking(venue, *, key=None):
    """Become a client of a venue that has started."""
    headers = {"X-API-Key": venue.key.reveal() if key is None else key}
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(PATIENCE)) as session:
        yield Talk(venue, session)


def with_venue(tapes, settings, conversation):
    """Start a venue, hold a conversation with it, and return what it says and the venue's truth at the end."""

    async def live():
        async with Venue(tapes, settings) as venue:
            async with talking(venue) as talk:
                said = await conversation(talk)
            return said, venue.truth()

    return asyncio.run(live())


async def played_out(socket, on_pong=None):
    """Go in step until the tape is over; return every instant's messages, keyed by the pong's time."""
    instants = {}
    while True:
        heard = await socket.ping()
        at_ms = heard[-1]["data"]["timestamp"]
        instants.setdefault(at_ms, []).extend(heard[:-1])
        if on_pong is not None and await on_pong(at_ms):
            return instants

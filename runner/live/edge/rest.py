"""Requests to one venue over HTTP: the only file of the order path that knows the library.

    request  →  signed (`runner.live.edge.signing`)  →  sent once  →  the whole answer, or `NoAnswer`

What is refused here and nowhere else: redirects (they would carry the key to another host; one is an answer with its status,
and nobody reads where to), proxies and passwords of the environment, cookies, certificates that don't fit, plain text to any
machine but this one, packed answers, answers beyond `MOST_BYTES`. The library would send some requests a second time when a
kept connection turns out to be closed; `_once` takes every failure out of its hands before it can.

Credentials are added last, and no exception of the library leaves this file, not even as a cause, because such exceptions
hold addresses and headers. A venue that repeats the key it was given is not passed on as it spoke.
"""

import asyncio
import logging

from aiohttp import (
    ClientError,
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

from runner.errors import ConfigError, Fault
from runner.live.edge.signing import Signed, Signer
from runner.live.ports import NoAnswer, Request, Response
from runner.market.tickdb.address import address_fault

__all__ = ["MOST_BYTES", "HttpRest", "rest_address_fault"]

SECOND = 1e9
MOST_BYTES = 4 * 1024 * 1024
CHUNK = 2**16
HIDDEN = b"***"
IDLE_SECONDS = 15.0
"""How long a connection nobody uses is kept: venues close theirs later, so that few requests meet one that is closed."""
CONNECTIONS = 32


class _GoneError(Exception):
    """The connection failed, in words that say nothing."""


class HttpRest:
    """The REST port of one account at one venue; use it within one loop, then `close` it."""

    def __init__(self, address: str, signer: Signer) -> None:
        """Prepare for one venue; nothing is connected yet.

        Args:
            address: scheme, host and port, `https://` or, to this machine alone, `http://`.
            signer: adds the credentials.

        Raises:
            ConfigError: the address can't be used.
        """
        fault = rest_address_fault(address)
        if fault is not None:
            raise ConfigError(fault)
        self._address = address.rstrip("/")
        self._signer = signer
        self._session: ClientSession | None = None
        for name in ("aiohttp.client", "aiohttp.internal"):
            logging.getLogger(name).setLevel(logging.WARNING)

    def __repr__(self) -> str:
        return f"HttpRest({self._address!r})"

    async def send(self, request: Request, *, timeout_ns: int) -> Response:
        """Send a request once; see `ports.Rest.send`."""
        session = self._opened()
        signed = self._signer.sign(request)
        try:
            async with asyncio.timeout(timeout_ns / SECOND):
                return await self._answered(session, request.method, signed)
        except TimeoutError:
            why = "no whole answer in time"
        except (ClientError, OSError, EOFError, ValueError, _GoneError):
            why = "the connection failed"
        # Outside of the handlers, so that the library's exception isn't even kept as context.
        raise NoAnswer(why)

    async def close(self) -> None:
        """Close the connections; what is under way ends in `NoAnswer`."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_SECONDS),
                cookie_jar=DummyCookieJar(),
                headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "runner"},
                timeout=ClientTimeout(total=None),
                middlewares=(_once,),
                trust_env=False,
                auto_decompress=False,
                raise_for_status=False,
            )
        return self._session

    async def _answered(self, session: ClientSession, method: str, signed: Signed) -> Response:
        # Encoded already: what is signed is what is sent, to the letter.
        url = URL(f"{self._address}{signed.target}", encoded=True)
        headers = dict(signed.headers)
        async with session.request(method, url, headers=headers, data=signed.body, allow_redirects=False) as response:
            body = bytearray()
            async for chunk in response.content.iter_chunked(CHUNK):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise _GoneError
            told = tuple((name.lower(), value) for name, value in response.headers.items() if name.lower() in HEARD)
            return Response(response.status, signed.hidden_in(bytes(body)), told)


HEARD = {"retry-after", "content-type", "date"}
"""Headers that are handed on; others may repeat what was sent."""


async def _once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Let a request fail the first time, in words that say nothing."""
    try:
        return await handler(request)
    except (ClientError, OSError):
        pass
    raise _GoneError


def rest_address_fault(address: str, where: str = "address") -> Fault | None:
    """Return why an address can't be used, None if it can; `where` is the key it stands under."""
    found = address_fault(address)
    if found is None:
        return None
    write = "Write scheme, host and port only, e.g. https://api.alpaca.markets; plain http is for this machine only."
    return Fault(where, found[0], address if "@" not in address else "", write)

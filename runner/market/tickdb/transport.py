"""One request over the network: bytes out, bytes in, or a `BrokenError` that says whether asking again can help.

What is refused here and nowhere else: redirects (they would carry the key to another host), answers beyond 16 MiB after
unpacking, answers that take longer than two minutes in all, certificates that don't fit. No exception of the HTTP library
leaves this file, not even as a cause: it would hold the request, and with it the key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import requests
from requests.auth import AuthBase

from runner.market.tickdb.address import is_loopback
from runner.market.tickdb.request import Request
from runner.market.tickdb.secret import Secret
from runner.market.tickdb.settings import Service

__all__ = ["BrokenError", "HttpTransport", "Reply", "Transport"]

MOST_BYTES = 16 * 2**20
SLOWEST = 120.0
CHUNK = 2**16


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came."""

    status: int
    """HTTP status."""
    body: bytes
    """Unpacked."""
    retry_after: str | None = None
    """The header of that name."""


class BrokenError(Exception):
    """No usable answer arrived; the message says why."""

    def __init__(self, reason: str, *, passing: bool) -> None:
        """Say whether the failure may pass."""
        super().__init__(reason)
        self.passing = passing


class Transport(Protocol):
    """Carries one request; raises BrokenError."""

    def send(self, request: Request) -> Reply:
        """Return the answer to a request, whatever its status."""


class HttpTransport:
    """Carries requests over kept connections. Use as long as the conversation lasts, then `close`."""

    def __init__(self, service: Service, key: Secret, elapsed: Callable[[], float]) -> None:
        """Prepare for one service; nothing is connected yet. `elapsed` is a clock in seconds that never goes back."""
        self._service = service
        self._elapsed = elapsed
        self._key = _KeyHeader(key)
        self._session = requests.Session()
        # To this machine the key goes in plain text, so no proxy of the environment may come between.
        self._session.trust_env = not is_loopback(service.base_url)
        self._session.headers.update({"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "runner"})

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def send(self, request: Request) -> Reply:
        """Return the answer to a request; raises BrokenError."""
        try:
            return self._send(request)
        except requests.exceptions.RequestException as error:
            broken = _broken(error)
        # Outside of the handler, so that the library's exception isn't even kept as context.
        raise broken

    def _send(self, request: Request) -> Reply:
        began = self._elapsed()
        service = self._service
        with self._session.get(
            f"{service.base_url.rstrip('/')}{request.path}",
            params=request.params,
            auth=self._key,
            timeout=(service.timeout_connect, service.timeout_read),
            allow_redirects=False,
            stream=True,
        ) as response:
            if 300 <= response.status_code < 400:
                raise BrokenError(f"HTTP {response.status_code} to another address, which is never followed", passing=False)
            body = bytearray()
            for chunk in response.iter_content(CHUNK):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise BrokenError(f"an answer of more than {MOST_BYTES // 2**20} MiB", passing=False)
                if self._elapsed() - began > SLOWEST:
                    raise BrokenError(f"an answer still incomplete after {SLOWEST:.0f} s", passing=True)
            return Reply(response.status_code, bytes(body), response.headers.get("Retry-After"))


class _KeyHeader(AuthBase):
    """Puts the key into its header, and keeps credentials of the environment's own out."""

    def __init__(self, key: Secret) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["X-API-Key"] = self._key.reveal()
        return request


def _broken(error: requests.exceptions.RequestException) -> BrokenError:
    """Say in words of our own what went wrong; the library's would repeat addresses of proxies with their passwords."""
    words: tuple[tuple[type[Exception], str, bool], ...] = (
        (requests.exceptions.SSLError, "the certificate of the host isn't trusted", False),
        (requests.exceptions.ConnectTimeout, "no connection in time", True),
        (requests.exceptions.ReadTimeout, "no answer in time", True),
        (requests.exceptions.ProxyError, "the proxy refused", True),
        (requests.exceptions.ChunkedEncodingError, "the connection broke off within the answer", True),
        (requests.exceptions.ContentDecodingError, "the answer couldn't be unpacked", True),
        (requests.exceptions.ConnectionError, "the connection was refused or broke off", True),
    )
    for kind, reason, passing in words:
        if isinstance(error, kind):
            return BrokenError(reason, passing=passing)
    return BrokenError(f"the request couldn't be made ({type(error).__name__})", passing=False)

"""Who may ask: every request passes here before anybody looks at what it asks for.

1. `Host` must name this address: a name that an attacker's server makes point at this machine is answered 421, and learns
   nothing (`_expect_host`).
2. What another site's page sends is refused: by `Sec-Fetch-Site` where the browser says so, by `Origin` where there is one,
   and for anything but GET and HEAD an `Origin` there must be (`_expect_origin`). Streams are no exception.
3. All but the door itself (`OPEN`) need the cookie, 403 without it; what changes something needs the page's key as well.

Keys are compared in constant time.
"""

import hmac
from dataclasses import dataclass

from runner.ui.keys import KEY_HEADER, Keys
from runner.ui.message import Refused, Request

__all__ = ["OPEN", "Guard"]

OPEN = frozenset({"/", "/login", "/static/style.css", "/static/login.js", "/favicon.ico"})
"""What is answered without the cookie; the first is the door then, and shows nothing."""
READING = frozenset({"GET", "HEAD"})
NAMES = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class Guard:
    """What is expected of requests to one port."""

    keys: Keys
    port: int

    @property
    def cookie_name(self) -> str:
        """The cookie's name: cookies of one machine are shared among its ports."""
        return f"runner-{self.port}"

    @property
    def origins(self) -> frozenset[str]:
        """The origins that pages of ours have."""
        return frozenset(f"http://{name}:{self.port}" for name in NAMES)

    def expect(self, request: Request) -> None:
        """Let a request through.

        Raises:
            Refused: 421 for another address, 405 for another method, 403 for everything else.
        """
        self._expect_host(request)
        if request.method not in READING | {"POST"}:
            raise Refused(405, "only GET and POST are answered")
        self._expect_origin(request)
        if request.path not in OPEN and not self.is_known(request):
            raise Refused(403, "Open the address that runner ui printed: this browser wasn't let in yet.")
        if request.method == "POST" and request.path != "/login":
            self._expect_key(request)

    def is_known(self, request: Request) -> bool:
        """Return whether a request has the cookie."""
        return _same(request.cookies.get(self.cookie_name, ""), self.keys.cookie)

    def is_token(self, text: str) -> bool:
        """Return whether a text is the token."""
        return _same(text, self.keys.token)

    def _expect_host(self, request: Request) -> None:
        if request.headers.get("host", "") not in {f"{name}:{self.port}" for name in NAMES}:
            raise Refused(421, "this isn't the address of runner ui")

    def _expect_origin(self, request: Request) -> None:
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
        is_reading = request.method in READING
        if origin is None and not is_reading:
            raise Refused(403, "a request that changes something must say where it comes from")
        if origin is not None and origin not in self.origins:
            raise Refused(403, "requests of other sites aren't answered")
        if site in {"cross-site", "same-site"}:
            raise Refused(403, "requests of other sites aren't answered")

    def _expect_key(self, request: Request) -> None:
        if not _same(request.headers.get(KEY_HEADER, ""), self.keys.key):
            raise Refused(403, "the page's key is missing: load the page again")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())

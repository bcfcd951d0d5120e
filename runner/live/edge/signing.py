"""Credentials: how a request becomes bytes that a venue takes for ours. The last thing that happens to it.

- `KeyHeaders`: the key stands in headers, fields of a POST or PATCH are one JSON object (TickDB, Alpaca, the plain dialect).
- `HmacQuery`: the key stands in a header, and a signature over every field in the last of them (Binance). Fields of a POST
  are a form, and what is signed is the very text that is sent.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol, runtime_checkable
from urllib.parse import quote, urlencode

from runner.errors import ConfigError, Fault
from runner.live.ports import Action, Clock, Request
from runner.live.profile import MS, SECOND
from runner.market.tickdb.secret import Secret

__all__ = ["HmacQuery", "KeyHeaders", "Signed", "Signer", "expect_sendable", "hmac_of"]

WITH_BODY = {"POST", "PATCH"}
UNSIGNED = {Action.TIME, Action.TERMS}
"""Questions that a venue answers to anybody, and only as they are."""
EARLY_NS = 5 * SECOND
"""How far back a question is stamped: this machine's clock may be so far ahead, and nobody minds an old question."""
WINDOW_MS = "60000"
HIDDEN = b"***"


@dataclass(frozen=True, slots=True, repr=False)
class Signed:
    """A request as it goes over the wire, credentials in it."""

    target: str
    """Path and query, encoded."""
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    hidden: tuple[bytes, ...] = ()
    """What must not come back out of an answer."""

    def __repr__(self) -> str:
        return "Signed(…)"

    def hidden_in(self, body: bytes) -> bytes:
        """Return an answer without what must not be repeated."""
        for value in self.hidden:
            if value in body:
                body = body.replace(value, HIDDEN)
        return body


@runtime_checkable
class Signer(Protocol):
    """Adds one account's credentials."""

    def sign(self, request: Request) -> Signed:
        """Return the request with credentials; its fields are encoded here, and nowhere after."""


@dataclass(frozen=True, slots=True)
class KeyHeaders:
    """Keys in headers; none for a venue that asks nobody who he is."""

    keys: Mapping[str, Secret] = field(default_factory=dict)
    """Header → its value."""

    def sign(self, request: Request) -> Signed:
        """Return the request with the headers."""
        target, body, headers = quote(request.path, safe="/:%"), None, [*self._revealed()]
        if request.method in WITH_BODY:
            body = json.dumps(dict(request.fields), separators=(",", ":")).encode()
            headers.append(("Content-Type", "application/json"))
        elif request.fields:
            target = f"{target}?{urlencode(request.fields)}"
        return Signed(target, tuple(headers), body, _hidden(*self.keys.values()))

    def _revealed(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, secret.reveal()) for name, secret in self.keys.items())


@dataclass(frozen=True, slots=True)
class HmacQuery:
    """A key in a header, and a signature among the fields; questions without a stamp are given one."""

    header: str
    key: Secret
    secret: Secret
    clock: Clock

    def sign(self, request: Request) -> Signed:
        """Return the request with key and signature."""
        target, hidden = quote(request.path, safe="/:%"), _hidden(self.key, self.secret)
        if request.action in UNSIGNED:
            asked = f"{target}?{urlencode(request.fields)}" if request.fields else target
            return Signed(asked, (), None, hidden)
        fields = list(request.fields)
        if "timestamp" not in dict(fields):
            fields += [("recvWindow", WINDOW_MS), ("timestamp", str((self.clock.utc_ns() - EARLY_NS) // MS))]
        query = urlencode(fields)
        query = f"{query}&signature={hmac_of(self.secret, query)}"
        headers = [(self.header, self.key.reveal())]
        if request.method in WITH_BODY:
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            return Signed(target, tuple(headers), query.encode(), hidden)
        return Signed(f"{target}?{query}", tuple(headers), None, hidden)


def hmac_of(secret: Secret, text: str) -> str:
    """Return the HMAC-SHA256 of a text under a secret, in hexadecimal."""
    return hmac.new(secret.reveal().encode(), text.encode(), sha256).hexdigest()


def expect_sendable(named: Mapping[str, Secret]) -> None:
    """Hold credentials to what can stand in a header.

    Raises:
        ConfigError: one is empty, or holds spaces, line ends or other alphabets; it is named, never shown.
    """
    faults = [
        Fault(variable, "must hold a key of printable ASCII without spaces", "", "Set the environment variable anew.")
        for variable, secret in named.items()
        if not secret.reveal() or not secret.is_sendable
    ]
    if faults:
        raise ConfigError(faults)


def _hidden(*secrets: Secret) -> tuple[bytes, ...]:
    return tuple(value.encode() for secret in secrets if (value := secret.reveal()))

"""Connections to one service over WebSocket: the only file that knows the library.

What is refused here and nowhere else: redirects (they would carry the key to another host), proxies of the environment,
certificates that don't fit, plain text to any machine but this one, messages beyond a size also after unpacking.

A key is put into the handshake, or into a first message, by this file alone and for the moment of opening. No exception of
the library leaves it, not even as a cause, since such exceptions hold addresses and headers; the library logs to a logger of
our own that hears nothing below a warning, whatever others are set to; and a service that repeats the key it was given is
not passed on as it spoke (`_hidden`).

A parser that is written for every frame there may be takes longer over a short text than everything else that is done with
it. So `Reading` cuts whole texts out of what was received by itself (`frames`), as long as the library isn't within a frame
or a message, and puts them in the library's own line; everything else goes through the library as ever.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urlsplit

from websockets import CloseCode
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConcurrencyError, ConnectionClosed, InvalidStatus, WebSocketException
from websockets.frames import Opcode
from websockets.protocol import State

from runner.errors import ConfigError, Fault
from runner.live.edge.frames import head_of, whole_texts
from runner.live.ports import NoAnswer, Socket, StreamClosed, StreamRefused
from runner.market.tickdb.address import is_loopback
from runner.market.tickdb.secret import Secret

__all__ = ["Introduction", "Limits", "Reading", "WebSockets", "socket_address_fault"]

SECOND = 1_000_000_000
HIDDEN = b"***"
END_OF_HEAD = b"\r\n\r\n"
"""Behind the head of a handshake's answer."""
LONGEST_WAIT = 7 * 24 * 3600
"""Seconds; a service that asks for a longer wait than a week is told it was understood as one."""


@dataclass(frozen=True, slots=True, repr=False)
class Introduction:
    """How one connection says who it is; made anew for every opening, as signatures carry the time."""

    headers: tuple[tuple[str, Secret], ...] = ()
    """Names and values that the handshake's request has beside its own."""
    query: tuple[tuple[str, Secret], ...] = ()
    """Names and values in the query of the handshake's address."""
    messages: tuple[Secret, ...] = ()
    """Messages sent before anything else, whole."""
    secrets: tuple[Secret, ...] = ()
    """What `messages` hold that must never come back out, e.g. the key alone."""

    def __repr__(self) -> str:
        return "Introduction(…)"

    def hidden(self) -> tuple[bytes, ...]:
        """Return every value that must not be repeated, as bytes."""
        told = [secret for _, secret in (*self.headers, *self.query)]
        return tuple(value.encode() for secret in (*told, *self.secrets) if (value := secret.reveal()))


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one connection's is held, and how long it is waited for."""

    open_seconds: float = 10.0
    """For the whole handshake, name resolution and TLS included."""
    close_seconds: float = 2.0
    """For the other side's part in a farewell; then the connection is cut."""
    keepalive_seconds: float | None = 20.0
    """Between two pings of the protocol, and for each one's answer: a half-open connection ends within twice that; None
    sends none."""
    most_bytes: int = 256 * 1024
    """Of one message, after unpacking."""
    most_waiting: int = 256
    """Frames received and not yet asked for; beyond, the network is made to wait."""


class WebSockets:
    """Opens connections to one service; see `ports.Sockets`."""

    def __init__(
        self,
        address: str,
        introduce: Callable[[], Introduction] = Introduction,
        *,
        limits: Limits | None = None,
        compress: bool = False,
    ) -> None:
        """Prepare for one service; nothing is connected yet.

        Args:
            address: `wss://host:port/path` without query; `ws://` to this machine alone.
            introduce: called for every opening.
            limits: what may be held and waited for.
            compress: whether to offer permessage-deflate.

        Raises:
            ConfigError: the address can't be used.
        """
        fault = socket_address_fault(address)
        if fault is not None:
            raise ConfigError(fault)
        self._address = address
        self._introduce = introduce
        self._limits = limits or Limits()
        self._compression = "deflate" if compress else None
        self._logger = _quiet_logger()

    def __repr__(self) -> str:
        return f"WebSockets({self._address!r})"

    async def open(self, path: str = "") -> Socket:
        """Open one and introduce it; see `ports.Sockets.open`."""
        introduction = self._introduce()
        try:
            opened = _Opened(await self._connected(path, introduction), introduction.hidden())
        except InvalidStatus as error:
            headers = error.response.headers
            failure: Exception = StreamRefused(error.response.status_code, _retry_after_ns(headers.get("Retry-After")))
        except ssl.SSLCertVerificationError:
            failure = StreamRefused(0)
        except (WebSocketException, OSError, EOFError, TimeoutError):
            failure = NoAnswer()
        else:
            return await _introduced(opened, introduction)
        # Outside of the handlers, so that the library's exception isn't even kept as context.
        raise failure

    async def _connected(self, path: str, introduction: Introduction) -> "Reading":
        query = urlencode([(name, secret.reveal()) for name, secret in introduction.query])
        address = f"{self._address}{path}"
        limits = self._limits
        opened = await _Unredirected(
            f"{address}{'&' if '?' in address else '?'}{query}" if query else address,
            additional_headers=[(name, secret.reveal()) for name, secret in introduction.headers],
            user_agent_header="runner",
            create_connection=Reading,
            compression=self._compression,
            proxy=None,
            open_timeout=limits.open_seconds,
            close_timeout=limits.close_seconds,
            ping_interval=limits.keepalive_seconds,
            ping_timeout=limits.keepalive_seconds,
            max_size=limits.most_bytes,
            max_queue=limits.most_waiting,
            logger=self._logger,
        )
        if not isinstance(opened, Reading):
            raise TypeError("the library made a connection of its own kind, and not the one it was told to make")
        return opened


def socket_address_fault(address: str, where: str = "address") -> Fault | None:
    """Return why an address can't be used, None if it can; `where` is the key it stands under."""
    write = "Write scheme, host, port and path only, e.g. wss://api.tickdb.ai/v1/realtime."
    try:
        parts = urlsplit(address)
        is_usable = parts.port != 0 and address.isascii() and address.isprintable() and " " not in address
    except ValueError:
        is_usable = False
    if not is_usable or parts.scheme not in {"ws", "wss"} or not parts.hostname:
        return Fault(where, "must be an address that begins with wss://", "", write)
    if parts.username is not None or parts.password is not None:
        return Fault(where, "must not hold a user or password", "", f"{write} A key is named by its environment variable.")
    if parts.query or parts.fragment:
        return Fault(where, "must be an address without a query", "", write)
    if parts.scheme == "ws" and not is_loopback(address):
        write = "Plain ws is for 127.0.0.1 and localhost only."
        return Fault(where, "must begin with wss://, because the key is sent to it", address, write)
    return None


class _Unredirected(connect):
    """The library's opening, which takes a redirect for the refusal that it is."""

    def process_redirect(self, exc: Exception) -> Exception:
        return exc


class _Whole:
    """A text in the library's line that came in one frame."""

    __slots__ = ("data",)

    opcode = Opcode.TEXT
    fin = True

    def __init__(self, data: bytes) -> None:
        self.data = data


class Reading(ClientConnection):
    """The library's connection, with a shorter way for whole texts.

    Where each frame ends is known from the end of the handshake on. So texts are taken out only where the library is between
    two messages, and everything else goes through the library as it comes.
    """

    _seen = b""
    """The last bytes of the handshake so far."""
    _rest: bytes | bytearray = b""
    """The beginning of a text, or of a head, that isn't all there."""
    _wanted = 0
    """Bytes of it without which there is nothing new to say of it."""
    _owed = 0
    """Bytes that the library still has to be handed of a frame that it is within."""
    _is_within = False
    """Whether the library is within a message of several frames."""

    def data_received(self, data: bytes) -> None:
        """Take what was received: whole texts the shorter way, everything else as the library does."""
        if self.protocol.state is State.CONNECTING:
            data = self._shaken(data)
        if self._rest and len(self._rest) + len(data) < self._wanted and self._may_cut():
            self._rest += data
            return
        if self._rest:
            data, self._rest = b"".join((self._rest, data)), b""
        at = self._cut(data)
        if at < len(data):
            super().data_received(data[at:])

    def eof_received(self) -> None:
        """Let the library see what is left."""
        rest, self._rest = self._rest, b""
        if rest:
            super().data_received(bytes(rest))
        super().eof_received()

    def _shaken(self, data: bytes) -> bytes:
        """Hand the library what belongs to the handshake, and return what follows."""
        seen = self._seen + data
        end = seen.find(END_OF_HEAD)
        end = len(data) if end < 0 else end + len(END_OF_HEAD) - len(self._seen)
        self._seen = seen[-len(END_OF_HEAD) + 1 :]
        super().data_received(data[:end])
        return data[end:]

    def _may_cut(self) -> bool:
        protocol = self.protocol
        return protocol.state is State.OPEN and not protocol.extensions and protocol.max_message_size is not None

    def _cut(self, data: bytes) -> int:
        """Deal with frames as long as the connection is open; return from where on the library is to be handed the rest."""
        at, most, size = 0, self.protocol.max_message_size or 0, len(data)
        while at < size and self._may_cut():
            if self._owed:
                at = self._handed(data, at, at + self._owed)
                continue
            if not self._is_within:
                texts, at = whole_texts(data, at, most)
                self._line_up(texts)
            head = head_of(data, at, most)
            if head is None or (head.end > size and head.is_text and not self._is_within):
                self._rest, self._wanted = bytearray(data[at:]), 0 if head is None else head.end - at
                return size
            self._is_within = self._is_within if head.ends_message is None else not head.ends_message
            at = self._handed(data, at, head.end)
        return at

    def _handed(self, data: bytes, at: int, end: int) -> int:
        """Hand the library a frame as far as it is there; return how far that was."""
        until = min(end, len(data))
        self._owed = end - until
        super().data_received(data[at:until])
        return until

    def _line_up(self, texts: list[bytes]) -> None:
        """Put texts in the library's own line."""
        if texts:
            last = _Whole(texts.pop())
            self.recv_messages.frames.queue.extend(map(_Whole, texts))  # type: ignore[arg-type]
            self.recv_messages.put(last)  # type: ignore[arg-type]

    def at_hand(self) -> list[bytes]:
        """Take the whole texts at the front of the library's line."""
        line = self.recv_messages.frames.queue
        found: list[bytes] = []
        # What isn't text is left to `receive`, which ends the connection over it.
        while line and line[0].fin and _is_text(bytes(line[0].data)):
            found.append(bytes(line.popleft().data))
        if found:
            self.recv_messages.maybe_resume()
        return found


class _Opened:
    """One open connection; see `ports.Socket`."""

    def __init__(self, connection: Reading, hidden: tuple[bytes, ...]) -> None:
        self._connection = connection
        self._hide = hidden

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as error:
            code = _code(error)
        except OSError:
            code = StreamClosed.LOST
        else:
            return
        raise StreamClosed(code=code)

    async def receive(self) -> bytes:
        try:
            message = await self._connection.recv(decode=False)
        except ConnectionClosed as error:
            code = _code(error)
        except (ConcurrencyError, OSError):
            code = StreamClosed.LOST
        else:
            if _is_text(message):
                return self._hidden(message)
            await self._end(CloseCode.INVALID_DATA)
            code = CloseCode.INVALID_DATA
        raise StreamClosed(code=code)

    def at_hand(self) -> list[bytes]:
        found = self._connection.at_hand()
        return [self._hidden(message) for message in found] if self._hide else found

    async def close(self) -> None:
        await self._end(CloseCode.NORMAL_CLOSURE)

    async def _end(self, code: int) -> None:
        with suppress(WebSocketException, OSError, TimeoutError):
            await self._connection.close(code)

    def _hidden(self, message: bytes) -> bytes:
        for value in self._hide:
            if value in message:
                message = message.replace(value, HIDDEN)
        return message


async def _introduced(opened: _Opened, introduction: Introduction) -> Socket:
    """Send the first messages; the connection is closed if that fails or is given up."""
    try:
        for message in introduction.messages:
            await opened.send(message.reveal())
    except StreamClosed:
        pass
    except asyncio.CancelledError:
        await opened.close()
        raise
    else:
        return opened
    raise NoAnswer


def _is_text(message: bytes) -> bool:
    """Return whether a message is UTF-8; the library doesn't look where it isn't asked to decode."""
    if message.isascii():
        return True
    try:
        message.decode()
    except UnicodeDecodeError:
        return False
    return True


def _code(error: ConnectionClosed) -> int:
    """Return the code the connection was closed with, by the other side first."""
    if error.rcvd is not None:
        return error.rcvd.code
    return StreamClosed.LOST if error.sent is None else error.sent.code


def _retry_after_ns(value: str | None) -> int | None:
    """Read a header of that name: seconds, or a date by this machine's wall clock; None if it says neither."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return min(int(text[:12]), LONGEST_WAIT) * SECOND
    try:
        seconds = parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    return int(min(max(seconds, 0.0), LONGEST_WAIT) * SECOND)


def _quiet_logger() -> logging.Logger:
    """Return a logger that hears no handshake: it has a level of its own, below which even a root at DEBUG hears nothing."""
    logger = logging.getLogger("runner.live.websocket")
    logger.setLevel(logging.WARNING)
    return logger

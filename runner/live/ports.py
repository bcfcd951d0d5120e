"""The only doors out of a session: time, chance, network, disk, alarm and the kill switch.

Everything in this room is given a `Ports` and touches the outside through it alone. The real doors are in
`runner.live.edge`; a simulation brings its own. Each protocol says what its caller may rely on, because the proof of the
order path is a proof about these sentences:

- `Rest.send` either returns what the venue answered or raises `NoAnswer`. `NoAnswer` says nothing about what happened there:
  the request may never have left, may have been carried out, or may be carried out later.
- `Stream.receive` may lose, repeat, delay and reorder frames; nobody infers anything from a frame that did not come.
- `Disk.commit` returns only when all the rows, and all rows before them, survive the loss of the process. When it raises, or
  when the process dies inside it, the rows are there all together or not at all.
- `Alarm.ring` and `Kill` never block and never raise.

No request and no frame carries a secret: the real transport adds credentials after the last place that can log anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, NamedTuple, Protocol, runtime_checkable

__all__ = [
    "Action",
    "Alarm",
    "Clock",
    "Disk",
    "DiskFailed",
    "Kill",
    "NoAnswer",
    "Ports",
    "Randomness",
    "Request",
    "Response",
    "Rest",
    "Row",
    "Socket",
    "Sockets",
    "Stream",
    "StreamClosed",
    "StreamRefused",
]


class NoAnswer(Exception):  # noqa: N818 - it is no error of ours: it is the normal outcome of a network
    """No answer came in time, or the connection broke; whether the venue acted is unknown."""


class StreamClosed(Exception):  # noqa: N818 - likewise
    """The stream ended; frames may have been lost before it did."""

    LOST: ClassVar[int] = 1006
    """The code of a connection that ended without a word."""

    def __init__(self, reason: str = "", *, code: int = LOST) -> None:
        """Keep the code it was closed with (RFC 6455, section 7.4)."""
        self.code = code
        super().__init__(reason or f"closed with {code}")


class StreamRefused(Exception):  # noqa: N818 - likewise
    """The venue did not open the stream."""

    def __init__(self, status: int, retry_after_ns: int | None = None) -> None:
        """Keep the HTTP status of the handshake (0 if there was none) and how long the venue asks to wait."""
        self.status = status
        self.retry_after_ns = retry_after_ns
        super().__init__(status)


class DiskFailed(Exception):  # noqa: N818 - named like its neighbours
    """The journal's disk did not keep the rows (no space, input/output error, read-only): nothing may rely on them.

    It is final: after a failed sync the state of the pages is unknown, so nobody tries again.
    """


class Action(StrEnum):
    """What a request is for; the limiter's lanes and the meaning of an answer depend on it."""

    CANCEL = "cancel"
    REPLACE = "replace"
    PLACE = "place"
    QUERY = "query"
    OPEN_ORDERS = "open_orders"
    FILLS = "fills"
    POSITIONS = "positions"
    BALANCES = "balances"
    TIME = "time"
    TERMS = "terms"
    COUNTER = "counter"
    DEAD_MAN = "dead_man"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it goes to the venue, without credentials."""

    action: Action
    method: str
    """`GET`, `POST`, `PATCH` or `DELETE`."""
    path: str
    """Absolute path below the venue's origin, e.g. `/v1/orders`."""
    fields: tuple[tuple[str, str], ...] = ()
    """Names and values, in order: the query of a GET or DELETE, the body of a POST or PATCH; every value is text."""
    intent: int = 0
    """Number of the intent that a new order is of, for whoever audits the door; it never leaves the machine."""


@dataclass(frozen=True, slots=True)
class Response:
    """What the venue answered, unread."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    """Names in lower case."""

    def header(self, name: str) -> str | None:
        """Return the value of a header, None if there is none."""
        return next((value for key, value in self.headers if key == name), None)


class Row(NamedTuple):
    """One line of the journal; a tuple, because a restart reads a million of them."""

    seq: int
    """1, 2, 3 … without gaps."""
    utc_ns: int
    mono_ns: int
    kind: str
    coid: str | None
    """Client order id, of rows that are about one order."""
    exec_id: str | None
    """The venue's id of the execution, of fills."""
    body: str
    """Canonical JSON of the event."""
    prev: bytes
    """Hash of the row before; of the first row, the hash of the journal's head."""
    hash: bytes


@runtime_checkable
class Clock(Protocol):
    """Time."""

    def utc_ns(self) -> int:
        """Return UTC nanoseconds since 1970; may step either way."""

    def mono_ns(self) -> int:
        """Return nanoseconds of a clock that never goes back; every timer is measured on it."""

    async def sleep(self, duration_ns: int) -> None:
        """Return after so many nanoseconds of the monotonic clock."""


@runtime_checkable
class Randomness(Protocol):
    """Chance, for jitter alone: no id and no decision depends on it."""

    def below(self, bound: int) -> int:
        """Return a whole number of 0 … bound-1."""


@runtime_checkable
class Rest(Protocol):
    """Requests to the venue."""

    async def send(self, request: Request, *, timeout_ns: int) -> Response:
        """Send once, follow no redirect, repeat nothing; raise `NoAnswer` if there is no whole answer in time.

        A cancelled `send` leaves the same uncertainty behind as `NoAnswer`.
        """


@runtime_checkable
class Stream(Protocol):
    """The venue's private stream: orders and fills of this account."""

    async def connect(self) -> None:
        """Open and subscribe; raise `StreamRefused` if the venue doesn't, `NoAnswer` if nothing is heard."""

    async def receive(self) -> bytes:
        """Return the next frame; raise `StreamClosed` when there will be none."""

    async def close(self) -> None:
        """Close; never raises. Whoever waits in `receive` gets `StreamClosed`."""


@runtime_checkable
class Socket(Protocol):
    """One open connection that carries text both ways, without any meaning of its own."""

    async def send(self, text: str) -> None:
        """Hand over one message; raise `StreamClosed` if the connection has ended."""

    async def receive(self) -> bytes:
        """Return the next message, text as UTF-8; raise `StreamClosed` when there will be none."""

    def at_hand(self) -> list[bytes]:
        """Return the messages that come after it as far as they are here already, so that nobody has to wait for each."""

    async def close(self) -> None:
        """Close; never raises. Whoever waits in `receive` gets `StreamClosed`."""


@runtime_checkable
class Sockets(Protocol):
    """Opens connections to one service; it knows the address and the credentials, nobody above it does."""

    async def open(self, path: str = "") -> Socket:
        """Open one; raise `StreamRefused` if the service answers no, `NoAnswer` if nothing is heard in time.

        Args:
            path: What follows the service's address, with no secret in it.
        """


@runtime_checkable
class Disk(Protocol):
    """Where the journal's rows lie. It belongs to one session at a time, held by a lock from opening to closing."""

    def head(self) -> dict[str, str]:
        """Return what `found` wrote, empty of a new journal."""

    async def found(self, head: dict[str, str]) -> None:
        """Write the head of a new journal durably; raise `DiskFailed` if it can't be kept."""

    def rows(self, after: int = 0) -> Iterator[Row]:
        """Yield the durable rows with `seq > after`, ascending."""

    def anchor(self) -> int:
        """Return the `seq` of the last durable row of kind SNAPSHOT, 0 if there is none."""

    async def commit(self, rows: Sequence[Row]) -> None:
        """Return once the rows are durable; raise `DiskFailed` if they are not."""

    def close(self) -> None:
        """Let go of the lock; never raises."""


@runtime_checkable
class Alarm(Protocol):
    """Calls the operator."""

    def ring(self, code: str, detail: str) -> None:
        """Hand over one line; `code` is a fixed word, `detail` has no secrets. Neither blocks nor raises."""


@runtime_checkable
class Kill(Protocol):
    """The kill switch outside the loop: the kill file, a signal, a watchdog on another thread."""

    def asked(self) -> str | None:
        """Return why the session must stop, None while nothing asks for it. Once not None it never returns None again.

        It is asked before every order, so it answers from memory: the file is watched elsewhere.
        """

    def latch(self, reason: str) -> None:
        """Make the request outlive the process without the journal, as well as can be; from now on it is asked for."""

    def beat(self) -> None:
        """Say that the loop still turns; a watchdog that hears nothing for too long asks for the kill itself."""


@dataclass(frozen=True, slots=True)
class Ports:
    """All doors of one session."""

    clock: Clock
    randomness: Randomness
    rest: Rest
    stream: Stream
    disk: Disk
    alarm: Alarm
    kill: Kill

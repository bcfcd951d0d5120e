"""What happened: one frozen value per kind of journal line, with a canonical JSON form.

An event holds everything its fold needs, so that the journal alone gives the state. Those that `is_urgent` must be durable
before anything is done about them; all others could be asked of the venue again and wait for company.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, get_type_hints

from runner.live.contract import End
from runner.live.model import SessionState
from runner.live.money import Money

__all__ = [
    "KINDS",
    "Ack",
    "Adjust",
    "Boot",
    "Bust",
    "CancelAsked",
    "Canceled",
    "Close",
    "Correct",
    "Deny",
    "Event",
    "Fill",
    "ForeignFill",
    "ForeignSeen",
    "Freeze",
    "Gate",
    "Intent",
    "Kill",
    "Mark",
    "NotPlaced",
    "Permit",
    "Reject",
    "Resume",
    "Snapshot",
    "canonical",
    "event_of",
    "json_of",
]


class Event:
    """One line of the journal."""

    __slots__ = ()
    kind: ClassVar[str]
    is_urgent: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Boot(Event):
    """A session began with this journal."""

    kind: ClassVar[str] = "BOOT"
    utc_ns: int
    """By this machine's clock; nothing is computed from it."""
    config: str
    """Fingerprint of the configuration."""
    code: str
    """Fingerprint of the program."""


@dataclass(frozen=True, slots=True)
class Intent(Event):
    """An order is about to be sent; nothing of it may leave before this line is durable."""

    kind: ClassVar[str] = "INTENT"
    is_urgent: ClassVar[bool] = True
    coid: str
    number: int
    """1, 2, 3 … without gaps: the id is made of it."""
    symbol: str
    side: int
    quantity: int
    price: int
    rests: bool
    sent_at_ns: int
    signal: int
    day: int
    """Session date, as days since 1970."""
    bid: int | None
    ask: int | None
    """The quote it was decided on."""
    quote_age_ns: int
    replaces: str | None = None
    integer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Ack(Event):
    """The venue has shown an order; quantity and price are its own."""

    kind: ClassVar[str] = "ACK"
    coid: str
    venue_id: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True)
class Reject(Event):
    """The venue said that it did not take an order."""

    kind: ClassVar[str] = "REJECT"
    coid: str
    code: str
    at_ns: int
    """Venue time."""


@dataclass(frozen=True, slots=True)
class Fill(Event):
    """An execution of an order of ours."""

    kind: ClassVar[str] = "FILL"
    exec_id: str
    coid: str
    venue_id: str
    quantity: int
    each: Money
    fee: Money
    currency: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class CancelAsked(Event):
    """An order is about to be cancelled."""

    kind: ClassVar[str] = "CANCEL_REQ"
    is_urgent: ClassVar[bool] = True
    coid: str
    why: str


@dataclass(frozen=True, slots=True)
class Canceled(Event):
    """The venue has ended an order, and every one of its fills is known."""

    kind: ClassVar[str] = "CANCELED"
    coid: str
    end: End
    filled: int


@dataclass(frozen=True, slots=True)
class NotPlaced(Event):
    """It is proved that the venue never took an order."""

    kind: ClassVar[str] = "NOT_PLACED"
    coid: str
    proof: str
    """`unsent`: no byte left; `bounded`: it can't arrive any more, and the venue doesn't show it."""


@dataclass(frozen=True, slots=True)
class ForeignFill(Event):
    """An execution of an order that isn't ours."""

    kind: ClassVar[str] = "FOREIGN"
    exec_id: str
    venue_id: str
    symbol: str
    side: int
    quantity: int
    each: Money
    fee: Money
    currency: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class ForeignSeen(Event):
    """An open order that isn't ours, as it is now; nothing remaining means that it is gone."""

    kind: ClassVar[str] = "FOREIGN_ORDER"
    venue_id: str
    symbol: str
    side: int
    remaining: int
    price: int


@dataclass(frozen=True, slots=True)
class Bust(Event):
    """The venue has taken an execution back."""

    kind: ClassVar[str] = "BUST"
    exec_id: str


@dataclass(frozen=True, slots=True)
class Correct(Event):
    """The venue tells an execution with other numbers: these are the ones that count now."""

    kind: ClassVar[str] = "CORRECT"
    exec_id: str
    quantity: int
    each: Money
    fee: Money
    currency: str
    """Of the fee."""


@dataclass(frozen=True, slots=True)
class Adjust(Event):
    """Positions and cash that didn't come from executions: the opening balance, or the operator's word."""

    kind: ClassVar[str] = "ADJUST"
    is_urgent: ClassVar[bool] = True
    reason: str
    positions: tuple[tuple[str, int], ...]
    """Symbol and signed lots to add, at no cost."""
    cash: tuple[tuple[str, Money], ...]
    """Currency and amount to add."""
    swept_to_ns: int
    """Venue time up to which executions are contained in it; 0 if that doesn't change."""
    is_opening: bool = False


@dataclass(frozen=True, slots=True)
class Deny(Event):
    """The gate refused an order."""

    kind: ClassVar[str] = "DENY"
    symbol: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Gate(Event):
    """The session went to another state."""

    kind: ClassVar[str] = "GATE"
    state: SessionState
    reason: str


@dataclass(frozen=True, slots=True)
class Freeze(Event):
    """Nothing is sent for an instrument any more, until the operator resumes."""

    kind: ClassVar[str] = "FREEZE"
    is_urgent: ClassVar[bool] = True
    symbol: str
    reason: str


@dataclass(frozen=True, slots=True)
class Kill(Event):
    """The session is latched."""

    kind: ClassVar[str] = "KILL"
    is_urgent: ClassVar[bool] = True
    reason: str


@dataclass(frozen=True, slots=True)
class Permit(Event):
    """The operator lets the next session take the latch off, once; see `model.Permission`."""

    kind: ClassVar[str] = "PERMIT"
    is_urgent: ClassVar[bool] = True
    reason: str
    adjusts: bool
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resume(Event):
    """The operator has reconciled and takes the latch off."""

    kind: ClassVar[str] = "RESUME"
    is_urgent: ClassVar[bool] = True
    reason: str


@dataclass(frozen=True, slots=True)
class Mark(Event):
    """What everything is worth now."""

    kind: ClassVar[str] = "MARK"
    at_ns: int
    day: int
    marks: tuple[tuple[str, Money], ...]
    """Symbol and worth of one lot, of instruments with a quote."""
    swept_to_ns: int
    """Venue time up to which every fill is known."""
    stops: bool = False
    """Whether the day's cap on losses is reached."""


@dataclass(frozen=True, slots=True)
class Snapshot(Event):
    """The whole state, so that a restart need not fold what was before."""

    kind: ClassVar[str] = "SNAPSHOT"
    state: str
    """Canonical JSON, see `runner.live.snapshot`."""


@dataclass(frozen=True, slots=True)
class Close(Event):
    """A session ended in order."""

    kind: ClassVar[str] = "CLOSE"
    is_urgent: ClassVar[bool] = True
    reason: str
    exit_code: int


EVENTS: tuple[type[Event], ...] = (
    Ack,
    Adjust,
    Boot,
    Bust,
    CancelAsked,
    Canceled,
    Close,
    Correct,
    Deny,
    Fill,
    ForeignFill,
    ForeignSeen,
    Freeze,
    Gate,
    Intent,
    Kill,
    Mark,
    NotPlaced,
    Permit,
    Reject,
    Resume,
    Snapshot,
)
KINDS: dict[str, type[Event]] = {event.kind: event for event in EVENTS}
"""Word in the journal → event."""


def canonical(value: object) -> str:
    """Return the one JSON text of a value: sorted names, no blanks, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def json_of(event: Event) -> str:
    """Return the canonical JSON of an event's fields."""
    return canonical({name: getattr(event, name) for name in _FIELDS[type(event)]})


def event_of(kind: str, body: str) -> Event:
    """Return the event of a journal line; raise ValueError for what no version of ours has written."""
    event = KINDS.get(kind)
    if event is None:
        raise ValueError(f"no kind of line is called {kind!r}")
    found = json.loads(body)
    if not isinstance(found, dict) or found.keys() != _FIELDS[event]:
        raise ValueError(f"a {kind} line has other fields")
    for name, read in _READERS[event]:
        found[name] = read(found[name])
    return event(**found)


def _pairs(value: object) -> tuple[tuple[object, ...], ...]:
    if not isinstance(value, list):
        raise ValueError("not a list")  # noqa: TRY004 - the journal's text is wrong, not its reader
    return tuple(tuple(pair) for pair in value)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise ValueError("not a list of texts")
    return tuple(value)


def _readers(event: type[Event]) -> tuple[tuple[str, Callable[[Any], object]], ...]:
    special: dict[object, Callable[[Any], object]] = {End: End, SessionState: SessionState}
    found: list[tuple[str, Callable[[Any], object]]] = []
    for name, hint in get_type_hints(event).items():
        if hint in special:
            found.append((name, special[hint]))
        elif hint == tuple[str, ...]:
            found.append((name, _texts))
        elif str(hint).startswith("tuple"):
            found.append((name, _pairs))
    return tuple(found)


_FIELDS = {event: {each.name for each in fields(event)} for event in KINDS.values()}  # type: ignore[arg-type]
_READERS = {event: _readers(event) for event in KINDS.values()}

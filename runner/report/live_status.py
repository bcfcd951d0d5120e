"""What a live session says of itself while it runs: `status.json` in its run directory, replaced whole once a second.

    {"format": 1, "name": …, "mode": "paper", "venue": …, "currency": "USD", "began": …, "written": …,
     "state": "live", "killed": null, "note": "",
     "connections": [{"name", "state", "since", "reconnects", "gaps", "silent_seconds", "note"}],
     "staleness": {"AAPL": 0.4}, "stale_after": 5.0,
     "positions": [{"symbol", "quantity", "average_price", "mark", "value", "unrealized"}],
     "orders": [{"id", "symbol", "side", "quantity", "filled", "price", "status", "is_cancel_asked",
                 "sent"}],
     "pnl": {"equity", "day", "realized", "unrealized", "fees", "peak"},
     "limits": [{"name", "used", "limit", "share", "note"}],
     "log": [{"at", "level", "text"}]}

Instants are UTC, ISO 8601. Money, prices and quantities are plain decimal text, exact as the session holds them, and None
where nobody knows; durations are seconds. Names, notes and log lines may hold what a venue said: nothing of it is trusted,
whoever shows it escapes it.

`leave_status` is the session's side, `read_status` that of whoever looks. A file that isn't a status is `None`, like one
that isn't there: somebody who looks on must not fail because a session writes nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType, UnionType
from typing import Any, ClassVar, TypeVar, get_args, get_origin, get_type_hints

from runner.archive.files import json_of, write_text

__all__ = [
    "FORMAT",
    "STATUS_FILE",
    "Connection",
    "LimitUse",
    "LiveStatus",
    "LogLine",
    "OpenOrder",
    "PositionHeld",
    "Profit",
    "leave_status",
    "read_status",
]

STATUS_FILE = "status.json"
FORMAT = 1
"""Version of the shape; a reader passes over one it doesn't know."""
MOST_ROWS = 500
"""Positions, orders and limits that are written; beyond it nobody reads them on a page."""
MOST_LINES = 200
"""Latest log lines that are written."""
LONGEST_TEXT = 500
"""Characters of a note or a log line."""
MOST_BYTES = 4_000_000
"""A larger file is no status."""

NO_SECONDS: Mapping[str, float | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Connection:
    """One way to the venue: the market feed, the stream of own orders, the requests."""

    name: str
    state: str
    """`open`, `connecting` or `down`."""
    since: str | None = None
    """UTC instant of the last change of state."""
    reconnects: int = 0
    """How often it was opened again since the session began."""
    gaps: int = 0
    """How often messages were missed and had to be caught up with."""
    silent_seconds: float | None = None
    """Since the last message; None before the first."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PositionHeld:
    """What is held of one symbol."""

    symbol: str
    quantity: str
    """Signed, in units."""
    average_price: str | None = None
    mark: str | None = None
    value: str | None = None
    """Signed: quantity times mark."""
    unrealized: str | None = None


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """One order that may still fill."""

    id: str
    """Client order id."""
    symbol: str
    side: str
    """`buy` or `sell`."""
    quantity: str
    filled: str
    price: str | None
    """Limit; None without one."""
    status: str
    """As the session calls it: unknown, working, partial."""
    is_cancel_asked: bool = False
    sent: str | None = None


@dataclass(frozen=True, slots=True)
class Profit:
    """Money of the session, in its currency; None where a mark is missing."""

    equity: str | None = None
    day: str | None = None
    """Since the last equity of the session date before; of the first date since the session began."""
    realized: str | None = None
    unrealized: str | None = None
    fees: str | None = None
    peak: str | None = None
    """Largest equity so far."""


@dataclass(frozen=True, slots=True)
class LimitUse:
    """How much of one limit is used."""

    name: str
    used: str
    limit: str
    share: float | None = None
    """Used over limit, 1 is all of it; None where that says nothing."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the session's log."""

    at: str
    level: str
    """`info`, `warning` or `alarm`."""
    text: str


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """A session at one moment."""

    name: str
    mode: str
    """`paper` or `live`."""
    state: str
    """`boot`, `reconciling`, `live`, `degraded`, `halted`, `stopping` or `closed`."""
    written: str
    """UTC instant of this status; an old one of a session that isn't closed means that it is dead or stuck."""
    venue: str = ""
    currency: str = ""
    began: str | None = None
    killed: str | None = None
    """Why it was latched; None if it wasn't."""
    note: str = ""
    """Why the state is what it is, in one sentence."""
    connections: tuple[Connection, ...] = ()
    staleness: Mapping[str, float | None] = field(default_factory=lambda: NO_SECONDS)
    """Symbol → seconds since its last quote; None before the first."""
    stale_after: float | None = None
    """Seconds from which on a quote is too old to trade on; None if none is."""
    positions: tuple[PositionHeld, ...] = ()
    orders: tuple[OpenOrder, ...] = ()
    pnl: Profit = Profit()
    limits: tuple[LimitUse, ...] = ()
    log: tuple[LogLine, ...] = ()
    """Oldest first."""

    MEMBERS: ClassVar[tuple[str, ...]] = ("connections", "positions", "orders", "limits", "log")

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; long lists and texts are cut, the log to its latest lines."""
        short = replace(_shortened(self), log=self.log[-MOST_LINES:])
        plain = {each.name: getattr(short, each.name) for each in fields(short)}
        rows = {name: [asdict(_shortened(each)) for each in plain[name][:MOST_ROWS]] for name in self.MEMBERS}
        return {"format": FORMAT, **plain, **rows, "staleness": dict(self.staleness), "pnl": asdict(self.pnl)}

    @classmethod
    def from_json(cls, value: object) -> "LiveStatus":
        """Return the status that plain JSON values describe; unknown keys are passed over.

        Raises:
            ValueError: It isn't one, or of a version that isn't known.
        """
        if not isinstance(value, dict) or value.get("format") != FORMAT:
            raise ValueError(f"not a status of format {FORMAT}")
        return _read(cls, value)


def leave_status(folder: Path, status: LiveStatus) -> None:
    """Write `status.json` into a run directory; a reader sees the old one or the new one, never half of one."""
    write_text(folder / STATUS_FILE, json.dumps(status.to_json(), allow_nan=False, ensure_ascii=False) + "\n")


def read_status(folder: Path) -> LiveStatus | None:
    """Return what a session says in its run directory; None if it says nothing, or nothing that can be read."""
    path = folder / STATUS_FILE
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        return LiveStatus.from_json(json_of(path))
    except (OSError, ValueError):
        return None


T = TypeVar("T")


def _read(kind: type[T], value: Any) -> T:
    """Return a dataclass from a mapping, every value of the type its field has."""
    if not isinstance(value, dict):
        raise ValueError(f"{kind.__name__} must be a mapping")  # noqa: TRY004 - whatever is wrong, it is no status
    hints = get_type_hints(kind)
    known = [each.name for each in fields(kind) if each.name in value]  # type: ignore[arg-type]
    try:
        return kind(**{name: _value(hints[name], value[name]) for name in known})
    except TypeError as problem:
        raise ValueError(f"{kind.__name__}: {problem}") from problem


def _value(kind: Any, value: Any) -> Any:
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"must be a list, was {type(value).__name__}")
        return tuple(_read(get_args(kind)[0], each) for each in value)
    if get_origin(kind) is Mapping:
        if not isinstance(value, dict):
            raise ValueError(f"must be a mapping, was {type(value).__name__}")
        return {str(key): _value(get_args(kind)[1], each) for key, each in value.items()}
    if isinstance(kind, type) and kind is Profit:
        return _read(kind, value)
    allowed = get_args(kind) if isinstance(kind, UnionType) else (kind,)
    if float in allowed and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) not in allowed:
        raise ValueError(f"must be {kind}, was {type(value).__name__}")
    return value


def _shortened(value: T) -> T:
    """Return a value of one of the classes above with its texts cut to what is shown."""
    texts = {each.name: getattr(value, each.name) for each in fields(value)}  # type: ignore[arg-type]
    cut = {name: text[:LONGEST_TEXT] for name, text in texts.items() if isinstance(text, str) and len(text) > LONGEST_TEXT}
    return replace(value, **cut) if cut else value  # type: ignore[type-var]

"""What the expressions of a run may speak of: columns of the data's streams, events, groups, operators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from runner.signal.operator import Operator

__all__ = ["EACH_ONCE", "SINCE_OPEN", "Vocabulary"]

SINCE_OPEN = "since_open"
"""As a window: back to the session's open. As a series: seconds since then."""

EACH_ONCE = frozenset({"bars"})
"""Streams in which a symbol has at most one row per instant."""

TOP = {"bid_price_0": "bid_price", "bid_size_0": "bid_size", "ask_price_0": "ask_price", "ask_size_0": "ask_size"}
"""Columns of a book's first level → the same of a quote."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Known words."""

    streams: Mapping[str, Sequence[str]]
    """Stream → its columns, the stream that decides first."""
    operators: Mapping[str, Operator]
    events: Sequence[str] = ()
    """Names of the run's event files."""
    groups: Sequence[str] = field(default=())
    """Names of the universe's groupings."""

    def columns(self) -> list[str]:
        """Return every word for a column: its name, and where there are several streams its name after its stream."""
        plain = dict.fromkeys(name for names in self.streams.values() for name in names)
        if len(self.streams) == 1:
            return list(plain)
        return [*plain, *(f"{stream}.{name}" for stream, names in self.streams.items() for name in names)]

    def homes(self, name: str) -> list[tuple[str, str]]:
        """Return every (stream, column) that a word for a column may mean."""
        stream, dot, column = name.partition(".")
        if dot:
            return [(stream, column)] if column in self.streams.get(stream, ()) else []
        return [(stream, name) for stream, names in self.streams.items() if name in names]

    def book(self, name: str) -> tuple[str, str] | None:
        """Return where a book's column is found: in the depth, or for the first level in the quotes."""
        if name in self.streams.get("depth", ()):
            return "depth", name
        return ("quotes", TOP[name]) if name in TOP and "quotes" in self.streams else None

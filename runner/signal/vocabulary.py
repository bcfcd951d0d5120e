"""What the expressions of a run may speak of: columns of the data's streams, events, groups, operators."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from runner.signal.operator import Operator

__all__ = ["EACH_ONCE", "SINCE_OPEN", "Vocabulary", "counted_levels"]

SINCE_OPEN = "since_open"
"""As a window: back to the session's open. As a series: seconds since then."""

EACH_ONCE = frozenset({"bars"})
"""Streams in which a symbol has at most one row per instant."""

TOP = {"bid_price_0": "bid_price", "bid_size_0": "bid_size", "ask_price_0": "ask_price", "ask_size_0": "ask_size"}
"""Columns of a book's first level → the same of a quote."""

LEVEL = re.compile(r"(?:depth\.)?(?:bid|ask)_(?:price|size)_([0-9]+)")
"""A column of one level of a book."""


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
    without_hours: frozenset[str] = frozenset()
    """Streams some rows of which have no session hours, because their time-zone policy names none."""
    elsewhere: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Streams that the data don't have → the columns they would have, for what is said of such a name."""
    members: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Grouping → the names of its groups, by their numbers."""
    symbols: int = 0
    """How many symbols the universe has; 0 where nobody knows."""

    @property
    def levels(self) -> int:
        """Levels of the book per side, 0 without one."""
        return sum(name.startswith("bid_price_") for name in self.streams.get("depth", ()))

    def hinted(self) -> list[str]:
        """Return the words for columns that are worth listing: of a book those of the best level."""
        return [name for name in self.columns() if (level := LEVEL.fullmatch(name)) is None or level[1] == "0"]

    def lacking(self, name: str) -> tuple[str, str] | None:
        """Return what the data have instead of a column that other data have, and what to write; None if none has it."""
        level = LEVEL.fullmatch(name)
        if level is not None and self.levels:
            wanted = int(level[1]) + 1
            has = f"data of {counted_levels(self.levels)} of depth"
            return has, f"{name} is level {wanted}. Choose data with {counted_levels(wanted)} of depth, or fewer levels."
        plain = name.rpartition(".")[2]
        stream = next((stream for stream, names in self.elsewhere.items() if plain in names), None)
        if stream is None:
            return None
        write = (
            f"{plain} is a column of {stream}. Choose data with {stream}; data=combined puts several sources into one run."
        )
        return f"data of {' and '.join(self.streams)}", write

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


def counted_levels(levels: int) -> str:
    """Return a number of book levels in words."""
    return f"{levels} level{'s' if levels != 1 else ''}"

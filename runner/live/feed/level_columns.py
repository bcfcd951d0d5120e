"""The columns of a row of depth, read from the levels when somebody asks.

Why not a dict: forty entries take longer to write than the message took to read, and a strategy asks for a few of them.
"""

import math
from collections.abc import Iterator, Mapping

from runner.live.feed.messages import Levels
from runner.market.streams import columns_of

__all__ = ["LevelColumns", "Places", "places_of"]

Places = dict[str, tuple[int, int, int]]
"""Column → side (0 bids, 1 asks), level, and 0 for the price or 1 for the size."""


def places_of(levels: int) -> Places:
    """Return where the columns of so many levels are found."""
    found: Places = {}
    for name in columns_of("depth", levels):
        side, what, level = name.split("_")
        found[name] = int(side == "ask"), int(level), int(what == "size")
    return found


class LevelColumns(Mapping[str, float]):
    """The columns of one book; a level that isn't there is NaN."""

    __slots__ = ("_places", "_sides")

    def __init__(self, places: Places, bids: Levels, asks: Levels) -> None:
        """Take a book, best levels first; whoever gave it changes it no more."""
        self._places = places
        self._sides = bids, asks

    def __getitem__(self, name: str) -> float:
        side, level, what = self._places[name]
        levels = self._sides[side]
        return levels[level][what] if level < len(levels) else math.nan

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __repr__(self) -> str:
        return repr(dict(self))

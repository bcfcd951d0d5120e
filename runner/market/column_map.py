"""The mapping of columns held against itself: one column can't be two things, nor be called what it isn't.

A slip in the mapping reads well and trades on nonsense: a volume out of the column of adjusted closes, an open out of the
highs. So a column of the files is read under one name alone, and a column that the files call by one of our names isn't read
under another. Files of closes alone are the exception: all four prices of a bar may come from one column.
"""

from collections.abc import Mapping

from runner.errors import Fault
from runner.market.streams import price_columns

__all__ = ["map_faults"]

PRICES = frozenset(price_columns("bars"))
ADJUSTED = "adjusted_close"
ADJUSTED_NAMES = ("adjustedclose", "adjclose")


def map_faults(named: Mapping[str, str]) -> list[Fault]:
    """Return what is wrong with a mapping of our names to the files' names, without looking at files.

    Args:
        named: our names of a stream's columns, `symbol` and `timestamp`, of a book those of level 0 → the files' names.
    """
    closes_alone = named.keys() >= PRICES and len({named[name] for name in PRICES}) == 1
    free = PRICES | {ADJUSTED} if closes_alone else frozenset[str]()
    return [*_shared(named, free), *_misnamed(named, free)]


def _shared(named: Mapping[str, str], free: frozenset[str]) -> list[Fault]:
    """Return a fault for each name whose column another name has already, unless both are free to."""
    first: dict[str, str] = {}
    write = "Write the column that holds it; open, high, low and close may all be one column, where files have closes alone."
    return [
        Fault(f"data.columns.{_key(ours)}", f"must not be the column that {_key(other)} is read from", f'"{theirs}"', write)
        for ours, theirs in named.items()
        if (other := first.setdefault(theirs, ours)) != ours and not {ours, other} <= free
    ]


def _misnamed(named: Mapping[str, str], free: frozenset[str]) -> list[Fault]:
    """Return a fault for each column that the files call by another of our names."""
    known = {_plain(spelling): ours for ours in named for spelling in (ours, _key(ours), f"{_key(ours)}_0")}
    if named.keys() >= PRICES:
        known |= dict.fromkeys(ADJUSTED_NAMES, ADJUSTED)
    write = "Write the column that holds it; if the files call it so by mistake, rename it there"
    ways = {ADJUSTED: f"{write}. With adjust: total prices are adjusted by that column."}
    return [
        Fault(
            f"data.columns.{_key(ours)}",
            f"must not be the column of {_key(other)}",
            f'"{theirs}"',
            ways.get(other, f"{write}."),
        )
        for ours, theirs in named.items()
        if (other := known.get(_plain(theirs), ours)) != ours and not {ours, other} <= free
    ]


def _plain(name: str) -> str:
    """Return a name without case, spaces and marks: `Adj Close` and `adj_close` are the same."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _key(ours: str) -> str:
    """Return the key of `data.columns` for one of our names: levels of a book share one."""
    return ours.removesuffix("_0")

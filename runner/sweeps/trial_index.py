"""Which trials are known, and where their results are: a million of them in some megabytes, found thousands at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.sorted_keys import Keys, SortedKeys

__all__ = ["DONE", "FAILED", "TRY_AGAIN", "Keys", "Rows", "Spots", "TrialIndex", "keys_of"]

DONE, FAILED, TRY_AGAIN = 2, 1, 0
"""Ranks of rows."""


def keys_of(words: Sequence[str]) -> Keys:
    """Return texts of 16 hex digits, or the first 16 digits of longer ones, as numbers.

    Raises:
        ValueError: If one of them is anything else.
    """
    text = "".join(word[:16] for word in words)
    if len(text) != 16 * len(words) or not f"{text}0".isalnum():
        raise ValueError("trials and spec hashes are written in hex digits, 16 or more")
    return np.frombuffer(bytes.fromhex(text), dtype=">u8").astype(np.uint64)


@dataclass(frozen=True, slots=True)
class Spots:
    """Where some of the trials that were asked for are."""

    asked: NDArray[np.int64]
    """Their places among those asked for."""
    segment: NDArray[np.int64]
    row: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a segment, in their order."""

    trials: Keys
    specs: Keys
    digests: Keys
    """Of what was done; anything where it failed."""
    rank: NDArray[np.int8]
    """`DONE`; `FAILED`, which isn't tried again; or `TRY_AGAIN`, which has failed and is."""


KEPT = np.dtype([("digest", np.uint64), ("segment", np.int64), ("row", np.int64), ("rank", np.int8)])
"""What is kept of a trial besides its key."""


@dataclass(slots=True)
class TrialIndex:
    """Trials by their keys, and distinct specs."""

    _trials: SortedKeys = field(default_factory=SortedKeys)
    _specs: SortedKeys = field(default_factory=SortedKeys)
    _kept: NDArray[np.void] = field(default_factory=lambda: np.empty(0, KEPT))
    """By the places of the trials, with room for more."""

    def unknown(self, rows: Rows) -> tuple[int, int]:
        """Return how many distinct trials, and how many distinct specs, of a segment aren't known yet."""
        pairs = (self._trials, rows.trials), (self._specs, rows.specs)
        trials, specs = (int((known.places(np.unique(keys)) < 0).sum()) for known, keys in pairs)
        return trials, specs

    def add(self, segment: int, rows: Rows) -> Keys:
        """Add the rows of a segment; of a trial's rows the first of the highest rank counts.

        Returns:
            The trials that were done before and came to something else.
        """
        each = _first_of_best(rows)
        found = np.empty(each.size, KEPT)
        found["digest"], found["rank"] = rows.digests[each], rows.rank[each]
        found["segment"], found["row"] = segment, each
        keys = rows.trials[each]
        place = self._trials.places(keys)
        old = np.flatnonzero(place >= 0)
        before = self._kept[place[old]]
        both = (found["rank"][old] == DONE) & (before["rank"] == DONE)
        differing: Keys = keys[old[both & (found["digest"][old] != before["digest"])]]
        better = old[found["rank"][old] > before["rank"]]
        self._kept[place[better]] = found[better]
        self._append(keys[place < 0], found[place < 0])
        specs = np.unique(rows.specs)
        self._specs.add(specs[self._specs.places(specs) < 0])
        return differing

    def _append(self, keys: Keys, kept: NDArray[np.void]) -> None:
        places = self._trials.add(keys)
        if len(self._trials) > self._kept.size:
            more = max(len(self._trials), 2 * self._kept.size) - self._kept.size
            self._kept = np.append(self._kept, np.empty(more, KEPT))
        self._kept[places] = kept

    def spots(self, trials: Keys, *, least: int = 1) -> Spots:
        """Return where trials are whose rank is at least that; each in the place it has among those asked for."""
        places = self._trials.places(trials)
        asked = np.flatnonzero(places >= 0)
        kept = self._kept[places[asked]]
        is_enough = kept["rank"] >= least
        return Spots(asked[is_enough], kept["segment"][is_enough], kept["row"][is_enough])

    def between(self, first: int, last: int) -> Keys:
        """Return the known trials from one key to another, both included."""
        return self._trials.between(first, last)


def _first_of_best(rows: Rows) -> NDArray[np.int64]:
    """Return for each distinct trial, ascending, the first of its rows that have the highest rank."""
    order = np.lexsort((np.arange(rows.trials.size), -rows.rank, rows.trials))
    is_first = np.ones(order.size, dtype=np.bool_)
    is_first[1:] = np.diff(rows.trials[order]) != 0
    return order[is_first].astype(np.int64)

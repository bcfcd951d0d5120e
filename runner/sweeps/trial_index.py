"""Which trials are known, and where their results are: a million of them in some megabytes, found thousands at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["DONE", "FAILED", "TRY_AGAIN", "Keys", "Rows", "Spots", "TrialIndex", "keys_of"]

DONE, FAILED, TRY_AGAIN = 2, 1, 0
"""Ranks of rows."""

Keys = NDArray[np.uint64]
"""First 16 hex digits of trials or specs, as numbers."""


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


@dataclass(slots=True)
class TrialIndex:
    """Trials by their keys, and distinct specs."""

    trials: Keys = field(default_factory=lambda: np.empty(0, np.uint64))
    """Ascending."""
    _specs: Keys = field(default_factory=lambda: np.empty(0, np.uint64))
    _digest: Keys = field(default_factory=lambda: np.empty(0, np.uint64))
    _segment: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    _row: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    _rank: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))

    def unknown(self, rows: Rows) -> tuple[int, int]:
        """Return how many distinct trials, and how many distinct specs, of a segment aren't known yet."""
        pairs = (self.trials, rows.trials), (self._specs, rows.specs)
        trials, specs = (int((~_found(known, np.unique(keys))[1]).sum()) for known, keys in pairs)
        return trials, specs

    def add(self, segment: int, rows: Rows) -> Keys:
        """Add the rows of a segment; of a trial's rows the first of the highest rank counts.

        Returns:
            The trials that were done before and came to something else.
        """
        each = _first_of_best(rows)
        keys, rank, digest = rows.trials[each], rows.rank[each], rows.digests[each]
        at, is_there = _found(self.trials, keys)
        old, new = np.flatnonzero(is_there), np.flatnonzero(~is_there)
        both = old[(rank[old] == DONE) & (self._rank[at[old]] == DONE)]
        better = old[rank[old] > self._rank[at[old]]]
        differing: Keys = keys[both[digest[both] != self._digest[at[both]]]]
        self._digest = _merged(self._digest, digest, at, old=better, new=new)
        self._segment = _merged(self._segment, np.full(each.size, segment), at, old=better, new=new)
        self._row = _merged(self._row, each, at, old=better, new=new)
        self._rank = _merged(self._rank, rank, at, old=better, new=new)
        self.trials = np.insert(self.trials, at[new], keys[new])
        specs = np.unique(rows.specs)
        place, is_known = _found(self._specs, specs)
        self._specs = np.insert(self._specs, place[~is_known], specs[~is_known])
        return differing

    def spots(self, trials: Keys, *, least: int = 1) -> Spots:
        """Return where trials are whose rank is at least that; each in the place it has among those asked for."""
        at, is_there = _found(self.trials, trials)
        asked = np.flatnonzero(is_there)
        asked = asked[self._rank[at[asked]] >= least]
        return Spots(asked, self._segment[at[asked]], self._row[at[asked]])

    def between(self, first: int, last: int) -> Keys:
        """Return the known trials from one key to another, both included."""
        start, stop = np.searchsorted(self.trials, np.array([first, last], np.uint64), side="left")
        stop += int(stop < self.trials.size and int(self.trials[stop]) == last)
        return self.trials[start:stop]


Held = TypeVar("Held", bound=np.generic)


def _merged(
    held: NDArray[Held], found: NDArray[Held], at: NDArray[np.int64], *, old: NDArray[np.int64], new: NDArray[np.int64]
) -> NDArray[Held]:
    """Return a column after rows of a segment took the places of old ones and came between them."""
    held[at[old]] = found[old]
    return np.insert(held, at[new], found[new])


def _first_of_best(rows: Rows) -> NDArray[np.int64]:
    """Return for each distinct trial, ascending, the first of its rows that have the highest rank."""
    order = np.lexsort((np.arange(rows.trials.size), -rows.rank, rows.trials))
    is_first = np.ones(order.size, dtype=np.bool_)
    is_first[1:] = np.diff(rows.trials[order]) != 0
    return order[is_first].astype(np.int64)


def _found(known: Keys, keys: Keys) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the place of each key among the known ones, ascending, and whether it is one of them."""
    at = np.searchsorted(known, keys).astype(np.int64)
    is_there = np.zeros(keys.size, dtype=np.bool_)
    inside = at < known.size
    is_there[inside] = known[at[inside]] == keys[inside]
    return at, is_there

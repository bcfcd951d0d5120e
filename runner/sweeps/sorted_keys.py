"""Keys of trials in ascending order, each with its place, to which more are added all the time.

What is new goes into a short list, and into the long one once the short one has grown to a share of it: every key is moved a
few times at most, however many come after it.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Keys", "SortedKeys"]

Keys = NDArray[np.uint64]
"""First 16 hex digits of trials or specs, as numbers."""
Places = NDArray[np.int64]
LEAST_MOVED = 4_096
"""Keys of the short list at least before they are moved."""
SHARE = 16
"""Beyond that, the part of the long list that the short one may be: one in so many."""


@dataclass(slots=True)
class _List:
    keys: Keys = field(default_factory=lambda: np.empty(0, np.uint64))
    """Ascending."""
    places: Places = field(default_factory=lambda: np.empty(0, np.int64))

    def found(self, keys: Keys) -> Places:
        at = np.searchsorted(self.keys, keys)
        found = np.full(keys.size, -1, dtype=np.int64)
        inside = np.flatnonzero(at < self.keys.size)
        same = inside[self.keys[at[inside]] == keys[inside]]
        found[same] = self.places[at[same]]
        return found

    def with_more(self, keys: Keys, places: Places) -> "_List":
        at = np.searchsorted(self.keys, keys)
        return _List(np.insert(self.keys, at, keys), np.insert(self.places, at, places))


@dataclass(slots=True)
class SortedKeys:
    """Distinct keys, numbered in the order in which they came."""

    _long: _List = field(default_factory=_List)
    _short: _List = field(default_factory=_List)

    def __len__(self) -> int:
        """Return how many keys there are."""
        return int(self._long.keys.size + self._short.keys.size)

    def places(self, keys: Keys) -> Places:
        """Return the place of each key in the order in which they came, −1 where it never did."""
        return np.maximum(self._long.found(keys), self._short.found(keys))

    def add(self, keys: Keys) -> Places:
        """Add keys that aren't there yet, distinct and ascending, and return their places."""
        places = np.arange(len(self), len(self) + keys.size, dtype=np.int64)
        self._short = self._short.with_more(keys, places)
        if self._short.keys.size > max(LEAST_MOVED, self._long.keys.size // SHARE):
            self._long, self._short = self._long.with_more(self._short.keys, self._short.places), _List()
        return places

    def between(self, first: int, last: int) -> Keys:
        """Return the keys from one to another, both included, ascending."""
        found = []
        for keys in (self._long.keys, self._short.keys):
            start = np.searchsorted(keys, np.uint64(first), side="left")
            found.append(keys[start : np.searchsorted(keys, np.uint64(last), side="right")])
        return np.sort(np.concatenate(found))

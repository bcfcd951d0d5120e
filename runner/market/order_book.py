"""An order book that is told its levels one by one."""

from bisect import bisect_left, insort
from collections.abc import Iterable

__all__ = ["OrderBook"]

NO_LEVEL = (float("nan"), float("nan"))


class OrderBook:
    """Sizes by price on two sides; a size of zero takes the level away.

    Why sorted lists: a change of one level moves a few kilobytes, and the best levels are then a slice.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._bids = _Side(sign=-1)
        self._asks = _Side(sign=1)

    def put(self, bids: Iterable[tuple[float, float]], asks: Iterable[tuple[float, float]]) -> None:
        """Set levels, given as price and size."""
        for price, size in bids:
            self._bids.put(price, size)
        for price, size in asks:
            self._asks.put(price, size)

    def row(self, levels: int) -> tuple[float, ...]:
        """Return the best levels as bid prices, bid sizes, ask prices, ask sizes; NaN where a level isn't there."""
        bids, asks = self._bids.best(levels), self._asks.best(levels)
        return tuple(level[what] for side in (bids, asks) for what in (0, 1) for level in side)


class _Side:
    """One side; `sign` makes the best price the smallest key."""

    def __init__(self, sign: int) -> None:
        self._sign = sign
        self._keys: list[float] = []
        self._sizes: dict[float, float] = {}

    def put(self, price: float, size: float) -> None:
        key = self._sign * price
        if size == 0:
            if self._sizes.pop(key, None) is not None:
                del self._keys[bisect_left(self._keys, key)]
            return
        if key not in self._sizes:
            insort(self._keys, key)
        self._sizes[key] = size

    def best(self, levels: int) -> list[tuple[float, float]]:
        found = [(self._sign * key, self._sizes[key]) for key in self._keys[:levels]]
        return found + [NO_LEVEL] * (levels - len(found))

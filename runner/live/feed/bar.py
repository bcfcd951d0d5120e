"""One bar while it is built."""

from typing import NamedTuple

__all__ = ["Built", "Growing"]


class Built(NamedTuple):
    """A bar that is over."""

    open: float
    high: float
    low: float
    close: float
    volume: float
    """NaN where a part of it is unknown."""

    def columns(self) -> dict[str, float]:
        """Return its values by the names of the stream's columns."""
        return self._asdict()


class Growing:
    """Prices of one bar as they come.

    The first and the last are those with the smallest and the largest stamp; of those that share one, the first and the last
    that came. The volume adds up in the order they came.
    """

    __slots__ = ("_close", "_first", "_high", "_last", "_low", "_open", "_volume")

    def __init__(self, ts: int, price: float, size: float) -> None:
        """Begin with a first price."""
        self._first = self._last = ts
        self._open = self._high = self._low = self._close = price
        self._volume = size

    def add(self, ts: int, price: float, size: float) -> None:
        """Take another price."""
        if ts >= self._last:
            self._last, self._close = ts, price
        elif ts < self._first:
            self._first, self._open = ts, price
        if price > self._high:
            self._high = price
        elif price < self._low:
            self._low = price
        self._volume += size

    def built(self) -> Built:
        """Return the bar as it is now."""
        return Built(self._open, self._high, self._low, self._close, self._volume)

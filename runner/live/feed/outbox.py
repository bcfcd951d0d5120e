"""Instants that wait for whoever decides on them: bounded, and newest first where only the newest counts.

An instant that is nothing but a book or quotes of one symbol (`is_fleeting`) is worth nothing once there is a newer one of
the same symbol: when the consumer is behind, as the first has waited too long or the line is half full, it is taken out.
Bars and trades are not: if too many wait, the oldest is taken out, and its symbols are `gapped` in the next instant.

Nothing that was taken out is lost without a word: its best prices and its gaps go with the next instant that is handed on
(`merged`), and its number is recorded. Whoever plays the recording again leaves out the same ones (`kept`).
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from runner.live.feed.instant import Instant, Touch

__all__ = ["Outbox", "is_fleeting", "kept", "merged"]

FLEETING = frozenset({"depth", "quotes"})


class _Place:
    """One instant in line."""

    __slots__ = ("after", "before", "gapped", "instant", "key", "quotes", "since")

    def __init__(self, instant: Instant, since: int, before: "_Place | None", key: tuple[str, int] | None) -> None:
        self.instant = instant
        self.since = since
        self.before = before
        self.after: _Place | None = None
        self.key = key
        """Stream and symbol of an instant that a newer one may take the place of."""
        self.quotes: dict[int, Touch] | None = None
        """Best prices of instants that were taken out before it; None: there are none."""
        self.gapped: set[int] | None = None
        """Symbols that are gapped for them."""

    def told(self) -> Instant:
        """Return the instant with what goes with it."""
        if self.quotes is None and self.gapped is None:
            return self.instant
        return _with(self.instant, self.quotes or {}, self.gapped or set())


class Outbox:
    """A line of instants."""

    def __init__(self, most: int, behind_ns: int) -> None:
        """Begin empty.

        Args:
            most: instants in line at most.
            behind_ns: how long the first may have waited, on the machine's clock, before newer ones take the place of older.
        """
        self.superseded = 0
        """Instants that a newer one took the place of."""
        self.overrun = 0
        """Instants that were taken out because too many waited."""
        self.longest = 0
        """Most instants that ever waited."""
        self._most = most
        self._behind = behind_ns
        self._first: _Place | None = None
        self._last: _Place | None = None
        self._count = 0
        self._fleeting: dict[tuple[str, int], deque[_Place]] = {}

    def __len__(self) -> int:
        return self._count

    def put(self, instant: Instant, mono: int, dropped: Callable[[int], None]) -> None:
        """Put one in line; `dropped` is told the number of each one that is taken out for it."""
        rows = instant.rows
        key = (rows[0].clock, rows[0].symbol) if len(rows) == 1 and rows[0].clock in FLEETING else None
        last = self._last
        place = self._last = _Place(instant, mono, last, key)
        if last is None:
            self._first = place
        else:
            last.after = place
        self._count += 1
        self.longest = max(self.longest, self._count)
        assert self._first is not None  # noqa: S101 - the one just put in, if no other
        if key is not None:
            older = self._fleeting.get(key)
            if older is None:
                older = self._fleeting[key] = deque()
            if older and (mono - self._first.since >= self._behind or 2 * self._count > self._most):
                self.superseded += len(older)
                while older:
                    self._drop(older[0], dropped)
            older.append(place)
        if self._count > self._most:
            self.overrun += 1
            self._drop(self._first, dropped)

    def take(self, most: int) -> list[Instant]:
        """Take so many from the first on, or all that wait if these are fewer."""
        if most >= self._count:
            return self._all()
        found: list[Instant] = []
        while len(found) < most and self._first is not None:
            place = self._first
            self._out(place)
            found.append(place.told())
        return found

    def _all(self) -> list[Instant]:
        found, place = [], self._first
        while place is not None:
            found.append(place.told())
            # Places that hold each other are gone only when the collector of cycles comes, which takes its time.
            place.before = None
            place = place.after
        self._first = self._last = None
        self._count = 0
        self._fleeting.clear()
        return found

    def _drop(self, place: _Place, dropped: Callable[[int], None]) -> None:
        dropped(place.instant.serial)
        self._out(place)
        following, instant = place.after, place.instant
        assert following is not None  # noqa: S101 - the one it makes room for is behind it
        if place.quotes or instant.quotes:
            quotes = {**(place.quotes or {}), **{touch.symbol: touch for touch in instant.quotes}}
            following.quotes = quotes if following.quotes is None else {**quotes, **following.quotes}
        gapped = _gapped(instant)
        if place.gapped or gapped:
            following.gapped = (following.gapped or set()) | (place.gapped or set()) | gapped

    def _out(self, place: _Place) -> None:
        if place.before is None:
            self._first = place.after
        else:
            place.before.after = place.after
        if place.after is None:
            self._last = place.before
        else:
            place.after.before = place.before
        self._count -= 1
        if place.key is not None:
            # Whichever is taken out is the oldest of its symbol.
            self._fleeting[place.key].popleft()


def is_fleeting(instant: Instant) -> bool:
    """Tell whether an instant is nothing but a book or quotes of one symbol."""
    rows = instant.rows
    return len(rows) == 1 and rows[0].clock in FLEETING


def merged(left_out: Iterable[Instant], instant: Instant) -> Instant:
    """Return an instant with what must be known of those before it that were left out."""
    quotes: dict[int, Touch] = {}
    gapped: set[int] = set()
    for each in left_out:
        quotes |= {touch.symbol: touch for touch in each.quotes}
        gapped |= _gapped(each)
    return _with(instant, quotes, gapped)


def _gapped(left_out: Instant) -> set[int]:
    """Return the symbols that are gapped where an instant is left out: of a book or quotes, a newer one takes its place."""
    lost = () if is_fleeting(left_out) else (row.symbol for row in left_out.rows)
    return {*left_out.gapped, *lost}


def _with(instant: Instant, quotes: Mapping[int, Touch], gapped: Collection[int]) -> Instant:
    """Return an instant with earlier best prices and gaps; its own prices are newer."""
    latest = {**quotes, **{touch.symbol: touch for touch in instant.quotes}}
    told = tuple(latest[symbol] for symbol in sorted(latest))
    return instant._replace(quotes=told, gapped=tuple(sorted({*instant.gapped, *gapped})))


def kept(instants: Iterable[Instant], dropped: Collection[int]) -> Iterator[Instant]:
    """Yield the instants that were handed on, as they were, given the numbers of those that were taken out."""
    left_out: list[Instant] = []
    for instant in instants:
        if instant.serial in dropped:
            left_out.append(instant)
        elif left_out:
            yield merged(left_out, instant)
            left_out = []
        else:
            yield instant

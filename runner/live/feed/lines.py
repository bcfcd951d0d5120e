"""The connections as the machine knows them: what each carries, and up to when everything has been heard on it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["Line", "Lines"]


@dataclass(slots=True)
class Line:
    """One open connection."""

    number: int
    carried: tuple[int, ...]
    """Symbols it is there for."""
    reached: int | None = None
    """Up to when everything has been heard, UTC nanoseconds; None: the venue hasn't said."""
    subscribed: set[int] = field(default_factory=set)
    """Symbols whose prices come, from when isn't known yet."""


class Lines:
    """All open connections."""

    def __init__(self) -> None:
        """Begin with none."""
        self.open: dict[int, Line] = {}
        self.heard: int | None = None
        """Up to when everything has been heard on all of them; None: nobody knows."""

    def add(self, number: int, carried: Iterable[int]) -> None:
        """Take a new connection."""
        self.open[number] = Line(number, tuple(carried))
        self._count()

    def end(self, number: int) -> Line | None:
        """Let a connection go."""
        line = self.open.pop(number, None)
        self._count()
        return line

    def reach(self, line: Line, ts: int) -> None:
        """Have heard everything up to an instant on one of them; the venue's time doesn't go back."""
        if line.reached is None or ts > line.reached:
            line.reached = ts
            self._count()

    def _count(self) -> None:
        found: int | None = None
        for line in self.open.values():
            if line.reached is None:
                self.heard = None
                return
            if found is None or line.reached < found:
                found = line.reached
        self.heard = found

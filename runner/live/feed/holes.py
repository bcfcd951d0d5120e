"""What one symbol's stream may have missed: stretches of time in which nobody listened, or something couldn't be read.

A symbol begins in a hole: nothing before the first subscription was heard. Listening begins when the venue's time is known
after the subscription, and ends at the last time the venue told before the connection was lost.
"""

__all__ = ["Holes"]

EVER = -(2**62)


class Holes:
    """The holes of one symbol."""

    def __init__(self) -> None:
        """Begin in a hole."""
        self._past: list[tuple[int, int]] = []
        self._open: int | None = EVER

    @property
    def is_listening(self) -> bool:
        """Whether there is no hole at the moment."""
        return self._open is None

    def listen(self, since: int) -> None:
        """Hear everything from an instant on."""
        if self._open is not None:
            self._past.append((self._open, since))
            self._open = None

    def lose(self, after: int) -> None:
        """Hear nothing of what happens after an instant."""
        self._open = after if self._open is None else min(self._open, after)

    def miss(self, first: int, last: int) -> None:
        """Miss something that happened between two instants, both included."""
        self._past.append((first - 1, last + 1))

    def touch(self, opened: int, known: int) -> bool:
        """Tell whether something may be missing of `[opened, known]`."""
        if self._open is not None and self._open < known:
            return True
        return any(first < known and last > opened for first, last in self._past)

    def forget(self, before: int) -> None:
        """Let go of holes that ended before an instant."""
        if self._past and self._past[0][1] <= before:
            self._past = [hole for hole in self._past if hole[1] > before]

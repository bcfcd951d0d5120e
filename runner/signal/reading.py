"""What it takes to read any part of an expression: the words, the graph under construction, a place for faults."""

from dataclasses import dataclass

from runner.errors import Fault
from runner.signal.builder import Ambient, Builder, Floating, PoisonedError
from runner.signal.expression import Tree, pointing_at
from runner.signal.graph import stream_of
from runner.signal.span import LENGTHS, span_meant, span_of
from runner.signal.vocabulary import SINCE_OPEN, Vocabulary
from runner.signal.written import written

__all__ = ["NO_HOURS", "Reading"]

NO_HOURS = (
    "a time-zone policy without any",
    'Write when the market is open: timezone.calendar, e.g. "XNYS" or "24-7", or timezone.session.',
)
"""What was wrong, and what to write, where it isn't known when sessions open."""

LONGEST = 60
"""Characters of an expression that a remedy repeats."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One expression, as far as it needs to be known to find fault with a part of it."""

    builder: Builder
    vocabulary: Vocabulary
    faults: list[Fault]
    text: str
    where: str
    at: int | None = None
    """Inside a formula: the column of the call, which every fault points at."""
    inside: str = ""
    """Inside a formula of the user's own: which one, and where it stands."""

    def refuse(self, column: int, must: str, was: str, write: str) -> PoisonedError:
        """Note a fault at a column and return the exception to raise."""
        excerpt = pointing_at(self.text, column if self.at is None else self.at)
        self.faults.append(Fault(self.where, f"{must}{self.inside}", was, write, excerpt=excerpt))
        return PoisonedError()

    def main_clock(self) -> str:
        """Return the first stream, on which what belongs to none is read."""
        return next(iter(self.vocabulary.streams))

    def bound(self, value: Floating | Ambient, clock: str, column: int) -> int:
        """Return a value that waited for a clock, on it."""
        if value == Ambient("@since_open"):
            self.hold_hours(clock, column, SINCE_OPEN)
        return self.builder.on_clock(value, clock)

    def hold_hours(self, clock: str, column: int, what: str) -> None:
        """Hold that it is known when the sessions of a clock's stream open."""
        stream = stream_of(clock)
        if stream in self.vocabulary.without_hours:
            raise self.refuse(column, f"{what} must be given {stream} with session hours", *NO_HOURS)

    def repeated(self, tree: Tree) -> str:
        """Return a part of the expression for a remedy that repeats it; dots where it is long, or a formula's own."""
        text = written(tree)
        return text if self.at is None and len(text) <= LONGEST else "…"

    def length(self, text: str, column: int, what: str, *, is_window: bool = False) -> int:
        """Return the nanoseconds of a length of time.

        Args:
            text: As it was written.
            column: Where.
            what: What it is for, e.g. `span of resample`.
            is_window: Whether rows or `since_open` may be written as well.
        """
        span = span_of(text)
        if span is not None:
            return span
        meant = span_meant(text)
        write = f'Write "30min" or the like: {LENGTHS}.'
        if is_window:
            write = f'Write rows, e.g. 20, or since_open, or a length of time, e.g. "30min": {LENGTHS}.'
        if meant and meant != text:
            write = f'Write "{meant}".'
        raise self.refuse(column, f"{what} must be {'a window' if is_window else 'a length of time'}", f'"{text}"', write)

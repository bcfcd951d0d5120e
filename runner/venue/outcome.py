"""What came of one simulated world."""

from collections import Counter
from dataclasses import dataclass

from runner.venue.faults import Fault

__all__ = ["Breach", "Outcome"]


@dataclass(frozen=True, slots=True)
class Breach:
    """One promise that was broken."""

    promise: str
    """`S1` … `S10` while it ran, `L1` … `L5` at its end."""
    what: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.what}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One world, from its beginning to its end."""

    seed: int
    breach: Breach | None
    digest: str
    """Of the whole trace: the same seed gives the same, on the same minor version of Python."""
    steps: int
    """Scheduler steps of all lives together: as many crash points."""
    lives: int
    exit_code: int | None
    """Of the last life; None if it didn't end by itself."""
    orders: int
    """Orders that the exchange accepted."""
    fills: int
    struck: Counter[Fault]
    """How often each kind of fault struck."""
    tail: tuple[str, ...]
    """The end of the trace, of a world in which something broke."""

"""The doors to time and chance, as arguments: what the core may ask of the outside, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Ports"]


@dataclass(frozen=True, slots=True)
class Ports:
    """Clock, rest and dice of one conversation."""

    now: Callable[[], int]
    """Return the instant, UTC ns since 1970."""
    elapsed: Callable[[], float]
    """Return seconds of a clock that never goes back."""
    sleep: Callable[[float], None]
    """Rest for some seconds."""
    chance: Callable[[], float]
    """Return a number in [0, 1), another each time."""

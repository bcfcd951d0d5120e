"""What a point of a search decides: one turn of the grid, or one interval."""

from dataclasses import dataclass

from runner.compose.swept import Interval

__all__ = ["Dimension"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing that a point decides."""

    name: str
    steps: int
    """How many values there are; a point has the place of one of them."""
    is_ordered: bool = True
    """Whether places that are near are values that are near."""
    interval: Interval | None = None
    """What a point has a number of instead."""

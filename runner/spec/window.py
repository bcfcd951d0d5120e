"""The stretch of time a run looks at."""

from runner.spec.kind import Spec
from runner.units import Day

__all__ = ["Window"]


class Window(Spec):
    """Session dates, both included; null means as far as the data reach."""

    start: Day | None = None
    """First session date that is read, quoted: `"2005-01-01"`."""
    end: Day | None = None
    """Last session date that is read, quoted: `"2012-12-31"`."""

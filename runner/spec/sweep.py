"""A sweep: many runs that differ along axes, and what they are compared by.

It stands beside the run, not in it: a lane of a sweep is the run that its own values make, and has that run's hash.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from runner.spec.kind import Spec
from runner.units import Count

__all__ = ["BesideRun", "Sweep"]

AxisName = Annotated[str, Field(min_length=1)]


class Sweep(Spec):
    """Which runs are tried, and what ranks them."""

    axes: dict[str, list[Any] | str | dict[str, Any]] = Field(default={})
    """Key → its values, one run for each: a list, or a text as after `-m` such as `"range(5, 50, 5)"`; a group's name lists
    its files. Keys may be written with dots, or as mappings within one another. What the command line says of a key wins."""
    zip: list[AxisName | list[AxisName]] = Field(default=[])
    """Axes that advance together instead of each with each: `[fast, slow]`, or several such lists. An axis is named by its
    key or by the last word of it."""
    where: str | None = None
    """Which combinations are run, e.g. `fast < slow and threshold != 0`; null takes all."""
    workers: Count | None = None
    """Threads that run lanes; null takes one per core."""
    metric: str = "sharpe"
    """The metric that lanes are ranked by, one of `metrics.json`."""
    direction: Literal["maximise", "minimise"] = "maximise"
    """Whether more of it is better; drawdowns are negative, so that more of them is better too."""


class BesideRun(Spec):
    """What a configuration may say beside what describes the run."""

    sweep: Sweep = Sweep()
    """Which runs are tried, and what ranks them."""

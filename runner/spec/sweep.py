"""A sweep: many runs that differ along axes, and what they are compared by.

It stands beside the run, not in it: a lane of a sweep is the run that its own values make, and has that run's hash.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeInt

from runner.spec.kind import Spec
from runner.units import Count

__all__ = ["BesideRun", "Search", "Sweep"]

AxisName = Annotated[str, Field(min_length=1)]
Address = Annotated[str, Field(pattern=r"^[a-z]+://[^\s/]+$")]


class Search(Spec):
    """Which lanes of a large space are tried: each generation after what those before came to."""

    kind: Literal["optuna"] = "optuna"
    """Who proposes lanes; the package optuna, an extra."""
    trials: Count = 200
    """Lanes that are proposed, those that are proposed again included."""
    generation: Count = 50
    """Lanes that are proposed at once, and run together."""
    sampler: Literal["tpe", "random", "cmaes"] = "tpe"
    """How lanes are proposed. `tpe`: near what was good; `random`: anywhere; `cmaes`: by a cloud that moves to what is good,
    for numbers alone."""
    seed: NonNegativeInt = 0
    """The same seed proposes the same lanes for the same results."""


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
    """Threads that run lanes, or processes of a Dask cluster of this machine; null takes one per core."""
    executor: Literal["local", "dask"] = "local"
    """Who runs lanes. `local`: threads of this process; `dask`: processes of a Dask cluster; the package distributed, an
    extra."""
    scheduler: Address | None = None
    """Scheduler of a Dask cluster that runs already, `tcp://host:8786`; null starts one on this machine."""
    search: Search | None = None
    """Tries some of the combinations instead of all, and values of intervals, `interval(0.1, 0.9)`; null tries all."""
    metric: str = "sharpe"
    """The metric that lanes are ranked by, one of `metrics.json`."""
    direction: Literal["maximise", "minimise"] = "maximise"
    """Whether more of it is better; drawdowns are negative, so that more of them is better too."""


class BesideRun(Spec):
    """What a configuration may say beside what describes the run."""

    sweep: Sweep = Sweep()
    """Which runs are tried, and what ranks them."""

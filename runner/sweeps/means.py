"""By what means a sweep is run: who runs its lanes, who proposes them, and what of that can't be combined."""

from collections.abc import Callable, Iterator
from importlib.util import find_spec

from runner.errors import Fault
from runner.spec.sweep import Sweep
from runner.sweeps.assumed import ASSUMED
from runner.sweeps.corners import are_numbers
from runner.sweeps.grid import Grid

__all__ = ["means_faults"]


def means_faults(sweep: Sweep, grid: Grid, source: Callable[[str], str]) -> list[Fault]:
    """Return what is wrong with how a sweep is to be run.

    Args:
        sweep: What the configuration says of it.
        grid: Its axes.
        source: Returns where a key of `sweep` was written.
    """
    return [*_of_executor(sweep, source), *_of_axes(sweep, grid), *(_of_search(sweep, grid, source) if sweep.search else ())]


def _of_executor(sweep: Sweep, source: Callable[[str], str]) -> Iterator[Fault]:
    if sweep.executor == "dask" and find_spec("distributed") is None:
        fix = 'Run pip install "runner[dask]", or write sweep.executor=local.'
        yield Fault("sweep.executor", "must be installed: Dask is an extra", "dask", fix, source("executor"))
    if sweep.scheduler is None:
        return
    if sweep.executor != "dask":
        fix = "Write sweep.executor=dask as well, or leave the scheduler out."
        yield Fault(
            "sweep.scheduler", "must be left out unless sweep.executor is dask", sweep.scheduler, fix, source("scheduler")
        )
    if sweep.workers is not None:
        fix = "Leave one of the two out: a cluster that runs already has the workers it has."
        yield Fault("sweep.workers", "must be left out beside sweep.scheduler", str(sweep.workers), fix, source("workers"))


def _of_axes(sweep: Sweep, grid: Grid) -> Iterator[Fault]:
    zipped = {place for turn in grid.turns for place in turn if len(turn) > 1}
    for place, axis in enumerate(grid.axes):
        if axis.interval is None:
            continue
        if sweep.search is None:
            fix = "Write the values, 1,2,3 or range(1,10,3), or search the interval with sweep=optuna."
            yield Fault(axis.key, "must be a list of values", str(axis.interval), fix, axis.source)
        elif place in zipped:
            fix = "Leave it out of sweep.zip, or write its values."
            yield Fault(axis.key, "must be a list of values to be zipped", str(axis.interval), fix, axis.source)


def _of_search(sweep: Sweep, grid: Grid, source: Callable[[str], str]) -> Iterator[Fault]:
    if find_spec("optuna") is None or (sweep.search and sweep.search.sampler == "cmaes" and find_spec("cmaes") is None):
        fix = 'Run pip install "runner[optuna]", or write sweep.search=null to try all combinations.'
        yield Fault("sweep.search", "must be installed: Optuna is an extra", "optuna", fix, source("search"))
    if not grid.axes:
        fix = "Give a key several values, or an interval: signal.params.lookback='interval(5, 50)'."
        yield Fault("sweep.search", "must have an axis to search", "", fix, source("search"))
    for axis in grid.axes:
        if axis.path[0] in ASSUMED:
            must = "must have one value in a search: no lane is better for assuming less, and a search would find just that"
            yield Fault(axis.key, must, "", "Search with one value, and vary it in a sweep of what was found.", axis.source)
    if sweep.search is None or sweep.search.sampler != "cmaes":
        return
    for turn in grid.turns:
        if not are_numbers(grid, turn):
            key = grid.axes[turn[0]].key
            fix = "Write sampler tpe, or give numbers in their order."
            yield Fault(
                "sweep.search.sampler",
                "must be tpe or random for axes that aren't numbers",
                f"cmaes, with {key}",
                fix,
                source("search.sampler"),
            )

"""From the words of a command line to lanes that were all checked.

1. The words are taken apart (`axes.py`); the first of their combinations is composed to see what the files say of sweeps.
2. `sweep.axes` of the files join the axes, `sweep.zip` turns some of them together (`grid.py`), `sweep.where` leaves cells
   out (`chosen.py`).
3. Every lane is made once (`checked.py`), so that what is wrong is known before anything runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runner.compose import Composed, Composer, Configurations, composing, origin_of
from runner.compose.sections import sweep_of
from runner.compose.swept import key_of, parsed_words
from runner.errors import ConfigError, Fault, did_you_mean
from runner.once import Once
from runner.prepare import known_kinds
from runner.report.measures import GROUPS
from runner.spec.sweep import Sweep
from runner.sweeps.axes import Asked, asked_of, with_declared
from runner.sweeps.beds import Beds
from runner.sweeps.checked import Checked, checked
from runner.sweeps.chosen import chosen_cells
from runner.sweeps.grid import Grid, grid_of
from runner.sweeps.lanes import Lanes
from runner.sweeps.where import Condition, condition_of

__all__ = ["Planned", "lanes_asked", "plan_sweep"]


@dataclass(frozen=True, slots=True)
class Planned:
    """A sweep that can be run."""

    sweep: Sweep
    """What the configuration says of it."""
    lanes: Lanes
    checked: Checked
    """Which of them can't run, and why."""
    first: Composed
    """The configuration of the first combination: where runs go, and what Hydra was told."""


def plan_sweep(
    words: Sequence[str], files: Configurations, on_progress: Callable[[float], None] = lambda _: None
) -> Planned:
    """Return the sweep that the words of a command line and the files ask for; without axes it has one lane.

    Args:
        words: `KEY=VALUE`, `KEY=1,2,3` and so on.
        files: Where configurations are composed from.
        on_progress: Is told the share of lanes that are checked.

    Raises:
        ConfigError: With every fault, before anything runs; a fault of some lanes says of which.
    """
    once = Once()
    with composing(files, known_kinds(once)) as composer:
        sweep, lanes, first = lanes_asked(words, composer, once)
        found = checked(lanes, on_progress)
        _refuse_other_sweeps(first, lanes.beds)
    return Planned(sweep, lanes, found, first)


def lanes_asked(words: Sequence[str], composer: Composer, once: Once) -> tuple[Sweep, Lanes, Composed]:
    """Return a sweep, its lanes, none of them checked, and the configuration of the first combination.

    Args:
        words: As for `plan_sweep`.
        composer: Must stay open while lanes are made that nobody has made before.
        once: Has the kinds that the composer has.

    Raises:
        ConfigError: With what is wrong with words, axes and conditions.
    """
    asked = asked_of(words, composer)
    beds = Beds(asked, composer)
    first = beds.of([0] * len(asked.axes)).composed
    sweep = _sweep_of(first, once)
    whole = with_declared(asked, sweep, first, composer)
    beds = beds if whole is asked else Beds(whole, composer)
    grid, condition = _laid_out(whole, sweep, first)
    return sweep, Lanes(whole, grid, beds, chosen_cells(grid, condition, beds), once), first


def _sweep_of(first: Composed, once: Once) -> Sweep:
    sweep = sweep_of(first, known_kinds(once))
    known = [measure.key for _, measures in GROUPS for measure in measures]
    if isinstance(sweep, Sweep) and sweep.metric not in known:
        source = _source("metric", first)
        sweep = [Fault("sweep.metric", "must be a metric", sweep.metric, did_you_mean(sweep.metric, known), source)]
    if not isinstance(sweep, Sweep):
        raise ConfigError([*first.faults, *sweep])
    return sweep


def _laid_out(asked: Asked, sweep: Sweep, first: Composed) -> tuple[Grid, Condition | None]:
    """Return the grid and the condition of its cells; raises ConfigError with what is wrong with either."""
    faults: list[Fault] = []
    grid, condition = None, None
    fixed = [key_of(override) for override in parsed_words(asked.fixed)[0]]
    try:
        grid = grid_of(asked.axes, sweep, _source("zip", first), settled=fixed)
    except ConfigError as error:
        faults += error.faults
    try:
        condition = None if sweep.where is None else condition_of(sweep.where, _source("where", first))
    except ConfigError as error:
        faults += error.faults
    if grid is None or faults:
        raise ConfigError([*first.faults, *faults])
    return grid, condition


def _refuse_other_sweeps(first: Composed, beds: Beds) -> None:
    """Refuse an axis whose files speak of sweeps: one file can't decide what the others' lanes are."""
    if any(bed.composed.sweep != first.sweep for bed in beds.known):
        must = "must be said by a file that all lanes have"
        write = "Choose the file that declares the sweep by one value, or move its sweep elsewhere."
        raise ConfigError(Fault("sweep", must, "other words in files that an axis chooses", write))


def _source(key: str, composed: Composed) -> str:
    origin = origin_of(f"sweep.{key}", composed.origins)
    return str(origin) if origin else ""

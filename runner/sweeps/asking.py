"""From the words of a command line to lanes that were all checked.

1. The words are taken apart (`axes.py`); the first of their combinations is composed to see what the files say of sweeps.
2. `sweep.axes` of the files join the axes, `sweep.zip` turns some of them together (`grid.py`), `sweep.where` leaves cells
   out (`chosen.py`).
3. Every lane is made once (`checked.py`), so that what is wrong is known before anything runs.

Each step goes on with what is sound, so that everything that is wrong is told at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from runner.collector import collected_seldom
from runner.compose import Composed, Composer, Configurations, composing, origin_of
from runner.compose.sections import sweep_of
from runner.errors import ConfigError, Fault, did_you_mean
from runner.once import Once
from runner.prepare import known_kinds
from runner.report.measures import GROUPS
from runner.spec.kind import Kinds
from runner.spec.sweep import Sweep
from runner.sweeps.axes import Axis, asked_of, is_of_a_run, refused_of_trials, settled_axes, with_declared
from runner.sweeps.beds import Beds
from runner.sweeps.checked import Checked, checked
from runner.sweeps.chosen import chosen_cells, meanings_of
from runner.sweeps.corners import corners
from runner.sweeps.grid import Grid, grid_of
from runner.sweeps.lanes import Lanes
from runner.sweeps.means import means_faults
from runner.sweeps.where import Condition, condition_of

__all__ = ["Laid", "Planned", "check_alone", "lanes_asked", "plan_sweep"]

MOST_AFTER_FAULTS = 10_000
"""Combinations that are looked into beside other faults; of more only the first."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A sweep laid out, none of its lanes checked."""

    sweep: Sweep
    """What the configuration says of it."""
    lanes: Lanes
    """With faults, those of the sound words; `sweep.where` leaves none of these out."""
    first: Composed
    """The configuration of the first combination: where runs go, and what Hydra was told."""
    where: Condition | None
    """`sweep.where`; None without one, and if it isn't sound."""
    faults: tuple[Fault, ...]
    """What is wrong with words, axes, `sweep.zip` and `sweep.where`; a sweep needs none."""
    settled: tuple[Axis, ...] = ()
    """Declared axes that the command line gives one value."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A sweep that can be run."""

    sweep: Sweep
    """What the configuration says of it."""
    lanes: Lanes
    checked: Checked
    """Which of them can't run, and why."""
    first: Composed
    """As in `Laid`."""
    files: Configurations = field(default_factory=Configurations)
    """Where configurations are composed from, also those of lanes that a search comes up with later."""
    where: Condition | None = None
    """What must hold of a combination; its lanes have been chosen by it already, those of a search not yet."""
    settled: tuple[Axis, ...] = ()
    """As in `Laid`."""


@collected_seldom()
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
        laid = lanes_asked(words, composer, once)
        is_whole = len(laid.lanes) == laid.lanes.grid.cells or laid.sweep.search is None
        found = checked(laid.lanes, on_progress, laid.faults, is_whole=is_whole, are_trials=_are_trials(laid.first))
        _refuse_other_sweeps(laid.first, laid.lanes.beds)
    return Planned(laid.sweep, laid.lanes, found, laid.first, files, laid.where, laid.settled)


def check_alone(composed: Composed, files: Configurations) -> None:
    """Refuse a single run that isn't a lane of the sweep its files declare, though each axis has one value.

    Raises:
        ConfigError: If `sweep.where` doesn't hold of it, or can't be worked out.
    """
    where = composed.sweep.get("where") if isinstance(composed.sweep, dict) else None
    if where is None:
        return
    once = Once()
    with composing(files, known_kinds(once)) as composer:
        laid = lanes_asked(composed.overrides, composer, once)
    if laid.faults:
        raise ConfigError(laid.faults)


def lanes_asked(words: Sequence[str], composer: Composer, once: Once) -> Laid:
    """Lay a sweep out.

    Args:
        words: As for `plan_sweep`.
        composer: Must stay open while lanes are made that nobody has made before.
        once: Has the kinds that the composer has.
    """
    asked, faults = asked_of(words, composer)
    beds = Beds(asked, composer)
    first = beds.of([0] * len(asked.axes)).composed
    sweep, in_sweep = _sweep_of(first, once)
    whole, in_axes = with_declared(asked, sweep, first, composer)
    beds = beds if whole == asked else Beds(whole, composer)
    grid, in_zip = _grid_of(whole.axes, sweep, first, words)
    settled = settled_axes(asked, sweep, composer)
    condition, in_where = _condition_of(sweep, first)
    in_means = means_faults(sweep, grid, lambda key: _source(key, first))
    in_trials = refused_of_trials(whole.axes) if _are_trials(first) else ()
    faults += [*in_sweep, *in_axes, *in_trials, *in_zip, *in_where, *in_means]
    known = None if sweep.search is None else corners(grid)
    cells, in_cells = _cells(grid, condition, beds, settled, known, are_sound=not faults)
    return Laid(sweep, Lanes(whole, grid, beds, cells, once), first, condition, (*faults, *in_cells), settled)


def _are_trials(first: Composed) -> bool:
    """Return whether lanes are trials, which count; Hydra's own sweepers make run directories of them."""
    return first.sweeper == "batch"


def _sweep_of(first: Composed, once: Once) -> tuple[Sweep, list[Fault]]:
    """Return what is sound of what a configuration says of sweeps, and what is wrong with the rest."""
    kinds = known_kinds(once)
    found = sweep_of(first, kinds)
    faults = found if isinstance(found, list) else []
    sweep = found if isinstance(found, Sweep) else _sound_part(first, kinds)
    known = [measure.key for _, measures in GROUPS for measure in measures]
    if sweep.metric not in known:
        hint = did_you_mean(sweep.metric, known)
        faults.append(Fault("sweep.metric", "must be a metric", sweep.metric, hint, _source("metric", first)))
    return sweep, faults


def _sound_part(first: Composed, kinds: Kinds) -> Sweep:
    """Return the keys of a faulty `sweep` that are sound by themselves."""
    said = first.sweep if isinstance(first.sweep, dict) else {}
    alone = [sweep_of(replace(first, sweep={key: value}), kinds) for key, value in said.items()]
    return Sweep().model_copy(
        update={key: getattr(found, key) for key, found in zip(said, alone, strict=True) if isinstance(found, Sweep)}
    )


def _grid_of(axes: Sequence[Axis], sweep: Sweep, first: Composed, words: Sequence[str]) -> tuple[Grid, list[Fault]]:
    """Return the grid, without zips if something is wrong with these."""
    typed = dict.fromkeys(word.partition("=")[0].lstrip("+~") for word in words)
    settled = [key for key in typed if is_of_a_run(key) and key not in {axis.key for axis in axes}]
    try:
        return grid_of(axes, sweep, _source("zip", first), settled=settled), []
    except ConfigError as error:
        return Grid(tuple(axes), tuple((place,) for place in range(len(axes)))), list(error.faults)


def _condition_of(sweep: Sweep, first: Composed) -> tuple[Condition | None, list[Fault]]:
    try:
        return None if sweep.where is None else condition_of(sweep.where, _source("where", first)), []
    except ConfigError as error:
        return None, list(error.faults)


def _cells(
    grid: Grid,
    condition: Condition | None,
    beds: Beds,
    settled: Sequence[Axis],
    known: NDArray[np.int64] | None,
    *,
    are_sound: bool,
) -> tuple[NDArray[np.int64], Sequence[Fault]]:
    """Return the cells that are lanes; all that can be looked into if something is wrong with the sweep.

    Args:
        grid: All cells.
        condition: Which of them are lanes.
        beds: Has the configurations whose values the condition may name.
        settled: Declared axes that have one value.
        known: Cells that a search is judged by beforehand; None for all.
        are_sound: Whether nothing was found wrong before.
    """
    faults: Sequence[Fault] = ()
    try:
        meanings = {} if condition is None else meanings_of(condition, grid, beds, settled)
        if condition is not None and are_sound:
            return chosen_cells(grid, condition, meanings, beds, known), ()
    except ConfigError as error:
        faults = error.faults
    if known is not None:
        return known, faults
    is_whole = grid.cells <= MOST_AFTER_FAULTS or (are_sound and not faults)
    return np.arange(grid.cells if is_whole else 1, dtype=np.int64), faults


def _refuse_other_sweeps(first: Composed, beds: Beds) -> None:
    """Refuse an axis whose files speak of sweeps: one file can't decide what the others' lanes are."""
    if any(bed.composed.sweep != first.sweep for bed in beds.known):
        must = "must be said by a file that all lanes have"
        write = "Choose the file that declares the sweep by one value, or move its sweep elsewhere."
        raise ConfigError(Fault("sweep", must, "other words in files that an axis chooses", write))


def _source(key: str, composed: Composed) -> str:
    origin = origin_of(f"sweep.{key}", composed.origins)
    return str(origin) if origin else ""

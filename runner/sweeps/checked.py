"""Every lane made once before any runs, and what is wrong told once, with the lanes it is about.

A value of an axis that fails in every lane is a slip: nothing runs. So is a lane that is another one again (`_twice`), as
where an axis has 5 and 5.0: it would count as one more try. A lane that fails only in combination is one of the sweep's
results, with its error; the others run.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from runner.errors import ConfigError, Fault, RunnerError
from runner.prepare import prepare
from runner.sweeps.axes import Axis
from runner.sweeps.lanes import Lane, Lanes

__all__ = ["Checked", "checked"]

MOST_TOLD = 40
"""Faults that are told one by one."""
MOST_ASKED = 20
"""Different failures that are looked into for everything that is wrong, as a single run would tell it."""
MOST_PAIRS = 1_000
"""Lanes that are there twice that are looked into."""
MOST_VALUES = 6
"""Values of an axis that a fault names."""
EVERY = 256
"""Lanes between two words to whoever watches."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of checking every lane."""

    failed: Mapping[int, RunnerError] = field(default_factory=dict)
    """Number of a lane that can't run → why."""


def checked(
    lanes: Lanes,
    on_progress: Callable[[float], None],
    before: Sequence[Fault] = (),
    *,
    is_whole: bool = True,
    are_trials: bool = True,
) -> Checked:
    """Make every lane once.

    Args:
        lanes: The lanes of a sweep.
        on_progress: Is told the share of lanes that are done.
        before: What is wrong with the sweep already, which is told beside what is wrong with its lanes.
        is_whole: Whether these are all lanes there can be: of some of a larger space, one must be sound.
        are_trials: Whether each must try something else.

    Raises:
        ConfigError: If a value of an axis fails in every lane that has it: with all faults of all lanes.
    """
    failures: dict[tuple[Fault, ...], tuple[RunnerError, list[int]]] = {}
    tried = np.zeros(len(lanes), dtype=np.uint64)
    for lane in lanes:
        try:
            tried[lane.number] = int(lanes.spec(lane).strategy[:16], 16)
        except RunnerError as error:
            failures.setdefault(error.faults, (error, []))[1].append(lane.number)
        if lane.number % EVERY == 0:
            on_progress(lane.number / len(lanes))
    found = list(failures.values())
    dead = _of_dead_values(found, lanes, is_whole=is_whole) if found else []
    twice = _twice(tried, lanes, {number for _, numbers in found for number in numbers}) if are_trials else []
    faults = [*before, *dead, *twice]
    if faults:
        raise ConfigError(faults)
    return Checked({number: error for error, numbers in found for number in numbers})


def _twice(tried: NDArray[np.uint64], lanes: Lanes, failed: Collection[int]) -> list[Fault]:
    """Return a fault for each pair of values, or else of lanes, that are the same run.

    Args:
        tried: [lanes] what each lane tries; anything where it failed.
        lanes: All lanes.
        failed: Numbers of those that can't run.
    """
    sound = np.setdiff1d(np.arange(len(lanes)), np.fromiter(failed, np.int64, len(failed)))
    _, first, which = np.unique(tried[sound], return_index=True, return_inverse=True)
    again = np.flatnonzero(first[which] != np.arange(sound.size))
    pairs = zip(sound[again].tolist(), sound[first[which[again]]].tolist(), strict=True)
    return list(dict.fromkeys(_same(lanes, lanes[later], lanes[earlier]) for later, earlier in islice(pairs, MOST_PAIRS)))


def _same(lanes: Lanes, later: Lane, earlier: Lane) -> Fault:
    """Return the fault of a lane that is an earlier one again: that of two values, where nothing else differs."""
    axes = lanes.asked.axes
    apart = [
        (axis, axis.values[now], axis.values[was])
        for axis, now, was in zip(axes, later.places, earlier.places, strict=True)
        if now != was
    ]
    if len(apart) == 1:
        axis, now, was = apart[0]
        fix = "Leave one of the two out."
        return Fault(axis.key, "must have each value once", f"{now}, which is {was} again", fix, axis.source)
    said = f"lane {later.number + 1:,} ({' '.join(later.overrides)}), which is lane {earlier.number + 1:,} again"
    fix = f"Leave one of the two out; the other is {' '.join(earlier.overrides)}."
    return Fault("sweep", "must have each lane once", said, fix)


def _told_alone(lanes: Lanes, lane: Lane) -> tuple[Fault, ...]:
    """Return everything a single run would be told, which goes on where a lane stops at the first broken section."""
    try:
        prepare(lanes.composed(lane))
    except RunnerError as error:
        return error.faults
    return ()


def _of_dead_values(
    failures: Sequence[tuple[RunnerError, list[int]]], lanes: Lanes, *, is_whole: bool
) -> list[Fault]:  # fmt: skip
    """Return every fault if a value of an axis has no lane that could run, else none."""
    places = lanes.grid.all_places(lanes.cells)
    failed = _mask((number for _, numbers in failures for number in numbers), len(lanes))
    if not failed.all() and not (is_whole and any(_has_dead(column, failed) for column in places.T)):
        return []
    found: dict[Fault, NDArray[np.bool_]] = {}
    for error, numbers in failures:
        mask = _mask(numbers, len(lanes))
        for fault in error.faults:
            found[fault] = found[fault] | mask if fault in found else mask
    more = {fault for _, numbers in failures[:MOST_ASKED] for fault in _told_alone(lanes, lanes[numbers[0]])}
    faults = sorted({*found, *more})
    axes = lanes.asked.axes
    told = [_named(fault, found[fault], failed, places, axes) if fault in found else fault for fault in faults[:MOST_TOLD]]
    left = len(faults) - MOST_TOLD
    if left > 0:
        fix = "Mend these first."
        told.append(Fault("sweep", "must be free of faults", f"{left:,} more of them in other lanes", fix))
    return told


def _mask(numbers: Iterable[int], count: int) -> NDArray[np.bool_]:
    mask = np.zeros(count, dtype=np.bool_)
    mask[list(numbers)] = True
    return mask


def _has_dead(column: NDArray[np.int32], failed: NDArray[np.bool_]) -> bool:
    """Return whether all lanes at some place of an axis failed."""
    alive = np.unique(column[~failed])
    return bool(np.unique(column).size > alive.size)


def _named(
    fault: Fault,
    mask: NDArray[np.bool_],
    failed: NDArray[np.bool_],
    places: NDArray[np.int32],
    axes: Sequence[Axis],
) -> Fault:
    """Return a fault that says in which lanes it is."""
    if len(mask) == 1:
        return fault
    line = f"in {_lanes_of(mask, failed, places, axes)}"
    return replace(fault, excerpt=f"{fault.excerpt}\n{line}" if fault.excerpt else line)


def _lanes_of(mask: NDArray[np.bool_], failed: NDArray[np.bool_], places: NDArray[np.int32], axes: Sequence[Axis]) -> str:
    """Return the lanes of a fault in words: by values that have no sound lane, else by their number and an example.

    A lane with two faults may tell only one of them, so the lanes of a value are those that failed, for whatever reason.
    """
    if mask.all():
        return f"all {len(mask):,} lanes"
    for number, axis in enumerate(axes):
        own = np.unique(places[mask, number])
        having = np.isin(places[:, number], own)
        if not having.all() and failed[having].all():
            shown = ",".join(axis.values[place] for place in own[:MOST_VALUES])
            more = f" and {own.size - MOST_VALUES:,} more values" if own.size > MOST_VALUES else ""
            return f"every lane with {axis.key}={shown}{more}"
    first = places[int(np.flatnonzero(mask)[0])]
    example = " ".join(axis.override(place) for axis, place in zip(axes, first, strict=True))
    return f"{int(mask.sum()):,} of {len(mask):,} lanes, such as {example}"

"""Axes: the keys that a sweep varies, and their values.

1. `asked_of` takes the words of a command line apart into axes and fixed words, and refuses what can't be an axis.
2. `with_declared` adds the axes that a file declares under `sweep.axes`; what the command line says of a key wins, so that
   a lane of such a sweep is run alone by giving each of its axes one value.

The order of lanes is that of Hydra's own sweeper: axes of files first, then those of the command line, the last turning
fastest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

from runner.compose import Composed, Composer, origin_of
from runner.compose.overrides import COMMAND_LINE, is_choice, key_path
from runner.compose.swept import Interval, Swept, declared, is_swept, key_of, listed, parsed_words, swept, text_of
from runner.errors import Fault
from runner.spec.sweep import BesideRun, Sweep
from runner.strict_yaml import KeyPath

__all__ = ["Asked", "Axis", "asked_of", "is_of_a_run", "refused_of_trials", "settled_axes", "with_declared"]


BESIDE_TRIAL = frozenset({"name", "report"})
"""Sections that all lanes have in common: lanes that differ in nothing else would be one trial, counted as several."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A key that a sweep varies."""

    key: str
    """`signal.params.lookback`, or a group such as `slippage`."""
    values: tuple[str, ...]
    """Texts as Hydra's grammar writes them, e.g. `("5", "10")`."""
    is_choice: bool
    """Whether the values choose files."""
    plain: tuple[Any, ...]
    """What the texts stand for."""
    sign: str = ""
    """`+` or `++` before a key that no file has."""
    source: str = COMMAND_LINE
    """Where it was written."""
    interval: Interval | None = None
    """What a search picks values from; the values are its ends, and those that were picked."""

    @property
    def path(self) -> KeyPath:
        """The key as a path."""
        return key_path(self.key)

    def override(self, place: int) -> str:
        """Return what a single run would be given for the value at a place."""
        return f"{self.sign}{self.key}={self.values[place]}"


Part = TypeVar("Part", Axis, str | Axis)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command line taken apart."""

    axes: tuple[Axis, ...]
    """In the order of the lanes: the last turns fastest."""
    words: tuple[str | int, ...]
    """All words in their order: fixed ones as they are, for an axis its place in `axes`."""

    @property
    def fixed(self) -> tuple[str, ...]:
        """What every lane is given."""
        return tuple(word for word in self.words if isinstance(word, str))

    def overrides(self, places: Sequence[int]) -> tuple[str, ...]:
        """Return what a single run would be given for a lane, in the order of the words."""
        return tuple(word if isinstance(word, str) else self.axes[word].override(places[word]) for word in self.words)


def asked_of(words: Sequence[str], composer: Composer) -> tuple[Asked, list[Fault]]:
    """Take the words of a command line apart.

    Returns:
        What is sound of them, and everything that is wrong with the others, as far as one can tell without composing.
    """
    overrides, faults = parsed_words(words)
    parts: list[str | Axis] = []
    for override in overrides:
        found = swept(override, composer.loader) if is_swept(override) else str(override.input_line)
        if isinstance(found, list):
            faults += found
        else:
            parts.append(_axis(found, COMMAND_LINE) if isinstance(found, Swept) else found)
    axes = [part for part in parts if isinstance(part, Axis)]
    refused = [*_repeated(axes, [key_of(override) for override in overrides]), *_refused(axes)]
    return _asked([], _without(refused, parts)), [*faults, *refused]


def with_declared(asked: Asked, sweep: Sweep, composed: Composed, composer: Composer) -> tuple[Asked, list[Fault]]:
    """Add the axes that files declare, except those whose key stands on the command line.

    Returns:
        The words with the axes that are sound, and everything that is wrong with the others.
    """
    overrides, _ = parsed_words(asked.fixed)
    given = {key_of(override) for override in overrides} | {axis.key for axis in asked.axes}
    axes: list[Axis] = []
    faults: list[Fault] = []
    for key, values in declared(sweep.axes):
        found = listed(key, values, composer.loader)
        origin = origin_of(f"sweep.axes.{key}", composed.origins)
        source = str(origin) if origin else ""
        if not isinstance(found, Swept):
            faults += [Fault(each.where, each.must, each.was, each.write, source) for each in found]
        elif found.key not in given:
            axes.append(_axis(found, source))
    refused = list(_refused([*axes, *asked.axes]))
    parts = [word if isinstance(word, str) else asked.axes[word] for word in asked.words]
    return _asked(_without(refused, axes), _without(refused, parts)), [*faults, *refused]


def settled_axes(asked: Asked, sweep: Sweep, composer: Composer) -> tuple[Axis, ...]:
    """Return the axes that files declare and the command line gives one value: what `sweep.where` calls by their names."""
    keys = {key for key, _ in declared(sweep.axes)}
    overrides, _ = parsed_words(asked.fixed)
    return tuple(
        Axis(key_of(each), (text_of(each.value()),), is_choice(each, composer.loader), (each.value(),))
        for each in overrides
        if key_of(each) in keys and not each.is_delete()
    )


def refused_of_trials(axes: Sequence[Axis]) -> Iterator[Fault]:
    """Yield a fault for each key of which no lane is another trial."""
    for axis in axes:
        if _top(axis.key) in BESIDE_TRIAL:
            must = "must not be varied: it decides what is written of a run, not what the run does"
            yield Fault(axis.key, must, "", "Give it one value, which all lanes have.", axis.source)


def _without(refused: Sequence[Fault], parts: Sequence[Part]) -> list[Part]:
    """Return all parts but the axes that a fault is about."""
    keys = {fault.where for fault in refused}
    return [part for part in parts if isinstance(part, str) or part.key not in keys]


def _asked(axes: Sequence[Axis], parts: Sequence[str | Axis]) -> Asked:
    """Return words as they are asked for: axes of files first, then the parts of the command line."""
    numbers = count(len(axes))
    words = [part if isinstance(part, str) else next(numbers) for part in parts]
    return Asked((*axes, *(part for part in parts if isinstance(part, Axis))), (*range(len(axes)), *words))


def _axis(found: Swept, source: str) -> Axis:
    return Axis(found.key, found.texts, found.is_choice, found.values, found.sign, source, found.interval)


def _repeated(axes: Sequence[Axis], keys: Sequence[str]) -> Iterator[Fault]:
    for key in dict.fromkeys(axis.key for axis in axes):
        if keys.count(key) > 1:
            write = f"Put all values into one word: {key}=1,2,3."
            yield Fault(key, "must stand once on the command line where it has several values", "", write, COMMAND_LINE)


def is_of_a_run(key: str) -> bool:
    """Return whether a key is part of what a run is, and not of how runs are started or which there are."""
    return _top(key) not in {"hydra", "runs", *BesideRun.model_fields}


def _top(key: str) -> str:
    return key.partition(".")[0].partition("/")[0].partition("@")[0]


def _refused(axes: Sequence[Axis]) -> Iterator[Fault]:
    """Yield a fault for each key that no sweep can vary, and for each that lies within another."""
    for axis in axes:
        if _top(axis.key) == "hydra":
            write = "Choose one, e.g. hydra/sweeper=basic."
            yield Fault(
                axis.key, "must not be varied: it says how runs are started, not what they are", "", write, axis.source
            )
        elif not is_of_a_run(axis.key):
            must = "must not be varied: it is no part of what a run is"
            yield Fault(axis.key, must, "", "Give it one value.", axis.source)
    values = [axis for axis in axes if not axis.is_choice]
    for outer in values:
        for inner in values:
            if len(inner.path) > len(outer.path) and inner.path[: len(outer.path)] == outer.path:
                must = f"must not be varied beside {outer.key}, which it is a part of"
                yield Fault(inner.key, must, "", f"Write whole values of {outer.key}, or vary its keys alone.", inner.source)

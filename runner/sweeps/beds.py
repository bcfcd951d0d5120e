"""What lanes share: a configuration composed once for all lanes that differ in plain values only.

1. Axes that choose files compose once per combination of choices.
2. So do axes whose values can't simply be put into their place (`_is_plain`): an interpolation reads them, they are part of
   what a fixed override sets, the run's name is made of them, or they are mappings, which are merged.
3. All other axes are free: their values are put into the sections they belong to.

Why it is the same as composing each lane: an override of a single value replaces what stands at its key, whatever stands
there, and nothing else in a configuration depends on it unless an interpolation reads it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runner.compose import Composed, Composer
from runner.compose.overrides import key_path
from runner.compose.swept import key_of, parsed_words
from runner.strict_yaml import KeyPath
from runner.sweeps.axes import Asked, Axis

__all__ = ["Bed", "Beds"]

NAMING: tuple[KeyPath, ...] = (("name",), ("engine", "strategy"))
"""Keys that a run without a name of its own is named by."""


@dataclass(frozen=True, slots=True)
class Bed:
    """A configuration, and the axes whose values are put into it."""

    composed: Composed
    """As the first of its lanes composes it."""
    free: Mapping[str, tuple[int, ...]]
    """Section → the places of the axes whose values are put into it."""
    key: tuple[int, ...]
    """Tells it from all others: the places of its lanes on the axes that aren't free."""


@dataclass(slots=True)
class Beds:
    """Composes beds as lanes ask for them."""

    asked: Asked
    composer: Composer
    _chosen: dict[tuple[int, ...], Bed] = field(default_factory=dict)
    """Places on the axes that choose files → the first bed of this combination."""
    _composed: dict[tuple[int, ...], Bed] = field(default_factory=dict)
    _fixed: list[KeyPath] = field(default_factory=list)
    """Keys that every lane is given by an override."""

    def __post_init__(self) -> None:
        overrides, _ = parsed_words(self.asked.fixed)
        self._fixed += [key_path(key_of(override)) for override in overrides]

    @property
    def known(self) -> tuple[Bed, ...]:
        """Those that were composed so far."""
        return (*self._chosen.values(), *self._composed.values())

    def of(self, places: Sequence[int]) -> Bed:
        """Return the bed of a lane."""
        axes = self.asked.axes
        choices = tuple(place if axis.is_choice else -1 for axis, place in zip(axes, places, strict=True))
        first = self._chosen.get(choices)
        if first is None:
            first = self._chosen[choices] = self._bed(places)
        key = _key(first.free, places)
        if key == first.key:
            return first
        found = self._composed.get(key)
        if found is None:
            found = self._composed[key] = self._bed(places)
        return found

    def _bed(self, places: Sequence[int]) -> Bed:
        composed = self.composer.composed(self.asked.overrides(places))
        free: dict[str, tuple[int, ...]] = {}
        for place, axis in enumerate(self.asked.axes):
            if not axis.is_choice and _is_free(axis, composed, self._fixed):
                section = str(axis.path[0])
                free[section] = (*free.get(section, ()), place)
        return Bed(composed, free, _key(free, places))


def _key(free: Mapping[str, tuple[int, ...]], places: Sequence[int]) -> tuple[int, ...]:
    loose = {place for group in free.values() for place in group}
    return tuple(-1 if axis in loose else place for axis, place in enumerate(places))


def _is_free(axis: Axis, composed: Composed, fixed: Sequence[KeyPath]) -> bool:
    path = axis.path
    entangled = (*fixed, *NAMING, *(composed.reads or ()))
    return (
        composed.reads is not None
        and all(isinstance(part, str) for part in path)
        and not any(_overlap(path, other) for other in entangled)
        and all(_is_plain(value) for value in axis.plain)
    )


def _overlap(one: KeyPath, other: KeyPath) -> bool:
    """Return whether one key is the other, or part of it."""
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def _is_plain(value: Any) -> bool:
    """Return whether an override of this value does nothing but replace what stands at its key."""
    if isinstance(value, list):
        return all(_is_plain(each) and not isinstance(each, list) for each in value)
    if isinstance(value, str):
        return "${" not in value and value != "???"
    return not isinstance(value, dict)

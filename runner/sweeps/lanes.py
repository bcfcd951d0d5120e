"""Lanes: every point of the grid as the run it is, checked and compiled as that run alone would be.

1. A lane's configuration is that of its bed (`beds.py`) with its own values in their places.
2. Each section is validated once for all lanes that have it (`_section`), and so is whatever depends on sections alone:
   vocabularies, graphs, checks of files (`Once`).
3. `LaneSpec` is the run, with its hash put together from the texts of its sections.

Lanes are made when they are asked for and aren't kept, so that a million of them need no more memory than a thousand; what
they share is kept, as far as `MOST_KEPT` goes, and of each the few words that it is looked at by (`look.py`).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.compose import Composed
from runner.compose.sections import Sections, stray_faults
from runner.errors import ConfigError, Fault
from runner.once import Once
from runner.prepare import Prepared, known_kinds, prepare_sound
from runner.spec.run import RunSpec, canonical_json
from runner.strict_yaml import KeyPath
from runner.sweeps.axes import Asked
from runner.sweeps.beds import Bed, Beds
from runner.sweeps.grid import Grid, Points
from runner.sweeps.look import Look, Looks, look_of
from runner.sweeps.trial import part_of_strategy, strategy_of

__all__ = ["Lane", "LaneSpec", "Lanes"]

MOST_KEPT = 4_096
"""Validated sections that are kept; the oldest goes first."""
MOST_SPECS = 4_096
"""Lanes that are kept as they were made; the oldest goes first."""
SORTED = tuple(sorted(RunSpec.model_fields))
"""Sections in the order of the canonical text."""
MODES = frozenset({"backtest", "replay"})
"""Modes that a sweep may have: an order to a real venue is never one of a thousand."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One point of a sweep's grid."""

    number: int
    """From 0, in the order of the grid."""
    places: tuple[int, ...]
    """Place of its value on each axis."""
    overrides: tuple[str, ...]
    """What a single run would be given besides the fixed words."""


@dataclass(frozen=True, slots=True)
class LaneSpec:
    """A lane as a run that can be launched."""

    lane: Lane
    prepared: Prepared
    spec_hash: str
    """That of its spec."""
    strategy: str
    """What is tried, 64 hex digits; see `trial.py`."""
    sections: tuple[str, ...] = field(repr=False)
    """Canonical JSON of each section of the spec with its name, by their names: `"seed":0`."""

    @property
    def spec(self) -> RunSpec:
        """The run."""
        return self.prepared.spec


@dataclass(slots=True)
class _Section:
    """What a section of a configuration comes to."""

    value: Any
    """What the run has for it; a list of faults if it isn't sound."""
    is_sound: bool
    text: str | None = None
    """Its part of the text that is hashed, its name included, empty if it has none; None until a run has it."""
    tried: str = ""
    """What of it is part of what is tried; as long as that of a run that has it."""


@dataclass(frozen=True, slots=True)
class _Settled:
    """What all lanes of a bed have in common."""

    bed: Bed
    faults: list[Fault]
    """What is wrong with all of them, whatever their values."""
    sections: Mapping[str, _Section]
    """Every section that no axis is put into."""
    free: tuple[str, ...]
    """The others."""
    absent: Mapping[str, _Section]
    """Those that the configuration doesn't speak of, which are as they are by default."""


@dataclass(slots=True)
class Lanes:
    """The lanes of a sweep, in their order."""

    asked: Asked
    grid: Grid | Points
    beds: Beds
    cells: NDArray[np.int64]
    """Cells of the grid that are lanes, ascending."""
    once: Once = field(default_factory=Once)
    _sections: "dict[tuple[int, str, tuple[int, ...]], _Section]" = field(default_factory=dict)
    _equal: dict[tuple[str, str], _Section] = field(default_factory=dict)
    """Name and content of a section → what it comes to, in whichever bed it stands."""
    _settled: dict[int, _Settled] = field(default_factory=dict)
    _looks: Looks = field(default_factory=Looks)
    """What is kept of every lane that was made."""
    _paths: list[KeyPath] = field(default_factory=list)
    """Where each axis puts its values."""
    _validator: Sections | None = None
    _specs: dict[int, LaneSpec] = field(default_factory=dict)
    """Lanes as they were made, as far as `MOST_SPECS` goes."""

    def __post_init__(self) -> None:
        """Find where the axes' values go."""
        self._paths += [axis.path for axis in self.asked.axes]

    def __len__(self) -> int:
        """Return how many lanes there are."""
        return int(self.cells.size)

    def __getitem__(self, number: int) -> Lane:
        """Return a lane by its number."""
        if not 0 <= number < len(self):
            raise IndexError(f"lane {number} of {len(self)}")
        places = self.grid.places(int(self.cells[number]))
        axes = self.asked.axes
        return Lane(number, places, tuple(axis.override(place) for axis, place in zip(axes, places, strict=True)))

    def __iter__(self) -> Iterator[Lane]:
        """Yield the lanes in their order."""
        return map(self.__getitem__, range(len(self)))

    def words(self, lane: Lane) -> tuple[str, ...]:
        """Return everything a single run would be given for a lane."""
        return self.asked.overrides(lane.places)

    def composed(self, lane: Lane) -> Composed:
        """Return a lane's configuration without its `.hydra` files, which only composing it alone makes."""
        bed = self.beds.of(lane.places)
        values = {name: self._changed(bed, name, lane.places) for name in bed.composed.values}
        return replace(bed.composed, values=values, overrides=self.words(lane), hydra_files={})

    def spec(self, lane: Lane) -> LaneSpec:
        """Return a lane as a run.

        Raises:
            RunnerError: With everything that is wrong with it; `runner.prepare.prepare` of `composed` may tell more.
        """
        known = self._specs.get(lane.number)
        if known is None:
            _make_room(self._specs, MOST_SPECS)
            known = self._specs[lane.number] = self._made(lane)
        return known

    def seen(self, number: int) -> tuple[Look, str]:
        """Return what a lane is looked at by, and what it tries; raises as `spec` does."""
        found = self._looks.of(number)
        if found is None:
            lane = self.spec(self[number])
            found = look_of(lane.prepared, lane.sections, self.once), lane.strategy
        return found

    def _made(self, lane: Lane) -> LaneSpec:
        bed = self.beds.of(lane.places)
        settled = self._settled_of(bed, lane.places)
        sections, faults = dict(settled.sections), settled.faults
        for name in settled.free:
            sections[name] = found = self._section(bed, name, lane.places)
            faults = faults if found.is_sound else [*faults, *found.value]
        if faults:
            raise ConfigError([*faults, *self.kinds.faults])
        spec = RunSpec.of({name: found.value for name, found in sections.items()}, self.kinds)
        _check_mode(spec)
        prepared = prepare_sound(spec, bed.composed.origins, self.once)
        parts = _texts({**settled.absent, **sections}, spec)
        texts = tuple([text for text, _ in parts if text])  # what is live has no text where nothing is
        spec_hash = hashlib.sha256(f"{{{','.join(texts)}}}".encode()).hexdigest()
        strategy = strategy_of([tried for _, tried in parts])
        self._looks.keep(lane.number, look_of(prepared, texts, self.once), strategy)
        return LaneSpec(lane, prepared, spec_hash, strategy, texts)

    @property
    def kinds(self) -> Any:
        """Looks up the classes behind `kind`."""
        return known_kinds(self.once)

    def _settled_of(self, bed: Bed, places: Sequence[int]) -> _Settled:
        """Return what all lanes of a bed have in common, one of which has these places."""
        found = self._settled.get(id(bed))
        if found is None:
            faults = [*bed.composed.faults, *stray_faults(bed.composed, self.kinds)]
            names = [name for name in RunSpec.model_fields if name in bed.composed.values]
            fixed = {name: self._section(bed, name, places) for name in names if not bed.free.get(name)}
            for each in fixed.values():
                faults += [] if each.is_sound else each.value
            free = tuple(name for name in names if name not in fixed)
            absent = {name: _Section(None, is_sound=True) for name in RunSpec.model_fields if name not in names}
            found = self._settled[id(bed)] = _Settled(bed, faults, fixed, free, absent)
        return found

    def _section(self, bed: Bed, name: str, places: Sequence[int]) -> _Section:
        key = (id(bed), name, tuple(places[axis] for axis in bed.free.get(name, ())))
        found = self._sections.get(key)
        if found is None:
            _make_room(self._sections)
            found = self._sections[key] = self._validated(bed, name, places)
        return found

    def _validated(self, bed: Bed, name: str, places: Sequence[int]) -> _Section:
        value = self._changed(bed, name, places)
        content = (name, repr(value))
        known = self._equal.get(content)
        if known is not None:
            return known
        self._validator = self._validator or Sections(self.kinds)
        composed = replace(bed.composed, values={**bed.composed.values, name: value})
        found = self._validator.validated(name, value, composed)
        if isinstance(found, list):
            return _Section(found, is_sound=False)
        _make_room(self._equal)
        sound = self._equal[content] = _Section(found, is_sound=True)
        return sound

    def _changed(self, bed: Bed, section: str, places: Sequence[int]) -> Any:
        """Return what a lane's configuration says of a section."""
        found = bed.composed.values[section]
        for axis in bed.free.get(section, ()):
            found = _put(found, self._paths[axis][1:], self.asked.axes[axis].plain[places[axis]])
        return found


def _texts(sections: Mapping[str, _Section], spec: RunSpec) -> list[tuple[str, str]]:
    """Return the sections' parts of the canonical text of a spec, and what of each is part of what is tried."""
    texts = []
    for name in SORTED:
        section = sections[name]
        if section.text is None:
            section.text = _text(name, spec)
            section.tried = part_of_strategy(name, section.text) if section.text else ""
        texts.append((section.text, section.tried))
    return texts


def _put(value: Any, path: Sequence[str | int], new: Any) -> Any:
    """Return a value with another at a key path within it; the value itself stays as it is."""
    if not path:
        return new
    if not isinstance(value, dict):
        return value  # what stands in the way is a fault of its own
    return {**value, path[0]: _put(value.get(path[0], {}), path[1:], new)}


def _text(name: str, spec: RunSpec) -> str:
    """Return a section's part of the canonical text of a spec."""
    return canonical_json(spec.model_dump(mode="json", include={name}))[1:-1]


def _make_room(kept: dict[Any, Any], most: int = MOST_KEPT) -> None:
    if len(kept) >= most:
        del kept[next(iter(kept))]


def _check_mode(spec: RunSpec) -> None:
    if spec.mode.kind not in MODES:
        fix = "Write mode=backtest or mode=replay; what was found there may then trade alone."
        raise ConfigError(Fault("mode.kind", "must be backtest or replay in a sweep", spec.mode.kind, fix))

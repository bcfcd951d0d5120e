"""What composing gives: plain values, where each came from, what was chosen, and all that stands against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from runner.compose.origins import Origin
from runner.errors import Fault
from runner.strict_yaml import KeyPath

__all__ = ["Composed"]


@dataclass(frozen=True, slots=True)
class Composed:
    """A configuration after Hydra: below it nobody knows OmegaConf.

    With faults, the values are what is left for further checks to look at, so that the user is told everything at once.
    """

    values: dict[str, Any]
    """What describes the run: resolved, without Hydra's node and without `runs` and `sweep`."""
    origins: Mapping[str, Origin] = field(default_factory=lambda: MappingProxyType({}))
    """Key path → where its value was written."""
    choices: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
    """Group → the option that was chosen; None for a group that is left out."""
    overrides: tuple[str, ...] = ()
    """The overrides of the run, without those of Hydra itself."""
    runs: str = "runs"
    """Folder that run directories go to; not part of what a run is."""
    sweep: Any = field(default_factory=dict)
    """What the configuration says of sweeps: resolved, and not validated yet; not part of what a run is."""
    sweeper: str = ""
    """What `-m` runs through: the choice of `hydra/sweeper`."""
    launcher: str = ""
    """What Hydra's own sweepers launch runs by: the choice of `hydra/launcher`."""
    reads: frozenset[KeyPath] | None = frozenset()
    """Keys that interpolations read; None where only resolving them can tell."""
    hydra_files: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The texts the ecosystem expects in `.hydra/`: `config.yaml` (resolved), `overrides.yaml` and `hydra.yaml`."""
    faults: tuple[Fault, ...] = ()
    """What is wrong with files, overrides and interpolations; a run needs none."""
    said: frozenset[KeyPath] = frozenset()
    """Keys a fault is about already: nothing more is to be said about them or what is below them."""
    gaps: frozenset[KeyPath] = frozenset()
    """Where files that couldn't be read would have gone: nothing below is missing for sure."""

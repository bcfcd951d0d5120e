"""Keys that a run may have and no chosen file lists: they can be set without `+`, since their spelling can be checked.

An option file says what its author thought worth saying; `exits` options stay partial so that several add up. Hydra takes a
key that no file has for a slip of the keyboard. The spec knows better: a field of the model at that place is no slip.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_origin

from runner.compose.schema import Place, place_of
from runner.spec.kind import Kinds
from runner.strict_yaml import KeyPath

__all__ = ["Known"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the spec knows of the keys of a configuration."""

    values: Mapping[str, Any]
    """The configuration so far: which kinds it names decides which keys there may be."""
    kinds: Kinds | None
    """Looks up the classes behind `kind`; None knows no key but those of the values."""

    def has(self, path: KeyPath, above: int) -> bool:
        """Return whether each key of the path from place `above` on is a field of the model it stands in."""
        return self.kinds is not None and all(
            path[depth] in self._place(path[:depth]).fields for depth in range(above, len(path))
        )

    def keys(self, path: KeyPath) -> list[str]:
        """Return the keys that the mapping at the path may have, by the spec; none where it takes any."""
        return self._place(path).keys

    def of_sections(self) -> list[str]:
        """Return the keys that the sections of a run may have, listed or not: `timezone.calendar`."""
        return [f"{section}.{key}" for section in self._place(()).keys for key in self.keys((section,))]

    def takes_any(self, path: KeyPath) -> bool:
        """Return whether the mapping at the path takes new names, as parameters, nodes and rules are."""
        return get_origin(self._place(path).annotation) is dict

    def family(self, path: KeyPath) -> str:
        """Return the family whose kinds stand at the path; empty where none does."""
        return self._place(path).family

    def kinds_with(self, key: str, path: KeyPath) -> list[str]:
        """Return the kinds of the family at the path that have a key."""
        family, kinds = self.family(path), self.kinds
        if not family or kinds is None:
            return []
        return list(kinds.having(family, key))

    def _place(self, path: KeyPath) -> Place:
        return Place() if self.kinds is None else place_of(path, self.values, self.kinds)

"""Looks kinds up in folders: the family is a package, the kind a module in it, and only the module asked for is imported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType
from typing import get_args

from runner.spec.kind import Kind

__all__ = ["FAMILIES", "FolderKinds"]

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "broker": "runner.live.accounts",
        "data": "runner.market.sources",
        "feed": "runner.live.feeds",
        "fees": "runner.trading.fees",
        "fill": "runner.trading.fill",
        "risk": "runner.trading.risk",
        "sizing": "runner.trading.sizing",
        "slippage": "runner.trading.slippage",
    }
)
"""Family → the package whose modules are its kinds."""


@dataclass(frozen=True, slots=True)
class FolderKinds:
    """A lookup of kinds in packages; a name that is no module of the family's package is never imported."""

    families: Mapping[str, str] = field(default_factory=lambda: FAMILIES)
    """Family → package."""

    def names(self, family: str) -> tuple[str, ...]:
        """Return the kinds of a family, sorted; none for a family nobody knows."""
        package = self.families.get(family)
        spec = find_spec(package) if package else None
        places = spec.submodule_search_locations if spec else None
        found = iter_modules(places) if places else ()
        return tuple(sorted(module.name for module in found if not module.ispkg and not module.name.startswith("_")))

    def find(self, family: str, name: str) -> type[Kind] | None:
        """Return the class of a kind, None if the family has no such module.

        Raises:
            TypeError: If the module doesn't define exactly one kind, called like its file: a mistake of who wrote it.
        """
        if name not in self.names(family):
            return None
        return _only_kind(import_module(f"{self.families[family]}.{name}"), name)

    def having(self, family: str, key: str) -> tuple[str, ...]:
        """Return the kinds of a family that have a key."""
        found = ((name, self.find(family, name)) for name in self.names(family))
        return tuple(name for name, kind in found if kind is not None and key in kind.model_fields)


def _only_kind(module: ModuleType, name: str) -> type[Kind]:
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Kind) and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise TypeError(f"{module.__name__} must define exactly one kind, defines {len(found)}")
    words = get_args(found[0].model_fields["kind"].annotation)
    if words != (name,):
        raise TypeError(f"{module.__name__}.{found[0].__name__} must have `kind: Literal[{name!r}]`, has {words}")
    return found[0]

"""Finds the operators: every `Operator` in every file of `signal/operators/`."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from runner.signal import operators as folder
from runner.signal.operator import Operator

__all__ = ["operators"]


@cache
def operators() -> Mapping[str, Operator]:
    """Return every operator by name; two of one name are a bug of ours."""
    found: dict[str, Operator] = {}
    for module in pkgutil.iter_modules(folder.__path__, folder.__name__ + "."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Operator):
                if value.name in found:
                    raise AssertionError(f"two operators are called {value.name}")
                found[value.name] = value
    return MappingProxyType(dict(sorted(found.items())))

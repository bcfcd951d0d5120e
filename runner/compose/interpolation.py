"""Which `${…}` a configuration may hold: references to its own keys, and nothing that reads the outside.

The text is parsed with OmegaConf's grammar, not searched: a resolver's name can itself be built of interpolations.
"""

import re
from collections.abc import Iterable
from typing import Any

from omegaconf.errors import GrammarParseError
from omegaconf.grammar_parser import parse

from runner.errors import Fault
from runner.strict_yaml import KeyPath

__all__ = ["interpolation_fault", "keys_read", "referenced_keys"]

_OWN = frozenset({"oc.select", "oc.dict.keys", "oc.dict.values"})
_HYDRA = _OWN | {"now", "hydra"}
_WRITE = "Write ${key} to use another key's value, e.g. ${universe.symbols}."


def interpolation_fault(text: str, *, is_hydra: bool = False) -> Fault | None:
    """Return what is wrong with a text that holds `${`, None if nothing is; Hydra's own node may also ask for the time."""
    try:
        names = list(_resolvers(parse(text)))
    except GrammarParseError:
        return Fault(
            "", "must be a complete interpolation", text, f"{_WRITE} To write the signs themselves, put \\ before ${{."
        )
    foreign = [name for name in names if name not in (_HYDRA if is_hydra else _OWN)]
    if foreign:
        must = f"must not call {foreign[0]}, because a value may depend only on other keys"
        return Fault("", must, text, _WRITE)
    return None


def referenced_keys(text: str) -> list[str]:
    """Return the keys a text refers to, innermost first, as they are written."""
    found = [
        node.getText()[2:-1].strip() for node in _nodes(parse(text)) if type(node).__name__ == "InterpolationNodeContext"
    ]
    return [key for key in reversed(found) if "${" not in key]


def keys_read(leaves: Iterable[tuple[KeyPath, Any]]) -> frozenset[KeyPath] | None:
    """Return the keys that the interpolations among these values refer to; None where that depends on other values.

    Args:
        leaves: Every single value of a configuration with its path, as it is written.
    """
    found: set[KeyPath] = set()
    for path, text in leaves:
        if not isinstance(text, str) or "${" not in text:
            continue
        try:
            tree = parse(text)
        except GrammarParseError:
            return None
        keys = [node.getText()[2:-1] for node in _nodes(tree) if type(node).__name__ == "InterpolationNodeContext"]
        if _resolvers(tree) or any("${" in key for key in keys):
            return None
        found.update(_absolute(key.strip(), path) for key in keys)
    return frozenset(found)


def _absolute(key: str, path: KeyPath) -> KeyPath:
    """Return the path of a key as an interpolation at `path` writes it: each dot before it goes one mapping up."""
    dots = len(key) - len(key.lstrip("."))
    parts: KeyPath = tuple(int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", key))
    return (*path[: len(path) - dots], *parts) if dots else parts


def _resolvers(tree: Any) -> list[str]:
    return [node.getText() for node in _nodes(tree) if type(node).__name__ == "ResolverNameContext"]


def _nodes(tree: Any) -> list[Any]:
    children = getattr(tree, "children", None) or []
    return [tree, *(node for child in children for node in _nodes(child))]

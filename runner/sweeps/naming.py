"""How texts of a sweep name things: an axis by its key or the last word of it, a value of the configuration likewise."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.compose.checks import leaves
from runner.compose.near import nearest_keys
from runner.compose.overrides import key_path
from runner.errors import did_you_mean
from runner.strict_yaml import KeyPath, key_text
from runner.sweeps.axes import Axis

__all__ = ["Unclear", "axis_named", "value_named"]


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why a name means nothing."""

    must: str
    """What must hold of it."""
    write: str
    """What to write instead."""
    is_several: bool = False
    """Whether it means several things."""


def axis_named(name: str, axes: Sequence[Axis]) -> int | Unclear:
    """Return the place of the axis that a name means."""
    exact = [place for place, axis in enumerate(axes) if axis.key == name]
    found = exact or [place for place, axis in enumerate(axes) if _last_word(axis.key) == name]
    if len(found) == 1:
        return found[0]
    if found:
        return _several([axes[place].key for place in found])
    known = [key for axis in axes for key in (axis.key, _last_word(axis.key))]
    return Unclear("must name an axis", did_you_mean(name, known))


def value_named(name: str, values: Mapping[str, Any]) -> KeyPath | Unclear:
    """Return the path of the value of a configuration that a name means.

    One with dots below a section that is there is taken as it is: another configuration of the sweep may have it.
    """
    path = key_path(name)
    if len(path) > 1 and path[0] in values:
        return path
    keys = [found for found, _ in leaves(dict(values))]
    found = [key for key in keys if key == path] or [key for key in keys if str(key[-1]) == name]
    if len(found) == 1:
        return found[0]
    if found:
        return _several([key_text(key) for key in found])
    near = nearest_keys(name, [key_text(key) for key in keys])
    hint = f"Did you mean {' or '.join(near)}?" if near else "Write the key of an axis, or of a value, with dots."
    quotes = "" if "." in name else f' A text stands in quotes: "{name}".'
    return Unclear("must name an axis or a value of the configuration", f"{hint}{quotes}")


def _last_word(key: str) -> str:
    """Return the last word of a key: `lookback` of `signal.params.lookback`."""
    return re.split(r"[./@]", key)[-1]


def _several(keys: Sequence[str]) -> Unclear:
    return Unclear("must have one meaning", f"Write the whole key: {' or '.join(keys)}.", is_several=True)

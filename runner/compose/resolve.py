"""From OmegaConf's nodes to plain values: interpolations resolved, nothing missing, every failure a fault at its key."""

import re
from collections.abc import Iterable
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import InterpolationToMissingValueError, OmegaConfBaseException

from runner.compose.checks import leaves
from runner.compose.interpolation import interpolation_fault
from runner.compose.near import nearest_keys
from runner.errors import Fault, did_you_mean
from runner.strict_yaml import KeyPath, key_text

__all__ = ["Found", "resolved"]

_UNKNOWN = "must refer to a key that exists"

Found = tuple[KeyPath, Fault]
"""A fault and the key it is about; it carries no source, for the caller knows where the key was written."""


def resolved(config: DictConfig, *, is_whole: bool = True) -> tuple[dict[str, Any], list[Found]]:
    """Return the configuration as plain values, and a fault for each key that is missing or can't be resolved.

    Such a key is None in the values. If the configuration is not whole, because a file couldn't be read, a reference to a
    key that isn't there is no fault.
    """
    raw = OmegaConf.to_container(config, resolve=False)
    keys = [key_text(path) for path, _ in leaves(raw)]
    faults: list[Found] = []
    values = (
        {str(key): _plain(config, key, raw[key], (str(key),), keys, faults) for key in raw} if isinstance(raw, dict) else {}
    )
    return values, [found for found in faults if is_whole or found[1].must != _UNKNOWN]


def _plain(parent: Any, key: Any, raw: Any, path: KeyPath, keys: Iterable[str], faults: list[Found]) -> Any:
    """Return the plain value under the key of an OmegaConf container whose unresolved value is `raw`."""
    if raw == "???":
        where = key_text(path)
        write = f"Write it in a file, or on the command line: {where}=VALUE."
        faults.append((path, Fault(where, "must be given", "", write)))
        return None
    if isinstance(raw, str):
        return _text(parent, key, raw, path, keys, faults)
    if isinstance(raw, dict):
        return {str(below): _plain(parent[key], below, raw[below], (*path, str(below)), keys, faults) for below in raw}
    if isinstance(raw, list):
        return [_plain(parent[key], index, item, (*path, index), keys, faults) for index, item in enumerate(raw)]
    return raw


def _text(parent: Any, key: Any, raw: str, path: KeyPath, keys: Iterable[str], faults: list[Found]) -> Any:
    if not OmegaConf.is_interpolation(parent, key):
        return parent[key]
    refused = interpolation_fault(raw)
    if refused:
        faults.append((path, Fault(key_text(path), refused.must, raw, refused.write)))
        return None
    try:
        found = parent[key]
        return OmegaConf.to_container(found, resolve=True, throw_on_missing=True) if _is_container(found) else found
    except (OmegaConfBaseException, RecursionError) as error:
        faults.append((path, _unresolved(error, raw, key_text(path), keys)))
        return None


def _is_container(value: Any) -> bool:
    return isinstance(value, DictConfig | ListConfig)


def _unresolved(error: Exception, text: str, where: str, keys: Iterable[str]) -> Fault:
    if isinstance(error, InterpolationToMissingValueError):
        return Fault(where, "must refer to a key that is given", text, "Give the key it refers to.")
    unknown = re.search(r"Interpolation key '(.*?)' not found", str(error))
    if unknown:
        near = [f"${{{key}}}" for key in nearest_keys(unknown[1], keys)]
        hint = f"Did you mean {' or '.join(near)}?" if near else did_you_mean("", {key.partition(".")[0] for key in keys})
        return Fault(where, _UNKNOWN, text, hint)
    write = "Write the value itself at one of the keys that refer to each other."
    return Fault(where, "must not refer to itself, neither directly nor through other keys", text, write)

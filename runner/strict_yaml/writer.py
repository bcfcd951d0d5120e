"""Writes plain values as block YAML that every reader takes the same way: deterministic, ambiguous text quoted."""

import re
from collections.abc import Iterator
from itertools import chain
from math import isfinite
from typing import Any

from runner.strict_yaml.scalar import resolve

__all__ = ["write"]

_PLAIN_TEXT = re.compile(r"[A-Za-z_/][A-Za-z0-9_./+\-]*( [A-Za-z0-9_./+\-]+)*")
_DISPUTED = frozenset({"y", "Y", "n", "N"})
"""Text to this reader, true and false to readers that keep to the letter of YAML 1.1."""
_LONGEST_KEY = 128
"""Longest key that is written before its colon; YAML wants longer ones announced by a question mark."""


def write(value: Any) -> str:
    """Return block YAML, keys in the order given, such that `read(write(value), name).value == value`.

    Raises ValueError for what can't be written: NaN, infinity, integers beyond 64 bits, keys that aren't text, other types.
    """
    return "\n".join([*_lines(value, ""), ""])


def _lines(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        return chain.from_iterable(_entry(key, item, indent) for key, item in value.items())
    if isinstance(value, list | tuple) and value:
        return chain.from_iterable(_item(item, indent) for item in value)
    return iter([indent + _inline(value)])


def _entry(key: Any, value: Any, indent: str) -> Iterator[str]:
    if not isinstance(key, str):
        raise ValueError(f"a key must be text, was {key!r}")  # noqa: TRY004  (a caller's ValueError, like the others)
    head = _text(key)
    if len(head) > _LONGEST_KEY:
        yield f"{indent}? {head}"
        head = ""
    if isinstance(value, dict | list | tuple) and value:
        yield f"{indent}{head}:"
        yield from _lines(value, f"{indent}  ")
    else:
        yield f"{indent}{head}: {_inline(value)}"


def _item(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, dict | list | tuple) and value:
        first, *rest = _lines(value, f"{indent}  ")
        yield f"{indent}- {first[len(indent) + 2 :]}"
        yield from rest
    else:
        yield f"{indent}- {_inline(value)}"


def _inline(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return str(value)
    if isinstance(value, float) and isfinite(value):
        return repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict | list | tuple):
        return "{}" if isinstance(value, dict) else "[]"
    raise ValueError(f"YAML can't hold {value!r}")


def _text(text: str) -> str:
    """Return text plain where every reader agrees on it, otherwise between double quotes with escapes."""
    if _PLAIN_TEXT.fullmatch(text) and text not in _DISPUTED and resolve(text) == text:
        return text
    return f'"{"".join(_escaped(sign) for sign in text)}"'


def _escaped(sign: str) -> str:
    code = ord(sign)
    if 0xD800 <= code <= 0xDFFF:
        raise ValueError(f"text must be Unicode, has the lone surrogate U+{code:04X}")
    if sign in '"\\':
        return f"\\{sign}"
    if sign == "\n":
        return "\\n"
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return sign if sign.isprintable() else f"\\u{code:04x}"

"""What a plain scalar is: text, unless it is one of the few numbers and words every reader agrees on.

Numbers follow OmegaConf (`1e5` and `5e-6` are floats, which YAML 1.1 calls text); dates stay text. What YAML 1.1 would
read as something else than it looks like is a `Trap`: it says what YAML makes of it and what to write. `y` and `n` are text:
the rules of YAML 1.1 call them true and false, but PyYAML and OmegaConf never did, and they are names of parameters.
"""

import re
from dataclasses import dataclass
from math import isfinite

__all__ = ["Scalar", "Trap", "resolve"]

Scalar = str | int | float | bool | None
"""What a plain scalar can be."""

_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})
_NOTHING = frozenset({"", "~", "null"})
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*([eE][-+]?[0-9]+)?|\.[0-9]+([eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_BASED = re.compile(r"[-+]?0(x[0-9a-fA-F_]+|o[0-7_]+|b[01_]+)")
_SEXAGESIMAL = re.compile(r"[-+]?([1-9][0-9_]*(:[0-5]?[0-9])+|[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*)")
_UNDERSCORES = re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.inf|\.nan", re.IGNORECASE)
_LONGEST_INTEGER = 20
"""Characters of -9223372036854775808; more is beyond 64 bits and isn't worth converting."""


@dataclass(frozen=True, slots=True)
class Trap:
    """Why a plain scalar isn't taken at its word."""

    must: str
    write: str


def resolve(text: str) -> Scalar | Trap:
    """Return the value of a plain scalar, or the trap it is."""
    if text in _NOTHING:
        return None
    if text in {"true", "false"}:
        return text == "true"
    return _word(text.lower(), text) or _number(text)


def _word(low: str, text: str) -> Trap | None:
    if low in _TRUE | _FALSE:
        meaning = "true" if low in _TRUE else "false"
        return _quoted(text, meaning, f"Or write {meaning} if that is meant.")
    if low == "null":
        return _quoted(text, "nothing", "Or write null if nothing is meant.")
    return None


def _quoted(text: str, reads: str, otherwise: str = "") -> Trap:
    quoted = f"0{text}" if re.fullmatch(r"[0-9]:[0-5][0-9]", text) else text
    return Trap(f"must be quoted, because YAML reads it as {reads}", f'Quote it: "{quoted}". {otherwise}'.strip())


def _number(text: str) -> Scalar | Trap:
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _LEADING_ZERO.fullmatch(text):
        plain = f"Or write {int(text)} if that number is meant."
        reads = "text" if set(text) & {"8", "9"} else f"the number {int(text, 8)} (octal)"
        return _quoted(text, reads, plain)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if isfinite(number) else Trap("must be a number a computer can hold", "Write a smaller number.")
    return _look_alike(text)


def _integer(text: str) -> int | Trap:
    if len(text) <= _LONGEST_INTEGER and -(2**63) <= int(text) < 2**63:
        return int(text)
    return Trap("must be a number that fits 64 bits", f'Write a smaller number, or quote it if it is a name: "{text}".')


def _look_alike(text: str) -> str | Trap:
    if _NOT_FINITE.fullmatch(text):
        return Trap("must be a finite number", "Write a number, or null where nothing is allowed.")
    if _BASED.fullmatch(text):
        number = int(text.replace("_", ""), 0)
        return _quoted(text, f"the number {number}", f"Or write {number} if that number is meant.")
    if _SEXAGESIMAL.fullmatch(text):
        return _quoted(text, f"the number {_base_60(text)}")
    if "_" in text and _UNDERSCORES.fullmatch(text):
        plain = text.replace("_", "")
        return _quoted(text, f"the number {plain}", f"Or write {plain} if that number is meant.")
    return text


def _base_60(text: str) -> str:
    total = 0.0
    for part in text.replace("_", "").lstrip("+-").split(":"):
        total = total * 60 + float(part)
    return f"{'-' if text.startswith('-') else ''}{total:.15g}"

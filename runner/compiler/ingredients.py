"""What the machine code of a function is made from: its bytecode, the functions it calls, the values it finds outside.

Values of modules and of enclosing functions are frozen into machine code when it is made. So code that was made from others
must not be taken for this one: `digest_of` tells them apart, whichever file a function or a value comes from, and whatever
has happened to that file since it was imported.
"""

import builtins
import hashlib
from collections.abc import Callable, Iterator, Mapping
from enum import EnumType
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

__all__ = ["digest_of", "frozen_bytes", "ingredients", "unchecked_parts"]

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic)

KNOWN = frozenset({"numpy", "math", "numba", "builtins"})
"""Packages whose functions the compiler itself replaces; machine code on disk knows their version."""

COMPILED_WITH = " is compiled with"


def ingredients(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """Yield names and what they stand for: functions, the given one first, and values; each function once.

    Args:
        function: Plain, or marked as a part of compiled functions.
    """
    seen: set[FunctionType] = set()
    waiting: list[tuple[str, Any]] = [(function.__name__, function)]
    while waiting:
        name, value = waiting.pop(0)
        plain = getattr(value, "py_func", value)
        if not isinstance(plain, FunctionType):
            yield name, value
        elif not _is_known(plain) and plain not in seen:
            seen.add(plain)
            yield name, plain
            yield f"{name}{COMPILED_WITH}", _options(value)
            waiting.extend(_outside(plain))


def digest_of(function: Callable[..., Any]) -> bytes:
    """Return the SHA-256 of all that a function's machine code is made from.

    Names of modules count, as machine code on disk refers to functions by them; paths of files and lines don't.
    """
    digest = hashlib.sha256()
    for name, value in ingredients(function):
        digest.update(f"\0{name}\0".encode())
        if isinstance(value, FunctionType):
            digest.update(f"{value.__module__}.{value.__qualname__}\0".encode() + _code(value.__code__))
        else:
            digest.update(_value(value))
    return digest.digest()


def frozen_bytes(*functions: Callable[..., Any]) -> Mapping[str, int]:
    """Return the data that the machine code of some functions holds: where they stand → their bytes, the largest first.

    Arrays and text count what they are long, whole numbers the bytes that they need, others eight, and whatever holds others
    what these come to. Literals count with the body they stand in; docstrings don't, as no code reads them.
    """
    found: dict[str, int] = {}
    for function in functions:
        for name, value in ingredients(function):
            if isinstance(value, FunctionType):
                found[f"the body of {name}"] = _literal_bytes(value.__code__, value.__doc__)
            elif not name.endswith(COMPILED_WITH):
                found[name] = _bytes(value)
    return dict(sorted(((name, size) for name, size in found.items() if size), key=lambda each: (-each[1], each[0])))


def unchecked_parts(function: Callable[..., Any]) -> Iterator[FunctionType]:
    """Yield the functions that a function calls as parts which don't look at their indexes, wherever they are from."""
    last: Any = None
    for name, value in ingredients(function):
        if name.endswith(COMPILED_WITH) and value and "boundscheck=True" not in value:
            yield last
        last = value


def _literal_bytes(code: CodeType, doc: str | None) -> int:
    """Return the bytes of the literals that a body and the bodies within it hold."""
    plain = [each for each in code.co_consts if not isinstance(each, CodeType) and each is not doc]
    return sum(map(_bytes, plain)) + sum(_literal_bytes(each, None) for each in code.co_consts if isinstance(each, CodeType))


def _bytes(value: object) -> int:
    """Return how many bytes of data a value is; nothing of what isn't data."""
    if isinstance(value, np.ndarray | np.generic):
        return value.nbytes
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, int):
        return max(1, (value.bit_length() + 7) // 8)
    if isinstance(value, float):
        return min(8, _bytes(int(value))) if value.is_integer() else 8
    return sum(map(_bytes, _held(value)))


def _held(value: object) -> Iterator[object]:
    """Yield the values that another one holds."""
    if isinstance(value, EnumType):
        yield from vars(value)["_value2member_map_"]
    elif isinstance(value, dict):
        yield from (*value.keys(), *value.values())
    elif isinstance(value, tuple | list | set | frozenset):
        yield from value


def _options(value: object) -> tuple[str, ...]:
    """Return how a part of compiled functions is compiled; nothing of a plain function."""
    options: dict[str, object] = getattr(value, "targetoptions", {})
    return tuple(f"{name}={options[name]}" for name in sorted(options))


def _outside(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yield what a function finds by name in its module, in modules it names, in enclosing functions, and as defaults."""
    names = list(dict.fromkeys(_names(function.__code__)))
    found = {name: function.__globals__[name] for name in names if name in function.__globals__}
    yield from ((name, value) for name, value in found.items() if not isinstance(value, ModuleType))
    for module in (value for value in found.values() if isinstance(value, ModuleType) and not _is_known(value)):
        yield from ((f"{module.__name__}.{name}", getattr(module, name)) for name in names if hasattr(module, name))
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    yield from ((name, cell.cell_contents) for name, cell in cells)
    yield from ((f"default {place}", value) for place, value in enumerate(function.__defaults__ or ()))


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _is_known(value: FunctionType | ModuleType) -> bool:
    module = value.__name__ if isinstance(value, ModuleType) else value.__module__
    return (module or builtins.__name__).partition(".")[0] in KNOWN


def _code(code: CodeType) -> bytes:
    """Return what a function does, as bytes, without where it stands."""
    parts: list[object] = [
        code.co_code, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_argcount, code.co_flags,
    ]  # fmt: skip
    constants = [_code(each) if isinstance(each, CodeType) else _value(each) for each in code.co_consts]
    return repr([*parts, *constants]).encode()


def _value(value: object) -> bytes:
    """Return a value as bytes that are the same in every process; of what isn't plain data, its type."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype.str}{value.shape}".encode() + value.tobytes()
    if isinstance(value, tuple):
        return b"(" + b",".join(_value(each) for each in value) + b")"
    if isinstance(value, frozenset):
        return b"{" + b",".join(sorted(_value(each) for each in value)) + b"}"
    if isinstance(value, PLAIN):
        return f"{type(value).__name__} {value!r}".encode()
    named = value if isinstance(value, type) else type(value)
    return f"{named.__module__}.{named.__qualname__}".encode()

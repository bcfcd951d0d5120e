"""Plain Python functions become machine code, cached on disk.

A function that stands by itself has an explicit signature: it is compiled once, and whoever knows the signature can call it
by where its machine code lies (`calls`). A part has none: it becomes machine code with each function that calls it by name.
`error_model="numpy"` makes division by zero give inf or NaN instead of raising; fast-math is never used, because batch and
live must give the same bits.
"""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from numba import njit
from numba.core import types

__all__ = [
    "BYTES",
    "CODES",
    "CODE_GRID",
    "CODE_TABLE",
    "FLAT",
    "FLOAT",
    "GRID",
    "INT",
    "INTS",
    "MATRIX",
    "ROWS",
    "ROW_TABLE",
    "SERIES",
    "STEP",
    "TABLE",
    "Compiled",
    "allocating_part",
    "checked_exactly",
    "checked_part",
    "compile_function",
    "exactly",
    "inner_part",
    "melted_part",
    "part_of_kernel",
    "spliced_part",
]

Compiled = Callable[..., Any]
"""A compiled function; called like the Python function it was made from."""

FLOAT = types.float64
INT = types.int64
FLAT = types.float64[::1]
MATRIX = types.float64[:, ::1]
INTS = types.int64[::1]
SERIES = types.Array(FLOAT, 1, "C", readonly=True)
"""Values that are only read; arrays that could be written to are taken as well."""
ROWS = types.Array(INT, 1, "C", readonly=True)
"""Rows that are only read."""
GRID = types.int64[:, ::1]
TABLE = types.Array(FLOAT, 2, "C", readonly=True)
"""Columns side by side that are only read."""
BYTES = types.Array(types.uint8, 1, "C", readonly=True)
"""Text that is only read."""
CODES = types.Array(types.int32, 1, "C", readonly=True)
"""Codes that are only read."""

CODE_GRID = types.int32[:, ::1]
CODE_TABLE = types.Array(types.int32, 2, "C", readonly=True)
ROW_TABLE = types.Array(INT, 2, "C", readonly=True)

STEP = FLOAT(FLAT, FLAT, FLAT)
"""Signature of a series operator: `step(state[S], x[K], p[P]) -> value`."""


@cache
def compile_function(function: Callable[..., Any], signature: Any) -> Compiled:
    """Compile a plain Python function for one signature; the same function and signature give the same object."""
    compiled: Compiled = njit(signature, cache=True, error_model="numpy")(function)
    return compiled


def exactly(
    signature: Any, *, allocates: bool = False, inlined: bool = False
) -> Callable[[Callable[..., Any]], Compiled]:  # fmt: skip
    """Compile the function below for one signature and keep the machine code on disk.

    A function that makes no arrays needs no counting of references, which would cost more than most row functions do. One
    that is `inlined` becomes a part of its callers: a call hands over eighteen numbers, which costs more as well.
    """
    options: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True}
    options |= {"_nrt": allocates, "forceinline": inlined}
    decorate: Callable[[Callable[..., Any]], Compiled] = njit(signature, **options)
    return decorate


def checked_exactly(
    signature: Any, *, allocates: bool = False, inlined: bool = False
) -> Callable[[Callable[..., Any]], Compiled]:  # fmt: skip
    """As `exactly`, but an index outside its array raises IndexError instead of reaching somebody else's memory."""
    options: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "boundscheck": True}
    options |= {"_nrt": allocates, "forceinline": inlined}
    decorate: Callable[[Callable[..., Any]], Compiled] = njit(signature, **options)
    return decorate


def part_of_kernel(function: Callable[..., Any]) -> Compiled:
    """Mark a plain Python function as a part that compiled functions call; it must not make arrays."""
    options: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
    part: Compiled = njit(**options)(function)
    return part


INNER: Mapping[str, Any] = MappingProxyType(
    {"error_model": "numpy", "_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
)
"""Without the doors through which Python comes in, which take longer to compile than most functions do."""


def _for_any(part: Any) -> Compiled:
    """Have a part compiled once for whole numbers of all widths and for constants, not once for each constant."""
    template = part.get_call_template

    def get_call_template(args: Any, kws: Any) -> Any:
        return template(tuple(map(_widened, args)), {name: _widened(each) for name, each in kws.items()})

    part.get_call_template = get_call_template
    compiled: Compiled = part
    return compiled


def _widened(kind: Any) -> Any:
    kind = types.unliteral(kind)  # type: ignore[no-untyped-call]
    return INT if isinstance(kind, types.Integer) else kind


def inner_part(function: Callable[..., Any]) -> Compiled:
    """Mark a part that only compiled functions call; called from Python it would end the process."""
    # Said outright: else it would be melted into whatever is, as would all that it calls.
    return _for_any(njit(**INNER, forceinline=False)(function))


def melted_part(function: Callable[..., Any]) -> Compiled:
    """Mark a part of a loop that is melted into it: handing over dozens of columns would cost more than what it does."""
    return _for_any(njit(**INNER, forceinline=True)(function))


def spliced_part(function: Callable[..., Any]) -> Compiled:
    """Mark a part that stands in one place of a compiled function: it is put there before anything is compiled.

    What is called instead is compiled by itself and again with each of its callers, and so are all that they call.
    """
    part: Compiled = njit(**INNER, inline="always")(function)
    return part


def allocating_part(function: Callable[..., Any]) -> Compiled:
    """Mark a plain Python function as a part that compiled functions call and that makes arrays, e.g. by sorting."""
    part: Compiled = njit(error_model="numpy")(function)
    return part


def checked_part(function: Callable[..., Any], *, allocates: bool = False) -> Compiled:
    """Mark a plain Python function as a part that compiled functions call; see `checked_exactly`.

    Args:
        function: The function.
        allocates: Whether it may make arrays.
    """
    options: dict[str, Any] = {"error_model": "numpy", "_nrt": allocates, "boundscheck": True}
    part: Compiled = njit(**options)(function)
    return part

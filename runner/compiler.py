"""The compiler: plain Python row functions become machine code, cached on disk.

Every compiled function has an explicit signature, so a function can be handed to a loop as a value and the loop is compiled
once, whatever it is handed. `error_model="numpy"` makes division by zero give inf or NaN instead of raising; fast-math is
never used, because batch and live must give the same bits.

Why explicit signatures: a loop specialised on the very function it calls would be a few nanoseconds faster per row, but is
never found again in the disk cache by the next process.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from numba import njit
from numba.core import types
from numba.core.errors import NumbaExperimentalFeatureWarning
from numpy.typing import NDArray

__all__ = [
    "CODES",
    "FLAT",
    "FLOAT",
    "INT",
    "INTS",
    "MATRIX",
    "SERIES",
    "Compiled",
    "compile_function",
    "functions",
    "functions_as_values",
    "part_of_kernel",
    "scan",
    "tuple_of",
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
CODES = types.Array(types.int32, 1, "C", readonly=True)
"""Codes that are only read."""

STEP = FLOAT(FLAT, FLAT, FLAT)
"""Signature of a series operator: `step(state[S], x[K], p[P]) -> value`."""


def functions(signature: Any, count: int | None = None) -> Any:
    """Return the type of a compiled function of this signature, or of a tuple of `count` of them."""
    one = types.FunctionType(signature)
    return one if count is None else tuple_of(one, count)


def tuple_of(element: Any, count: int) -> Any:
    """Return the type of a tuple of `count` equal elements."""
    return types.UniTuple(element, count)  # type: ignore[no-untyped-call]


@contextmanager
def functions_as_values() -> Iterator[None]:
    """Allow functions to be handed to compiled functions; marked experimental, held by the laws of the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NumbaExperimentalFeatureWarning)
        yield


@cache
def compile_function(function: Callable[..., Any], signature: Any) -> Compiled:
    """Compile a plain Python function for one signature; the same function and signature give the same object."""
    with functions_as_values():
        compiled: Compiled = njit(signature, cache=True, error_model="numpy")(function)
    return compiled


def part_of_kernel(function: Callable[..., Any]) -> Compiled:
    """Mark a plain Python function as a part that compiled functions of the same file call; compiled together with them."""
    part: Compiled = njit(cache=True, error_model="numpy")(function)
    return part


def _scan_rows(step, state, columns, strides, p, start, stop, x, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, PLR0913, PLR0917
    for t in range(start, stop):
        k = 0
        for column in columns:
            x[k] = column[t * strides[k]]
            k += 1  # noqa: SIM113 - enumerate over a tuple of arrays isn't compiled
        out[t] = step(state, x, p)


def _read_only(column: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a view that can't be written to: in a tuple all must be of one type, and a tape's columns are such views."""
    view = column.view()
    view.flags.writeable = False
    return view


def scan(
    step: Callable[..., float],
    state: NDArray[np.float64],
    columns: tuple[NDArray[np.float64], ...],
    p: NDArray[np.float64],
    *,
    rows: range,
    out: NDArray[np.float64],
) -> None:
    """Drive `step` over consecutive rows, writing `out[rows]` and leaving `state` as it is after the last row.

    Args:
        step: Plain Python row function with the signature `step(state, x, p)`.
        state: [S] state before the first row; changed in place.
        columns: One array per input: [R] values, or [1] for a constant, which every row reads.
        p: [P] parameters.
        rows: Rows to visit, consecutive; two calls with the state carried over give the same bits as one.
        out: [R] where values go.
    """
    signature = types.void(functions(STEP), FLAT, tuple_of(SERIES, len(columns)), INTS, FLAT, INT, INT, FLAT, FLAT)
    strides = np.array([0 if column.size == 1 else 1 for column in columns], dtype=np.int64)
    x = np.empty(len(columns))
    loop = compile_function(_scan_rows, signature)
    loop(
        compile_function(step, STEP),
        state,
        tuple(_read_only(column) for column in columns),
        strides,
        p,
        rows.start,
        rows.stop,
        x,
        out,
    )

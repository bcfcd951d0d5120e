"""Numbers read from where a column lies in memory, and written there.

A compiled function can't be handed any number of columns at once, but it can be handed where each begins. Whoever does so
must hold the columns for as long as the function may run, and must not reach beyond their rows.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

__all__ = ["load", "load_whole", "places", "store", "store_whole"]


def _code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    pointer = builder.inttoptr(arguments[0], context.get_value_type(signature.return_type).as_pointer())
    return builder.load(builder.gep(pointer, [arguments[1]]))


@intrinsic
def load(typing_context: Any, address: Any, row: Any) -> Any:  # noqa: ARG001
    """Return the float64 at a row of the column that begins at an address."""
    return types.float64(types.int64, types.int64), _code


@intrinsic
def load_whole(typing_context: Any, address: Any, row: Any) -> Any:  # noqa: ARG001
    """Return the int64 at a row of the column that begins at an address."""
    return types.int64(types.int64, types.int64), _code


def _write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    pointer = builder.inttoptr(arguments[0], context.get_value_type(signature.args[2]).as_pointer())
    builder.store(arguments[2], builder.gep(pointer, [arguments[1]]))
    return context.get_dummy_value()


@intrinsic
def store(typing_context: Any, address: Any, row: Any, value: Any) -> Any:  # noqa: ARG001
    """Write a float64 to a row of the column that begins at an address."""
    return types.void(types.int64, types.int64, types.float64), _write


@intrinsic
def store_whole(typing_context: Any, address: Any, row: Any, value: Any) -> Any:  # noqa: ARG001
    """Write an int64 to a row of the column that begins at an address."""
    return types.void(types.int64, types.int64, types.int64), _write


def places(columns: Iterable[NDArray[Any] | None]) -> NDArray[np.int64]:
    """Return where each column begins, 0 for one that isn't there; raises ValueError for what `load` can't read."""
    found = []
    for column in columns:
        if column is not None and (column.dtype not in (np.float64, np.int64) or not column.flags.c_contiguous):
            raise ValueError("columns must be float64 or int64 in one piece")
        found.append(0 if column is None else column.__array_interface__["data"][0])
    return np.array(found, dtype=np.int64)

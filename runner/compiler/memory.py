"""Numbers read from where a column lies in memory, and written there.

A compiled function can't be handed any number of columns at once, but it can be handed where each begins. Whoever does so
must hold the columns for as long as the function may run, and must not reach beyond their rows.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

__all__ = ["fetch", "load", "load_whole", "places", "registers", "store", "store_whole"]


FETCH = ir.FunctionType(ir.VoidType(), [ir.IntType(8).as_pointer(), *[ir.IntType(32)] * 3])


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


@intrinsic
def fetch(typing_context: Any, address: Any, row: Any) -> Any:  # noqa: ARG001
    """Ask for a row of a column of 64 bits each, which will be read soon; the row needn't exist, and nothing is read.

    Rows that are read here and there wait for memory one after another; asked for beforehand, they come at once.
    """

    def code(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        number = ir.IntType(32)
        pointer = builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())
        place = builder.bitcast(builder.gep(pointer, [arguments[1]]), ir.IntType(8).as_pointer())
        ask = builder.module.declare_intrinsic("llvm.prefetch", [place.type], FETCH)
        builder.call(ask, [place, number(0), number(3), number(1)])  # to read, to keep, and data
        return context.get_dummy_value()

    return types.none(types.int64, types.int64), code


@intrinsic(prefer_literal=True)
def registers(typing_context: Any, count: Any) -> Any:  # noqa: ARG001
    """Return float64[count] that live as long as the function that asks, a literal number of them, with any values.

    Nobody else can reach them, so the compiler keeps those that are only ever named by constants in registers. An array of
    the function's own is memory to it, which every number written elsewhere might have changed.
    """

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        size = count.literal_value
        room = cgutils.alloca_once(builder, ir.ArrayType(ir.DoubleType(), size))  # type: ignore[no-untyped-call]
        made = context.make_array(signature.return_type)(context, builder)
        width = context.get_constant(types.intp, 8)
        context.populate_array(
            made,
            data=builder.bitcast(room, ir.DoubleType().as_pointer()),
            shape=[context.get_constant(types.intp, size)],
            strides=[width],
            itemsize=width,
            meminfo=None,
        )
        return made._getvalue()  # noqa: SLF001 - how Numba's own arrays are handed on

    if not isinstance(count, types.IntegerLiteral):
        return None
    return types.Array(types.float64, 1, "C")(count), code


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

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

__all__ = [
    "SLOT",
    "codes_at",
    "codes_table_at",
    "fetch",
    "load",
    "load_code",
    "load_whole",
    "lowest_bit",
    "numbers_at",
    "numbers_of",
    "numbers_table_at",
    "places",
    "registers",
    "slots",
    "stay_apart",
    "store",
    "store_whole",
    "whole_at",
    "wholes_at",
    "wholes_table_at",
]


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
def load_code(typing_context: Any, address: Any, row: Any) -> Any:  # noqa: ARG001
    """Return the int32 at a row of the column that begins at an address, as int64."""

    def code(context: Any, builder: Any, _: Any, arguments: Any) -> Any:  # noqa: ARG001
        pointer = builder.inttoptr(arguments[0], ir.IntType(32).as_pointer())
        return builder.sext(builder.load(builder.gep(pointer, [arguments[1]])), ir.IntType(64))

    return types.int64(types.int64, types.int64), code


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


@intrinsic
def stay_apart(typing_context: Any) -> Any:  # noqa: ARG001
    """Keep the function that says so from being melted into its callers: copies of it would only fill the caches."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.none(), code


@intrinsic
def lowest_bit(typing_context: Any, bits: Any) -> Any:  # noqa: ARG001
    """Return the place of the lowest bit that is 1 of an int64, from 0; 64 if none is."""

    def code(context: Any, builder: Any, _: Any, arguments: Any) -> Any:  # noqa: ARG001
        return builder.cttz(arguments[0], ir.IntType(1)(0))

    return types.int64(types.int64), code


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


READ = frozenset(np.dtype(kind) for kind in (np.float64, np.int64, np.int32))
"""Kinds of numbers that are read."""
SLOT = 3
"""Whole numbers that `slots` has of an array: where it begins, how many rows it has, and how many columns."""


def _arrays_at(number: Any, dimensions: int) -> Any:
    """Return what makes an array of what a slot says: `array_at(table, slot)`, the slot a literal number."""
    array = types.Array(number, dimensions, "C")

    @intrinsic(prefer_literal=True)
    def array_at(typing_context: Any, table: Any, slot: Any) -> Any:  # noqa: ARG001
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
            begin, *shape = (_kept(builder, arguments[0], SLOT * slot.literal_value + k) for k in range(1 + dimensions))
            made = context.make_array(array)(context, builder)
            kind = context.get_data_type(number)
            width = context.get_constant(types.intp, context.get_abi_sizeof(kind))
            strides = [width] if dimensions == 1 else [builder.mul(shape[1], width), width]
            data = builder.inttoptr(begin, kind.as_pointer())
            context.populate_array(made, data=data, shape=shape, strides=strides, itemsize=width, meminfo=None)
            return made._getvalue()  # noqa: SLF001 - how Numba's own arrays are handed on

        return (array(types.int64, slot), code) if isinstance(slot, types.IntegerLiteral) else None

    return array_at


def _kept(builder: Any, table: Any, place: int) -> Any:
    """Load a whole number of a table that nobody writes to as long as it is read: the compiler may read it when it likes."""
    whole = ir.IntType(64)
    found = builder.load(builder.gep(builder.inttoptr(table, whole.as_pointer()), [whole(place)]))
    found.set_metadata("invariant.load", builder.module.add_metadata([]))
    return found


numbers_at, numbers_table_at = (_arrays_at(types.float64, dimensions) for dimensions in (1, 2))
wholes_at, wholes_table_at = (_arrays_at(types.int64, dimensions) for dimensions in (1, 2))
codes_at, codes_table_at = (_arrays_at(types.int32, dimensions) for dimensions in (1, 2))


@intrinsic
def numbers_of(typing_context: Any, address: Any, count: Any) -> Any:  # noqa: ARG001
    """Return so many float64 that lie from an address on, as an array."""
    array = types.Array(types.float64, 1, "C")

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        made = context.make_array(array)(context, builder)
        kind = context.get_data_type(types.float64)
        width = context.get_constant(types.intp, context.get_abi_sizeof(kind))
        data = builder.inttoptr(arguments[0], kind.as_pointer())
        context.populate_array(made, data=data, shape=[arguments[1]], strides=[width], itemsize=width, meminfo=None)
        return made._getvalue()  # noqa: SLF001 - how Numba's own arrays are handed on

    return array(types.int64, types.int64), code


@intrinsic(prefer_literal=True)
def whole_at(typing_context: Any, table: Any, slot: Any) -> Any:  # noqa: ARG001
    """Return the whole number that a slot holds instead of an array."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ARG001
        return _kept(builder, arguments[0], SLOT * slot.literal_value)

    return (types.int64(types.int64, slot), code) if isinstance(slot, types.IntegerLiteral) else None


def slots(arrays: Iterable[NDArray[Any] | int]) -> NDArray[np.int64]:
    """Return the table of where arrays lie, one slot each; whoever asks must hold them. A whole number stands for itself.

    Raises:
        ValueError: If an array isn't in one piece, or of numbers that nothing reads.
    """
    found = []
    for array in arrays:
        if isinstance(array, int):
            found += [array, 0, 0]
            continue
        if array.dtype not in READ or not array.flags.c_contiguous:
            raise ValueError("arrays must be float64, int64 or int32 in one piece")
        found += [array.__array_interface__["data"][0], *array.shape, *[0] * (2 - array.ndim)]
    return np.array(found, dtype=np.int64)


def places(columns: Iterable[NDArray[Any] | None]) -> NDArray[np.int64]:
    """Return where each column begins, 0 for one that isn't there; raises ValueError for what `load` can't read."""
    found = []
    for column in columns:
        is_known = column is None or column.dtype in READ
        if not is_known or (column is not None and not column.flags.c_contiguous):
            raise ValueError("columns must be float64, int64 or int32 in one piece")
        found.append(0 if column is None else column.__array_interface__["data"][0])
    return np.array(found, dtype=np.int64)

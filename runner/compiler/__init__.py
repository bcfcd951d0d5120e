"""The compiler: row functions written in plain Python, run as machine code. The only room that knows Numba."""

from runner.compiler.calls import address_of, calling
from runner.compiler.functions import (
    CODES,
    FLAT,
    FLOAT,
    GRID,
    INT,
    INTS,
    MATRIX,
    ROWS,
    SERIES,
    STEP,
    TABLE,
    Compiled,
    allocating_part,
    checked_exactly,
    checked_part,
    compile_function,
    exactly,
    inner_part,
    melted_part,
    part_of_kernel,
)
from runner.compiler.generated import build
from runner.compiler.guarded import FRAME, Cell, framed, guarded
from runner.compiler.ingredients import frozen_bytes, ingredients, unchecked_parts
from runner.compiler.memory import load, load_whole, places, store, store_whole
from runner.compiler.row_function import row_function

__all__ = [
    "CODES",
    "FLAT",
    "FLOAT",
    "FRAME",
    "GRID",
    "INT",
    "INTS",
    "MATRIX",
    "ROWS",
    "SERIES",
    "STEP",
    "TABLE",
    "Cell",
    "Compiled",
    "address_of",
    "allocating_part",
    "build",
    "calling",
    "checked_exactly",
    "checked_part",
    "compile_function",
    "exactly",
    "framed",
    "frozen_bytes",
    "guarded",
    "ingredients",
    "inner_part",
    "load",
    "load_whole",
    "melted_part",
    "part_of_kernel",
    "places",
    "row_function",
    "store",
    "store_whole",
    "unchecked_parts",
]

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
    compile_function,
    exactly,
    functions,
    functions_as_values,
    melted_part,
    part_of_kernel,
    tuple_of,
)
from runner.compiler.generated import build
from runner.compiler.ingredients import ingredients
from runner.compiler.memory import load, load_whole, places

__all__ = [
    "CODES",
    "FLAT",
    "FLOAT",
    "GRID",
    "INT",
    "INTS",
    "MATRIX",
    "ROWS",
    "SERIES",
    "STEP",
    "TABLE",
    "Compiled",
    "address_of",
    "allocating_part",
    "build",
    "calling",
    "compile_function",
    "exactly",
    "functions",
    "functions_as_values",
    "ingredients",
    "load",
    "load_whole",
    "melted_part",
    "part_of_kernel",
    "places",
    "tuple_of",
]

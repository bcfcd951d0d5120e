"""The compiler: row functions written in plain Python, run as machine code. The only room that knows Numba."""

from runner.compiler.functions import (
    CODES,
    FLAT,
    FLOAT,
    INT,
    INTS,
    MATRIX,
    ROWS,
    SERIES,
    STEP,
    Compiled,
    allocating_part,
    compile_function,
    exactly,
    functions,
    functions_as_values,
    part_of_kernel,
    tuple_of,
)
from runner.compiler.generated import build
from runner.compiler.ingredients import frozen_bytes, ingredients

__all__ = [
    "CODES",
    "FLAT",
    "FLOAT",
    "INT",
    "INTS",
    "MATRIX",
    "ROWS",
    "SERIES",
    "STEP",
    "Compiled",
    "allocating_part",
    "build",
    "compile_function",
    "exactly",
    "frozen_bytes",
    "functions",
    "functions_as_values",
    "ingredients",
    "part_of_kernel",
    "tuple_of",
]

"""Arithmetic on constants, done while an expression is compiled."""

import math
from collections.abc import Callable

from runner.signal.builder import Constant
from runner.signal.expression import Call
from runner.signal.reading import Reading
from runner.signal.written import number_text, sign_of

__all__ = ["folded"]


def folded(reading: Reading, tree: Call, constants: list[Constant]) -> Constant:
    """Compute a sign between constants; the result must be finite."""
    a, b = constants[0].value, constants[-1].value
    table: dict[str, Callable[[], float]] = {
        "add": lambda: a + b,
        "subtract": lambda: a - b,
        "multiply": lambda: a * b,
        "divide": lambda: a / b,
        "power": lambda: math.pow(a, b),
        "negate": lambda: -a,
    }
    if tree.operator not in table:
        raise reading.refuse(tree.column, "must depend on the data", "constants only", "Compare with a node or a column.")
    was = f"{number_text(a)} {sign_of(tree.operator)} {number_text(b)}"
    if tree.operator == "divide" and b == 0.0:
        raise reading.refuse(tree.column, "must not divide by zero", was, "Change the numbers.")
    try:
        value = table[tree.operator]()
    except (OverflowError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise reading.refuse(tree.column, "must give a finite number", was, "Change the numbers.")
    return Constant(value)

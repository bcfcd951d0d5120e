"""Arithmetic, row by row.

The symbols follow IEEE 754: NaN in, NaN out; a division by zero is infinite or NaN. Only a division by infinity is undefined
and not zero, which would make a number of an undefined value. The named functions are undefined (NaN) where an input is NaN
or infinite, and where the result would be: outside a function's domain, and where it overflows.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import Ordered, operator

__all__ = [
    "abs",
    "add",
    "clip",
    "divide",
    "exp",
    "log",
    "maximum",
    "minimum",
    "multiply",
    "negate",
    "power",
    "sign",
    "sqrt",
    "subtract",
]


@part_of_kernel
def _finite(value):
    return value if np.isfinite(value) else np.nan


@operator("a", "b")
def add(state, x, p):
    """a + b."""
    return x[0] + x[1]


@operator("a", "b")
def subtract(state, x, p):
    """a − b."""
    return x[0] - x[1]


@operator("a", "b")
def multiply(state, x, p):
    """a × b."""
    return x[0] * x[1]


@operator("a", "b")
def divide(state, x, p):
    """a / b."""
    return x[0] / x[1] if np.isfinite(x[1]) else np.nan


@operator("a")
def negate(state, x, p):
    """−a: the opposite sign."""
    return -x[0]


@operator("a", "b")
def power(state, x, p):
    """a to the power of b; 1 for b = 0. Undefined for a < 0 with b broken, for a = 0 with b < 0, and where it overflows."""
    if not (np.isfinite(x[0]) and np.isfinite(x[1])):
        return np.nan
    return _finite(x[0] ** x[1])


@operator("x")
def abs(state, x, p):
    """|x|: x without its sign."""
    return _finite(np.abs(x[0]))


@operator("x")
def sqrt(state, x, p):
    """√x. Undefined for x < 0."""
    return _finite(np.sqrt(x[0]))


@operator("x")
def log(state, x, p):
    """ln x, the natural logarithm. Undefined for x ≤ 0."""
    return _finite(np.log(x[0])) if x[0] > 0.0 else np.nan


@operator("x")
def exp(state, x, p):
    """e to the power of x. Undefined where it overflows, above x = 709.78."""
    return _finite(np.exp(x[0])) if np.isfinite(x[0]) else np.nan


@operator("x")
def sign(state, x, p):
    """1 where x > 0, −1 where x < 0, 0 where x = 0."""
    if not np.isfinite(x[0]):
        return np.nan
    if x[0] > 0.0:
        return 1.0
    return -1.0 if x[0] < 0.0 else 0.0


@operator("a", "b")
def minimum(state, x, p):
    """The smaller of a and b. Undefined where either is."""
    if not (np.isfinite(x[0]) and np.isfinite(x[1])):
        return np.nan
    return min(x[0], x[1])


@operator("a", "b")
def maximum(state, x, p):
    """The larger of a and b. Undefined where either is."""
    if not (np.isfinite(x[0]) and np.isfinite(x[1])):
        return np.nan
    return max(x[0], x[1])


@operator("x", "low", "high", ordered=(Ordered("low", "high"),))
def clip(state, x, p):
    """x, but no less than low and no more than high: min(max(x, low), high). Undefined where low > high."""
    if not (np.isfinite(x[0]) and np.isfinite(x[1]) and np.isfinite(x[2])) or x[1] > x[2]:
        return np.nan
    return min(max(x[0], x[1]), x[2])

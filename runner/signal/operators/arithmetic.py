"""Arithmetic of two series, row by row, by the rules of IEEE 754: NaN in, NaN out; a division by zero is infinite or NaN."""

from runner.signal.operator import operator

__all__ = ["add", "divide", "multiply", "negate", "subtract"]


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
    return x[0] / x[1]


@operator("a")
def negate(state, x, p):
    """−a: the opposite sign."""
    return -x[0]

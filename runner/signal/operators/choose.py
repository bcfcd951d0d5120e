"""Choices between values, and what to do where there is none.

These operators exist to deal with undefined values, so what an input that isn't needed holds makes no difference to them.
NaN and infinite are both undefined.
"""

import numpy as np

from runner.signal.operator import Input, operator

__all__ = ["defined", "fill", "where"]


@operator(Input("condition", "boolean"), "a", "b")
def where(state, x, p):
    """a where the condition is true, b where it is false. Undefined where the condition or the value chosen is."""
    if np.isnan(x[0]):
        return np.nan
    chosen = x[1] if x[0] == 1.0 else x[2]
    return chosen if np.isfinite(chosen) else np.nan


@operator("x", gives="boolean")
def defined(state, x, p):
    """True where x has a finite value, false where it is undefined; never undefined itself."""
    return 1.0 if np.isfinite(x[0]) else 0.0


@operator("x", "value")
def fill(state, x, p):
    """x where it is defined, else the value of the same row. Undefined only where both are."""
    if np.isfinite(x[0]):
        return x[0]
    return x[1] if np.isfinite(x[1]) else np.nan

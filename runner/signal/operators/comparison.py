"""Comparisons of two series, row by row: true, false, or undefined where either side is."""

import numpy as np

from runner.signal.operator import operator

__all__ = ["equal", "greater", "greater_equal", "less", "less_equal", "not_equal"]


@operator("a", "b", gives="boolean")
def less(state, x, p):
    """a < b."""
    if not (np.isfinite(x[0]) and np.isfinite(x[1])):
        return np.nan
    return 1.0 if x[0] < x[1] else 0.0


@operator("a", "b", gives="boolean")
def less_equal(state, x, p):
    """a ≤ b."""
    if not (np.isfinite(x[0]) and np.isfinite(x[1])):
        return np.nan
    return 1.0 if x[0] <= x[1] else 0.0


@operator("a", "b", gives="boolean")
def greater(state, x, p):
    """a > b."""
    if not (np.isfinite(x[0]) and np.isfinite(x[1])):
        return np.nan
    return 1.0 if x[0] > x[1] else 0.0


@operator("a", "b", gives="boolean")
def greater_equal(state, x, p):
    """a ≥ b."""
    if not (np.isfinite(x[0]) and np.isfinite(x[1])):
        return np.nan
    return 1.0 if x[0] >= x[1] else 0.0


@operator("a", "b", gives="boolean")
def equal(state, x, p):
    """a = b, exactly."""
    if not (np.isfinite(x[0]) and np.isfinite(x[1])):
        return np.nan
    return 1.0 if x[0] == x[1] else 0.0


@operator("a", "b", gives="boolean")
def not_equal(state, x, p):
    """a ≠ b, exactly."""
    if not (np.isfinite(x[0]) and np.isfinite(x[1])):
        return np.nan
    return 1.0 if x[0] != x[1] else 0.0

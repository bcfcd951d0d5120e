"""Sums and means over the symbols of an instant: the same value for every symbol that has a part in it.

A symbol that is undefined at the instant is left out, and has no value either.
"""

import numpy as np

from runner.compiler import part_of_kernel
from runner.signal.operator import cross_operator
from runner.signal.operators.instant import ascending, centre_of, deviation_of, total_of

__all__ = ["count_across", "mean_across", "std_across", "sum_across"]


@part_of_kernel
def _give(x, value, out):
    for i in range(out.size):
        out[i] = value if np.isfinite(x[i, 0]) else np.nan


@cross_operator("x")
def mean_across(x, p, out):
    """Σ x / M over the M symbols defined at the instant."""
    centre, rest = centre_of(out, ascending(x, out))
    _give(x, centre + rest, out)


@cross_operator("x")
def sum_across(x, p, out):
    """Σ x over the symbols defined at the instant."""
    _give(x, total_of(out, ascending(x, out)), out)


@cross_operator("x")
def count_across(x, p, out):
    """Σ 1 over the symbols defined at the instant: how many there are."""
    n = 0.0
    for i in range(out.size):
        n += 1.0 if np.isfinite(x[i, 0]) else 0.0
    _give(x, n, out)


@cross_operator("x")
def std_across(x, p, out):
    """√(Σ (x − mean)² / (M − 1)) over the M symbols defined at the instant. Undefined with fewer than two."""
    n = ascending(x, out)
    centre, rest = centre_of(out, n)
    _give(x, deviation_of(out, n, centre, rest), out)

"""Rolling mean."""

from runner.signal.operator import window_operator
from runner.signal.operators.sum import SUMS, add_to_sum, drop_from_sum

__all__ = ["mean"]


@window_operator("x", add=add_to_sum, drop=drop_from_sum, sums=SUMS)
def mean(a, n, p):
    """Mean of the window: (x[t-n+1] + … + x[t]) / n."""
    return a[0] / n

"""What is left of a limit, and what of an order fits into it."""

import numpy as np

from runner.compiler import part_of_kernel

__all__ = ["SLACK", "within"]

SLACK = 1e-12
"""Share of a limit that doesn't count: 29 units are a share of 0.29 of 100, though 0.29 × 100 is below 29 in binary."""


@part_of_kernel
def within(wanted, room, lot, reduces):
    """Return the signed quantity if it fits; if it doesn't and `reduces` is 1, as many whole lots as fit; else 0.

    Room that isn't a number holds nothing.
    """
    if abs(wanted) <= room:
        return wanted
    if reduces != 1.0 or not room > 0.0:
        return 0.0
    # So many of a tiny lot may be infinitely many.
    units = min(np.floor(room / lot) * lot, room)
    return units if wanted > 0.0 else -units

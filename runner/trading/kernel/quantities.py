"""Quantities that count: what is more than a rounding, and what of an order fits into a row."""

import numpy as np

from runner.compiler import melted_part

__all__ = ["fitting", "is_dust"]

DUST = 1e-9
"""Share of the larger of what is wanted and what is held below which the two are one: above what sums of rounded numbers may
be wrong by, and less than anybody can trade."""
ROUNDING = 1e-12
"""Share of an order or a row below which one is no larger than the other: parts that are taken off one by one leave a few
roundings behind."""


@melted_part
def is_dust(quantity, wanted, held):
    """Tell whether a quantity is nothing but what rounding left between a position that is wanted and one that is held."""
    return abs(quantity) <= DUST * max(abs(wanted), abs(held))


@melted_part
def fitting(quantity, room, lot):
    """Return what of a quantity fits into room, without its sign: all of it, or as many whole lots as fit.

    Without a lot a quantity of whole units is filled in whole units, any other in whatever parts there are. Room that isn't
    known holds nothing.
    """
    units = abs(quantity)
    if room >= units * (1.0 - ROUNDING):
        return units
    if lot == 0.0 and units == np.floor(units):
        lot = 1.0
    if lot > 0.0:
        whole = np.floor(room / lot * (1.0 + ROUNDING)) * lot
        # So many of a tiny lot may be infinitely many.
        room = whole if np.isfinite(whole) else room
    if not room > 0.0:
        return 0.0
    return room

"""The lines of `refusals` that tell when a risk rule began to close everything, apart from those that tell of orders."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.report.columns import stamps, words
from runner.tables import Table
from runner.trading.kernel.layout import HALT, TRIPS

__all__ = ["Trip", "refused", "trips"]


@dataclass(frozen=True, slots=True)
class Trip:
    """An instant at which a rule began to close everything."""

    rule: str
    ts: int
    """UTC nanoseconds."""
    is_for_good: bool


def refused(refusals: Table) -> NDArray[np.bool_]:
    """Tell of each line whether it is of an order that was stopped or made smaller."""
    rules = words(refusals, "rule")
    told: NDArray[np.bool_] = np.zeros(rules.size, dtype=bool)
    for word in TRIPS.values():
        told |= np.char.endswith(rules, f": {word}")
    return ~told


def trips(refusals: Table) -> list[Trip]:
    """Return all of them in the order of time."""
    lines = ~refused(refusals)
    rules, instants = words(refusals, "rule")[lines].tolist(), stamps(refusals, "ts")[lines].tolist()
    found = []
    for rule, ts in zip(rules, instants, strict=True):
        name, _, word = rule.rpartition(": ")
        found.append(Trip(name, ts, word == TRIPS[HALT]))
    return found

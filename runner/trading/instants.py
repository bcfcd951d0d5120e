"""Instants that a configuration names."""

import numpy as np

from runner.errors import Fault

__all__ = ["instant_fault", "instant_of", "nanoseconds_of"]

FIRST_INSTANT = np.datetime64("1678-01-01", "us")
LAST_INSTANT = np.datetime64("2261-12-31T23:59", "us")
"""The whole years that nanoseconds of 64 bits count."""


def instant_fault(where: str, text: str) -> Fault | None:
    """Return what is wrong with an instant, None if nothing is; numpy counts on silently beyond what 64 bits hold."""
    try:
        coarse = np.datetime64(text.removesuffix("Z"), "us")
    except ValueError:
        return Fault(where, "must be an instant that exists", text, 'Write e.g. "2024-03-01T14:30Z".')
    if FIRST_INSTANT <= coarse <= LAST_INSTANT:
        return None
    must = f"must lie in the years {str(FIRST_INSTANT)[:4]} to {str(LAST_INSTANT)[:4]}"
    return Fault(where, must, text, "Nanoseconds of 64 bits count no further.")


def instant_of(text: str) -> np.datetime64:
    """Return an instant that `instant_fault` finds nothing wrong with."""
    return np.datetime64(text.removesuffix("Z"), "ns")


def nanoseconds_of(text: str) -> int:
    """Return the UTC nanoseconds of an instant."""
    return int(instant_of(text).astype(np.int64))

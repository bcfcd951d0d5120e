"""Arithmetic of half-open stretches of time: what of a wanted stretch isn't covered."""

from collections.abc import Iterable

__all__ = ["Stretch", "missing"]

Stretch = tuple[int, int]
"""UTC nanoseconds: start, included, and end, not included."""


def missing(covered: Iterable[Stretch], wanted: Stretch) -> list[Stretch]:
    """Return the parts of `wanted` that no stretch covers, ascending, each as long as can be; `covered` may overlap."""
    reached, end = wanted
    gaps = []
    for first, last in sorted(covered):
        if first >= end:
            break
        if first > reached:
            gaps.append((reached, first))
        reached = max(reached, last)
    if reached < end:
        gaps.append((reached, end))
    return gaps

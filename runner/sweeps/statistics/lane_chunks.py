"""Lanes a few at a time: what is computed per lane needs no more memory for ten thousand lanes than for one chunk."""

from collections.abc import Iterator

__all__ = ["lane_chunks"]

LARGEST = 1 << 20
"""Numbers in one array of intermediate results: 8 MB, about what a processor keeps close to itself."""


def lane_chunks(lanes: int, *, rows: int) -> Iterator[slice]:
    """Yield slices that cover all lanes in order, each of so many that an array of `rows` numbers per lane stays small."""
    width = max(1, LARGEST // max(rows, 1))
    return (slice(start, min(start + width, lanes)) for start in range(0, lanes, width))

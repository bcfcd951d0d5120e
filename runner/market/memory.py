"""New memory for columns of millions of rows.

What takes the time with that many rows is memory nobody has touched yet. NumPy asks for huge pages for it, and where memory
is in pieces the kernel stops to put them together: laying 50 million bars then took two to three times as long.
"""

import mmap
import sys
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

__all__ = ["unwritten"]

LARGE = 1 << 22
"""Bytes from which on NumPy asks for huge pages."""


def unwritten(rows: int, dtype: DTypeLike) -> NDArray[Any]:
    """Return an array to be written to, like `np.empty`, in pages of the usual size; what is in it means nothing."""
    size = rows * np.dtype(dtype).itemsize
    if size < LARGE or sys.platform == "win32":
        return np.empty(rows, dtype)
    return np.frombuffer(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS), dtype)

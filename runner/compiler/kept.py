"""What writes the arguments of a call into memory, one after another: numbers as they are, arrays behind their lengths.

Each takes where the memory lies, where the argument is to begin, and the argument; it returns where the next one begins.
What doesn't fit isn't kept.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from runner.compiler.functions import FLAT, FLOAT, GRID, INT, MATRIX, SERIES
from runner.compiler.memory import load_whole, store, store_whole

__all__ = ["BROKEN", "HEAD", "KEEPS", "LENGTH"]

# words of a cell
BROKEN = 0
"""How many arguments the call had that broke; 0 before one did."""
LENGTH = 1
"""Words of the cell; what doesn't fit isn't kept."""
HEAD = 2


def _keep_whole(cell, at, value):
    if at < load_whole(cell, LENGTH):
        store_whole(cell, at, value)
    return at + 1


def _keep_number(cell, at, value):
    if at < load_whole(cell, LENGTH):
        store(cell, at, value)
    return at + 1


def _keep_numbers(cell, at, values):
    end = at + 1 + values.size
    if end <= load_whole(cell, LENGTH):
        store_whole(cell, at, values.size)
        for i in range(values.size):
            store(cell, at + 1 + i, values[i])
    return end


def _keep_table(cell, at, table):
    end = at + 2 + table.size
    if end <= load_whole(cell, LENGTH):
        store_whole(cell, at, table.shape[0])
        store_whole(cell, at + 1, table.shape[1])
        for i in range(table.shape[0]):
            for j in range(table.shape[1]):
                store(cell, at + 2 + i * table.shape[1] + j, table[i, j])
    return end


def _keep_wholes(cell, at, table):
    end = at + 2 + table.size
    if end <= load_whole(cell, LENGTH):
        store_whole(cell, at, table.shape[0])
        store_whole(cell, at + 1, table.shape[1])
        for i in range(table.shape[0]):
            for j in range(table.shape[1]):
                store_whole(cell, at + 2 + i * table.shape[1] + j, table[i, j])
    return end


KEEPS: Mapping[Any, Callable[..., Any]] = MappingProxyType(
    {
        FLAT: _keep_numbers,
        FLOAT: _keep_number,
        GRID: _keep_wholes,
        INT: _keep_whole,
        MATRIX: _keep_table,
        SERIES: _keep_numbers,
    }
)
"""Type of an argument → what writes one into a cell and returns where the next begins."""

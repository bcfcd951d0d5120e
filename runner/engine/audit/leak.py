"""What an audit finds, and how two tables are compared."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.tables import Column, Table

__all__ = ["Leak", "first_difference", "instant_text", "row_text", "shown"]

UNITS = (("m", 60 * 10**9), ("s", 10**9), ("us", 10**3), ("ns", 1))
"""Unit of numpy's → nanoseconds."""


@dataclass(frozen=True, slots=True)
class Leak:
    """One place where something depends on what wasn't known yet, or isn't the same however it is computed."""

    what: str
    """A node, a rule, a table, an operator, or the data."""
    symbol: str = ""
    ts: int | None = None
    """Instant of the value, UTC nanoseconds."""
    cut: int | None = None
    """Instant at which the future was cut off."""
    one: str = ""
    """What it was; nothing where no value shows the leak."""
    other: str = ""
    """What it was the other way."""
    detail: str = ""
    """What this means, or where it comes from."""
    ways: tuple[str, str] = ("with what came later", "without")
    """The two ways it was computed."""


def instant_text(ts: int | None) -> str:
    """Return an instant as text, in as few digits as it needs; nothing for none."""
    if ts is None:
        return ""
    unit = next(unit for unit, ns in UNITS if ts % ns == 0)
    return f"{np.datetime64(ts, 'ns').astype(f'datetime64[{unit}]')}Z".replace("T", " ")


def shown(value: object) -> str:
    """Return a value with all its digits."""
    plain = value.item() if isinstance(value, np.generic) else value
    if isinstance(plain, float):
        return "undefined" if np.isnan(plain) else repr(plain)
    return str(plain)


def row_text(table: Table, row: int, *names: str) -> str:
    """Return values of a table's row; that there is none where the table ends before."""
    if row >= next(iter(table.values())).size:
        return "nothing"
    values = [shown(table[name][row]) for name in names]
    return values[0] if len(names) == 1 else " ".join(f"{name}={value}" for name, value in zip(names, values, strict=True))


def first_difference(one: Table, other: Table) -> int | None:
    """Return the first row in which two tables differ in a column of the first, bit for bit; None if they don't."""
    found = [row for name in one if (row := _first(one[name], other[name])) is not None]
    return min(found, default=None)


def _first(one: Column, other: Column) -> int | None:
    """Return the first place at which two columns differ, the end of the shorter one included."""
    shorter = min(one.size, other.size)
    places = np.flatnonzero(_unlike(one[:shorter], other[:shorter]))
    if places.size:
        return int(places[0])
    return None if one.size == other.size else shorter


def _unlike(one: Column, other: Column) -> NDArray[np.bool_]:
    """Return where bits differ; any NaN is like any other, as its spare bits mean nothing."""
    if one.dtype != np.float64:
        differing: NDArray[np.bool_] = np.not_equal(one, other)
        return differing
    a, b = np.ascontiguousarray(one, dtype=np.float64), np.ascontiguousarray(other, dtype=np.float64)
    bits: NDArray[np.bool_] = a.view(np.int64) != b.view(np.int64)
    return bits & ~(np.isnan(a) & np.isnan(b))

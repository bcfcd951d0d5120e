"""Rows of many files laid symbol by symbol while they are read.

What takes the time with millions of rows is new memory: to hold every file's rows and then put them in order would touch
twice as much of it. So the symbols of all files are looked at first, `Laid.of` says where each stretch of rows belongs,
and each file's rows go there as soon as they were read, while the memory they were read into serves for the next file.

Only files made of long stretches of one symbol are laid so. Nothing depends on it but speed: rows that are put in order
afterwards (`arrange`) lie in the same order.
"""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.market.memory import unwritten
from runner.market.origin import FILE, ROW

__all__ = ["Laid", "Stretches", "stretches_of"]

STRETCH = 256
"""Average length of a stretch from which on moving stretches is cheap."""

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Consecutive rows of one symbol in one file, in the order they stand there."""

    code: Places
    """[K] position of the symbol among the tickers; -1 where it is none of them."""
    length: Places
    """[K] rows."""

    @property
    def rows(self) -> int:
        """Rows of the file."""
        return int(self.length.sum())


def stretches_of(symbols: pl.DataFrame, tickers: tuple[str, ...]) -> Stretches:
    """Return the stretches of a file, given each one's symbol and rows (`value` and `len`, as `Series.rle` names them)."""
    code = symbols["value"].cast(pl.String).cast(pl.Enum(tickers), strict=False).to_physical().cast(pl.Int64)
    return Stretches(code.fill_null(-1).to_numpy(), symbols["len"].cast(pl.Int64).to_numpy())


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Room for the rows of all files, and where in it each file's rows belong."""

    tickers: tuple[str, ...]
    """Symbols, in the order in which their rows lie."""
    files: tuple[str, ...]
    """Names of the files, in the order in which a symbol's rows follow each other."""
    stamps: pl.DataType
    """Type of the stamps in every file."""
    found: tuple[Stretches, ...]
    """The stretches of each file."""
    starts: tuple[Places, ...]
    """[K] of each file: where its stretches begin in the room."""
    room: Mapping[str, NDArray[Any]]
    """[R] column → values; filled by `take`."""

    @classmethod
    def of(
        cls,
        found: Sequence[Stretches],
        *,
        tickers: tuple[str, ...],
        files: tuple[str, ...],
        stamps: pl.DataType,
        values: Iterable[str],
    ) -> "Laid | None":
        """Plan where the rows go; None if the files are made of short stretches."""
        count = sum(each.code.size for each in found)
        if sum(each.rows for each in found) < STRETCH * count:
            return None
        code, length = (np.concatenate([getattr(each, name) for each in found]) for name in ("code", "length"))
        starts, rows = _starts(code, length)
        cuts = np.cumsum([each.code.size for each in found])[:-1]
        types: dict[str, Any] = {"timestamp": _physical(stamps), **dict.fromkeys(values, np.float64), ROW: np.uint32}
        room = {name: unwritten(rows, dtype) for name, dtype in types.items()}
        return cls(tickers, files, stamps, tuple(found), tuple(np.split(starts, cuts)), room)

    @property
    def present(self) -> set[str]:
        """Tickers that have rows."""
        return {self.tickers[code] for each in self.found for code in set(each.code.tolist()) if code >= 0}

    def take(self, number: int, pieces: Iterable[pl.DataFrame], pool: Executor) -> frozenset[str] | None:
        """Put a file's rows where they belong.

        Args:
            number: position of the file in `files`.
            pieces: all of its rows in their order, some at a time: `timestamp`, as planned, and values; of a column that
                a piece doesn't have nothing is known.
            pool: a thread of it puts half of the columns, beside this one.

        Returns the columns in which values are null, or None where a stamp is.
        """
        known, starts = self.found[number], self.starts[number]
        unknown, first = set[str](), 0
        for piece in pieces:
            if piece["timestamp"].null_count():
                return None
            places = _pieces(known, starts, first, first + piece.height)
            columns = [(room, _values(piece, name, first)) for name, room in self.room.items()]
            others = pool.submit(_put, columns[1::2], places)
            _put(columns[::2], places)
            others.result()
            unknown.update(name for name in self.room if name != ROW and _has_unknown(piece, name))
            first += piece.height
        return frozenset(unknown)

    def symbols(self) -> pl.Series:
        """Return the symbol of each row, as an Enum of the tickers."""
        return self._repeated(self.tickers, np.concatenate([each.code for each in self.found]))

    def origins(self) -> pl.Series:
        """Return the file each row came from, as an Enum of their names."""
        counts = [each.code.size for each in self.found]
        return self._repeated(self.files, np.repeat(np.arange(len(self.files)), counts))

    def frame(self, symbols: pl.Series, origins: pl.Series, unknown: frozenset[str]) -> pl.DataFrame:
        """Return the rows of all files, once each was taken; values of the columns in `unknown` may be null."""
        columns = {name: pl.Series(values) for name, values in self.room.items()}
        columns["timestamp"] = columns["timestamp"].cast(self.stamps)
        columns |= {name: columns[name].fill_nan(None) for name in unknown}
        rows = columns.pop(ROW)
        return pl.DataFrame({"symbol": symbols, **columns, FILE: origins, ROW: rows})

    def _repeated(self, names: tuple[str, ...], code: Places) -> pl.Series:
        """Return for each row the name its stretch has; `code` is that of each stretch as it stands in the files."""
        length, starts = np.concatenate([each.length for each in self.found]), np.concatenate(self.starts)
        ours = np.concatenate([each.code for each in self.found]) >= 0
        order = np.flatnonzero(ours)[np.argsort(starts[ours])]
        named = pl.Series(names, dtype=pl.Enum(names))
        # Repeated, not written as numbers: those would all be held against the names again.
        stretches = (named.new_from_index(*each) for each in zip(code[order].tolist(), length[order].tolist(), strict=True))
        return pl.concat([named.clear(), *stretches], rechunk=True)


def _starts(code: Places, length: Places) -> tuple[Places, int]:
    """Return where each stretch begins once they lie by symbol, those of one symbol in their order; and how many rows do."""
    ours = code >= 0
    order = np.argsort(np.where(ours, code, np.iinfo(np.int64).max), kind="stable")
    ends = np.cumsum(length[order])
    starts = np.empty_like(length)
    starts[order] = ends - length[order]
    return starts, int(length[ours].sum())


def _pieces(found: Stretches, starts: Places, first: int, end: int) -> list[tuple[slice, slice]]:
    """Return where the tickers' rows between two rows of the file stand, counted from the first, and where they belong."""
    begins = np.cumsum(found.length) - found.length
    lower, upper = np.maximum(begins, first), np.minimum(begins + found.length, end)
    some = np.flatnonzero((found.code >= 0) & (lower < upper))
    to = (starts + lower - begins)[some].tolist()
    at, rows = (lower - first)[some].tolist(), (upper - lower)[some].tolist()
    return [(slice(a, a + n), slice(b, b + n)) for a, b, n in zip(at, to, rows, strict=True)]


def _put(columns: Iterable[tuple[NDArray[Any], NDArray[Any]]], places: Iterable[tuple[slice, slice]]) -> None:
    """Put values where they belong, given the room of each column and its values."""
    for room, values in columns:
        for source, to in places:
            room[to] = values[source]


def _values(piece: pl.DataFrame, name: str, first: int) -> NDArray[Any]:
    """Return a column of some rows, of which the first stands behind `first` others in the file."""
    if name == ROW:
        return np.arange(first + 1, first + 1 + piece.height, dtype=np.uint32)
    if name not in piece.columns:
        return np.full(piece.height, np.nan)
    column = piece[name]
    return column.to_physical().to_numpy() if name == "timestamp" else column.cast(pl.Float64).to_numpy()


def _has_unknown(piece: pl.DataFrame, name: str) -> bool:
    return name not in piece.columns or piece[name].null_count() > 0


def _physical(stamps: pl.DataType) -> type[Any]:
    return np.int32 if isinstance(stamps, pl.Date) else np.int64

"""Segments: parquet files that are written once, named by the SHA-256 of their bytes, and never changed afterwards.

Cells are Python's own: numbers, texts and None; a column may also be a matrix of floats with one row per line, of which
some lines may have none. A column of nothing but None has no type, so that it goes together with any other's.
"""

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PolarsError

from runner.archive.column import Column, series_of
from runner.archive.files import write_bytes_for_good

__all__ = ["Matrix", "read_matrix", "read_rows", "segment_columns", "segment_name", "write_segment", "write_typed_table"]

SUFFIX = ".parquet"
NAME_DIGITS = 32


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """A column whose cells are lists of floats, all of one length."""

    values: NDArray[np.float64]
    """[K, T]"""
    is_kept: NDArray[np.bool_]
    """[K] which lines have a list; the others have none."""


def write_segment(folder: Path, columns: Mapping[str, Sequence[Any] | Matrix]) -> tuple[str, str]:
    """Write a segment, force it and its name to disk, and return its file's name and SHA-256.

    Raises OSError if the folder can't be written; nothing is left then.
    """
    content = _encoded(columns)
    digest = hashlib.sha256(content).hexdigest()
    name = segment_name(digest)
    write_bytes_for_good(folder / name, content)
    return name, digest


def segment_name(digest: str) -> str:
    """Return the name of the segment whose bytes have a SHA-256."""
    return digest[:NAME_DIGITS] + SUFFIX


def segment_columns(path: Path, names: Sequence[str]) -> dict[str, list[Any]]:
    """Return some columns of a segment.

    Raises:
        ValueError: If it is no parquet file, or lacks one of them.
    """
    try:
        frame = pl.read_parquet(path, columns=list(names), hive_partitioning=False)
    except PolarsError as error:
        raise ValueError(str(error).splitlines()[0]) from error
    return {name: frame.get_column(name).to_list() for name in names}


def read_rows(
    parts: Iterable[tuple[Path, NDArray[np.int64]]], order: NDArray[np.int64], *, without: Iterable[str] = ()
) -> dict[str, Column]:
    """Return rows of several segments as columns: name → cells, None where a segment lacks the column.

    Args:
        parts: Segments, and which of their rows are wanted.
        order: What the rows are sorted by, for all parts one after another.
        without: Columns that are left out.
    """
    left, frames = set(without), []
    for path, rows in parts:
        names = [name for name in pl.read_parquet_schema(path) if name not in left]
        frames.append(pl.read_parquet(path, columns=names, hive_partitioning=False)[rows])
    if not frames:
        return {}
    whole = pl.concat(frames, how="diagonal_relaxed", rechunk=True)
    frames.clear()
    if np.any(np.diff(order) < 0):
        whole = whole[np.argsort(order)]
    return {name: Column(whole.get_column(name)) for name in whole.columns}


def read_matrix(
    parts: Iterable[tuple[Path, NDArray[np.int64]]], order: NDArray[np.int64], name: str
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the lists that rows of several segments have in a matrix, and the places of these rows, ascending.

    Args:
        parts: Segments, and which of their rows are wanted; segments without the column have no lists.
        order: Place of each row, for all parts one after another.
        name: The column.

    Raises:
        ValueError: If the lists differ in length.
    """
    at, places, found = 0, [np.empty(0, np.int64)], []
    for path, rows in parts:
        own = order[at : at + rows.size]
        at += rows.size
        if name not in pl.read_parquet_schema(path):
            continue
        column = pl.read_parquet(path, columns=[name], hive_partitioning=False).get_column(name)[rows]
        is_there = column.is_not_null()
        if is_there.any():
            places.append(own[is_there.to_numpy()])
            found.append(column.filter(is_there).to_numpy())
    lengths = {each.shape[1] for each in found}
    if len(lengths) > 1:
        raise ValueError(f"lists of {name} differ in length: {sorted(lengths)}")
    if not found:
        return places[0], np.empty((0, 0))
    place = np.concatenate(places)
    turn = np.argsort(place, kind="stable")
    values: NDArray[np.float64] = np.concatenate(found)[turn]
    return place[turn], values


def write_typed_table(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """Write columns of numbers or texts as one parquet file, whole or not at all; of an empty column the type is text."""
    frame = _frame(columns)
    untyped = [name for name, kind in frame.schema.items() if kind == pl.Null]
    buffer = io.BytesIO()
    frame.with_columns(pl.col(untyped).cast(pl.Float64)).write_parquet(buffer, compression="zstd", statistics=True)
    write_bytes_for_good(path, buffer.getbuffer())  # a second copy of a million rows would be half a gigabyte


def _encoded(columns: Mapping[str, Sequence[Any] | Matrix]) -> bytes:
    buffer = io.BytesIO()
    _frame(columns).write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()


def _frame(columns: Mapping[str, Sequence[Any] | Matrix]) -> pl.DataFrame:
    return pl.DataFrame([_series(name, cells) for name, cells in columns.items()])


def _series(name: str, cells: Sequence[Any] | Matrix) -> pl.Series:
    if isinstance(cells, Matrix):
        values = pl.Series(name, np.ascontiguousarray(cells.values, dtype=np.float64))
        kept = pl.Series("kept", cells.is_kept)
        return pl.select(pl.when(kept).then(values).otherwise(None).alias(name)).to_series()
    return series_of(name, cells)

"""Digests of results: what a run computed, apart from how it was stored."""

import hashlib
from collections.abc import Mapping

import numpy as np

from runner.spec.run import canonical_json
from runner.tables import Column, Table

__all__ = ["result_digest", "table_digest"]


def table_digest(table: Table) -> str:
    """Return the SHA-256 of a table: names, types and values of its columns in order.

    Numbers count by their little-endian bytes, every NaN as the same one; text as UTF-8 with its lengths. File formats,
    compression and library versions don't matter.
    """
    digest = hashlib.sha256()
    for name, column in table.items():
        kind, content = _content(column)
        digest.update(f"{name}\0{kind}\0{column.size}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _content(column: Column) -> tuple[str, bytes]:
    if column.dtype.kind == "U":
        texts = [str(text).encode() for text in column.tolist()]
        lengths = np.array([len(text) for text in texts], dtype="<i8").tobytes()
        return "text", lengths + b"".join(texts)
    if column.dtype.kind == "f":
        values = column.astype("<f8")
        values[np.isnan(values)] = np.nan
        return "float64", values.tobytes()
    if column.dtype.kind == "b":
        return "bool", column.astype("u1").tobytes()
    return "int64", column.astype("<i8").tobytes()


def result_digest(table_digests: Mapping[str, str]) -> str:
    """Return the SHA-256 over the digests of the result tables, by name."""
    return hashlib.sha256(canonical_json(dict(table_digests)).encode()).hexdigest()

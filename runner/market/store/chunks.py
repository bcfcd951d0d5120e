"""Chunks: parquet files named by the SHA-256 of their bytes, written once and held against their name whenever read."""

import hashlib
import io
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from runner.errors import DataError, Fault
from runner.market.store.whole_files import replace

__all__ = ["chunk_path", "read_chunk", "write_chunk"]


def chunk_path(folder: Path, digest: str) -> Path:
    """Return where a chunk lies: 256 folders keep each of them short."""
    return folder / digest[:2] / f"{digest}.parquet"


def write_chunk(folder: Path, frame: pl.DataFrame) -> str:
    """Write rows and return the chunk's digest; equal rows give the same file, so writing again mends a damaged one."""
    buffer = io.BytesIO()
    frame.rechunk().write_parquet(buffer, compression="zstd", statistics=True)
    content = buffer.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    replace(chunk_path(folder, digest), content)
    return digest


def read_chunk(folder: Path, digest: str) -> pl.DataFrame:
    """Return a chunk's rows; raises DataError if the file isn't there or its bytes aren't those that were written."""
    path = chunk_path(folder, digest)
    write = "The file was damaged or removed; remove it, and its window is fetched again."
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(Fault(str(path), "must be readable", error.strerror or "", write)) from error
    found = hashlib.sha256(content).hexdigest()
    if found != digest:
        raise DataError(Fault(str(path), "must have the digest it is named by", found, write))
    try:
        return pl.read_parquet(content, hive_partitioning=False)
    except PolarsError as error:
        raise DataError(Fault(str(path), "must be a parquet file", str(error).splitlines()[0], write)) from error

"""Parquet files read with their rows put by symbol at once.

1. `_looked_at` reads the bytes of a file once, hashes them and decodes its symbols, which lie apart from the other columns.
2. `Laid.of` plans where every stretch of rows belongs.
3. `_pieces` decodes the other columns, a few row groups at a time, and `Laid.take` puts them in their places.

Only plain files are read so: symbols as text, stamps of one type, numbers. Nothing depends on it but speed: whatever else
there is, a fault included, is left to `StreamFiles`, which reads file by file.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl
from polars.exceptions import PolarsError

from runner.market.input_files import InputFile, read_bytes, sha256
from runner.market.laid_files import Laid, Stretches, stretches_of

__all__ = ["read_laid"]

AT_ONCE = 2
"""Files decoded side by side; the columns of each are decoded side by side as well."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What can be told of a file without decoding all of it."""

    data: bytes
    digest: str
    stretches: Stretches
    schema: pl.Schema


def read_laid(
    files: tuple[InputFile, ...], columns: Mapping[str, str], values: tuple[str, ...], tickers: tuple[str, ...]
) -> tuple[pl.DataFrame, dict[str, str]] | None:
    """Return the tickers' rows of all files, as `Laid.frame` gives them, and the SHA-256 of each file by its name.

    None where files can't be read so, where it isn't worth it, and where a ticker has no rows.

    Args:
        files: the files, in the order in which a symbol's rows follow each other.
        columns: our name → the files' name, `symbol` and `timestamp` among them.
        values: our names of the columns of numbers; of those that `columns` doesn't have nothing is known.
        tickers: symbols that are kept, in the order in which their rows lie.

    Raises:
        DataError: a file can't be read.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        looks = [look for look in pool.map(lambda file: _looked_at(file, columns, tickers), files) if look is not None]
        room = _planned(looks, files, columns["timestamp"], values, tickers) if len(looks) == len(files) else None
        if room is None:
            return None
        digests = {file.name: look.digest for file, look in zip(files, looks, strict=True)}
        symbols, origins = pool.submit(room.symbols), pool.submit(room.origins)
        pieces = [_pieces(look, columns, values) for look in looks]
        looks.clear()  # the bytes of a file go with its pieces
        try:
            unknown = list(pool.map(room.take, range(len(files)), pieces))
        except (PolarsError, OSError):
            return None
    known = [each for each in unknown if each is not None]
    if len(known) < len(unknown):
        return None
    return room.frame(symbols.result(), origins.result(), frozenset[str]().union(*known)), digests


def _looked_at(file: InputFile, columns: Mapping[str, str], tickers: tuple[str, ...]) -> _Look | None:
    data = read_bytes(file)
    try:
        schema = pl.Schema(pl.read_parquet_schema(io.BytesIO(data)))
        if not _is_plain(schema, columns):
            return None
        name = columns["symbol"]
        symbols = pl.read_parquet(data, columns=[name], hive_partitioning=False)[name]
    except (PolarsError, OSError):
        return None
    return None if symbols.null_count() else _Look(data, sha256(data), stretches_of(symbols, tickers), schema)


def _is_plain(schema: pl.Schema, columns: Mapping[str, str]) -> bool:
    """Say whether symbols are text, stamps are times, and everything else is numbers."""
    if not isinstance(schema.get(columns["symbol"]), pl.String | pl.Categorical | pl.Enum):
        return False
    if not isinstance(schema.get(columns["timestamp"]), pl.Date | pl.Datetime):
        return False
    return all(schema[theirs].is_numeric() for ours, theirs in columns.items() if ours not in {"symbol", "timestamp"})


def _planned(
    looks: Sequence[_Look], files: tuple[InputFile, ...], timestamp: str, values: tuple[str, ...], tickers: tuple[str, ...]
) -> Laid | None:
    """Plan where the rows of each file go."""
    stamps = {look.schema[timestamp] for look in looks}
    if len(stamps) > 1:
        return None
    room = Laid.of(
        [look.stretches for look in looks],
        tickers=tickers,
        files=tuple(file.name for file in files),
        stamps=stamps.pop(),
        values=values,
    )
    return room if room is not None and set(tickers) <= room.present else None


def _pieces(look: _Look, columns: Mapping[str, str], values: tuple[str, ...]) -> Iterator[pl.DataFrame]:
    """Yield a file's stamps and values, some rows at a time."""
    theirs = {ours: columns[ours] for ours in ("timestamp", *values) if ours in columns}
    decoded = pl.scan_parquet(io.BytesIO(look.data), hive_partitioning=False).select(set(theirs.values()))
    for batch in decoded.collect_batches(maintain_order=True):
        yield batch.select(pl.col(name).alias(ours) for ours, name in theirs.items())

"""Parquet files read with their rows put by symbol at once.

1. `_looked_at` reads the bytes of a file once, hashes them and decodes its symbols, which lie apart from the other columns.
2. `Laid.of` plans where every stretch of rows belongs.
3. `_decoded` reads the other columns of all files, a few row groups at a time and ahead of what is needed, and `Laid.take`
   puts them in their places, half of the columns in a thread of its own: in memory that nobody has touched yet that is
   nearly as much work for one thread as decoding is for two.

Only plain files are read so: symbols as text, stamps of one type, numbers. Nothing depends on it but speed: whatever else
there is, a fault included, is left to `StreamFiles`, which reads file by file.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, groupby

import polars as pl
from polars.exceptions import PolarsError

from runner.market.input_files import InputFile, read_bytes, sha256
from runner.market.laid_files import Laid, Stretches, stretches_of

__all__ = ["read_laid"]

AT_ONCE = 2
"""Files looked at, and halves of the columns put in their places, side by side."""


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
        try:
            unknown = _taken(room, looks, columns, values, pool)
        except (PolarsError, OSError):
            return None
    return None if unknown is None else (room.frame(symbols.result(), origins.result(), unknown), digests)


def _looked_at(file: InputFile, columns: Mapping[str, str], tickers: tuple[str, ...]) -> _Look | None:
    data = read_bytes(file)
    try:
        schema = pl.Schema(pl.read_parquet_schema(io.BytesIO(data)))
        if not _is_plain(schema, columns):
            return None
        name = columns["symbol"]
        # Cut into stretches while it is decoded: the symbols of all rows are never held.
        query = pl.scan_parquet(data, hive_partitioning=False).select(pl.col(name).rle())
        symbols = query.collect(engine="streaming")[name].struct.unnest()
    except (PolarsError, OSError):
        return None
    return None if symbols["value"].null_count() else _Look(data, sha256(data), stretches_of(symbols, tickers), schema)


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


def _taken(
    room: Laid, looks: Sequence[_Look], columns: Mapping[str, str], values: tuple[str, ...], pool: Executor
) -> frozenset[str] | None:
    """Put the rows of all files in their places; see `Laid.take` for what it returns."""
    theirs = {ours: columns[ours] for ours in ("timestamp", *values) if ours in columns}
    alike = groupby(looks, key=lambda look: look.schema)
    decoded = chain.from_iterable(_decoded([look.data for look in some], theirs) for _, some in alike)
    unknown = frozenset[str]()
    for number, pieces in groupby(_by_file(decoded, [look.stretches.rows for look in looks]), key=lambda each: each[0]):
        found = room.take(number, (piece for _, piece in pieces), pool)
        if found is None:
            return None
        unknown |= found
    return unknown


def _decoded(files: list[bytes], theirs: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    """Yield stamps and values of files with the same columns, some rows at a time, in their order."""
    scan = pl.scan_parquet(files, hive_partitioning=False)
    for batch in scan.select(set(theirs.values())).collect_batches(maintain_order=True):
        yield batch.select(pl.col(name).alias(ours) for ours, name in theirs.items())


def _by_file(decoded: Iterator[pl.DataFrame], rows: Sequence[int]) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield the number of a file and some of its rows, given how many rows each file has."""
    number = taken = 0
    for batch in decoded:
        rest = batch
        while rest.height:
            while taken == rows[number]:
                number, taken = number + 1, 0
            piece, rest = rest[: rows[number] - taken], rest[rows[number] - taken :]
            taken += piece.height
            yield number, piece

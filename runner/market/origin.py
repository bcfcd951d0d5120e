"""Where a row came from: file and row number, carried beside the values so that a fault can point at it.

They cost eight bytes a row: the file's name is kept once, and rows are counted in 32 bits.
"""

import polars as pl

__all__ = ["FILE", "ROW", "SHOWN", "ensure_origin", "excerpt", "stamp_text", "with_origin"]

FILE = "file"
"""Column with the name of the file, as the digests name it."""
ROW = "row"
"""Column with the position in the file, counted from 1 after any header."""
SHOWN = 5
"""Offending rows shown per fault."""


def with_origin(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    """Number the rows of one file, in the order they stand there."""
    name = pl.lit(file, dtype=pl.Categorical)
    return frame.with_columns(name.alias(FILE), pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).alias(ROW))


def ensure_origin(frame: pl.DataFrame) -> pl.DataFrame:
    """Number the rows of a source that didn't say where they came from."""
    return frame if {FILE, ROW} <= set(frame.columns) else with_origin(frame, "the source")


def stamp_text(dtype: pl.DataType, column: str = "timestamp") -> pl.Expr:
    """Return the stamps as the file spells them, with their offset where they carry one."""
    if isinstance(dtype, pl.Datetime):
        return pl.col(column).dt.to_string("%Y-%m-%d %H:%M:%S%.f%:z" if dtype.time_zone else "%Y-%m-%d %H:%M:%S%.f")
    return pl.col(column).cast(pl.String)


def excerpt(offending: pl.DataFrame, values: tuple[str, ...] = (), *, count: int | None = None) -> str:
    """Return the first offending rows, one per line: where each stands, its symbol, its stamp and the named values.

    Args:
        offending: the rows, or the first of them.
        values: columns to show.
        count: how many rows there are in all, where `offending` holds only the first.
    """
    shown = offending.head(SHOWN).with_columns(
        stamp_text(offending.schema["timestamp"]).fill_null("no stamp").alias("stamp")
    )
    lines = [
        f"row {row[ROW]} of {row[FILE]}: {row['symbol']} {row['stamp']}"
        + "".join(f" {name}={'missing' if row[name] is None else row[name]}" for name in values)
        for row in shown.iter_rows(named=True)
    ]
    more = (offending.height if count is None else count) - shown.height
    return "\n".join([*lines, f"and {more} more"] if more else lines)

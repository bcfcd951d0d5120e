"""Instants whose rows stand in more than one file: which came first, only the order of the files says.

Of quotes, trades and books the order within an instant counts, so that renaming such files would make other data of them.
Bars have one row per instant; the quality gate sees to that.
"""

import polars as pl

from runner.market.origin import FILE
from runner.market.streams import Stream

__all__ = ["shared_count", "shared_instants", "shared_notes"]

SAME = (pl.col("symbol") == pl.col("symbol").shift(1)) & (pl.col("known") == pl.col("known").shift(1))


def shared_instants(frame: pl.DataFrame, stream: Stream) -> tuple[str, ...]:
    """Return a note that counts the instants of a symbol whose rows come from more than one file, none without any.

    Args:
        frame: rows with `symbol`, `known` and `file`, each symbol's together.
        stream: what a row is.
    """
    return shared_notes(shared_count(frame, stream))


def shared_count(frame: pl.DataFrame, stream: Stream) -> int:
    """Return how many instants of a symbol have rows of more than one file; see `shared_instants`."""
    if stream == "bars" or _is_one(frame[FILE]):
        return 0
    rows = _in_time(frame.select("symbol", "known", FILE))
    tied = rows.filter(SAME & (pl.col(FILE) != pl.col(FILE).shift(1)))
    return tied.select("symbol", "known").n_unique() if tied.height else 0


def shared_notes(count: int) -> tuple[str, ...]:
    """Return the count in plain words, none for none."""
    if not count:
        return ()
    have = "1 instant has" if count == 1 else f"{count} instants have"
    return (f"{have} rows in more than one file; which came first, the order of the files decides",)


def _is_one(file: pl.Series) -> bool:
    """Return whether all rows are of one file; cheap, as most data are."""
    codes = file.cast(pl.Categorical).to_physical()
    return bool(codes.min() == codes.max())


def _in_time(rows: pl.DataFrame) -> pl.DataFrame:
    """Return each symbol's rows in the order of time, those of one instant in the order they came."""
    backwards = rows.select(
        ((pl.col("known") < pl.col("known").shift(1)) & (pl.col("symbol") == pl.col("symbol").shift(1))).any()
    )
    return rows.sort("symbol", "known", maintain_order=True) if backwards.item() else rows

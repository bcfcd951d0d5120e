"""Rows of one stream from several sources put together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from runner.market.batch import FORMING
from runner.market.calendar import Calendar
from runner.market.coarse import Coarse
from runner.market.gaps import Gaps
from runner.market.left_out import Door
from runner.market.origin import FILE, ROW, stamp_text
from runner.market.streams import RAW_PRICES, Stream, columns_of, price_columns

__all__ = ["Merged", "Part", "merged"]

PRICES = price_columns("bars")


@dataclass(frozen=True, slots=True)
class Part:
    """What one source gave of one stream, in the window."""

    frame: pl.DataFrame
    """Rows with their instants, under the universe's symbols."""
    levels: int
    """Book levels per side."""
    span: tuple[date, date] | None
    """First and last session date of its rows inside or outside the window; None without rows."""
    gaps: Gaps
    """Bars its calendar expects and the rows don't hold."""
    notes: tuple[str, ...]
    """What was done to the rows so far."""
    coarse: tuple[Coarse, ...] = ()
    """Tickers whose bars are longer than its policy declares."""
    door: Door = field(default_factory=Door)
    """Rows that came, and those that were left out."""
    calendar: Calendar | None = None
    """The sessions of its rows; None if its policy names none."""


@dataclass(frozen=True, slots=True)
class Merged:
    """All rows of one stream."""

    frame: pl.DataFrame
    """The rows of one source after those of the other."""
    levels: int
    """The most levels any source has; those a source doesn't have are empty."""
    span: tuple[date, date] | None
    """First and last session date of the rows inside or outside the window; None without rows."""
    gaps: tuple[Gaps, ...]
    """The gaps of each source."""
    notes: tuple[str, ...]
    """The notes of each source."""
    coarse: tuple[Coarse, ...]
    """Tickers whose bars are longer than declared, of all sources."""
    door: Door
    """Rows that came, and those that were left out."""


def merged(parts: Sequence[Part], stream: Stream) -> Merged:
    """Join the rows of one stream; prices of a source that adjusted nothing are those that were traded."""
    levels = max(part.levels for part in parts)
    spans = [part.span for part in parts if part.span is not None]
    span = (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None
    gaps, notes = tuple(part.gaps for part in parts), tuple(note for part in parts for note in part.notes)
    coarse = tuple(each for part in parts for each in part.coarse)
    door = sum((part.door for part in parts), Door())
    if len(parts) == 1:
        return Merged(parts[0].frame, levels, span, gaps, notes, coarse, door)
    adjusted = any(RAW_PRICES[0] in part.frame.columns for part in parts)
    forming = any(FORMING in part.frame.columns for part in parts)
    alike = [_alike(part.frame, columns_of(stream, levels), adjusted=adjusted, forming=forming) for part in parts]
    return Merged(pl.concat(alike, rechunk=False), levels, span, gaps, notes, coarse, door)


def _alike(frame: pl.DataFrame, values: tuple[str, ...], *, adjusted: bool, forming: bool) -> pl.DataFrame:
    """Give rows the columns that other sources' rows have, and stamps as text: sources may have stamps of several kinds."""
    absent = [name for name in values if name not in frame.columns]
    full = frame.with_columns(pl.lit(None, dtype=pl.Float64).alias(name) for name in absent)
    if adjusted and RAW_PRICES[0] not in frame.columns:
        full = full.with_columns(pl.col(price).alias(raw) for price, raw in zip(PRICES, RAW_PRICES, strict=True))
    if forming and FORMING not in frame.columns:
        full = full.with_columns(pl.lit(value=False).alias(FORMING))
    full = full.with_columns(stamp_text(full.schema["timestamp"]).alias("timestamp"), pl.col(FILE).cast(pl.String))
    index = ("symbol", "timestamp", "opened", "known", "session", FILE, ROW)
    return full.select(
        *index[:-1],
        pl.col(ROW).cast(pl.UInt32),
        *values,
        *(RAW_PRICES if adjusted else ()),
        *((FORMING,) if forming else ()),
    )

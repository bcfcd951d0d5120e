"""The contract of a data source: one file per kind in `market/sources/`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import polars as pl

from runner.errors import Fault
from runner.market.offers import Offer
from runner.market.streams import Stream
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe

__all__ = ["Raw", "Source"]


@dataclass(frozen=True, slots=True)
class Raw:
    """What a source read of one stream, before time-zone policy and quality gate."""

    frame: pl.DataFrame
    """Columns `symbol` (String), `timestamp` (Date, naive Datetime, or zone-aware Datetime), the stream's columns (Float64;
    null or NaN where unknown, see `streams.columns_of`), for adjusted bars `raw_open` … `raw_close`, and optionally `file`
    and `row`, the place a row was read from; in the source's own row order, symbols (tickers of `universe.lives` included)
    of the universe only."""
    digests: Mapping[str, str]
    """Input name (file name, relative where it was given so; request for a service) → SHA-256 of its bytes as read."""
    stream: Stream = "bars"
    """What a row is."""
    levels: int = 0
    """Book levels per side of a depth stream."""
    timezone: Timezone | None = None
    """The policy of these rows where it isn't the run's: several sources in one run, or a service that says itself what its
    stamps mean."""
    unadjusted: bool = False
    """Whether the user chose prices as traded where adjusted ones were to be had: splits in them are no surprise then."""
    as_of: int | None = None
    """UTC nanoseconds at which the rows were read from a live service; a bar known later was still forming. None: nobody
    says, and whoever loads the rows may say it."""
    notes: tuple[str, ...] = ()
    """What the source did to the values, in plain words, for `quality.json` (e.g. that prices were adjusted)."""


@runtime_checkable
class Source(Protocol):
    """A kind of the `data` family."""

    def check(self, universe: Universe) -> list[Fault]:
        """Return what is wrong that can be seen without reading rows: missing files, missing columns, unknown symbols."""

    def offers(self, universe: Universe) -> Mapping[Stream, Offer]:
        """Return what `read` will give, as far as that can be told without reading rows; see `offers`. Raises nothing."""

    def read(self, universe: Universe) -> tuple[Raw, ...]:
        """Read the universe's rows, one `Raw` per stream; raises `DataError`."""

"""The contract of a data source: one file per kind in `market/sources/`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import polars as pl

from runner.errors import Fault
from runner.spec.universe import Universe

__all__ = ["RawBars", "Source"]


@dataclass(frozen=True, slots=True)
class RawBars:
    """What a source read, before time-zone policy and quality gate."""

    frame: pl.DataFrame
    """Columns `symbol` (String), `timestamp` (Date, naive Datetime, or zone-aware Datetime), `open`, `high`, `low`, `close`,
    `volume` (Float64; volume null where unknown), in the source's own row order, symbols of the universe only."""
    digests: Mapping[str, str]
    """Input name (file name, relative where it was given so) → SHA-256 of its bytes as read."""
    notes: tuple[str, ...] = ()
    """What the source did to the values, in plain words, for `quality.json` (e.g. that prices were adjusted)."""


@runtime_checkable
class Source(Protocol):
    """A kind of the `data` family."""

    def check(self, universe: Universe) -> list[Fault]:
        """Return what is wrong that can be seen without reading rows: missing files, missing columns, unknown symbols."""

    def read(self, universe: Universe) -> RawBars:
        """Read the universe's bars; raises `DataError`."""

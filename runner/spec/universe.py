"""The instruments a run trades, and when a ticker means which."""

from typing import Annotated, Literal

from pydantic import Field

from runner.spec.kind import Spec
from runner.spec.signal import NodeName
from runner.units import Day, Name, Symbol

__all__ = ["Life", "Universe"]


class Life(Spec):
    """A stretch of session dates, both included, during which a ticker of the source is this instrument."""

    ticker: Symbol | None = None
    """Ticker in the source during this stretch, if it was another: QQQ traded as QQQQ from 2004 to 2011."""
    start: Day | None = None
    """First session date, quoted; null means as far back as the data reach."""
    end: Day | None = None
    """Last session date, quoted; null means as far as the data reach."""


class Universe(Spec):
    """Which symbols are read and traded."""

    symbols: Annotated[tuple[Symbol, ...], Field(strict=False, min_length=1, json_schema_extra={"uniqueItems": True})]
    """Tickers as the data source spells them, each once and quoted."""
    lives: dict[Symbol, Annotated[tuple[Life, ...], Field(strict=False, min_length=1)]] = Field(default={})
    """Symbol → the stretches that are this instrument, for tickers that were renamed or used again. Rows outside of them are
    another instrument's and are left out, counted in `quality.json`. Stretches of one symbol must not overlap."""
    groups: dict[NodeName, dict[Name, Annotated[tuple[Symbol, ...], Field(strict=False, min_length=1)]]] = Field(default={})
    """Name of a grouping → group → its symbols, e.g. sectors. Expressions use a grouping by its name: a number that is equal
    for symbols of one group, undefined for a symbol in none."""
    currencies: dict[Symbol, Name] = Field(default={})
    """Symbol → the currency its prices are in, e.g. USD. Nothing converts one into another, so that two different ones are
    refused; of a symbol that isn't named, the currency is taken to be that of the others."""
    late: Literal["keep", "error"] = "keep"
    """What to do with a symbol whose first session comes after the first of the universe: trade it from then on, or
    refuse."""
    early: Literal["keep", "error"] = "keep"
    """What to do with a symbol whose last session comes before the last of the universe: hold what is held to its last
    price, or refuse."""

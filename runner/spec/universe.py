"""The instruments a run trades."""

from typing import Annotated

from pydantic import Field

from runner.spec.kind import Spec
from runner.units import Symbol

__all__ = ["Universe"]


class Universe(Spec):
    """Which symbols are read and traded."""

    symbols: Annotated[tuple[Symbol, ...], Field(strict=False, min_length=1)]
    """Tickers as the data source spells them, each once and quoted."""

"""The venue that comes with Runner."""

from typing import Literal

from pydantic import NonNegativeInt

from runner.spec.kind import Kind
from runner.units import Positive

__all__ = ["Embedded"]


class Embedded(Kind):
    """The run's own data, from the session's start on, played by a venue on this machine that speaks TickDB's protocol."""

    kind: Literal["embedded"] = "embedded"
    dialect: Literal["tickdb_v1", "article"] = "tickdb_v1"
    """Which words the stream is asked in: TickDB's own, or those of the article that the reference strategy is from."""
    speed: Positive | None = None
    """Seconds of the market per second; null to play as fast as the session keeps up, so that nothing is left out."""
    faults: str | None = None
    """A YAML file with what goes wrong at the venue, and how often; null for nothing."""
    seed: NonNegativeInt = 0
    """Seed of what goes wrong."""

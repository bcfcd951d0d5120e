"""The venue that comes with Runner."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt

from runner.spec.kind import Kind
from runner.units import Positive

Variable = Annotated[str, Field(pattern=r"^[A-Z_][A-Z0-9_]{0,63}$")]

__all__ = ["Embedded"]


class Embedded(Kind):
    """The run's own data, from the session's start on, played by a venue on this machine that speaks TickDB's protocol."""

    kind: Literal["embedded"] = "embedded"
    dialect: Literal["tickdb_v1", "article"] = "tickdb_v1"
    """Which words the stream is asked in: TickDB's own, or those of the article that the reference strategy is from."""
    base_url: Annotated[str, Field(pattern=r"^http://(127\.0\.0\.1|localhost):[0-9]{1,5}$")] | None = None
    """Where it listens if it runs by itself (`runner venue`), and then outlives the session; null to start one."""
    key_env: Variable = "RUNNER_EMBEDDED_KEY"
    """Name of the environment variable that holds its key; a session that starts it makes one up."""
    speed: Positive | None = None
    """Seconds of the market per second; null to play as fast as the session keeps up, so that nothing is left out. Of a
    venue that runs by itself: how it was told to play."""
    faults: str | None = None
    """A YAML file with what goes wrong at the venue, and how often; null for nothing."""
    seed: NonNegativeInt = 0
    """Seed of what goes wrong."""

"""TickDB's stream of market data."""

from typing import Annotated, Literal

from pydantic import Field

from runner.spec.kind import Kind

__all__ = ["Tickdb"]


class Tickdb(Kind):
    """TickDB over its WebSocket: trades and books of up to as many symbols as the plan allows."""

    kind: Literal["tickdb"] = "tickdb"
    dialect: Literal["tickdb_v1", "article"] = "tickdb_v1"
    """Which words the stream is asked in."""
    address: Annotated[str, Field(pattern=r"^wss?://[^\s/?#]+(/[^\s?#]*)?$")] = "wss://api.tickdb.ai/v1/realtime"
    """Where the stream is."""
    rest: Annotated[str, Field(pattern=r"^https?://[^\s/?#]+$")] | None = "https://api.tickdb.ai"
    """Where bars for holes in the stream are asked for; null leaves holes as they are."""
    key: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")] = "TICKDB_API_KEY"
    """Name of the environment variable with the key."""

"""Binance's streams of market data."""

from typing import Annotated, Literal

from pydantic import Field

from runner.spec.kind import Kind

__all__ = ["Binance"]


class Binance(Kind):
    """Coins at Binance, spot: trades, and books from a snapshot and the differences since. It asks nobody for a key."""

    kind: Literal["binance"] = "binance"
    address: Annotated[str, Field(pattern=r"^wss?://[^\s/?#]+(/[^\s?#]*)?$")] = "wss://stream.binance.com:9443"
    """Where the streams are; combined streams are asked for below it."""
    rest: Annotated[str, Field(pattern=r"^https?://[^\s/?#]+$")] | None = "https://api.binance.com"
    """Where whole books and bars for holes are asked for; null leaves holes as they are, and has no books."""

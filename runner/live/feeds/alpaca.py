"""Alpaca's streams of market data."""

from typing import Annotated, Literal

from pydantic import Field

from runner.spec.kind import Kind

__all__ = ["Alpaca"]

Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]


class Alpaca(Kind):
    """Shares, or coins, at Alpaca: trades and quotes, and books of coins. One connection per account.

    Bars are built from trades. What a broken connection missed stays a hole, and is told as one.
    """

    kind: Literal["alpaca"] = "alpaca"
    address: Annotated[str, Field(pattern=r"^wss?://[^\s/?#]+(/[^\s?#]*)?$")] = "wss://stream.data.alpaca.markets/v2/iex"
    """Where the stream is: the feed `iex` is free, `sip` is all exchanges; coins are under `/v1beta3/crypto/us`."""
    key: Variable = "APCA_API_KEY_ID"
    """Name of the environment variable with the key's id."""
    secret: Variable = "APCA_API_SECRET_KEY"  # noqa: S105 - the name of a variable
    """Name of the environment variable with its secret."""

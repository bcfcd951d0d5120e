"""An account at Alpaca."""

from typing import ClassVar, Literal

from runner.live.accounts import Broker, Variable, stream_of
from runner.live.brokers.alpaca import PROFILE, AlpacaContract
from runner.live.contract import Contract
from runner.live.model import Instrument
from runner.live.private_stream import ALPACA
from runner.live.profile import Profile
from runner.live.service import Credentials, Scheme, Service

__all__ = ["Alpaca"]

ADDRESSES = {"paper": "https://paper-api.alpaca.markets", "live": "https://api.alpaca.markets"}


class Alpaca(Broker):
    """Shares at Alpaca, with its paper money or with yours. What isn't possible there, `runner.live.brokers.alpaca` says."""

    kind: Literal["alpaca"] = "alpaca"
    environment: Literal["paper", "live"] = "paper"
    """Which of Alpaca's two worlds; each has keys of its own."""
    key_env: Variable = "APCA_API_KEY_ID"
    """Name of the environment variable that holds the key's id; never the id itself."""
    secret_env: Variable = "APCA_API_SECRET_KEY"  # noqa: S105 - the name of a variable
    """Name of the environment variable that holds its secret."""
    base_url: str | None = None
    """Scheme, host and port of something else that speaks for Alpaca; null means Alpaca."""

    moves_money: ClassVar[bool] = True

    @property
    def place(self) -> str:
        """Return which world."""
        return self.environment

    def contract(self, instruments: dict[str, Instrument]) -> Contract:
        """Return Alpaca's dialect."""
        return AlpacaContract(instruments)

    def profile(self) -> Profile:
        """Return what Alpaca promises."""
        return PROFILE

    def service(self) -> Service:
        """Return Alpaca's addresses."""
        rest = self.base_url or ADDRESSES[self.environment]
        variables = (("APCA-API-KEY-ID", self.key_env), ("APCA-API-SECRET-KEY", self.secret_env))
        return Service(rest, stream_of(rest, "/stream"), Credentials(Scheme.ALPACA, variables), ALPACA)

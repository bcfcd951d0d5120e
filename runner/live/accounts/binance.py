"""A spot account at Binance."""

from typing import ClassVar, Literal

from runner.live.accounts import Broker, Variable, stream_of
from runner.live.brokers.binance import PROFILE, BinanceContract
from runner.live.contract import Contract
from runner.live.model import Instrument
from runner.live.private_stream import BINANCE
from runner.live.profile import Profile
from runner.live.service import Credentials, Scheme, Service

__all__ = ["Binance"]

ADDRESSES = {
    "testnet": ("https://testnet.binance.vision", "wss://ws-api.testnet.binance.vision/ws-api/v3"),
    "live": ("https://api.binance.com", "wss://ws-api.binance.com:443/ws-api/v3"),
}


class Binance(Broker):
    """Coins at Binance, spot, signed with an HMAC key. What isn't possible there, `runner.live.brokers.binance` says."""

    kind: Literal["binance"] = "binance"
    environment: Literal["testnet", "live"] = "testnet"
    """Which of Binance's two worlds; each has keys of its own."""
    key_env: Variable = "BINANCE_API_KEY"
    """Name of the environment variable that holds the key; never the key itself."""
    secret_env: Variable = "BINANCE_API_SECRET"  # noqa: S105 - the name of a variable
    """Name of the environment variable that holds its secret."""
    base_url: str | None = None
    """Scheme, host and port of something else that speaks for Binance; null means Binance."""

    moves_money: ClassVar[bool] = True

    @property
    def place(self) -> str:
        """Return which world."""
        return self.environment

    def contract(self, instruments: dict[str, Instrument]) -> Contract:
        """Return Binance's dialect."""
        return BinanceContract(instruments)

    def profile(self) -> Profile:
        """Return what Binance promises."""
        return PROFILE

    def service(self) -> Service:
        """Return Binance's addresses."""
        rest, stream = ADDRESSES[self.environment]
        if self.base_url is not None:
            rest, stream = self.base_url, stream_of(self.base_url, "/ws-api/v3")
        variables = (("X-MBX-APIKEY", self.key_env), ("secret", self.secret_env))
        return Service(rest, stream, Credentials(Scheme.BINANCE, variables), BINANCE)

"""An account at a venue that speaks TickDB's trading dialect."""

from typing import Literal

from runner.live.accounts import Broker, Variable, stream_of
from runner.live.brokers.tickdb import PROFILE, TickdbContract
from runner.live.contract import Contract
from runner.live.model import Instrument
from runner.live.private_stream import HEARTBEATS
from runner.live.profile import Profile
from runner.live.service import Credentials, Scheme, Service

__all__ = ["Tickdb"]


class Tickdb(Broker):
    """A venue of yours that speaks TickDB's trading dialect, such as an embedded venue that runs by itself.

    The service TickDB sells market data alone: there are no orders to be sent to it.
    """

    kind: Literal["tickdb"] = "tickdb"
    base_url: str = "http://127.0.0.1:8750"
    """Scheme, host and port. Plain http is accepted for this machine only."""
    key_env: Variable = "TICKDB_API_KEY"
    """Name of the environment variable that holds the key; never the key itself."""

    @property
    def place(self) -> str:
        """Return where: the address is all there is to tell two of them apart."""
        return self.base_url

    def contract(self, instruments: dict[str, Instrument]) -> Contract:
        """Return TickDB's trading dialect."""
        return TickdbContract(instruments)

    def profile(self) -> Profile:
        """Return what the venue promises."""
        return PROFILE

    def service(self) -> Service:
        """Return where it listens."""
        credentials = Credentials(Scheme.HEADERS, (("X-API-Key", self.key_env),))
        return Service(self.base_url, stream_of(self.base_url, "/v1/trade/stream"), credentials, HEARTBEATS)

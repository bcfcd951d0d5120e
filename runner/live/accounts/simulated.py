"""An account at anything that speaks the plain dialect."""

from typing import Literal

from runner.live.accounts import Broker, Variable, stream_of
from runner.live.brokers.plain import PlainContract
from runner.live.contract import Contract
from runner.live.model import Instrument
from runner.live.private_stream import HEARTBEATS
from runner.live.profile import SECOND, IdScope, Profile
from runner.live.service import Credentials, Scheme, Service

__all__ = ["Simulated"]

PROFILE = Profile(
    name="simulated",
    ids=IdScope.ALL,
    valid_ns=5 * SECOND,
    visible_ns=SECOND,
    has_replace=True,
    orders_per_window=100,
    requests_per_window=500,
    window_ns=10 * SECOND,
)


class Simulated(Broker):
    """A simulator of yours, or a gateway before another broker: it speaks the dialect of `runner.live.brokers.plain`.

    It has to keep what the profile says: no id taken twice, no order taken five seconds after its stamp, and everything that
    happened in every answer a second later.
    """

    kind: Literal["simulated"] = "simulated"
    base_url: str = "http://127.0.0.1:8760"
    """Scheme, host and port. Plain http is accepted for this machine only."""
    stream_path: str = "/v1/stream"
    """Path of the private stream there."""
    key_env: Variable | None = None
    """Name of the environment variable that holds the key of the header X-API-Key; null sends none."""

    @property
    def place(self) -> str:
        """Return that nothing here is real."""
        return "simulated"

    def contract(self, instruments: dict[str, Instrument]) -> Contract:
        """Return the plain dialect."""
        return PlainContract(instruments)

    def profile(self) -> Profile:
        """Return what it has to keep."""
        return PROFILE

    def service(self) -> Service:
        """Return where it listens."""
        variables = () if self.key_env is None else (("X-API-Key", self.key_env),)
        stream = stream_of(self.base_url, self.stream_path)
        return Service(self.base_url, stream, Credentials(Scheme.HEADERS, variables), HEARTBEATS)

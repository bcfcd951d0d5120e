"""The account of the venue that a session starts for itself."""

from typing import Literal

from runner.errors import ConfigError, Fault
from runner.live.accounts import Broker, Variable, stream_of
from runner.live.brokers.tickdb import PROFILE, TickdbContract
from runner.live.contract import Contract
from runner.live.model import Instrument
from runner.live.private_stream import HEARTBEATS
from runner.live.profile import Profile
from runner.live.service import Credentials, Scheme, Service

__all__ = ["Embedded"]


class Embedded(Broker):
    """The embedded venue, in the session's own process or beside it: no account, no money, no key of yours."""

    kind: Literal["embedded"] = "embedded"
    base_url: str | None = None
    """Where it listens; null leaves it to the session, which starts it."""
    key_env: Variable = "RUNNER_EMBEDDED_KEY"
    """Name of the variable that holds its key; a session that starts it makes one up."""

    @property
    def place(self) -> str:
        """Return that nothing here is real."""
        return "embedded"

    def at(self, base_url: str) -> "Embedded":
        """Return the account of the venue that listens at an address of this machine."""
        return Embedded.model_validate(self.model_dump() | {"base_url": base_url})

    def contract(self, instruments: dict[str, Instrument]) -> Contract:
        """Return TickDB's trading dialect, which it speaks."""
        return TickdbContract(instruments)

    def profile(self) -> Profile:
        """Return what the venue promises."""
        return PROFILE

    def service(self) -> Service:
        """Return where it listens.

        Raises:
            ConfigError: nobody has started it.
        """
        if self.base_url is None:
            write = "It lives as long as the session that starts it."
            raise ConfigError(Fault("broker.base_url", "must be known: the embedded venue isn't running", "null", write))
        credentials = Credentials(Scheme.HEADERS, (("X-API-Key", self.key_env),))
        return Service(self.base_url, stream_of(self.base_url, "/v1/trade/stream"), credentials, HEARTBEATS)

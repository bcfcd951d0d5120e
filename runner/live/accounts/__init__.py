"""Where orders go in `mode=live`: one file per kind of account. What venues say and promise is in `runner.live.brokers`.

A kind names addresses, the environment variables that hold its credentials, and the two things a session needs to know about
the venue: its contract and its profile. It holds no secret and opens nothing; `runner.live.edge.doors` does.
"""

import re
from abc import abstractmethod
from hashlib import sha256
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from runner.live.contract import Contract
from runner.live.model import Instrument
from runner.live.profile import Profile
from runner.live.service import Service
from runner.spec.kind import Kind
from runner.units import Name, Symbol

__all__ = ["Broker", "Step", "Variable"]

Step = Annotated[str, StringConstraints(pattern=r"^(0\.0{0,11}[1-9][0-9]{0,11}|[1-9][0-9]{0,11}(\.[0-9]{1,12})?)$")]
"""A step of prices or quantities, as quoted decimal text above zero."""
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z_][A-Z0-9_]{0,63}$")]
"""Name of an environment variable, in capitals."""


class Broker(Kind):
    """A kind of the `broker` family."""

    account: Name = "main"
    """What this account is called. Order ids are made of it: sessions of one account must use one name."""
    ticks: dict[Symbol, Step] = Field(default={})
    """Smallest step of a symbol's price, quoted, where the venue doesn't tell it: {ABC: "0.01"}."""
    lots: dict[Symbol, Step] = Field(default={})
    """Smallest step of a symbol's quantity, quoted, where the venue doesn't tell it."""
    currency: Name = "USD"
    """What these symbols are quoted in, where the venue doesn't tell it."""

    moves_money: ClassVar[bool] = False
    """Whether orders of this kind can be of real money, whatever its keys say."""

    @property
    @abstractmethod
    def place(self) -> str:
        """Return which of the venue's worlds it is: `paper`, `testnet`, `live` and the like."""

    @abstractmethod
    def contract(self, instruments: dict[str, Instrument]) -> Contract:
        """Return the venue's adapter for instruments; none for questions that need none."""

    @abstractmethod
    def profile(self) -> Profile:
        """Return what the venue promises."""

    @abstractmethod
    def service(self) -> Service:
        """Return where the account is reached.

        Raises:
            ConfigError: that isn't known.
        """

    @property
    def fingerprint(self) -> str:
        """Return what a journal knows the account by: kind, world and name; nothing of the credentials."""
        return sha256(f"{self.kind}|{self.place}|{self.account}".encode()).hexdigest()[:16]


def stream_of(rest: str, path: str) -> str:
    """Return the address of a stream below the address of requests."""
    return re.sub(r"^http", "ws", rest.rstrip("/")) + path

"""What a session is told before it begins: who it is, what it trades, what it may, and how often it looks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from runner.errors import ConfigError, Fault
from runner.live.events import canonical
from runner.live.limits import Limits
from runner.live.model import Instrument, Permission
from runner.live.money import text_of
from runner.live.profile import MS, SECOND, Profile

__all__ = ["ForeignPolicy", "Setup", "instruments_of"]


def instruments_of(head: Mapping[str, str]) -> dict[str, Instrument]:
    """Return the instruments that a journal's head holds, as `Setup.head` wrote them."""
    lines: dict[str, tuple[str, str, str]] = json.loads(head["instruments"])
    return {
        symbol: Instrument(symbol, Decimal(tick), Decimal(lot), currency) for symbol, (tick, lot, currency) in lines.items()
    }


class ForeignPolicy(StrEnum):
    """What is done about orders and executions of the account that are not ours; all of them count in risk."""

    REFUSE = "refuse"
    """They latch the session: somebody else trades this account."""
    ADOPT = "adopt"
    """They are cancelled with our own when the session is latched."""
    COUNT = "count"
    """They are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """One session."""

    account: str
    """Fingerprint of the account."""
    run: str
    """Id of the run; with the account it makes the order ids."""
    environment: str
    """`paper` or `live`, as the venue calls it."""
    config: str
    """Fingerprint of the configuration."""
    code: str
    """Fingerprint of the program."""
    instruments: Mapping[str, Instrument]
    currency: str
    profile: Profile
    limits: Limits
    versions: Mapping[str, str]
    """Of whatever might make another program of it: Python, SQLite, time zones."""
    foreign: ForeignPolicy = ForeignPolicy.REFUSE
    accept_change: bool = False
    """Whether a configuration or program other than the journal's was asked for by name."""
    cancel_on_stop: bool = True
    resume: str | None = None
    """The operator's reason for taking the latch off, once everything is reconciled; None to leave it."""
    resume_adjusts: bool = False
    """Whether the operator takes the venue's positions and cash for right where ours differ."""
    resume_absent: frozenset[str] = frozenset()
    """Orders that the operator knows the venue doesn't have, where nothing else proves it."""
    recover_ns: int = 60 * SECOND
    """How long a recovery may take."""
    drain_ns: int = 30 * SECOND
    """How long a session that stops waits for proof of its orders."""
    halt_ns: int = 600 * SECOND
    """How long a latched session tries to cancel before it ends with a list of what it couldn't."""
    pulse_ns: int = 250 * MS
    resolve_ns: int = SECOND
    sweep_ns: int = 5 * SECOND
    """How often all executions and open orders are asked for, whatever the stream says."""
    compare_ns: int = 60 * SECOND
    """How often positions and cash are compared."""
    mark_ns: int = SECOND
    stall_ns: int = 2 * SECOND
    """How long a commit of the journal may take before the session is degraded."""
    snapshot_rows: int = 50_000
    """Lines of the journal between two snapshots, at least."""

    def __post_init__(self) -> None:
        """Hold the instruments to one currency.

        Raises:
            ConfigError: an instrument has another currency than the session, or a limit names one that isn't there.
        """
        faults = [
            Fault(f"instruments.{each.symbol}", "must be quoted in the session's currency", each.currency, self.currency)
            for each in self.instruments.values()
            if each.currency != self.currency
        ]
        faults += [
            Fault("limits.symbols", "must name instruments of the session", symbol)
            for symbol in self.limits.symbols - self.instruments.keys()
        ]
        if faults:
            raise ConfigError(faults)

    def permitted(self, permission: Permission | None) -> "Setup":
        """Return the same with what the operator left in the journal for the next session; his word of now goes first."""
        if permission is None or self.resume is not None:
            return self
        reason, adjusts, absent = permission
        return replace(self, resume=reason, resume_adjusts=adjusts, resume_absent=frozenset(absent))

    def head(self) -> dict[str, str]:
        """Return what a journal of this session begins with."""
        return {
            "account": self.account,
            "run": self.run,
            "environment": self.environment,
            "config": self.config,
            "code": self.code,
            "currency": self.currency,
            "instruments": self._instruments(),
            **{f"version.{name}": version for name, version in self.versions.items()},
        }

    def _instruments(self) -> str:
        """Return ticks and lots: the unit of every number in the journal."""
        return canonical(
            {each.symbol: [text_of(1, each.tick), text_of(1, each.lot), each.currency] for each in self.instruments.values()}
        )

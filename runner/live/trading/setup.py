"""From the words of a run to what its live session is given: instruments, limits, and who it is."""

import sqlite3
import sys
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from importlib.metadata import version

from runner.duration import nanoseconds
from runner.live.accounts import Broker
from runner.live.limits import Limits, tightened
from runner.live.model import Instrument
from runner.live.money import money_of
from runner.live.profile import SECOND
from runner.live.setup import ForeignPolicy, Setup
from runner.spec.run import RunSpec
from runner.spec.session import UNLIMITED, Session

__all__ = ["limits_of_run", "setup_of"]

REJECTS_WITHIN = 60 * SECOND


def limits_of_run(spec: RunSpec, session: Session) -> Limits:
    """Return what every order is held to: the session's limits, and the run's risk overlay where that is tighter.

    Raises:
        ConfigError: A risk rule asks for what the gate can't count.
    """
    said = session.limits
    own = Limits(
        symbols=frozenset(spec.universe.symbols),
        order_units=_decimal(said.order_units),
        order_value=_money(said.order_value),
        position_units=_decimal(said.position_units),
        position_value=_money(said.position_value),
        position_share=None,
        gross_value=_money(said.gross_value),
        gross_share=None,
        net_value=_money(said.net_value),
        net_share=None,
        open_value=_money(said.open_value),
        collar=None if said.collar == UNLIMITED else Fraction(str(said.collar)),
        max_age_ns=nanoseconds(said.max_age),
        held_fresh=False,
        duplicate_ns=None if said.duplicate == UNLIMITED else nanoseconds(said.duplicate),
        rate_orders=_count(said.rate_orders),
        rate_ns=nanoseconds(said.rate_window),
        rate_per_symbol=False,
        day_orders=_count(said.day_orders),
        loss_share=None,
        loss_value=_money(said.loss_value),
        loss_since_close=False,
        loss_halts=True,
        drawdown_share=None,
        rejects=_count(said.rejects),
        rejects_ns=REJECTS_WITHIN,
        repeats=_count(said.repeats),
    )
    return tightened(own, spec.risk.rules.items())


def setup_of(  # noqa: PLR0913 - keywords, each of another origin
    spec: RunSpec,
    session: Session,
    *,
    broker: Broker,
    instruments: Mapping[str, Instrument],
    run: str,
    code: str,
    resume: Mapping[str, object] | None = None,
) -> Setup:
    """Return what a session is told before it begins.

    Args:
        spec: The run.
        session: Its session.
        broker: The account.
        instruments: What is traded, in the venue's steps.
        run: Id of the run directory: with the account it makes the order ids.
        code: Digest of the program.
        resume: What the operator wrote for this start: see `Setup.resume`.
    """
    return Setup(
        account=broker.fingerprint,
        run=run,
        environment=broker.place,
        config=spec.hash,
        code=code,
        instruments=instruments,
        currency=next(iter(instruments.values())).currency,
        profile=broker.profile(),
        limits=limits_of_run(spec, session),
        versions={"python": sys.version.split()[0], "sqlite": sqlite3.sqlite_version, "tzdata": version("tzdata")},
        foreign=ForeignPolicy(session.foreign),
        cancel_on_stop=session.cancel_on_stop,
        **(resume or {}),  # type: ignore[arg-type]
    )


def _decimal(bound: float | str) -> Decimal | None:
    return None if bound == UNLIMITED else Decimal(str(bound))


def _money(bound: float | str) -> int | None:
    return None if bound == UNLIMITED else money_of(Decimal(str(bound)))


def _count(bound: int | str) -> int | None:
    return None if bound == UNLIMITED else int(bound)

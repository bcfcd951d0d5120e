"""The session's side of an account: instruments as the venue trades them, setup, gate, orders."""

import json
import os
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from runner.archive.files import write_text
from runner.archive.provenance import code_of
from runner.errors import ConfigError, Fault, RunError
from runner.live.accounts.embedded import Embedded
from runner.live.catalogue import Catalogue
from runner.live.contract import Contract, NotFound
from runner.live.edge.clock import MachineChance, MachineClock
from runner.live.edge.lock import account_lock
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.model import Instrument
from runner.live.ports import Alarm, Clock, Kill, NoAnswer, Ports, Response, Rest
from runner.live.session import Session
from runner.live.trading.router import Router
from runner.live.trading.setup import setup_of
from runner.prepare import Prepared
from runner.sessions.doors import Account
from runner.sessions.sitting import Live
from runner.spec.run import RunSpec, canonical_json
from runner.spec.session import Session as SessionSpec

__all__ = ["instruments_at", "kept_instruments", "live_part"]

TIMEOUT_NS = 10_000_000_000
AGAIN_NS = 500_000_000
TRIES = 6
INSTRUMENTS = "instruments.json"


async def live_part(
    prepared: Prepared, session: SessionSpec, account: Account, folder: Path, alarm: Alarm, kill: Kill
) -> Live:
    """Return the session with an account, not begun yet.

    Raises:
        ConfigError: A symbol isn't traded there, its steps aren't known, or sizes aren't whole lots of it.
        RunError: Another session of this machine has the account.
    """
    broker, spec = account.broker, prepared.spec
    instruments = kept_instruments(folder)
    if not instruments:
        instruments = await instruments_at(account, tuple(spec.universe.symbols))
        _keep(folder, instruments)
    faults = _lot_faults(prepared, instruments)
    if faults:
        raise ConfigError(faults)
    code = canonical_json(dict(code_of()))
    setup = setup_of(spec, session, broker=broker, instruments=instruments, run=folder.name, code=code)
    router = Router(spec.universe.symbols, instruments, reach=session.reach)
    contract = broker.contract(instruments)
    disk = SqliteDisk(folder, _lock_of(account, spec))
    ports = Ports(MachineClock(), MachineChance(), account.rest, account.stream, disk, alarm, kill)
    return Live(Session(ports, setup, contract, router), router, instruments)


def _lock_of(account: Account, spec: RunSpec) -> Path | None:
    """Return the file that keeps other sessions of this machine from the account; None of one that is the session's own."""
    if isinstance(spec.broker, Embedded) and spec.broker.base_url is None:
        return None
    return account_lock(account.broker.fingerprint, account.broker.service().rest, os.environ)


async def instruments_at(account: Account, symbols: tuple[str, ...]) -> dict[str, Instrument]:
    """Return the steps of symbols: those the configuration writes, else those the venue tells.

    Raises:
        ConfigError: A symbol isn't traded there, or nobody knows its steps.
        RunError: The venue doesn't answer.
    """
    broker = account.broker
    contract, found, faults = broker.contract({}), dict[str, Instrument](), list[Fault]()
    clock = MachineClock()
    for symbol in symbols:
        if symbol in broker.ticks and symbol in broker.lots:
            steps = Decimal(broker.ticks[symbol]), Decimal(broker.lots[symbol])
            found[symbol] = Instrument(symbol, *steps, broker.currency)
            continue
        told = await _terms(contract, account.rest, symbol, clock)
        if isinstance(told, Instrument):
            found[symbol] = told
        else:
            fix = f'Write broker.ticks.{symbol}="0.01" and broker.lots.{symbol}="1", or leave the symbol out.'
            faults.append(Fault(f"universe.symbols.{symbol}", f"must be traded at {broker.kind} in known steps", told, fix))
    if faults:
        raise ConfigError(faults)
    return found


async def _terms(contract: Contract, rest: Rest, symbol: str, clock: Clock) -> Instrument | str:
    """Ask the venue about a symbol, again while it is busy or failing; return what it says, or why it isn't known.

    Raises:
        RunError: The venue doesn't answer.
    """
    if not isinstance(contract, Catalogue):
        return "the venue doesn't tell"
    said: Response | None = None
    for tried in range(TRIES):
        if tried:
            asked = None if said is None else contract.limit(said)
            await clock.sleep(max(AGAIN_NS, (asked.retry_after_ns or 0) if asked is not None else 0))
        try:
            said = await rest.send(contract.terms(symbol), timeout_ns=TIMEOUT_NS)
        except NoAnswer:
            said = None
            continue
        told = contract.read_terms(said, symbol)
        if isinstance(told, Instrument):
            return told
        if isinstance(told, NotFound):
            return "not traded there"
    if said is None:
        fix = "Look whether the venue can be reached and the address is right."
        raise RunError(Fault("broker", "must answer", "no answer", fix))
    return f"status {said.status}"


def _lot_faults(prepared: Prepared, instruments: Mapping[str, Instrument]) -> list[Fault]:
    """Return a fault if sizes come in steps that aren't whole lots."""
    step = getattr(prepared.spec.sizing, "lot", None)
    if step is None:
        return []
    for symbol, instrument in instruments.items():
        if not step > 0 or Decimal(str(step)) % instrument.lot:
            fix = f"Write sizing.lot={instrument.lot}, or a multiple of it."
            must = f"must be a multiple of the lot that {symbol} is traded in, {instrument.lot}"
            return [Fault("sizing.lot", must, str(step), fix)]
    return []


def _keep(folder: Path, instruments: Mapping[str, Instrument]) -> None:
    """Write the instruments into the run directory: a session that goes on must count in the same units."""
    told = {each.symbol: [str(each.tick), str(each.lot), each.currency] for each in instruments.values()}
    write_text(folder / INSTRUMENTS, json.dumps(told, indent=1) + "\n")


def kept_instruments(folder: Path) -> dict[str, Instrument]:
    """Return the instruments of a run directory; none if it has none."""
    path = folder / INSTRUMENTS
    if not path.is_file():
        return {}
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {
        symbol: Instrument(symbol, Decimal(tick), Decimal(lot), currency) for symbol, (tick, lot, currency) in told.items()
    }

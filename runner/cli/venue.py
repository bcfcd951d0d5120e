"""`runner venue [OVERRIDES] [flags]`: the embedded venue by itself, until its tape ends or it is stopped.

1. The data are read as a run would read them; what lies before `--from` is history, the rest is played.
2. The addresses are printed, and where the key is: in a file that its owner alone can read, never on the terminal.
3. Whoever connects may be killed and come back: orders, fills and cash live here. At the end they go to `--truth`.
"""

import json
import os
import shutil
import tempfile
import time
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from runner.cli.data_spec import DataSpec, data_spec
from runner.cli.flags import Flags
from runner.errors import ConfigError, Fault, RunError
from runner.market.tickdb.days import days_window
from runner.market.tickdb.secret import Secret
from runner.report.progress import Bar
from runner.venue.server.edge import write_key
from runner.venue.server.fault_plan import FaultPlan, read_plan
from runner.venue.server.settings import Settings
from runner.venue.server.venue import Venue

__all__ = ["run"]

LARGEST_PORT = 65_535
LOOK_SECONDS = 0.5
FAR_MS = 4_102_444_800_000
"""2100: no tape reaches so far."""


def run(words: list[str]) -> int:
    """Serve until the tape ends or somebody stops it; exit code 0 either way."""
    given, rest = _flags().split(words)
    faults = _faults(given)
    if faults:
        raise ConfigError(faults)
    key = _key(given.key_env)
    plan = FaultPlan() if given.faults is None else read_plan(Path(given.faults))
    with Bar(Console(stderr=True)) as bar:
        spec = data_spec(rest)
        bar.stage("reading data")
        tapes = spec.load().tapes
    venue = Venue(tapes, _settings(given, spec, plan), key=key)
    console = Console(soft_wrap=True, highlight=False)
    folder = None if given.key_file or key else Path(tempfile.mkdtemp(prefix="runner-venue-"))
    try:
        path = Path(given.key_file) if given.key_file else None if folder is None else folder / "key"
        if path is not None:
            write_key(path, venue.key)
        _serve(venue, console, f"in the environment as {given.key_env}" if path is None else f"in {path}", given)
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _serve(venue: Venue, console: Console, where: str, given: Any) -> None:
    try:
        venue.start()
        for name, address in _addresses(venue).items():
            console.print(f"{name:<8} {address}")
        console.print(f"key      {where}, to be sent as the header X-API-Key")
        with suppress(KeyboardInterrupt):
            while given.stay or not venue.played.is_set():
                venue.played.wait(LOOK_SECONDS) if not venue.played.is_set() else time.sleep(LOOK_SECONDS)
    finally:
        _end(venue, console, given.truth)


def _end(venue: Venue, console: Console, path: str | None) -> None:
    """Stop, write the truth, and say what happened."""
    if not venue.has_started:
        return
    try:
        venue.stop()
    finally:
        truth = venue.truth()
        if path is not None:
            _write(Path(path), truth)
        console.print(Text(_summary(truth)))


def _summary(truth: dict[str, Any]) -> str:
    told = f"instants {truth['instants']:,}, orders {len(truth['orders']):,}, fills {len(truth['fills']):,}"
    faults = ", ".join(f"{kind} {times}" for kind, times in truth["faults"].items())
    return f"{told}, {truth['cash']} {truth['currency']} in cash{f'; faults: {faults}' if faults else ''}"


def _addresses(venue: Venue) -> dict[str, str]:
    return {
        "rest": venue.rest_url,
        "market": venue.market_url,
        "article": venue.article_url,
        "private": venue.private_url,
    }


def _write(path: Path, truth: dict[str, Any]) -> None:
    beside = path.with_name(f"{path.name}.part")
    try:
        beside.write_text(json.dumps(truth, indent=1) + "\n")
        beside.replace(path)
    except OSError as error:
        raise RunError(Fault("--truth", "must be a file that can be written", str(path), error.strerror or "")) from error


def _settings(given: Any, spec: DataSpec, plan: FaultPlan) -> Settings:
    run_spec = spec.spec
    zone = run_spec.timezone.zone
    return Settings(
        pace="lockstep" if given.speed is None else float(given.speed),
        patience=float(given.patience),
        from_ms=None if given.start is None else days_window(given.start, None, zone, FAR_MS)[0] - 1,
        port=int(given.port),
        zone=zone,
        derive_books=given.derive_books,
        cash=Decimal(str(run_spec.capital)),
        fee_bps=Decimal(given.fee_bps),
        seed=run_spec.seed,
        faults=plan,
    )


def _key(name: str | None) -> Secret | None:
    if name is None:
        return None
    found = Secret(os.environ.get(name, ""))
    if not found.reveal() or not found.is_sendable:
        raise ConfigError(Fault("--key-env", "must name a variable of the environment that holds a key", name))
    return found


def _flags() -> Flags:
    flags = Flags("venue")
    flags.add_argument("--port", default="0")
    flags.add_argument("--speed")
    flags.add_argument("--lockstep", action="store_true")
    flags.add_argument("--patience", default="30")
    flags.add_argument("--from", dest="start")
    flags.add_argument("--faults")
    flags.add_argument("--fee-bps", default="0")
    flags.add_argument("--derive-books", action="store_true")
    flags.add_argument("--stay", action="store_true")
    flags.add_argument("--truth")
    flags.add_argument("--key-file")
    flags.add_argument("--key-env")
    return flags


def _faults(given: Any) -> list[Fault]:
    """Return everything that is wrong with the flags."""
    faults = []
    if not (given.port.isascii() and given.port.isdecimal() and len(given.port) < 6 and int(given.port) <= LARGEST_PORT):
        faults.append(_fault("--port", f"must be a port from 0 (any) to {LARGEST_PORT}", given.port, "--port 8080"))
    if given.speed is not None and not _is_positive(given.speed):
        faults.append(_fault("--speed", "must be market seconds per second, above 0", given.speed, "--speed 60"))
    if given.speed is not None and given.lockstep:
        faults.append(_fault("--lockstep", "must stand without --speed", "", "one of the two"))
    if not _is_positive(given.patience):
        faults.append(_fault("--patience", "must be seconds above 0", given.patience, "--patience 30"))
    if not _is_positive(given.fee_bps) and given.fee_bps != "0":
        faults.append(_fault("--fee-bps", "must be basis points of 0 or more", given.fee_bps, "--fee-bps 2.5"))
    if given.key_file is not None and given.key_env is not None:
        faults.append(_fault("--key-file", "must stand without --key-env", given.key_file, "one of the two"))
    if given.start is not None and not _is_day(given.start):
        faults.append(_fault("--from", "must be a session date", given.start, "--from 2012-01-03"))
    return faults


def _fault(flag: str, must: str, was: str, example: str) -> Fault:
    return Fault(
        flag, must, was, f"Write e.g. {example}." if example.startswith("-") else f"Write {example}.", "command line"
    )


def _is_positive(text: str) -> bool:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return False
    return found.is_finite() and 0 < found < 10**9


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True

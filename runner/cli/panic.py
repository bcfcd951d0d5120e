"""`runner panic RUN [--reason TEXT] [--no-cancel] [--runs DIR]`: latch a session, alive or dead, and cancel its orders.

1. The kill file is left in the run directory. A session that lives sees it within a quarter of a second, also when its loop
   is stuck, sends nothing new and cancels everything until that is proved.
2. When the session is dead, or has ended, the latch is written into its journal: no later session trades until the operator
   resumes it.
3. What the journal can't prove to have ended is cancelled, again and again for a minute, at the broker that the run's spec
   names, with the credentials of the environment. Nothing else of the session is needed. `--no-cancel` leaves that out.
4. The orders that may still fill are listed.

A paper session has neither journal nor broker: the kill file ends it, and its end is waited for.

Exit code 0 if there are none, 3 if there are some or the session still lives, 5 if the journal can't be trusted.
"""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

from runner.archive.record import MANIFEST, manifest_of
from runner.cli.flags import Flags
from runner.cli.which import run_directories
from runner.errors import ConfigError, Fault, RunError, RunnerError
from runner.live.accounts import Broker
from runner.live.accounts.embedded import Embedded
from runner.live.edge.clock import MachineChance, MachineClock
from runner.live.edge.doors import doors_of
from runner.live.edge.kill_watch import leave_kill_file
from runner.live.edge.run_broker import broker_of
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.ids import prefix_of
from runner.live.journal import Quarantined
from runner.live.line import Line
from runner.live.model import State
from runner.live.panic import Left, Panic, latch_journal
from runner.live.ports import DiskFailed
from runner.live.profile import SECOND
from runner.live.session import EXIT_LEFT, EXIT_OK, EXIT_QUARANTINED
from runner.live.setup import instruments_of
from runner.report.safe_console import SafeConsole

__all__ = ["run"]

JOURNAL = "journal.sqlite"
PATIENCE = 30.0
"""Seconds that a living session is given to cancel and end."""
LOOKS_EVERY = 0.25
CANCELS_FOR_NS = 60 * SECOND


def run(words: list[str], *, patience: float = PATIENCE, cancels_for_ns: int = CANCELS_FOR_NS) -> int:
    """Latch the run directory asked for, cancel what is out, and print what is left."""
    flags = Flags("panic")
    flags.add_argument("--reason", default="runner panic")
    flags.add_argument("--no-cancel", action="store_true")
    flags.add_argument("--runs", default="runs")
    found, rest = flags.split(words)
    if len(rest) != 1 or rest[0].startswith("-"):
        raise ConfigError(
            Fault("panic", "must name one run directory", " ".join(rest), "Write runner panic DIRECTORY.", "command line")
        )
    folder = _session_of(rest[0], Path(found.runs))
    console = SafeConsole(markup=False, highlight=False)
    console.print(f"latched by {_left(folder, found.reason)}", soft_wrap=True)
    if not (folder / JOURNAL).is_file():
        return _paper_ended(folder, console, patience)
    try:
        disk = _opened(folder, patience)
        try:
            head = disk.head()
            state = asyncio.run(_latched(disk, found.reason))
        finally:
            disk.close()
    except Quarantined as problem:
        console.print(f"the journal can't be trusted: {problem}. Look at the venue's own list of orders.", soft_wrap=True)
        return EXIT_QUARANTINED
    except DiskFailed as problem:
        console.print(f"the journal can't be written: {problem}. The kill file holds.", soft_wrap=True)
        return EXIT_LEFT
    except RunError as problem:
        console.print(f"the session still has its journal; it has been told to cancel everything. {problem}", soft_wrap=True)
        return EXIT_LEFT
    _tell_books(console, state)
    if found.no_cancel:
        return _told(console, _uncancelled(state))
    return _told(console, _left_at_broker(folder, console, head, state, cancels_for_ns))


def _left_at_broker(
    folder: Path, console: SafeConsole, head: dict[str, str], state: State, longest_ns: int
) -> tuple[Left, ...]:  # fmt: skip
    """Cancel everything, and return what may still fill."""
    try:
        broker = broker_of(folder)
        if isinstance(broker, Embedded) and broker.base_url is None:
            console.print("The embedded venue has ended with its session, and with it every order there.", soft_wrap=True)
            return ()
        return asyncio.run(_cancelled(broker, head, state, longest_ns))
    except RunnerError as problem:
        console.print(f"nothing could be cancelled. {problem}", soft_wrap=True)
        return _uncancelled(state)


def _uncancelled(state: State) -> tuple[Left, ...]:
    return tuple(Left(coid, "not cancelled") for coid in state.live)


def _session_of(word: str, runs: Path) -> Path:
    """Return the folder of the session that a word means: a path goes before everything that would have to be looked up."""
    folder = Path(word)
    if (folder / JOURNAL).is_file():
        return folder
    if not folder.is_dir():
        folder = run_directories([word], runs)[0]
    if not (folder / JOURNAL).is_file() and _said(folder).get("mode") != "paper":
        must = "must be the run directory of a paper or live session"
        raise RunError(Fault(str(folder), must, str(_said(folder).get("mode", "none")), "A live one holds journal.sqlite."))
    return folder


def _said(folder: Path) -> dict[str, Any]:
    return manifest_of(folder) if (folder / MANIFEST).is_file() else {}


def _paper_ended(folder: Path, console: SafeConsole, patience: float) -> int:
    """Wait until a paper session has ended; return the exit code."""
    until = time.monotonic() + patience
    while _said(folder).get("status") == "RUNNING" and time.monotonic() < until:
        time.sleep(LOOKS_EVERY)
    status = _said(folder).get("status")
    if status == "RUNNING":
        console.print("the paper session hasn't ended: it hangs, or its process is gone.", soft_wrap=True)
        return EXIT_LEFT
    console.print(f"The paper session has ended ({status}); it has no order anywhere.", soft_wrap=True)
    return EXIT_OK


def _left(folder: Path, reason: str) -> Path:
    try:
        return leave_kill_file(folder, reason)
    except OSError as problem:
        raise RunError(
            Fault(str(folder), "must take a kill file", problem.strerror or "", "Stop the session by its process instead.")
        ) from None


def _opened(folder: Path, patience: float) -> SqliteDisk:
    """Open the journal once its session has let go of it; raise RunError if it doesn't in time."""
    until = time.monotonic() + patience
    while True:
        try:
            return SqliteDisk(folder)
        except RunError:
            if time.monotonic() >= until:
                raise
            time.sleep(LOOKS_EVERY)


async def _latched(disk: SqliteDisk, reason: str) -> State:
    return await latch_journal(disk, MachineClock(), instruments_of(disk.head()), reason)


async def _cancelled(broker: Broker, head: dict[str, str], state: State, longest_ns: int) -> tuple[Left, ...]:
    """Cancel everything at the run's broker; return what may still fill.

    Raises:
        RunnerError: the broker isn't there any more, or its credentials aren't in the environment.
    """
    clock = MachineClock()
    doors = doors_of(broker, os.environ, clock)
    try:
        contract = broker.contract(instruments_of(head))
        line = Line(doors.rest, clock, MachineChance(), contract, broker.profile())
        prefix = prefix_of(head["account"], head["run"])
        return await Panic(line, clock, contract, state, prefix).run(longest_ns)
    finally:
        await doors.close()


def _tell_books(console: SafeConsole, state: State) -> None:
    """Print what the journal knows to be open and held."""
    for order in state.live.values():
        side = "buy" if order.side > 0 else "sell"
        line = f"  {order.coid}  {side} {order.symbol}  {order.remaining} of {order.quantity} lots open  {order.status}"
        console.print(line, soft_wrap=True)
    for symbol, position in sorted(state.positions.items()):
        if position.lots:
            console.print(f"  held: {symbol} {position.lots} lots", soft_wrap=True)


def _told(console: SafeConsole, left: tuple[Left, ...]) -> int:
    if not left:
        console.print("No order of this session may still fill.", soft_wrap=True)
        return EXIT_OK
    for order in left:
        console.print(f"  left: {order.coid}  {order.why}", soft_wrap=True)
    console.print(f"{len(left)} orders may still fill: cancel them at the venue.", soft_wrap=True)
    return EXIT_LEFT

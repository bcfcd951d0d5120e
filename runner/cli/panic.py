"""`runner panic RUN_DIRECTORY [--reason TEXT]`: latch a session, whether it lives or not, and say what may still fill.

1. The kill file is left in the run directory. A session that lives sees it within a quarter of a second, also when its loop
   is stuck, sends nothing new and cancels everything until that is proved.
2. When the session is dead, or has ended, the latch is written into its journal: no later session trades until the operator
   resumes it.
3. The orders that the journal can't prove to have ended are listed.

Exit code 0 if there are none, 3 if there are some or the session still lives, 5 if the journal can't be trusted.
"""

import asyncio
import time
from pathlib import Path

from runner.cli.flags import Flags
from runner.errors import ConfigError, Fault, RunError
from runner.live.edge.clock import MachineClock
from runner.live.edge.kill_watch import leave_kill_file
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.journal import Quarantined
from runner.live.model import State
from runner.live.panic import latch_journal
from runner.live.ports import DiskFailed
from runner.live.session import EXIT_LEFT, EXIT_OK, EXIT_QUARANTINED
from runner.live.setup import instruments_of
from runner.report.safe_console import SafeConsole

__all__ = ["run"]

PATIENCE = 30.0
"""Seconds that a living session is given to cancel and end."""
LOOKS_EVERY = 0.25


def run(words: list[str], *, patience: float = PATIENCE) -> int:
    """Latch the run directory asked for and print what is left."""
    flags = Flags("panic")
    flags.add_argument("--reason", default="runner panic")
    found, rest = flags.split(words)
    if len(rest) != 1 or rest[0].startswith("-"):
        raise ConfigError(
            Fault("panic", "must name one run directory", " ".join(rest), "Write runner panic DIRECTORY.", "command line")
        )
    folder = Path(rest[0])
    if not (folder / "journal.sqlite").is_file():
        raise RunError(Fault(str(folder), "must be the run directory of a live session", "", "It holds journal.sqlite."))
    console = SafeConsole()
    console.print(f"latched by {_left(folder, found.reason)}", soft_wrap=True, highlight=False)
    try:
        disk = _opened(folder, patience)
        try:
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
    return _told(console, state)


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


def _told(console: SafeConsole, state: State) -> int:
    for order in state.live.values():
        side = "buy" if order.side > 0 else "sell"
        line = f"  {order.coid}  {side} {order.symbol}  {order.remaining} of {order.quantity} lots open  {order.status}"
        console.print(line, soft_wrap=True, highlight=False)
    for symbol, position in sorted(state.positions.items()):
        if position.lots:
            console.print(f"  held: {symbol} {position.lots} lots", soft_wrap=True, highlight=False)
    if state.live:
        console.print(f"{len(state.live)} orders may still fill: cancel them at the venue.", soft_wrap=True)
        return EXIT_LEFT
    console.print("No order of this session may still fill.", soft_wrap=True)
    return EXIT_OK

"""`runner resume RUN_DIRECTORY --reason TEXT [--adjust] [--absent COID …]`: let the next session take the latch off.

1. The operator's word is written into the journal, which no session may have open. It is good for the next start alone.
2. The kill file is taken away. Until then whatever starts stays halted.
3. What the next session will find is told: why it was latched, what is frozen, and which orders may still fill.

Nothing trades by this: the next session reconciles everything first, and halts again where something doesn't agree.
"""

import asyncio
from pathlib import Path

from runner.cli.flags import Flags
from runner.errors import ConfigError, Fault, RunError
from runner.live.edge.clock import MachineClock
from runner.live.edge.kill_watch import take_kill_file
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.journal import Quarantined
from runner.live.model import Permission, State
from runner.live.ports import DiskFailed
from runner.live.resume import permit
from runner.live.session import EXIT_OK, EXIT_QUARANTINED
from runner.live.setup import instruments_of
from runner.report.safe_console import SafeConsole

__all__ = ["run"]

LONGEST_REASON = 200


def run(words: list[str]) -> int:
    """Leave the word in the run directory asked for, and print what it is about."""
    flags = Flags("resume")
    flags.add_argument("--reason")
    flags.add_argument("--adjust", action="store_true")
    flags.add_argument("--absent", nargs="+", default=[])
    found, rest = flags.split(words)
    faults = list(_faults(rest, found.reason))
    if faults:
        raise ConfigError(faults)
    folder = Path(rest[0])
    if not (folder / "journal.sqlite").is_file():
        raise RunError(Fault(str(folder), "must be the run directory of a live session", "", "It holds journal.sqlite."))
    console = SafeConsole(markup=False, highlight=False)
    asked = Permission(found.reason, found.adjust, tuple(dict.fromkeys(found.absent)))
    try:
        state = _permitted(folder, asked)
    except Quarantined as problem:
        console.print(f"the journal can't be trusted: {problem}. No session can go on with it.", soft_wrap=True)
        return EXIT_QUARANTINED
    except DiskFailed as problem:
        raise RunError(
            Fault(str(folder), "must take one more line of its journal", str(problem), "Check the disk.")
        ) from None
    take_kill_file(folder)
    return _told(console, state)


def _faults(rest: list[str], reason: str | None) -> list[Fault]:
    faults = []
    if len(rest) != 1 or rest[0].startswith("-"):
        write = "Write runner resume DIRECTORY --reason TEXT."
        faults.append(Fault("resume", "must name one run directory", " ".join(rest), write, "command line"))
    if not reason or not reason.isprintable() or len(reason) > LONGEST_REASON:
        must = f"must say in at most {LONGEST_REASON} letters why the latch may come off"
        faults.append(Fault("--reason", must, reason or "", "The journal keeps it.", "command line"))
    return faults


def _permitted(folder: Path, asked: Permission) -> State:
    disk = SqliteDisk(folder)
    try:
        return asyncio.run(permit(disk, MachineClock(), instruments_of(disk.head()), asked))
    finally:
        disk.close()


def _told(console: SafeConsole, state: State) -> int:
    if state.killed is not None:
        console.print(f"latched: {state.killed}", soft_wrap=True)
    for symbol, why in sorted(state.frozen.items()):
        console.print(f"frozen: {symbol}, {why}", soft_wrap=True)
    for order in state.live.values():
        console.print(f"may still fill: {order.coid}  {order.symbol}  {order.status}", soft_wrap=True)
    console.print("The next session takes the latch off once everything is reconciled; none after it does.", soft_wrap=True)
    return EXIT_OK

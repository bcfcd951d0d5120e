"""A session once more from its run directory alone: the same instants, the same decisions, the same orders, or where not.

1. `kept` reads what it was made from; neither the data source nor a service is asked.
2. The feed's recording goes through the feed's machine again, and every instant that a decision was made on must come out
   with the same rows (`instant_difference`).
3. The trader is told again what it was told and must answer the same (`again`).
4. With a broker, every order in the journal must be one that the decisions led to (`intents`).

What is held against each other is text and whole numbers, or floating point to the bit; nothing is rounded.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from runner.archive.record import manifest_of
from runner.errors import Fault, RunError
from runner.launch.rebuild import refuse_foreign
from runner.live.edge.lock import Lock
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.events import Intent, event_of
from runner.live.journal import Quarantined, restore
from runner.live.setup import instruments_of
from runner.live.trading.again import Collected, Passed, again
from runner.live.trading.arrivals import arrivals
from runner.live.trading.decisions import Line, instant_digest, told_rows
from runner.sessions.account import kept_instruments
from runner.sessions.dialects import dialect_of
from runner.sessions.intents import Led, Order, Unlike, unlike
from runner.sessions.kept import Kept, kept
from runner.sessions.recorded import Recorded, lives_of
from runner.sessions.retold import engine_of, lines_of, warmed

__all__ = ["InstantDifference", "Replayed", "instant_difference", "order_words", "replay"]

LOCK = "session.lock"
JOURNAL = ("journal.sqlite", "journal.sqlite-wal", "journal.mark")


@dataclass(frozen=True, slots=True)
class InstantDifference:
    """The first instant that the recording tells otherwise."""

    life: int
    """Number of the process."""
    serial: int
    was: str
    """As the decisions tell it: its instant and rows, or their digest."""
    now: str
    """As the recording tells it; empty if it doesn't."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What replaying a session came to."""

    path: Path
    processes: int
    instants: int
    """Of the feed."""
    caught_up: int
    """Instants that went by while no process was there."""
    instant: InstantDifference | None
    passed: Passed
    intents: int | None
    """Orders in the journal; None on paper."""
    led: int
    """Orders that the decisions led to, one count per instant at which one was wanted."""
    unlike: Unlike | None

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return self.instant is None and self.passed.divergence is None and self.unlike is None


def replay(folder: Path, *, run_code: bool = False) -> Replayed:
    """Replay the session of a run directory.

    Args:
        folder: The run directory.
        run_code: Whether Python files that came out of an archive may be run.

    Raises:
        RunError: It can't be asked: no session, one that runs, one whose files are gone.
        ConfigError: Its spec can't be compiled any more.
    """
    _expect_session(folder)
    refuse_foreign(folder, run_code=run_code)
    made_from = kept(folder)
    recorded = Recorded(folder, dialect_of(made_from.prepared.spec))
    lines = lines_of(folder)
    told = list(lives_of(lines))
    count = sum(line[1] > 0 for _, line in told)
    found = instant_difference(told, recorded)
    out = Collected()
    is_live = made_from.prepared.spec.mode.kind == "live"
    trader = _led(made_from, folder, recorded, out) if is_live else warmed(made_from, out)
    passed = again(lines, trader, out, recorded)
    led = trader.orders if isinstance(trader, Led) else []
    intents = _intents(folder) if is_live else None
    stray = None if intents is None or passed.divergence is not None else unlike(intents, led)
    number = None if intents is None else len(intents)
    orders = sum(map(len, led))
    return Replayed(folder, trader.lives, count, len(told) - count, found, passed, number, orders, stray)


def instant_difference(told: Sequence[tuple[int, Line]], recorded: Recorded) -> InstantDifference | None:
    """Return the first instant that a recording tells otherwise than the decisions; None if there is none.

    Args:
        told: Number of the process and line of each instant, in their order.
        recorded: The recording.
    """
    last: dict[int, int] = {}
    for life, line in told:
        _, serial, ts, rows = line
        if not serial:
            continue
        skipped = _skipped(recorded, life, last.get(life, 0), serial)
        if skipped is not None:
            return InstantDifference(life, skipped, "", str(told_rows(recorded.instants(life)[skipped].rows)))
        last[life] = serial
        instant = recorded.instants(life).get(serial)
        if instant is None:
            return InstantDifference(life, serial, f"{ts} {rows}", "")
        now = told_rows(instant.rows) if isinstance(rows, list) else instant_digest(instant.rows)
        if instant.ts != ts or now != rows:
            return InstantDifference(life, serial, f"{ts} {rows}", f"{instant.ts} {now}")
    return None


def _skipped(recorded: Recorded, life: int, before: int, serial: int) -> int | None:
    """Return the first instant between two that the recording has and nobody was told of."""
    between = (number for number in range(before + 1, serial) if number in recorded.instants(life))
    return next(between, None)


def _led(made_from: Kept, folder: Path, recorded: Recorded, out: Collected) -> Led:
    spec = made_from.prepared.spec
    if spec.session is None:
        raise TypeError("a session needs the section session")
    symbols = tuple(spec.universe.symbols)
    engine = engine_of(made_from, reported=True)
    found = Led(engine, out, symbols, kept_instruments(folder), recorded, spec.session.reach)
    found.warm(arrivals(made_from.history.tapes))
    return found


def _intents(folder: Path) -> list[Intent]:
    """Return the orders of a journal, whose chain is checked; the journal itself isn't touched.

    Raises:
        RunError: It can't be read, or isn't as it was written.
    """
    with _copied(folder) as copy:
        try:
            disk = SqliteDisk(copy)
            try:
                restore(disk, instruments_of(disk.head()), is_full=True)
                events = [event_of(row.kind, row.body) for row in disk.rows() if row.kind == Intent.kind]
            finally:
                disk.close()
        except Quarantined as problem:
            fix = "Put it back from a copy."
            raise RunError(Fault(str(folder / JOURNAL[0]), "must be as it was written", str(problem), fix)) from None
    return [event for event in events if isinstance(event, Intent)]


@contextmanager
def _copied(folder: Path) -> Iterator[Path]:
    """Copy a journal: opening one for reading would already change its bytes, which are sealed."""
    with tempfile.TemporaryDirectory(prefix="runner-replay-") as scratch:
        for name in JOURNAL:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, Path(scratch) / name)
        yield Path(scratch)


def _expect_session(folder: Path) -> None:
    """Refuse what is no session, and one that still runs."""
    manifest = manifest_of(folder)
    if manifest.get("mode") not in {"paper", "live"}:
        fix = "Of a backtest, runner verify makes everything again."
        raise RunError(Fault(str(folder), "must be the run directory of a session", str(manifest.get("mode")), fix))
    if not (folder / LOCK).exists():
        raise RunError(Fault(str(folder), "must be a session that had begun", "", "There is nothing to replay."))
    if manifest.get("status") == "RUNNING":
        # Whoever holds the lock still writes; a dead process holds none.
        Lock(folder / LOCK, "a run directory").release()


def order_words(order: Order) -> str:
    """Return an order in words."""
    side = "buy" if order.side > 0 else "sell"
    kind = "resting" if order.rests else "at once or never"
    quote = f"{order.bid}/{order.ask}"
    return (
        f"decision {order.decision}: {side} {order.lots} lots of {order.symbol} at {order.price} ticks, {kind}, on {quote}"
    )

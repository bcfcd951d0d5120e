"""`runner simulate [--seeds N] [--first SEED] [--crash-points]`: the order path in worlds where everything fails.

Each seed is a world of its own: an exchange, a network and a disk that fail, a process that is killed and begun again. What
the order path promises is checked all the while. Exit code 0 if every promise held, 1 if one didn't.
"""

import time
from collections import Counter
from collections.abc import Iterator

from rich import box
from rich.table import Table
from rich.text import Text

from runner.cli.flags import Flags
from runner.errors import ConfigError, Fault
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole
from runner.venue.outcome import Outcome
from runner.venue.simulation import simulate
from runner.venue.sweeps import crash_point, crash_points

__all__ = ["run"]

SEEDS = 100
MOST = 10**9
MOST_SHOWN = 5
"""Broken worlds that are shown with the end of their trace."""
TAIL = 25
"""Lines of a trace that are shown."""


def run(words: list[str]) -> int:
    """Simulate the worlds asked for and print what came of them."""
    flags = Flags("simulate")
    flags.add_argument("--seeds", default=str(SEEDS))
    flags.add_argument("--first", default="0")
    flags.add_argument("--crash-points", action="store_true")
    found, rest = flags.split(words)
    faults = [Fault(word, "must be a flag of runner simulate", word, "Leave it out.", "command line") for word in rest]
    faults += _faults("--seeds", found.seeds, 1) + _faults("--first", found.first, 0)
    if faults:
        raise ConfigError(faults)
    seeds = range(int(found.first), int(found.first) + int(found.seeds))
    began = time.monotonic()
    outcomes = Outcomes()
    with Bar(SafeConsole(stderr=True)) as bar:
        bar.stage("simulating")
        for share, where, outcome in _dying(seeds) if found.crash_points else _living(seeds):
            outcomes.add(where, outcome)
            bar.done(share)
    outcomes.show(SafeConsole(), time.monotonic() - began)
    return 1 if outcomes.broken else 0


class Outcomes:
    """What came of all worlds so far."""

    def __init__(self) -> None:
        """Count from zero."""
        self.broken: list[tuple[str, Outcome]] = []
        """Where, and what came of it."""
        self._worlds = 0
        self._sums: Counter[str] = Counter()
        self._struck: Counter[str] = Counter()

    def add(self, where: str, outcome: Outcome) -> None:
        """Count one world."""
        self._worlds += 1
        self._sums.update({"lives": outcome.lives, "steps": outcome.steps, "orders": outcome.orders, "fills": outcome.fills})
        self._struck.update({str(kind): times for kind, times in outcome.struck.items()})
        if outcome.breach is not None:
            self.broken.append((where, outcome))

    def show(self, console: SafeConsole, seconds: float) -> None:
        """Print the sums, and of broken worlds what was broken and how it came."""
        for where, outcome in self.broken[:MOST_SHOWN]:
            for line in outcome.tail[-TAIL:]:
                console.print(Text(f"  {line}", style="dim"), soft_wrap=True)
            console.print(Text(f"! {where}: {outcome.breach}", style="bold red"), soft_wrap=True)
        more = self.broken[MOST_SHOWN:]
        if more:
            console.print(Text(f"! and {len(more):,} more: {', '.join(where for where, _ in more[:40])}"), soft_wrap=True)
        table = Table(box=box.SIMPLE, pad_edge=False, show_header=False)
        rows = {
            "worlds": f"{self._worlds:,}, {self._worlds / max(seconds, 1e-9):,.0f} per second",
            **{name: f"{total:,}" for name, total in self._sums.items()},
            "faults": f"{sum(self._struck.values()):,} of {len(self._struck)} kinds",
            "broken promises": f"{len(self.broken):,}",
        }
        for name, value in rows.items():
            table.add_row(name, Text(value, style="bold red" if name == "broken promises" and self.broken else ""))
        console.print(table)


def _living(seeds: range) -> Iterator[tuple[float, str, Outcome]]:
    """Yield the share of work done, the world's name, and what came of it."""
    for number, seed in enumerate(seeds, start=1):
        yield number / len(seeds), f"seed {seed}", simulate(seed)


def _dying(seeds: range) -> Iterator[tuple[float, str, Outcome]]:
    """Yield the same for every place to die in a brief world of each seed."""
    for number, seed in enumerate(seeds):
        steps = crash_points(seed)
        for step in range(steps):
            share = (number + (step + 1) / steps) / len(seeds)
            yield share, f"seed {seed} killed at step {step}", crash_point(seed, step)


def _faults(flag: str, text: str, least: int) -> list[Fault]:
    if text.isdecimal() and text.isascii() and least <= int(text) <= MOST:
        return []
    return [
        Fault(flag, f"must be a whole number from {least} to {MOST}", text, f"Write e.g. {flag} {SEEDS}.", "command line")
    ]

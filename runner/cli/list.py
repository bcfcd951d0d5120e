"""`runner list [--name N] [--tag T] [--status S] [--kind K] [--since DATE] [--until DATE] [--most N] [--runs DIR]`.

What is there, the latest first. `runner find EXPRESSION` takes the same flags.
"""

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from runner.archive.index import Entry, index
from runner.cli.flags import Flags
from runner.errors import ConfigError, Fault
from runner.report.runs_table import runs_table
from runner.report.safe_console import SafeConsole
from runner.sweeps.finding import Wanted, found

__all__ = ["run", "show_found"]

MOST = 50
WIDEST = 1_000
"""Columns of a table that nobody reads in a terminal."""


def run(words: list[str]) -> int:
    """Print the runs, the latest first."""
    return show_found("list", words)


def show_found(verb: str, words: Sequence[str]) -> int:
    """Print the runs that a command line asks for; `find` has an expression among its words, and `list` none."""
    flags = Flags(verb)
    for name in ("name", "tag", "status", "kind", "since", "until"):
        flags.add_argument(f"--{name}")
    flags.add_argument("--most", default=str(MOST))
    flags.add_argument("--runs", default="runs")
    given, rest = flags.split(words)
    if len(rest) != (1 if verb == "find" else 0):
        must = "must be given one expression" if verb == "find" else "must stand without other words"
        write = "Write e.g. runner find 'sharpe > 1 and max_drawdown > -0.2'."
        raise ConfigError(Fault(verb, must, " ".join(rest), write, "command line"))
    if not given.most.isdecimal() or int(given.most) < 1:
        raise ConfigError(
            Fault("--most", "must be a whole number from 1", given.most, "Write e.g. --most 50.", "command line")
        )
    runs = Path(given.runs).expanduser()
    wanted = Wanted(
        name=given.name,
        tag=given.tag,
        status=given.status and given.status.upper(),
        kind=given.kind,
        since=given.since,
        until=given.until,
        where=rest[0] if rest else None,
    )
    entries = found(index(runs), wanted)
    console, most = SafeConsole(highlight=False), int(given.most)
    if entries:
        _show(console, entries[:most])
    count = f"{len(entries):,} run{'s' if len(entries) != 1 else ''} in {runs}"
    more = f", the latest {most:,} shown; --most N shows more" if len(entries) > most else ""
    console.print(Text(f"{count}{more}"), soft_wrap=True)
    return 0


def _show(console: SafeConsole, entries: list[Entry]) -> None:
    """Print a table as wide as the terminal; into a file or another program as wide as it is, for ids to be found in it."""
    if not console.is_terminal:
        table = runs_table(entries)
        console.width = max(console.width, console.measure(table, options=console.options.update(width=WIDEST)).maximum)
    console.print(runs_table(entries, width=console.width))

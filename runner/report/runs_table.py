"""Runs in the terminal: a list of them, one of them in full, several side by side."""

from collections.abc import Mapping, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from runner.archive.index import Entry, Figure
from runner.report.wording import UNDEFINED, change, ratio

__all__ = ["facts_table", "runs_table", "sides_table"]

BESIDE_ID = 48
"""Columns that the figures beside an id take."""
STYLES = {"DONE": "green", "FAILED": "bold red", "UNREADABLE": "bold red", "INTERRUPTED": "yellow", "RUNNING": "cyan"}


def runs_table(entries: Sequence[Entry], *, width: int | None = None) -> Table:
    """Return a row per run or sweep: its id, how it ended, its headline figures and its tags.

    Args:
        entries: What is listed.
        width: Columns of the terminal; where ids have no room on a line they are broken behind the name, so that the rest,
            by which a run is asked for, can be copied. None has room for anything.
    """
    table = Table(box=box.SIMPLE, pad_edge=False)
    longest = max((len(entry.id) for entry in entries), default=0)
    is_narrow = width is not None and longest + BESIDE_ID > width
    stamp = max((len(entry.id.rpartition("/")[2]) for entry in entries), default=0)
    table.add_column("Run", overflow="fold", min_width=min(stamp, 40), no_wrap=not is_narrow)
    table.add_column("Status", no_wrap=True)
    for name in ("Return", "Sharpe", "Max DD"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for entry in entries:
        figures = (_figure(entry, "total_return"), _figure(entry, "sharpe"), _figure(entry, "max_drawdown"))
        status = Text(entry.status, style=STYLES.get(entry.status, ""))
        table.add_row(
            Text(entry.id.replace("/", "/\n") if is_narrow else entry.id),
            status,
            *figures,
            Text(_beside(entry), style="dim"),
        )
    return table


def facts_table(facts: Mapping[str, str]) -> Table:
    """Return facts of one run, a line each."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts.items():
        table.add_row(name, Text(value))
    return table


def sides_table(head: str, names: Sequence[str], rows: Sequence[Sequence[str]], *, last: str = "") -> Table:
    """Return a table of what several runs have: a column per run, and one behind them where `last` heads it."""
    table = Table(box=box.SIMPLE, pad_edge=False, collapse_padding=True)
    table.add_column(head, overflow="fold")
    for name in names:
        table.add_column(Text(name), justify="left" if last else "right", overflow="fold")
    if last:
        table.add_column(last, overflow="fold", style="dim")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _figure(entry: Entry, name: str) -> str:
    value: Figure = entry.metrics.get(name)
    if not isinstance(value, int | float):
        return UNDEFINED
    return ratio(value) if name == "sharpe" else change(value)


def _beside(entry: Entry) -> str:
    lanes = f"{entry.lanes:,} lanes" if entry.lanes is not None else ""
    kind = entry.mode if entry.kind == "session" else ""
    tags = " ".join(f"#{tag}" for tag in entry.tags)
    notes = f"{len(entry.notes)} note{'s' if len(entry.notes) != 1 else ''}" if entry.notes else ""
    return ", ".join(part for part in (kind, lanes, tags, notes) if part)

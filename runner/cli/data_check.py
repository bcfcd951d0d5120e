"""`runner data check [OVERRIDES]`: load the data through every policy and print what was found."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from rich import box
from rich.table import Table
from rich.text import Text

from runner.cli.data_spec import data_spec
from runner.market.digest import tape_digest
from runner.market.tape import Tape
from runner.report.progress import Bar
from runner.report.remarks import outside_remarks
from runner.report.safe_console import SafeConsole
from runner.report.wording import count

__all__ = ["print_quality", "run"]

NAMED = 4
"""Symbols named beside a check."""
LEFT_BY = {
    "out_of_session": "timezone.out_of_session",
    "lives": "universe.lives",
    "window": "window",
    "quality": "quality",
}
"""Reason → the setting that leaves rows out for it."""
SHOWN = 2
"""Offending rows shown of a check."""
WIDEST = 100
"""Characters of one offending row that are shown."""


def run(words: list[str]) -> int:
    """Print the quality of each stream; exit code 0, a policy of `error` that found something is told as faults."""
    with Bar(SafeConsole(stderr=True)) as bar:
        found = data_spec(words, lambda symbol, share: _advance(bar, symbol, share))
        bar.stage("reading data")
        market = found.load()
    console = SafeConsole()
    for stream, tape in market.tapes.items():
        print_quality(console, stream, tape, _mapping(market.quality[stream]))
    for name, read in _mapping(market.quality.get("events", {})).items():
        print_events(console, name, read)
    for name, digest in market.digests.items():
        console.print(Text(f"{digest[:16]}  {name}", style="dim"), soft_wrap=True)
    return 0


def print_quality(console: SafeConsole, stream: str, tape: Tape, quality: Mapping[str, Any]) -> None:
    """Print one stream: a line, a table of what was found, the first rows of each, and the notes."""
    console.print(Text(f"{stream}  {_summary(tape)}", style="bold"), soft_wrap=True)
    console.print(Text(f"  {_accounts(quality)}", style="dim"), soft_wrap=True)
    for remark in outside_remarks({stream: quality}):
        console.print(Text(f"! {remark}", style="yellow"), soft_wrap=True)
    checks = quality["checks"]
    found = {name: each for name, each in checks.items() if each["count"]}
    if found:
        console.print(_table(found))
    for name, each in found.items():
        for row in each["first"][:SHOWN]:
            console.print(Text(f"  {name}: {_row(row)}", style="dim"), soft_wrap=True)
    nothing = [name for name in checks if name not in found and checks[name].get("judged", True)]
    console.print(Text(f"  nothing found: {', '.join(nothing) or 'by no check'}"), soft_wrap=True)
    unjudged = [name for name in checks if not checks[name].get("judged", True)]
    if unjudged:
        console.print(Text(f"  not judged without a calendar or session: {', '.join(unjudged)}"), soft_wrap=True)
    for note in quality["notes"]:
        console.print(Text(f"  note: {note}"), soft_wrap=True)
    console.print(Text(f"  tape {tape_digest(tape)[:16]}", style="dim"))


def print_events(console: SafeConsole, name: str, read: Mapping[str, Any]) -> None:
    """Print one file of events: a line, and the notes."""
    console.print(
        Text(f"events {name}  {count(read['events'])} of {count(read['rows'])} rows", style="bold"), soft_wrap=True
    )
    for note in read["notes"]:
        console.print(Text(f"  note: {note}"), soft_wrap=True)


def _summary(tape: Tape) -> str:
    symbols = int(np.count_nonzero(np.diff(tape.offsets)))
    held = f"{count(tape.rows)} row{'s' if tape.rows != 1 else ''} of {count(symbols)} symbol{'s' if symbols != 1 else ''}"
    return f"{held}, known {_instant(tape.ts.min())} to {_instant(tape.ts.max())}"


def _accounts(quality: Mapping[str, Any]) -> str:
    """Return how many rows were read and kept, and why others weren't, so that the numbers add up."""
    left = ", ".join(f"{count(rows)} by {LEFT_BY[reason]}" for reason, rows in quality["left_out"].items())
    dropped = f"{count(quality['rows_read'] - quality['rows_kept'])} left out{f': {left}' if left else ''}"
    return f"{count(quality['rows_read'])} rows read, {dropped}"


def _table(found: Mapping[str, Mapping[str, Any]]) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in ("check", "policy", "rows", "symbols"):
        table.add_column(name, justify="right" if name == "rows" else "left", overflow="fold", no_wrap=name != "symbols")
    for name, each in found.items():
        table.add_row(name, each["policy"], count(each["count"]), Text(_symbols(each["symbols"])))
    return table


def _symbols(symbols: Mapping[str, int]) -> str:
    ordered = sorted(symbols.items(), key=lambda item: -item[1])
    named = [f"{symbol} {count(number)}" for symbol, number in ordered[:NAMED]]
    more = len(ordered) - NAMED
    return ", ".join([*named, f"and {count(more)} more"] if more > 0 else named)


def _row(row: Mapping[str, Any]) -> str:
    """Return an offending row, or a gap, in one line."""
    if "missing" in row:
        return f"{row['symbol']} {row['from']} to {row['to']}, {count(row['missing'])} missing"
    values = (f"{name}={'missing' if value is None else value}" for name, value in row.items())
    text = " ".join(values)
    return text if len(text) <= WIDEST else f"{text[:WIDEST]} …"


def _instant(ns: Any) -> str:
    return f"{np.datetime64(int(ns), 'ns').astype('datetime64[m]')}Z".replace("T", " ")


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"a quality report is a mapping, not {type(value).__name__}")
    return value


def _advance(bar: Bar, symbol: str, share: float) -> None:
    bar.stage(f"fetching {symbol}")
    bar.done(share)

"""`runner audit [--cuts N] [OVERRIDES]`: whether anything in a run knows what it can't know yet.

Reads the data of the run and writes nothing. Exit code 0 if nothing was found, 1 if something leaks.
"""

import time
from collections.abc import Sequence

import numpy as np
from rich import box
from rich.table import Table
from rich.text import Text

from runner.cli.arguments import arguments_of
from runner.cli.composing import compose_here
from runner.cli.flags import Flags
from runner.engine.audit import CUTS, Audit, Leak, Outcome, audit
from runner.engine.audit.leak import instant_text
from runner.engine.clocks import check_columns
from runner.engine.surroundings import surroundings_of
from runner.errors import ConfigError, Fault
from runner.market.load import MarketData
from runner.market.run_data import run_data
from runner.prepare import Prepared, prepare
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole

__all__ = ["run"]

MOST_CUTS = 10_000
MOST_SHOWN = 20
"""Leaks of one check that are shown."""


def run(words: list[str]) -> int:
    """Print what each check came to."""
    cuts, rest = _cuts(words)
    arguments = arguments_of(rest)
    if arguments.multirun or arguments.is_question or arguments.shows_config:
        raise ConfigError(Fault("audit", "must stand without flags of a run", " ".join(words), "Leave the flag out."))
    prepared = prepare(compose_here(arguments))
    with Bar(SafeConsole(stderr=True)) as bar:
        bar.stage("reading data")
        now = time.time_ns()  # one moment for all that is read, or a bar that ends meanwhile would look like a leak
        market = _loaded(prepared, prepared.spec.window.end, now)
        check_columns(prepared.pipeline, market.tapes)
        asked = Audit(
            pipeline=prepared.pipeline,
            market=market,
            around=surroundings_of(prepared.spec, market),
            reload=lambda end: _loaded(prepared, end, now),
            generator=np.random.default_rng(prepared.spec.seed),
            cuts=cuts,
        )
        outcomes = list(audit(asked, bar.stage, bar.done))
    _show(outcomes)
    return 1 if any(outcome.leaks for outcome in outcomes) else 0


def _cuts(words: Sequence[str]) -> tuple[int, list[str]]:
    """Take `--cuts N` out of the words."""
    flags = Flags("audit")
    flags.add_argument("--cuts", default=str(CUTS))
    found, rest = flags.split(words)
    if not found.cuts.isdecimal() or not 1 <= int(found.cuts) <= MOST_CUTS:
        must = f"must be a whole number from 1 to {MOST_CUTS}"
        raise ConfigError(Fault("--cuts", must, found.cuts, f"Write e.g. --cuts {CUTS}.", "command line"))
    return int(found.cuts), rest


def _loaded(prepared: Prepared, end: str | None, now: int) -> MarketData:
    """Read the data of a run up to a session date, as they were known at a moment."""
    window = prepared.spec.window.model_copy(update={"end": end})
    return run_data(prepared.spec.model_copy(update={"window": window}), prepared.source, now=now)


def _show(outcomes: Sequence[Outcome]) -> None:
    """Print the checks as a table, then what each has found."""
    console = SafeConsole()
    table = Table(box=box.SIMPLE, pad_edge=False)
    for name in ("check", "tried", "found"):
        table.add_column(name, overflow="fold", no_wrap=name == "check")
    for outcome in outcomes:
        count = len(outcome.leaks)
        words = f"{count} finding{'s' if count != 1 else ''}" if count else "nothing"
        table.add_row(outcome.check, Text(outcome.did), Text(words, style="bold red" if count else "green"))
    console.print(table)
    for outcome in outcomes:
        for leak in outcome.leaks[:MOST_SHOWN]:
            console.print(Text(f"! {outcome.check}: {_line(leak)}"), soft_wrap=True)
        more = len(outcome.leaks) - MOST_SHOWN
        if more > 0:
            console.print(Text(f"! {outcome.check}: and {more:,} more"))
        for note in outcome.notes:
            console.print(Text(f"  {outcome.check}: {note}", style="dim"), soft_wrap=True)


def _line(leak: Leak) -> str:
    """Return a leak in one line: what, where, when, the two values, why."""
    symbol = f" of {leak.symbol}" if leak.symbol else ""
    at = f" at {instant_text(leak.ts)}" if leak.ts is not None else ""
    parts = [f"{leak.what}{symbol}{at}"]
    if leak.one:
        cut = f", cut at {instant_text(leak.cut)}" if leak.cut is not None else ""
        parts.append(f"{leak.one} {leak.ways[0]}, {leak.other} {leak.ways[1]}{cut}")
    return ": ".join([*parts, leak.detail] if leak.detail else parts)

"""`runner explain [OVERRIDES]`: the signal as it was understood, and why a row did or didn't signal.

| asked | told |
|---|---|
| nothing more | every column, node and rule: expression, type, clock, warm-up, readers, two values of the first symbol |
| `--at WHEN` | one row: each rule taken apart, in a sentence too; `--symbol NAME` says of which symbol |
| `--html FILE`, `--svg FILE` | the same on a page with the graph drawn, or the drawing alone, beside the text |
| `--operators [NAME]` | every operator, or one in full; `--markdown` as a document |

Data are read as a run would read them; no run directory is written.
"""

import time
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from runner.archive.files import write_text
from runner.cli.arguments import Arguments, arguments_of
from runner.cli.composing import compose_here
from runner.cli.flags import Flags
from runner.engine.clocks import check_columns
from runner.engine.surroundings import surroundings_of
from runner.errors import ConfigError, Fault, FileError, did_you_mean
from runner.market.run_data import run_data
from runner.plugins.files import default_folders
from runner.plugins.operators import PluginOperators
from runner.prepare import Prepared, prepare
from runner.report.graph_figure import graph_drawing
from runner.report.graph_page import GraphPage, cells_of, render_graph
from runner.report.manual_page import manual_markdown
from runner.report.progress import Bar
from runner.report.safe_console import SafeConsole
from runner.report.unread import unread_text
from runner.signal.builder import PoisonedError
from runner.signal.built_in import BUILT_IN
from runner.signal.explain import Explained, Sample, explained, sampled
from runner.signal.foreign import hint
from runner.signal.manual import FAMILIES, Entry, built_in_entry, entry_of, manual, named_by
from runner.signal.moment import Moment, instant_text, moment_of, session_text
from runner.signal.operator import Operator
from runner.signal.registry import operators
from runner.signal.sheet import Sheet
from runner.signal.why import Section, Told, told

__all__ = ["run"]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one command line wants to know."""

    at: Moment | None
    symbol: str | None
    html: Path | None
    svg: Path | None
    arguments: Arguments


def run(words: list[str]) -> int:
    """Explain a signal, or the operators."""
    flags, rest = _flags().split(words)
    if flags.operators is not None:
        return _tell_operators(flags, rest)
    asked, faults = _asked(flags, rest)
    composed = compose_here(asked.arguments)
    faults += _symbol_faults(asked.symbol, composed.values)
    try:
        prepared = prepare(composed)
    except ConfigError as error:
        raise ConfigError([*faults, *error.faults]) from error
    if faults:
        raise ConfigError(faults)
    _tell(asked, prepared)
    return 0


def _flags() -> Flags:
    flags = Flags("explain")
    flags.add_argument("--at")
    flags.add_argument("--symbol")
    flags.add_argument("--html", type=Path)
    flags.add_argument("--svg", type=Path)
    flags.add_argument("--operators", nargs="?", const="")
    flags.add_argument("--markdown", action="store_true")
    return flags


def _asked(flags: Namespace, rest: list[str]) -> tuple[_Asked, list[Fault]]:
    """Return what is asked, and what is wrong with the flags."""
    faults: list[Fault] = []
    at = None
    try:
        at = moment_of(flags.at, "--at") if flags.at is not None else None
    except ConfigError as error:
        faults += error.faults
    if flags.markdown:
        faults.append(Fault("--markdown", "must stand with --operators", "", "Write runner explain --operators --markdown."))
    arguments = arguments_of(rest)
    if arguments.multirun or arguments.is_question or arguments.shows_config:
        faults.append(Fault("explain", "must stand without flags of a run", " ".join(rest), "Leave the flag out."))
    return _Asked(at, flags.symbol, flags.html, flags.svg, arguments), faults


def _symbol_faults(symbol: str | None, values: Mapping[str, Any]) -> list[Fault]:
    """Return a fault for a symbol that isn't in the universe, where the universe is sound enough to tell."""
    universe = values.get("universe")
    symbols = universe.get("symbols") if isinstance(universe, Mapping) else None
    known = [str(each) for each in symbols] if isinstance(symbols, list) else []
    if symbol is None or not known or symbol in known:
        return []
    return [Fault("--symbol", "must be a symbol of the universe", symbol, did_you_mean(symbol, known))]


def _tell(asked: _Asked, prepared: Prepared) -> None:
    """Read the data, print what is asked, and write what is to be written."""
    spec = prepared.spec
    symbol = asked.symbol or spec.universe.symbols[0]
    number = spec.universe.symbols.index(symbol)
    with Bar(SafeConsole(stderr=True)) as bar:
        bar.stage("reading data")
        sheets = _sheets(prepared)
        bar.stage("evaluating")
        signal = explained(spec.signal, prepared.vocabulary)
        samples = sampled(signal, sheets, number) if asked.at is None or asked.html or asked.svg else {}
        row = told(signal, sheets, number, symbol, asked.at) if asked.at else None
    # Written before anything is printed: whoever reads the text may stop before its end.
    if asked.svg:
        _write(asked.svg, graph_drawing(signal.parts, samples, title=f"Columns, nodes and rules of {spec.name}") + "\n")
    if asked.html:
        _write(asked.html, render_graph(GraphPage(spec.name, symbol, signal, samples, row)))
    console = SafeConsole()
    if row is None:
        _print_parts(console, signal, samples, symbol)
    else:
        _print_row(console, row, symbol)
    for path in (asked.svg, asked.html):
        if path:
            console.print(Text(str(path)), soft_wrap=True)


def _sheets(prepared: Prepared) -> Mapping[str, Sheet]:
    """Return the rows of every stream, read through every policy, without bars that are still forming."""
    spec = prepared.spec
    market = run_data(spec, prepared.source, now=time.time_ns())
    check_columns(prepared.pipeline, market.tapes)
    around = surroundings_of(spec, market)
    return {stream: Sheet.of(stream, tape, around) for stream, tape in market.tapes.items()}


def _write(path: Path, text: str) -> None:
    """Write a file; raises FileError."""
    try:
        write_text(path, text, is_private=False)
    except OSError as error:
        write = "Name a file in a folder that is there and that you may write to."
        raise FileError(Fault(str(path), "must be a file that can be written", str(error.strerror), write)) from error


# --- the signal as text ----------------------------------------------------------------------------------------------


def _print_parts(console: SafeConsole, signal: Explained, samples: Mapping[str, Sample], symbol: str) -> None:
    """Print every part, a block of lines each: tables with as many columns would be too wide for a terminal."""
    warm_up = signal.graph.warm_up(*(signal.graph.names[rule] for rule in signal.rules))
    console.print(Text(f"decided on {signal.clock}, after a warm-up of {warm_up}; values of {symbol}"), soft_wrap=True)
    for sort, title in (("column", "columns"), ("node", "nodes"), ("rule", "rules")):
        parts = [part for part in signal.parts if part.sort == sort]
        if parts:
            console.print(Text(f"\n{title}", style="bold"))
        for part in parts:
            name, expression, gives, clock, needs, readers, first, last = cells_of(part, samples.get(part.name))
            head = f"  {name} = {expression}" if expression else f"  {name}"
            facts = [f"{gives}, on {clock}" if clock else gives, f"warm-up {needs}" if needs else ""]
            facts += ["dead: no rule reads it" if part.is_dead else "", f"read by {readers}" if readers else ""]
            values = f"first {first}, last {last}" if part.sort != "column" else f"last {last}"
            console.print(Text(head), soft_wrap=True)
            for line in ("; ".join(fact for fact in facts if fact), last if part.gives == "constant" else values):
                console.print(Text(f"      {line}", style="dim"), soft_wrap=True)
    unread = unread_text(signal.signal, signal.graph)
    if unread:
        console.print(Text(f"\n{unread}", style="yellow"), soft_wrap=True)


def _print_row(console: SafeConsole, row: Told, symbol: str) -> None:
    before = f"the row before {instant_text(row.before)}" if row.before is not None else "the first row"
    place = f"row {row.number:,} of {row.of:,}; {before}"
    when = f"{symbol}, session {session_text(row.session)}, known {instant_text(row.ts)}, {place}"
    console.print(Text(when, style="bold"), soft_wrap=True)
    for text in row.sentences:
        console.print(Text(f"  {text}"), soft_wrap=True)
    if row.missing:
        console.print(Text("\nstill missing at the row", style="bold"))
    for text in row.missing:
        console.print(Text(f"  {text}"), soft_wrap=True)
    console.print(Text("\nwhat followed", style="bold"))
    for text in row.outcomes:
        console.print(Text(f"  {text}"), soft_wrap=True)
    for section in row.sections:
        console.print(_section(section))


def _section(section: Section) -> Table:
    table = Table(title=Text(section.name), title_justify="left", title_style="bold", box=box.SIMPLE, pad_edge=False)
    for name, is_whole in (("part", False), ("then", True), ("before", True), ("note", False)):
        table.add_column(name, overflow="fold", no_wrap=is_whole)
    for line in section.lines:
        table.add_row(*(Text(word) for word in ("  " * line.depth + line.text, line.here, line.before, line.note)))
    return table


# --- the operators ---------------------------------------------------------------------------------------------------


def _tell_operators(flags: Namespace, rest: list[str]) -> int:
    """Print every operator, or the one that is named."""
    given = [name for name in ("at", "symbol", "html", "svg") if getattr(flags, name) is not None]
    strays = [*(f"--{name}" for name in given), *rest]
    if strays:
        raise ConfigError(Fault("--operators", "must stand alone", " ".join(strays), "Leave the others out."))
    shipped = operators()
    if flags.markdown:
        print(manual_markdown(manual(shipped)), end="")  # noqa: T201 - the command line speaks here
        return 0
    known = PluginOperators(shipped, default_folders())
    if flags.operators:
        return _tell_operator(flags.operators, known)
    console = SafeConsole()
    entries = manual(shipped)
    for family in FAMILIES:
        _list(console, family, [entry for entry in entries if entry.family == family])
    own = _had(known, known.keys() - shipped.keys())
    if own:
        _list(console, "from the folder strategies", [entry_of(each, known) for each in own])
    if known.faults:
        raise ConfigError(known.faults)
    return 0


def _had(known: PluginOperators, names: Iterable[str]) -> list[Operator]:
    """Return those operators that can be had; what is wrong with the others is noted by `known`."""
    found = []
    for name in sorted(names):
        with suppress(PoisonedError):
            found.append(known[name])
    return found


def _list(console: SafeConsole, title: str, entries: Sequence[Entry]) -> None:
    console.print(Text(f"\n{title}", style="bold"))
    for entry in entries:
        console.print(Text(f"  {entry.usage}"), soft_wrap=True)
        console.print(Text(f"      {entry.summary}"), soft_wrap=True)
        facts = f"gives a {entry.gives}; warm-up {entry.warm_up}; undefined rows: {entry.rule}"
        console.print(Text(f"      {facts}", style="dim"), soft_wrap=True)


def _tell_operator(name: str, known: PluginOperators) -> int:
    """Print one operator in full; only its own file is imported."""
    name = named_by(name)
    if name not in known and name not in BUILT_IN:
        raise ConfigError(Fault("--operators", "must name an operator", name, hint(name, [*known, *BUILT_IN])))
    had = _had(known, {name} & known.keys())
    if known.faults:
        raise ConfigError(known.faults)
    found = entry_of(had[0], known) if had else built_in_entry(name)
    lines = [found.usage, "", found.description, ""]
    lines += [f"takes     {each}" for each in found.takes]
    lines += [f"gives     {found.gives}", f"warm-up   {found.warm_up}", f"undefined {found.undefined}"]
    lines += [f"formula   {found.formula}"] if found.formula else []
    print("\n".join(lines))  # noqa: T201 - the command line speaks here
    return 0

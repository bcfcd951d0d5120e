"""`runner plan [OVERRIDES]`: what would run, without running it or writing anything; sweeps see `plan_sweep`."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from rich import box
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from runner.cli.arguments import arguments_of
from runner.cli.composing import compose_here, files_here
from runner.cli.plan_sweep import plan_of_sweep
from runner.compose import Composed
from runner.compose.swept import undecided_axes
from runner.engine.clocks import check_columns
from runner.engine.results import measured_from
from runner.engine.surroundings import first_decisions, surroundings_of
from runner.errors import ConfigError, Fault
from runner.market.load import MarketData
from runner.market.run_data import run_data
from runner.prepare import Prepared, prepare
from runner.report.safe_console import SafeConsole
from runner.report.unread import unread_text
from runner.signal.operator import TYPES
from runner.strict_yaml import write as yaml_text
from runner.sweeps.asking import check_alone
from runner.sweeps.outlook import held_bytes

__all__ = ["run"]

WIDEST = 1_000
"""Columns that a table is measured with."""


def run(words: list[str]) -> int:
    """Print the plan of a run."""
    arguments = arguments_of(words)
    if arguments.is_question or arguments.shows_config:
        raise ConfigError(Fault("plan", "must stand without flags of a run", " ".join(words), "Leave the flag out."))
    if arguments.multirun:
        return plan_of_sweep(arguments)
    composed = compose_here(arguments)
    if undecided_axes(composed):
        return plan_of_sweep(arguments)
    check_alone(composed, files_here(arguments))
    prepared = prepare(composed)
    spec = prepared.spec
    market = run_data(spec, prepared.source, now=time.time_ns())
    check_columns(prepared.pipeline, market.tapes)
    console = SafeConsole()
    console.print(_values(prepared, composed), soft_wrap=True)
    for each in _graph(prepared, console):
        console.print(each, soft_wrap=isinstance(each, Text))
    unread = unread_text(spec.signal, prepared.pipeline.graph)
    if unread:
        console.print(Text(f"{unread}\n", style="yellow"), soft_wrap=True)
    console.print(_rows(prepared, market))
    console.print(Text(f"spec hash {spec.hash}"), soft_wrap=True)
    return 0


def _table(title: str, *columns: str) -> Table:
    table = Table(title=Text(title), title_justify="left", box=box.SIMPLE, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=number == 0)
    return table


def _values(prepared: Prepared, composed: Composed) -> Text:
    """Return every resolved value with the file and line it came from, one to a line."""
    leaves = [(key, _shown(value)) for key, value in _leaves(prepared.spec.model_dump(mode="json"))]
    keys, values = (max(len(leaf[side]) for leaf in leaves) for side in (0, 1))
    lines = [f"{key:<{keys}}  {value:<{values}}  {composed.origins.get(key, 'default')}" for key, value in leaves]
    return Text("\n".join(["values", "", *(f" {line}" for line in lines), ""]))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield key paths as messages write them: `signal.params.lookback`, `universe.symbols[0]`."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]")
    else:
        yield path, value


def _shown(value: Any) -> str:
    """Return a value as YAML has it."""
    return yaml_text({"": value}).removeprefix('"":').strip()


def _graph(prepared: Prepared, console: SafeConsole) -> list[Table | Text]:
    """Return every node with its warm-up, in the order of evaluation: a table, or lines where one would break words."""
    graph = prepared.pipeline.graph
    title = f"graph, warm-up {prepared.pipeline.warm_up}"
    table = _table(title, "node", "expression", "type", "clock", "warm-up")
    lines = [f"{title}\n"]
    names = {index: name for name, index in reversed(list(graph.names.items()))}
    for index in graph.needed(*prepared.pipeline.roots):
        name, text = names.get(index, ""), graph.describe(index)
        facts = (TYPES[graph.gives(index)], graph.clocks[index], graph.warm_up(index))
        table.add_row(*(Text(word) for word in (name, text, *facts)))
        lines += [f" {name} = {text}" if name else f" {text}", "     {}, on {}; warm-up {}".format(*facts)]
    room = Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum
    return [table] if room <= console.width else [Text("\n".join([*lines, ""]))]


def _rows(prepared: Prepared, market: MarketData) -> Table:
    """Return the rows that decide, their span, and what else is read."""
    clock = prepared.pipeline.clock
    sheet, begin = first_decisions(prepared.pipeline, market.tapes, surroundings_of(prepared.spec, market))
    table = _table(f"decisions once per row of {clock}", "symbol", "rows", "first known", "last known", "first decision")
    for number, symbol in enumerate(market.tape.symbols):
        rows = sheet.ts[sheet.of_symbol(number)]
        first, last = (_instant(rows[0]), _instant(rows[-1])) if rows.size else ("", "")
        decides = _instant(sheet.ts[begin[number]]) if begin[number] < sheet.offsets[number + 1] else "never"
        table.add_row(Text(symbol), f"{rows.size:,}", first, last, decides)
    start = measured_from(sheet, begin, prepared.pipeline.not_before)
    measured = f"measured from {_instant(start)}" if start is not None else "never past its warm-up"
    held = ", ".join(f"{tape.rows:,} rows of {stream}" for stream, tape in market.tapes.items())
    table.caption = f"{held}, {measured}, about {_memory(prepared, market) / 1e6:,.0f} MB"
    return table


def _memory(prepared: Prepared, market: MarketData) -> int:
    """Return about how many bytes a run holds: the market, the schedule, and every node's values."""
    graph = prepared.pipeline.graph
    clocks = Counter(graph.clocks[node] for node in graph.needed(*prepared.pipeline.signals.roots))
    return held_bytes(market, clocks)


def _instant(ns: Any) -> str:
    return f"{np.datetime64(int(ns), 'ns').astype('datetime64[m]')}Z".replace("T", " ")

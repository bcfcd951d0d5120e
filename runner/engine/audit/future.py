"""Every node, rule, order and fill up to an instant, with and without what comes after it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from runner.engine.audit.cuts import around_until, tapes_until
from runner.engine.audit.leak import Leak, first_difference, row_text
from runner.engine.native import backtest
from runner.engine.pipeline import Pipeline
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.evaluate import Evaluated, evaluate
from runner.signal.graph import inputs_of
from runner.signal.sheet import Sheet, Surroundings
from runner.tables import Column, Table, Tables

__all__ = ["Seen", "leaks_of_future", "nodes_of", "seen"]

Tapes = Mapping[Stream, Tape]

SHOWN: Mapping[str, tuple[str, ...]] = {
    "orders": ("side", "quantity", "reason"),
    "fills": ("side", "quantity", "price"),
    "positions": ("quantity", "average_price"),
    "refusals": ("rule", "wanted", "allowed"),
    "equity": ("equity", "cash"),
}
"""Table → the columns that are shown of a row."""

LATER = frozenset({"status", "refusal", "filled"})
"""Columns of an order that say what became of it afterwards."""

AT_ONCE = frozenset({"orders", "refusals", "equity"})
"""Tables whose rows of an instant come from bars known by then; the others' are fills, which come after that."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a pipeline makes of some data."""

    found: Evaluated
    """Values of every node."""
    tables: Tables


def nodes_of(pipeline: Pipeline) -> tuple[int, ...]:
    """Return every node that a name or a rule reads, inputs first."""
    graph = pipeline.graph
    return graph.needed(*graph.names.values(), *graph.shown.values())


def seen(pipeline: Pipeline, tapes: Tapes, around: Surroundings) -> Seen:
    """Evaluate every node and trade on the rules."""
    sheets: dict[str, Sheet] = {stream: Sheet.of(stream, tape, around) for stream, tape in tapes.items()}
    tables = backtest(pipeline, tapes, around, signals=False, on_progress=lambda _: None)
    return Seen(evaluate(pipeline.graph, sheets, nodes_of(pipeline)), tables)


def leaks_of_future(
    pipeline: Pipeline, tapes: Tapes, around: Surroundings, cuts: Sequence[int], on_progress: Callable[[float], None]
) -> tuple[list[Leak], list[Leak]]:
    """Return where nodes and tables differ without the future: each node and each table at the first cut that shows it.

    Args:
        pipeline: What decides.
        tapes: All data.
        around: What surrounds them.
        cuts: Instants at which the future is cut off, ascending.
        on_progress: Told the share that is done.
    """
    whole = seen(pipeline, tapes, around)
    symbols = next(iter(tapes.values())).symbols
    values: dict[int, Leak] = {}
    trades: dict[str, Leak] = {}
    for number, cut in enumerate(cuts):
        part = seen(pipeline, tapes_until(tapes, cut), around_until(around, cut))
        for node in (node for node in nodes_of(pipeline) if node not in values):
            leak = _of_node(pipeline, node, whole.found, part.found, cut, symbols)
            values |= {node: leak} if leak else {}
        for name in (name for name in SHOWN if name not in trades):
            leak = _of_table(name, whole.tables, part.tables, cut)
            trades |= {name: leak} if leak else {}
        on_progress((number + 1) / len(cuts))
    return [_with_origin(pipeline, node, values) for node in sorted(values)], list(trades.values())


def _of_node(
    pipeline: Pipeline, node: int, whole: Evaluated, part: Evaluated, cut: int, symbols: Sequence[str]
) -> Leak | None:
    """Return the first value of a node up to a cut that is another one without the future."""
    graph = pipeline.graph
    for symbol, name in enumerate(symbols):
        with_future, without = (_known(each, node, graph.clocks[node], symbol, cut) for each in (whole, part))
        row = first_difference(with_future, without)
        if row is not None:
            stamps = with_future["ts"] if row < with_future["ts"].size else without["ts"]
            now, then = (row_text(each, row, "value") for each in (with_future, without))
            return Leak(graph.name_of(node), name, int(stamps[row]), cut, now, then)
    return None


def _known(found: Evaluated, node: int, clock: str, symbol: int, cut: int) -> Table:
    """Return a node's values of one symbol at the rows that are known by an instant."""
    sheet = found.sheets[clock]
    own = sheet.of_symbol(symbol)
    rows = slice(own.start, own.start + int(np.searchsorted(sheet.ts[own], cut, side="right")))
    return {"ts": sheet.ts[rows], "value": found.values[node][rows]}


def _of_table(name: str, whole: Tables, part: Tables, cut: int) -> Leak | None:
    """Return the first row of a table up to a cut that is another one without the future."""
    with_future, without = (_until(name, getattr(each, name), cut) for each in (whole, part))
    row = first_difference(with_future, without)
    if row is None:
        return None
    there = with_future if row < with_future["ts"].size else without
    symbol = str(there["symbol"][row]) if "symbol" in there else ""
    now, then = (row_text(each, row, *SHOWN[name]) for each in (with_future, without))
    return Leak(name, symbol, int(there["ts"][row]), cut, now, then)


def _until(name: str, table: Table, cut: int) -> Table:
    """Return what a table says of the time up to a cut: what was decided by then and what had filled before."""
    ts = np.asarray(table["ts"], dtype=np.int64)
    kept = ts <= cut if name in AT_ONCE else ts < cut
    columns: Iterator[tuple[str, Column]] = ((key, column) for key, column in table.items() if key not in LATER)
    return {key: column[kept] for key, column in columns}


def _with_origin(pipeline: Pipeline, node: int, leaks: Mapping[int, Leak]) -> Leak:
    """Return a node's leak with what it comes from: an input that leaks as well, or the node itself."""
    graph = pipeline.graph
    inputs = [graph.name_of(read) for read in inputs_of(graph.nodes[node]) if read in leaks]
    text = graph.describe(node)
    here = f"it begins here: {text}" if text != leaks[node].what else "it begins here"
    return replace(leaks[node], detail=f"through {', '.join(inputs)}" if inputs else here)

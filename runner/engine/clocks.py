"""The clock of the decisions, and the market's rows, held against what a pipeline needs of them."""

from collections.abc import Mapping

from runner.engine.pipeline import Pipeline
from runner.errors import DataError, Fault
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.graph import Column, stream_of

__all__ = ["DECIDING", "check_columns", "column_faults", "columns_read", "is_decided_on_bars", "later_clock"]

DECIDING = "bars"
"""The stream whose rows can decide: orders fill at prices of bars."""


def is_decided_on_bars(pipeline: Pipeline) -> bool:
    """Tell whether the rules have a value once per bar, so that this version can trade on them."""
    return pipeline.clock == DECIDING


def later_clock(pipeline: Pipeline) -> Fault:
    """Return the fault of rules on any other clock."""
    write = (
        f"Decisions on {pipeline.clock} come in a later version: bring what the rules compare onto bars with"
        f' asof(…, "{DECIDING}"). data=combined puts bars beside other data.'
    )
    return Fault("signal", f"rules must be on the clock of {DECIDING} in this version", pipeline.clock, write)


def columns_read(pipeline: Pipeline, *, named: bool) -> dict[str, frozenset[str]]:
    """Return stream → the market columns that the rules read; with `named`, those of every named node.

    A stream that isn't there isn't read at all; one of which only the instants count has no columns.
    """
    graph = pipeline.graph
    roots = [*pipeline.signals.roots, *(graph.shown.values() if named else ())]
    found: dict[str, set[str]] = {}
    for index in graph.needed(*roots):
        node, own = graph.nodes[index], found.setdefault(stream_of(graph.clocks[index]), set())
        if isinstance(node, Column) and not node.name.startswith("@"):
            own.add(node.name)
    return {stream: frozenset(names) for stream, names in found.items()}


def check_columns(pipeline: Pipeline, tapes: Mapping[Stream, Tape]) -> None:
    """Refuse data that turned out to have less than their source can have; raises DataError."""
    faults = column_faults(pipeline, tapes)
    if faults:
        raise DataError(faults)


def column_faults(pipeline: Pipeline, tapes: Mapping[Stream, Tape]) -> list[Fault]:
    """Return a fault for each stream of which the data turned out to have less than its source can have.

    A service that is asked for a book of ten levels may know of five.
    """
    faults = []
    held: dict[str, Mapping[str, object]] = {stream: tape.columns for stream, tape in tapes.items()}
    for stream, names in columns_read(pipeline, named=True).items():
        absent = sorted(names - held.get(stream, {}).keys())
        if absent:
            was = f"no {', '.join(absent[:4])}{f' and {len(absent) - 4} more' if len(absent) > 4 else ''}"
            write = "Choose data that have them, or fewer levels of the book."
            faults.append(Fault("data", f"{stream} must have the columns that the signal reads", was, write))
    return faults

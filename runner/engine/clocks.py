"""The clock of the decisions, and the market's rows, held against what a pipeline needs of them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from runner.engine.pipeline import Pipeline
from runner.errors import DataError, Fault
from runner.market.streams import STREAMS, Stream
from runner.market.tape import Tape
from runner.signal.graph import Column, stream_of
from runner.trading.fill import FillClock
from runner.trading.fill.book_walk import levels_of
from runner.trading.kernel.layout import MOST_RULES
from runner.trading.models import outage_faults

__all__ = ["check_columns", "column_faults", "columns_read", "fill_clock", "pipeline_faults", "unchecked_clock"]


def pipeline_faults(pipeline: Pipeline, streams: Iterable[str]) -> list[Fault]:
    """Return what keeps a pipeline from trading on data with these streams."""
    if pipeline.clock not in STREAMS:
        stream = stream_of(pipeline.clock)
        write = f'Bring what the rules compare onto {stream} with asof(…, "{stream}").'
        return [Fault("signal", "rules must be on the clock of a stream", pipeline.clock, write)]
    faults = _fill_faults(pipeline, streams)
    if len(pipeline.rules) > MOST_RULES:
        was, write = f"{len(pipeline.rules)} rules", "Leave some out."
        faults.append(Fault("risk.rules", f"must be at most {MOST_RULES} rules", was, write))
    return [*faults, *outage_faults(pipeline.scenario)]


def _fill_faults(pipeline: Pipeline, streams: Iterable[str]) -> list[Fault]:
    """Return what keeps the fill kind from serving these streams, and orders from waiting for prices under it."""
    fill, known = pipeline.fill, list(streams)
    faults = []
    wanted = fill.streams(stream) if (stream := _stream(pipeline.clock)) else ()
    if not set(wanted) & set(known):
        needs = " or ".join(wanted) if wanted else "decisions on bars"
        write = (
            "Choose data that have them, or another fill: bars have next_open, trades next_event, quotes and depth touch."
        )
        faults.append(
            Fault("fill.kind", f"must be given {needs} in the data", f"{fill.kind} with {', '.join(known)}", write)
        )
    if pipeline.slippage.walks and not {"depth"} & set(wanted) & set(known):
        was = f"{fill.kind} with {', '.join(known)}"
        write = "Choose data with depth and fill=touch or fill=next_event, or another slippage, e.g. half_spread."
        faults.append(Fault("slippage", "must be given depth to walk through", was, write))
    exits = pipeline.exits
    waits = {
        "order.kind": pipeline.order.kind if pipeline.order.kind != "market" else None,
        "exits.stop_loss": exits.stop_loss,
        "exits.take_profit": exits.take_profit,
        "exits.trailing_stop": exits.trailing_stop,
    }
    if not fill.prices_wait:
        write = "Write fill=next_open for bars, or next_event, touch or book_walk for other streams."
        must = f"can't wait for a price under fill {fill.kind}"
        faults += [Fault(where, must, str(value), write) for where, value in waits.items() if value is not None]
    return faults


def _stream(clock: str) -> Stream | None:
    return next((stream for stream in STREAMS if stream == clock), None)


def fill_clock(pipeline: Pipeline, tapes: Mapping[Stream, Tape]) -> FillClock:
    """Return the rows at which orders fill.

    Raises:
        DataError: If a row would fill before the previous row of its symbol is known, which would be look-ahead.
    """
    clock = unchecked_clock(pipeline, tapes)
    if clock is None:
        raise DataError(_fill_faults(pipeline, tapes))
    _check_causal(clock)
    return clock


def unchecked_clock(pipeline: Pipeline, tapes: Mapping[Stream, Tape]) -> FillClock | None:
    """Return the rows at which orders fill, whatever their stamps; None if no stream has any."""
    deciding = next(stream for stream in tapes if stream == pipeline.clock)
    walks = pipeline.slippage.walks
    fillable = {stream: tape for stream, tape in tapes.items() if stream == "depth" or not walks}
    clock = pipeline.fill.clock(fillable, deciding)
    return replace(clock, levels=levels_of(clock.tape)) if clock is not None and walks else clock


def _check_causal(clock: FillClock) -> None:
    tape = clock.tape
    early = np.flatnonzero(clock.first[1:] < tape.ts[:-1])
    early = early[tape.symbol[early] == tape.symbol[early + 1]]
    if early.size:
        row = int(early[0]) + 1
        known, fills = (np.datetime64(int(ns), "ns") for ns in (tape.ts[row - 1], clock.first[row]))
        raise DataError(
            Fault(
                f"data.{tape.symbols[int(tape.symbol[row])]}",
                "must not have a bar that opens before the previous one is known",
                f"a bar known at {known}Z and the next fills at {fills}Z, {early.size} such rows",
                "Check timezone.stamp, timezone.interval and timezone.session: bars of one symbol must not overlap.",
            )
        )


def columns_read(pipeline: Pipeline, *, named: bool) -> dict[str, frozenset[str]]:
    """Return stream → the market columns that the rules read; with `named`, those of every named node.

    A stream that isn't there isn't read at all; one of which only the instants count has no columns.
    """
    graph = pipeline.graph
    roots = [*pipeline.roots, *(graph.shown.values() if named else ())]
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

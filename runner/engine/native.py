"""The native engine: a backtest over whole tapes, and the same tapes replayed one instant at a time.

    1. The fill kind chooses the rows at which orders fill (`Fill.clock`).
    2. The rules are evaluated: over whole columns (`backtest`), or instant by instant as a live session does (`replay`).
    3. The compiled kernel walks over the instants of the deciding clock (`Driver.advance`).
    4. What it wrote becomes tables (`results.tables_of`).

Both ways run the same compiled functions with the same state, so their tables are equal to the bit.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from runner.engine.clocks import columns_read, fill_clock
from runner.engine.driver import Driver
from runner.engine.event_windows import event_windows
from runner.engine.pipeline import Pipeline
from runner.engine.results import tables_of
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.evaluate import Evaluated, evaluate
from runner.signal.push import Push, PushedRow
from runner.signal.sheet import Sheet, Surroundings
from runner.tables import Tables

__all__ = ["Tapes", "backtest", "evaluated", "named_nodes", "replay", "traded"]

Tapes = Mapping[Stream, Tape]


def backtest(  # noqa: PLR0913 - keywords, each a choice of the run
    pipeline: Pipeline,
    tapes: Tapes,
    around: Surroundings,
    *,
    signals: bool,
    on_progress: Callable[[float], None],
    every: str | None = None,
    found: Evaluated | None = None,
) -> Tables:
    """Run a pipeline over whole tapes.

    Args:
        pipeline: What decides.
        tapes: Stream → its tape; decisions are on the pipeline's clock, fills on that of its fill kind.
        around: What the signal reads besides the market.
        signals: Whether to keep every named node's values.
        on_progress: Told the share of the work that is done, 0 to 1.
        every: Length of time whose instants share a line of equity; None for a line per instant.
        found: What `evaluated` gave for these tapes and `named_nodes`, where it is at hand.
    """
    named = named_nodes(pipeline, signals=signals)
    found = found or evaluated(pipeline, tapes, around, named)
    driver = traded(pipeline, tapes, found, on_progress=on_progress, every=every)
    return tables_of(pipeline, driver, {node: found.values[node] for node in named})


def named_nodes(pipeline: Pipeline, *, signals: bool) -> list[int]:
    """Return the nodes whose values a run keeps: every one that has a name, or none."""
    return sorted(set(pipeline.graph.shown.values())) if signals else []


def evaluated(pipeline: Pipeline, tapes: Tapes, around: Surroundings, named: list[int]) -> Evaluated:
    """Return the values of the rules, of what sizing, orders and slippage read, and of some named nodes."""
    sheets: dict[str, Sheet] = {stream: Sheet.of(stream, each, around) for stream, each in tapes.items()}
    return evaluate(pipeline.graph, sheets, [*pipeline.roots, *named])


def traded(
    pipeline: Pipeline,
    tapes: Tapes,
    found: Evaluated,
    *,
    on_progress: Callable[[float], None],
    every: str | None = None,
    cost_scale: float = 1.0,
) -> Driver:
    """Trade on values that are known for whole tapes; the costs are multiplied with `cost_scale`."""
    around = found.sheets[pipeline.clock].surroundings
    driver = _driver(pipeline, tapes, around, every=every, cost_scale=cost_scale)
    driver.ready[:] = np.max([found.ready[root] for root in pipeline.roots], axis=0)
    driver.conditions.update({rule: found.values[node] for rule, node in pipeline.signals.nodes.items()})
    for column, node in enumerate(pipeline.extras):
        driver.extras[:, column] = found.values[node]
    driver.lay_out()
    rows = driver.tape.rows
    driver.advance(0, rows, lambda done: on_progress(done / rows))
    return driver


def replay(
    pipeline: Pipeline,
    tapes: Tapes,
    around: Surroundings,
    *,
    signals: bool,
    on_progress: Callable[[float], None],
    every: str | None = None,
) -> Tables:
    """Run a pipeline over tapes event by event: each row is pushed through the graph when it becomes known.

    Takes the same arguments as `backtest` and gives the same tables.
    """
    driver = _driver(pipeline, tapes, around, every=every)
    tape, graph, roots = driver.tape, pipeline.graph, pipeline.roots
    named = named_nodes(pipeline, signals=signals)
    push = Push(graph, len(tape.symbols), [*roots, *named], around)
    kept = {node: np.full(tape.rows, np.nan) for node in named}
    rules = {node: np.full(tape.rows, np.nan) for node in pipeline.signals.nodes.values()}
    driver.conditions.update({rule: rules[node] for rule, node in pipeline.signals.nodes.items()})
    read = columns_read(pipeline, named=signals)
    done = 0
    for rows, own in _instants({stream: each for stream, each in tapes.items() if stream in read}, read, pipeline.clock):
        came = push.push(rows)
        if not own:
            continue
        for column in (rules, kept):
            for node, values in column.items():
                values[own] = came.values[node]
        for column_number, node in enumerate(pipeline.extras):
            driver.extras[own, column_number] = came.values[node]
        for row, place in zip(came.rows[pipeline.clock], own, strict=True):
            passed = place - int(tape.offsets[row.symbol])
            if all(push.was_ready(root, row.symbol, passed) for root in roots):
                driver.ready[row.symbol] = min(driver.ready[row.symbol], place)
        driver.advance(done, done + len(own), lambda at: on_progress(at / tape.rows))
        done += len(own)
    return tables_of(pipeline, driver, kept)


def _instants(tapes: Tapes, read: Mapping[str, frozenset[str]], clock: str) -> Iterator[tuple[list[PushedRow], list[int]]]:
    """Yield every stream's rows of each instant, and the places of the deciding rows on their tape."""
    ts = np.concatenate([tape.ts for tape in tapes.values()])
    order = np.argsort(ts, kind="stable")
    starts = np.append(0, np.cumsum([tape.rows for tape in tapes.values()]))
    streams = list(tapes)
    owner = np.searchsorted(starts, order, side="right") - 1
    edges = np.append(np.flatnonzero(np.diff(ts[order], prepend=ts.min(initial=0) - 1)), order.size)
    for first, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        rows, places = [], []
        for number, which in zip(order[first:stop].tolist(), owner[first:stop].tolist(), strict=True):
            place = number - int(starts[which])
            rows.append(_row(streams[which], tapes[streams[which]], place, read[streams[which]]))
            if streams[which] == clock:
                places.append(place)
        yield rows, places


def _row(stream: Stream, tape: Tape, place: int, read: frozenset[str]) -> PushedRow:
    values = {name: float(tape.columns[name][place]) for name in read}
    return PushedRow(stream, int(tape.symbol[place]), int(tape.ts[place]), int(tape.session[place]), values)


def _driver(pipeline: Pipeline, tapes: Tapes, around: Surroundings, *, every: str | None, cost_scale: float = 1.0) -> Driver:
    tape = next(tape for stream, tape in tapes.items() if stream == pipeline.clock)
    clock = fill_clock(pipeline, tapes)
    windows = event_windows(pipeline.slippage, clock, around)
    return Driver(pipeline, tape, clock, windows, every=every, cost_scale=cost_scale)

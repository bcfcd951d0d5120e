"""The native engine: a backtest over whole tapes, and the same tapes replayed one instant at a time.

    1. The fill kind says when and at which price each row fills (`Fill.clock`).
    2. `schedule` merges fills and closes of all symbols into one order of time.
    3. The rules are evaluated: over whole columns (`backtest`), or instant by instant as a live session does (`replay`).
    4. The compiled kernel walks over the schedule (`Driver.advance`).
    5. What it wrote becomes tables (`results.tables_of`).

Both ways run the same compiled functions with the same state, so their tables are equal to the bit.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from runner.engine.clocks import columns_read
from runner.engine.driver import Driver
from runner.engine.pipeline import Pipeline
from runner.engine.results import tables_of
from runner.engine.schedule import schedule
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.evaluate import evaluate
from runner.signal.push import Push, PushedRow
from runner.signal.sheet import Sheet, Surroundings
from runner.tables import Tables

__all__ = ["backtest", "replay"]

Tapes = Mapping[Stream, Tape]


def backtest(
    pipeline: Pipeline, tapes: Tapes, around: Surroundings, *, signals: bool, on_progress: Callable[[float], None]
) -> Tables:
    """Run a pipeline over whole tapes.

    Args:
        pipeline: What decides.
        tapes: Stream → its tape; decisions and fills are on the pipeline's clock.
        around: What the signal reads besides the market.
        signals: Whether to keep every named node's values.
        on_progress: Told the share of the work that is done, 0 to 1.
    """
    tape = _decided_on(pipeline, tapes)
    driver = _driver(pipeline, tape)
    named = sorted(set(pipeline.graph.shown.values())) if signals else []
    sheets: dict[str, Sheet] = {stream: Sheet.of(stream, each, around) for stream, each in tapes.items()}
    found = evaluate(pipeline.graph, sheets, [*pipeline.signals.roots, *named])
    ready = np.max([found.ready[root] for root in pipeline.signals.roots], axis=0)
    decided = np.arange(tape.rows) >= ready[tape.symbol]
    driver.enter[decided] = pipeline.signals.enter(found.values)[decided]
    driver.leave[decided] = pipeline.signals.leave(found.values)[decided]
    groups = driver.plan.ts.size
    driver.advance(0, groups, lambda done: on_progress(done / groups))
    return tables_of(pipeline, tape, driver, ready, {node: found.values[node] for node in named})


def replay(
    pipeline: Pipeline, tapes: Tapes, around: Surroundings, *, signals: bool, on_progress: Callable[[float], None]
) -> Tables:
    """Run a pipeline over tapes event by event: each row is pushed through the graph when it becomes known.

    Takes the same arguments as `backtest` and gives the same tables.
    """
    tape = _decided_on(pipeline, tapes)
    driver = _driver(pipeline, tape)
    graph, roots = pipeline.graph, pipeline.signals.roots
    named = sorted(set(graph.shown.values())) if signals else []
    push = Push(graph, len(tape.symbols), [*roots, *named], around)
    kept = {node: np.full(tape.rows, np.nan) for node in named}
    ready = tape.offsets[1:].copy()
    plan, groups = driver.plan, driver.plan.ts.size
    group = 0
    read = columns_read(pipeline, named=signals)
    for ts, rows, places in _instants(
        {stream: each for stream, each in tapes.items() if stream in read}, read, pipeline.clock
    ):
        while group < groups and plan.ts[group] < ts:
            driver.advance(group, group + 1, lambda done: on_progress(done / groups))
            group += 1
        came = push.push(rows)
        if places:
            own = came.rows[pipeline.clock]
            values = {root: np.array(came.values[root]) for root in roots}
            for node, column in kept.items():
                column[places] = came.values[node]
            enter, leave = pipeline.signals.enter(values), pipeline.signals.leave(values)
            for k, (row, place) in enumerate(zip(own, places, strict=True)):
                passed = place - int(tape.offsets[row.symbol])
                if all(push.was_ready(root, row.symbol, passed) for root in roots):
                    ready[row.symbol] = min(ready[row.symbol], place)
                    driver.enter[place], driver.leave[place] = enter[k], leave[k]
    driver.advance(group, groups, lambda done: on_progress(done / groups))
    return tables_of(pipeline, tape, driver, ready, kept)


def _decided_on(pipeline: Pipeline, tapes: Tapes) -> Tape:
    """Return the tape whose rows decide."""
    return next(tape for stream, tape in tapes.items() if stream == pipeline.clock)


def _instants(
    tapes: Tapes, read: Mapping[str, frozenset[str]], clock: str
) -> Iterator[tuple[int, list[PushedRow], list[int]]]:
    """Yield each instant with every stream's rows of it, and the places of the deciding rows on their tape."""
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
        yield int(ts[order[first]]), rows, places


def _row(stream: Stream, tape: Tape, place: int, read: frozenset[str]) -> PushedRow:
    values = {name: float(tape.columns[name][place]) for name in read}
    return PushedRow(stream, int(tape.symbol[place]), int(tape.ts[place]), int(tape.session[place]), values)


def _driver(pipeline: Pipeline, tape: Tape) -> Driver:
    clock = pipeline.fill.clock(tape)
    return Driver(pipeline, tape, clock, schedule(tape, clock))

"""The native engine: a backtest over a whole tape, and the same tape replayed one instant at a time.

    1. The fill kind says when and at which price each row fills (`Fill.clock`).
    2. `schedule` merges fills and closes of all symbols into one order of time.
    3. The rules are evaluated: over whole columns (`backtest`), or row by row as a live session does (`replay`).
    4. The compiled kernel walks over the schedule (`Driver.advance`).
    5. What it wrote becomes tables (`results.tables_of`).

Both ways run the same compiled functions with the same state, so their tables are equal to the bit.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from runner.engine.driver import Driver
from runner.engine.pipeline import Pipeline
from runner.engine.results import tables_of
from runner.engine.schedule import schedule
from runner.market.tape import Tape
from runner.signal.evaluate import Push, evaluate
from runner.tables import Tables

__all__ = ["backtest", "replay"]


def backtest(pipeline: Pipeline, tape: Tape, *, signals: bool, on_progress: Callable[[float], None]) -> Tables:
    """Run a pipeline over a whole tape.

    Args:
        pipeline: What decides.
        tape: The market.
        signals: Whether to keep every named node's values.
        on_progress: Told the share of the work that is done, 0 to 1.
    """
    driver = _driver(pipeline, tape)
    named = sorted(set(pipeline.graph.names.values())) if signals else []
    values = evaluate(pipeline.graph, tape.columns, tape.offsets, sorted({pipeline.enter, pipeline.leave, *named}))
    decided = _after_warm_up(pipeline, tape)
    driver.enter[decided] = values[pipeline.enter][decided]
    driver.leave[decided] = values[pipeline.leave][decided]
    groups = driver.plan.ts.size
    driver.advance(0, groups, lambda done: on_progress(done / groups))
    return tables_of(pipeline, tape, driver, values if signals else {})


def replay(pipeline: Pipeline, tape: Tape, *, signals: bool, on_progress: Callable[[float], None]) -> Tables:
    """Run a pipeline over a tape event by event: each row is pushed through the graph when it becomes known.

    Takes the same arguments as `backtest` and gives the same tables.
    """
    driver = _driver(pipeline, tape)
    graph = pipeline.graph
    named = sorted(set(graph.names.values())) if signals else []
    roots = sorted({pipeline.enter, pipeline.leave, *named})
    push = Push(graph, len(tape.symbols), roots)
    kept = {node: np.full(tape.rows, np.nan) for node in (roots if signals else [])}
    decided = _after_warm_up(pipeline, tape)
    plan = driver.plan
    groups = plan.ts.size
    for group in range(groups):
        if not plan.is_fill[group]:
            for row in plan.rows[plan.bounds[group] : plan.bounds[group + 1]].tolist():
                market = {name: float(column[row]) for name, column in tape.columns.items()}
                values = push.push(int(tape.symbol[row]), market)
                if decided[row]:
                    driver.enter[row] = values[pipeline.enter]
                    driver.leave[row] = values[pipeline.leave]
                for node, column in kept.items():
                    column[row] = values[node]
        driver.advance(group, group + 1, lambda done: on_progress(done / groups))
    return tables_of(pipeline, tape, driver, kept)


def _driver(pipeline: Pipeline, tape: Tape) -> Driver:
    clock = pipeline.fill.clock(tape)
    return Driver(pipeline, tape, clock, schedule(tape, clock))


def _after_warm_up(pipeline: Pipeline, tape: Tape) -> NDArray[np.bool_]:
    """Return the rows at which the pipeline may decide: those after each symbol's warm-up."""
    age = np.arange(tape.rows) - tape.offsets[tape.symbol]
    return np.asarray(age >= pipeline.warm_up)

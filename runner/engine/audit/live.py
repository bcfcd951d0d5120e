"""A stretch of the run, computed by columns and pushed instant by instant as a live session does."""

from collections.abc import Callable, Mapping

import numpy as np

from runner.engine.audit.cuts import around_until, tapes_until
from runner.engine.audit.leak import Leak, first_difference, row_text
from runner.engine.native import backtest, replay
from runner.engine.pipeline import Pipeline
from runner.engine.results import measured_from
from runner.engine.surroundings import first_decisions
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.signal.sheet import Surroundings
from runner.tables import Table
from runner.trading.kernel.layout import LONG_AGO

__all__ = ["leaks_of_pushing", "stretch"]

Tapes = Mapping[Stream, Tape]

ROWS = 4_000
"""Rows after the first decision that are pushed."""

TABLES = ("orders", "fills", "positions", "refusals", "equity")
PLAIN = frozenset({"ts", "symbol"})


def stretch(pipeline: Pipeline, tapes: Tapes, around: Surroundings) -> tuple[Tapes, Surroundings, int]:
    """Return the data up to some rows after the first decision, and how many rows they are."""
    known = np.sort(np.concatenate([tape.ts for tape in tapes.values()]))
    start = measured_from(*first_decisions(pipeline, tapes, around), LONG_AGO)
    begin = int(np.searchsorted(known, start)) if start is not None else 0
    until = int(known[min(begin + ROWS, known.size - 1)])
    part = tapes_until(tapes, until)
    return part, around_until(around, until), sum(tape.rows for tape in part.values())


def leaks_of_pushing(
    pipeline: Pipeline, tapes: Tapes, around: Surroundings, on_progress: Callable[[float], None]
) -> list[Leak]:
    """Return where a replay gives another value, order or fill than a backtest: the first of each node and table."""
    batch = backtest(pipeline, tapes, around, signals=True, on_progress=lambda _: None)
    live = replay(pipeline, tapes, around, signals=True, on_progress=on_progress)
    named = [(key, batch.signals, live.signals, (key,)) for key in batch.signals if key not in PLAIN]
    tables = ((name, getattr(batch, name), getattr(live, name)) for name in TABLES)
    shown = [(name, one, other, tuple(key for key in one if key not in PLAIN)) for name, one, other in tables]
    leaks = (_leak(*each) for each in (*named, *shown))
    return [leak for leak in leaks if leak]


def _leak(what: str, one: Table, other: Table, keys: tuple[str, ...]) -> Leak | None:
    """Return the first row in which two tables differ in some columns."""
    row = first_difference({"ts": one["ts"]} | {key: one[key] for key in keys}, other)
    if row is None:
        return None
    there = one if row < one["ts"].size else other
    symbol = str(there["symbol"][row]) if "symbol" in there else ""
    batch, live = (row_text(each, row, *keys[:4]) for each in (one, other))
    return Leak(what, symbol, int(there["ts"][row]), None, batch, live, ways=("by columns", "pushed"))

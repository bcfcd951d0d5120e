"""Runs the lanes of a sweep that haven't been run before.

1. `survey` tells what every lane reads, from when on all are measured, and which trial it is.
2. Lanes that are known are left out; the others become batches that share a market (`batches_of`).
3. Batches run, here or elsewhere, and their results come as they end.
"""

from collections.abc import Collection, Iterator

import numpy as np

from runner.engine.lanes import batches
from runner.prepare import Prepared
from runner.sweeps.asking import Planned
from runner.sweeps.local import run_local
from runner.sweeps.results import Results
from runner.sweeps.survey import Known, Survey
from runner.sweeps.work import Batch, is_shared
from runner.trading.kernel.advance import compiled_advance

__all__ = ["batches_of", "failures", "run_lanes"]

SLICE = 2_048
"""Lanes that are made at once."""
MOST = 256
"""Lanes of a batch at most: what is done is kept batch by batch."""

Lane = tuple[Known, Prepared]


def run_lanes(planned: Planned, survey: Survey, known: Collection[str], *, workers: int) -> Iterator[Results]:
    """Run every lane whose trial isn't known yet, and yield results batch by batch, in the order in which they end.

    Args:
        planned: The sweep.
        survey: What is known of its lanes.
        known: Trials whose results are there.
        workers: Threads.
    """
    missing = [lane for lane in survey.lanes if lane.trial not in known]
    if missing:
        compiled_advance()
        yield from run_local(batches_of(planned, survey, missing, workers), workers)


def batches_of(planned: Planned, survey: Survey, missing: list[Known], workers: int) -> Iterator[Batch]:
    """Yield batches of lanes, made when they are asked for, so that a million lanes need no more memory than a thousand."""
    most = min(MOST, max(-(-len(missing) // (2 * workers)), 1))
    for first in range(0, len(missing), SLICE):
        groups: dict[tuple[tuple[str, ...], str, str | None, bool], list[Lane]] = {}
        for known in missing[first : first + SLICE]:
            prepared = planned.lanes.spec(planned.lanes[known.number]).prepared
            spec, shares = prepared.spec, is_shared(prepared)
            key = (survey.markets.key(spec), prepared.pipeline.clock, spec.report.equity_every, shares)
            groups.setdefault(key, []).append((known, prepared))
        for (market_key, clock, every, shares), lanes in groups.items():
            market = survey.markets.all[market_key]
            rows = market.ground(clock).tape.rows
            pipelines = [prepared.pipeline for _, prepared in lanes]
            for run in batches(pipelines, rows) if shares else [slice(0, len(lanes))]:
                for at in range(run.start, run.stop, most if shares else 1):
                    yield Batch(market, clock, every, lanes[at : min(at + (most if shares else 1), run.stop)])


def failures(survey: Survey) -> Results:
    """Return the lanes that can't run as results."""
    numbers = sorted(survey.failed)
    count = len(numbers)
    return Results(
        np.array(numbers, dtype=np.int64),
        [""] * count,
        ["FAILED"] * count,
        [survey.failed[number] for number in numbers],
        [""] * count,
        {},
        np.empty((count, 0)),
    )

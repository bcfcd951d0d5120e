"""Tapes cut into windows, and runs over them, for stories and laws."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from runner.engine.feed import stretches
from runner.engine.onward import Passage, backtest_onward
from runner.engine.pipeline import Pipeline
from runner.market.streams import Stream
from runner.market.tape import Tape
from runner.market.tape_parts import part_of
from runner.signal.sheet import Surroundings


def cut(tape: Tape, ends: Sequence[int]) -> Iterator[Tape]:
    """Yield the rows of a tape that are known up to each of some instants, ascending, and those after the last."""
    starts = tape.offsets[:-1]
    for end in [*ends, np.iinfo(np.int64).max]:
        pieces = zip(tape.offsets[:-1].tolist(), tape.offsets[1:].tolist(), strict=True)
        stops = np.array([a + int(np.searchsorted(tape.ts[a:b], end, side="right")) for a, b in pieces], dtype=np.int64)
        if (stops > starts).any():
            yield part_of(tape, starts, stops, copied=True)
        starts = stops


def streamed(
    pipeline: Pipeline,
    tapes: Mapping[Stream, Tape],
    ends: Mapping[Stream, Sequence[int]],
    around: Surroundings | None = None,
    **options: Any,
) -> Passage:
    """Run a pipeline over tapes that are cut behind some instants of each stream."""
    deciding = next(stream for stream in tapes if stream == pipeline.clock)
    sources = {stream: cut(tape, ends[stream]) for stream, tape in tapes.items()}
    return backtest_onward(
        pipeline,
        stretches(sources, deciding, longest={stream: int((t.ts - t.opened).max()) for stream, t in tapes.items()}),
        lambda: around or Surroundings(),
        signals=options.pop("signals", False),
        on_progress=lambda: None,
        **options,
    )

"""How often each rule held in a run over stretches, counted while they go by; see `engine.idle`."""

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from runner.engine.feed import Stretch
from runner.engine.idle import Idle, opening_nodes
from runner.engine.pipeline import Pipeline
from runner.market.streams import STREAMS
from runner.signal.evaluate import Evaluated

__all__ = ["OnwardIdle"]

Rows = NDArray[np.int64]


@dataclass(slots=True)
class OnwardIdle:
    """What the rules that open positions came to so far."""

    pipeline: Pipeline
    _held: dict[str, int] = field(default_factory=dict)
    _decisions: Rows = field(default_factory=lambda: np.zeros(0, np.int64))
    """[N] rows of each symbol at which something could be decided; empty before the first stretch."""
    _symbols: tuple[str, ...] = ()

    def add(self, stretch: Stretch, found: Evaluated, ready: Rows) -> None:
        """Count over a stretch; arguments as those of `Drive.over`."""
        deciding = next(stream for stream in STREAMS if stream == self.pipeline.clock)
        tape = stretch.tapes[deciding]
        rows = np.arange(tape.rows)[stretch.rows(deciding)]
        code = tape.symbol[rows]
        decides = rows >= ready[code]
        for rule, node in opening_nodes(self.pipeline).items():
            values = found.values[node]
            self._held[rule] = self._held.get(rule, 0) + int((np.isfinite(values) & (values != 0.0) & decides).sum())
        counts = np.bincount(code[decides], minlength=len(tape.symbols))
        self._decisions = counts if self._decisions.size == 0 else self._decisions + counts
        self._symbols = tape.symbols

    def all(self, undefined: Collection[int]) -> Idle:
        """Return what they came to; nodes that never had a value are left out."""
        nodes = opening_nodes(self.pipeline)
        held = {rule: count for rule, count in self._held.items() if nodes[rule] not in undefined}
        never = tuple(name for name, count in zip(self._symbols, self._decisions.tolist(), strict=True) if count == 0)
        return Idle(held, int(self._decisions.sum()), never)

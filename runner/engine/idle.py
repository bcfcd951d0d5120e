"""How often each rule held: what a run without a trade owes an explanation for.

Rows count from the first at which every rule of their symbol is past its warm-up, because nothing is decided before. The
rules are evaluated again; runs that trade don't ask.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.engine.pipeline import Pipeline
from runner.engine.surroundings import first_decisions, surroundings_of
from runner.market.load import MarketData
from runner.signal.evaluate import evaluate
from runner.signal.sheet import Sheet
from runner.spec.run import RunSpec

__all__ = ["Idle", "idle_rules", "opening_nodes"]


@dataclass(frozen=True, slots=True)
class Idle:
    """What the rules that open positions came to."""

    held: dict[str, int]
    """Rule → at how many decisions it asked for a position; not those that were undefined at every row."""
    decisions: int
    """Rows of all symbols at which something could be decided."""
    never_ready: tuple[str, ...]
    """Symbols that never got past the warm-up."""


def idle_rules(pipeline: Pipeline, spec: RunSpec, market: MarketData) -> Idle:
    """Return how often each rule that opens positions held."""
    around = surroundings_of(spec, market)
    sheet, first = first_decisions(pipeline, market.tapes, around)
    decides = _after(first, sheet.offsets)
    opening = opening_nodes(pipeline)
    sheets: dict[str, Sheet] = {stream: Sheet.of(stream, tape, around) for stream, tape in market.tapes.items()}
    values = evaluate(pipeline.graph, sheets, list(opening.values())).values
    asked = {rule: np.isfinite(values[node]) & (values[node] != 0.0) & decides for rule, node in opening.items()}
    held = {rule: int(asked[rule].sum()) for rule, node in opening.items() if not np.isnan(values[node]).all()}
    ready = first < sheet.offsets[1:]
    never = tuple(symbol for symbol, is_ready in zip(market.tape.symbols, ready.tolist(), strict=True) if not is_ready)
    return Idle(held, int(decides.sum()), never)


def opening_nodes(pipeline: Pipeline) -> dict[str, int]:
    """Return the rules that open positions, and their nodes."""
    return {rule: node for rule, node in pipeline.signals.nodes.items() if not rule.endswith(".exit")}


def _after(first: NDArray[np.int64], offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which rows lie at or after the first of their symbol."""
    return np.arange(int(offsets[-1])) >= np.repeat(first, np.diff(offsets))

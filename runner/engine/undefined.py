"""Rules that were never defined: nothing comes of them, and a run without trades doesn't say why.

1. A rule that an order names was defined; only the others are looked at, so that most runs cost nothing.
2. Those are evaluated again; one without a value at any row was never defined.
3. Its cause is the first node on the way down that has no value while everything it reads has some.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from runner.engine.pipeline import Pipeline
from runner.engine.surroundings import surroundings_of
from runner.market.load import MarketData
from runner.signal.evaluate import evaluate
from runner.signal.explain import label_of
from runner.signal.graph import Graph, inputs_of
from runner.signal.sheet import Sheet
from runner.spec.run import RunSpec
from runner.tables import Tables

__all__ = ["undefined_rules"]

Values = Mapping[int, NDArray[np.float64]]


def undefined_rules(pipeline: Pipeline, spec: RunSpec, market: MarketData, tables: Tables) -> dict[str, str]:
    """Return the rules that had no value at any row → the node that is to blame and how many rows it has, in words.

    Args:
        pipeline: What decided.
        spec: The run.
        market: The data it ran on.
        tables: What came of it; `orders.reason` names the rules that acted.
    """
    acted = {rule for reason in np.unique(tables.orders["reason"]).tolist() for rule in str(reason).split(", ")}
    idle = {rule: node for rule, node in pipeline.signals.nodes.items() if rule not in acted}
    if not idle:
        return {}
    around = surroundings_of(spec, market)
    sheets: dict[str, Sheet] = {stream: Sheet.of(stream, tape, around) for stream, tape in market.tapes.items()}
    values = evaluate(pipeline.graph, sheets, list(idle.values())).values
    never = {rule: node for rule, node in idle.items() if _is_undefined(values[node])}
    if not never:
        return {}
    values = evaluate(pipeline.graph, sheets, pipeline.graph.needed(*never.values())).values
    return {rule: _cause(pipeline.graph, node, values) for rule, node in never.items()}


def _is_undefined(values: NDArray[np.float64]) -> bool:
    return bool(np.isnan(values).all())


def _cause(graph: Graph, node: int, values: Values) -> str:
    """Return the node that left another without a value: itself, or the first of what it reads that has none either."""
    below: int | None = node
    while below is not None:
        node = below
        below = next((read for read in inputs_of(graph.nodes[node]) if _is_undefined(values[read])), None)
    names = sorted(name for name, named in graph.names.items() if named == node and "." not in name and name != "target")
    text = label_of(graph, node)
    shown = f"{names[0]} = {text}" if names else text
    rows = values[node].size
    return f"{shown} has no value at any of its {rows:,} row{'s' if rows != 1 else ''}"

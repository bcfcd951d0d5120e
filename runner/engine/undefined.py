"""Rules that were never defined: nothing comes of them, and a run without trades doesn't say why.

1. A rule that an order names was defined; only the others are looked at, so that most runs cost nothing.
2. Those are evaluated again; one without a value at any row was never defined.
3. Its cause is the first node on the way down that has no value while everything it reads has some.
"""

from collections.abc import Mapping

import numpy as np

from runner.engine.pipeline import Pipeline
from runner.engine.surroundings import surroundings_of
from runner.market.load import MarketData
from runner.signal.evaluate import evaluate
from runner.signal.explain import label_of
from runner.signal.graph import Graph, inputs_of
from runner.signal.sheet import Sheet
from runner.spec.run import RunSpec
from runner.tables import Tables

__all__ = ["cause_of", "silent_rules", "undefined_rules"]


def undefined_rules(pipeline: Pipeline, spec: RunSpec, market: MarketData, tables: Tables) -> dict[str, str]:
    """Return the rules that had no value at any row → the node that is to blame and how many rows it has, in words.

    Args:
        pipeline: What decided.
        spec: The run.
        market: The data it ran on.
        tables: What came of it; `orders.reason` names the rules that acted.
    """
    silent = silent_rules(pipeline, tables)
    if not silent:
        return {}
    around = surroundings_of(spec, market)
    sheets: dict[str, Sheet] = {stream: Sheet.of(stream, tape, around) for stream, tape in market.tapes.items()}
    values = evaluate(pipeline.graph, sheets, list(silent.values())).values
    never = {rule: node for rule, node in silent.items() if np.isnan(values[node]).all()}
    if not never:
        return {}
    values = evaluate(pipeline.graph, sheets, pipeline.graph.needed(*never.values())).values
    rows = {node: found.size for node, found in values.items() if np.isnan(found).all()}
    return {rule: cause_of(pipeline.graph, node, rows) for rule, node in never.items()}


def silent_rules(pipeline: Pipeline, tables: Tables) -> dict[str, int]:
    """Return the rules that no order names, and their nodes."""
    acted = {rule for reason in np.unique(tables.orders["reason"]).tolist() for rule in str(reason).split(", ")}
    return {rule: node for rule, node in pipeline.signals.nodes.items() if rule not in acted}


def cause_of(graph: Graph, node: int, undefined: Mapping[int, int]) -> str:
    """Return the node that left another without a value: itself, or the first of what it reads that has none either.

    Args:
        graph: The graph.
        node: One that never had a value.
        undefined: Node that never had one → how many rows it had.
    """
    below: int | None = node
    while below is not None:
        node = below
        below = next((read for read in inputs_of(graph.nodes[node]) if read in undefined), None)
    names = sorted(name for name, named in graph.names.items() if named == node and "." not in name and name != "target")
    text = label_of(graph, node)
    shown = f"{names[0]} = {text}" if names else text
    rows = undefined[node]
    return f"{shown} has no value at any of its {rows:,} row{'s' if rows != 1 else ''}"

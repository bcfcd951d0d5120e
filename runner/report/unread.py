"""What of a signal changes nothing: nodes and parameters that no rule reads, nor anything that a rule reads."""

from runner.signal.expression import parse
from runner.signal.graph import Graph
from runner.signal.parsed import names_in
from runner.spec.signal import Signal

__all__ = ["unread_params", "unread_text"]


def unread_params(signal: Signal, graph: Graph) -> list[str]:
    """Return the parameters that no rule depends on, sorted: a run is the same whatever their values."""
    alive = {name: text for name, text in signal.nodes.items() if name not in graph.dead} | signal.rules()
    read = {used for name, text in alive.items() for used in names_in(parse(text, name))}
    return sorted(signal.params.keys() - read)


def unread_text(signal: Signal, graph: Graph) -> str:
    """Return which nodes and parameters change nothing, empty if all do."""
    params = unread_params(signal, graph)
    nodes = f"Not computed by a run, because no rule reads them, nor anything that a rule reads: {', '.join(graph.dead)}."
    given = f"Parameters that no rule reads, nor anything that a rule reads: {', '.join(params)}."
    return " ".join([*([nodes] if graph.dead else []), *([given] if params else [])])

"""The laws over every operator of a graph but that of its description, and what is frozen into their machine code."""

from collections.abc import Callable, Iterator
from typing import Any

from numpy.random import Generator

from runner.compiler import frozen_bytes
from runner.engine.audit.leak import Leak
from runner.errors import OperatorError
from runner.signal.graph import Apply, Graph
from runner.signal.laws import broken_laws
from runner.signal.laws.declared import its_formula_is_said
from runner.signal.operator import Cross, Operator, Row, WindowRule

__all__ = ["leaks_of_operators", "operators_of"]

MOST_BYTES = 256
"""More data than 32 numbers of full precision are no coefficients of a formula: they have instants."""

SHOWN = 3
"""Places of the data that are told."""


def operators_of(graph: Graph) -> tuple[Operator, ...]:
    """Return the operators of a graph, each once, by name."""
    found = {node.operator.name: node.operator for node in graph.nodes if isinstance(node, Apply)}
    return tuple(found[name] for name in sorted(found))


FROZEN = "frozen into its machine code: no cut reaches them, as what isn't an input has no instant at which it is known"


def leaks_of_operators(graph: Graph, generator: Generator, on_progress: Callable[[float], None]) -> list[Leak]:
    """Return every law that an operator of the graph breaks, and data that its machine code holds.

    Args:
        graph: Whose operators.
        generator: Where the histories come from that the laws are tried over.
        on_progress: Told the share that is done.
    """
    operators = operators_of(graph)
    leaks: list[Leak] = []
    for number, operator in enumerate(operators):
        leaks += [Leak(operator.name, detail=text) for text in _frozen(operator)]
        leaks += [Leak(operator.name, detail=text) for text in _broken(operator, generator)]
        on_progress((number + 1) / len(operators))
    return leaks


def _broken(operator: Operator, generator: Generator) -> Iterator[str]:
    """Yield the laws that an operator breaks; or what it raises over drawn rows, since then none can be tried."""
    try:
        yield from (str(each) for each in broken_laws(operator, generator) if each.law != its_formula_is_said.__name__)
    except OperatorError as error:
        yield from (f"over drawn rows it can't be tried: {fault}" for fault in error.faults)


def _frozen(operator: Operator) -> Iterator[str]:
    """Yield what is wrong with the data that an operator's machine code holds, wherever and in however many parts."""
    held = frozen_bytes(*_functions(operator))
    size = sum(held.values())
    if size > MOST_BYTES:
        most = ", ".join(f"{name} with {each:,}" for name, each in list(held.items())[:SHOWN])
        yield f"{size:,} bytes of data are {FROZEN} (most of them: {most})"


def _functions(operator: Operator) -> tuple[Callable[..., Any], ...]:
    body = operator.body
    if isinstance(body, Row):
        return (body.step,)
    if isinstance(body, Cross):
        return (body.across,)
    return (body.add, body.drop, body.value) if isinstance(body, WindowRule) else ()

"""A signal as its author knows it: the columns that are read, the named nodes, the rules, and who reads whom.

The graph is finer: an expression of one line may be many of its nodes, and a formula is replaced by its parts. Here a part
is what has a name.

1. `explained` compiles the signal and keeps what every part of every expression came to (`compile_signal`, `found`).
2. `_parts` finds names in the expressions, and columns below the graph's nodes, since operators read some without being
   given them.
3. `sampled` evaluates all of it and picks two values of one symbol: the first defined one and the last.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from runner.signal.builder import Ambient, Floating, Value, Words
from runner.signal.builder import Constant as Number
from runner.signal.compile import compile_signal
from runner.signal.evaluate import Evaluated, evaluate
from runner.signal.expression import Tree, parse
from runner.signal.graph import Asof, Column, Graph, grouping_of, inputs_of
from runner.signal.operator import TYPES
from runner.signal.parsed import names_in
from runner.signal.sheet import Sheet
from runner.signal.vocabulary import Vocabulary
from runner.signal.written import value_text, written
from runner.spec.signal import Signal

__all__ = ["Explained", "Part", "Sample", "Sort", "explained", "label_of", "sampled"]

Sort = Literal["column", "node", "rule"]
"""What a part is."""

LEVEL = re.compile(r"((?:bid|ask)_(?:price|size)_)([0-9]+)")
"""A column of one level of a book."""

FEW_LEVELS = 2
"""Levels of a book that are named one by one."""

SECOND = 10**9

EVERY_WINDOW = frozenset({"@known", "@session"})
"""Columns that windows of time read, and nobody asked for."""


@dataclass(frozen=True, slots=True)
class Part:
    """A column, a node or a rule."""

    name: str
    sort: Sort
    expression: str
    """As it was written, in one line; empty for a column."""
    gives: str
    """A type of series, or `constant` where it depends on no data."""
    clock: str
    """When it has a value; empty for a constant."""
    warm_up: str
    """What must have gone by before its first value, in words; empty for a constant."""
    reads: tuple[str, ...]
    """Columns and nodes that it reads, by name."""
    readers: tuple[str, ...]
    """Nodes and rules that read it."""
    is_dead: bool
    """Whether no rule depends on it."""
    node: int | None
    """The graph's node, None for a constant; where several levels of a book are one part, that of the first."""
    value: float | None = None
    """The number that a constant is."""
    groups: tuple[str, ...] = ()
    """Of a grouping: the names of its groups, by their numbers."""

    @property
    def type(self) -> str:
        """Its type as users read it."""
        return TYPES.get(self.gives, self.gives)

    def said(self, value: float) -> str:
        """Return one of its values in words."""
        if self.groups and not math.isnan(value):
            return self.groups[int(value)]
        return value_text(value, "boolean" if self.gives == "boolean" else "number")


@dataclass(frozen=True, slots=True)
class Sample:
    """Two values of one symbol; stamps are UTC nanoseconds."""

    first: tuple[int, float] | None
    """The first defined value and when it is known; None if there is none."""
    last: tuple[int, float] | None
    """The value at the last row; None if the symbol has no rows."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A compiled signal with the words of its author."""

    signal: Signal
    vocabulary: Vocabulary
    graph: Graph
    found: Mapping[tuple[str, Tree], Value]
    """What every part of every expression came to, by key path and tree."""
    trees: Mapping[str, Tree]
    """Node or rule → its expression; nodes after those that they read, rules last."""
    parts: tuple[Part, ...]
    """Columns, then nodes, each after what it reads, then rules."""

    @property
    def clock(self) -> str:
        """The clock of the decisions."""
        return self.graph.clocks[next(self.graph.names[rule] for rule in self.signal.rules())]

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that are there."""
        return tuple(self.signal.rules())

    def where(self, name: str) -> str:
        """Return the key path of a node or rule."""
        return f"signal.{name}" if name in self.signal.rules() else f"signal.nodes.{name}"

    def group_name(self, node: int, value: float) -> str | None:
        """Return the name of a group of the universe, None where a node's value isn't one."""
        names = _groups(self.graph, self.vocabulary, node)
        return names[int(value)] if names and not math.isnan(value) else None

    def settled(self, value: Value, clock: str) -> int | float | None:
        """Return the node a value is on a clock; the number itself of a constant, None of a text.

        Args:
            value: What a part of an expression came to.
            clock: The clock of what stands around it, which what has none of its own takes on.
        """
        if isinstance(value, int):
            return value
        if isinstance(value, Number):
            return value.value
        if isinstance(value, Words):
            return None
        if isinstance(value, Ambient):
            return self.graph.nodes.index(Column(clock, value.name))
        same = self.graph.clocks[value.node] == clock
        return value.node if same else self.graph.nodes.index(Asof(value.node, clock))


def explained(signal: Signal, vocabulary: Vocabulary) -> Explained:
    """Compile a signal and say what it is made of; raises ConfigError as `compile_signal` does."""
    found: dict[tuple[str, Tree], Value] = {}
    graph = compile_signal(signal, vocabulary, found)
    rules = signal.rules()
    met = [where.removeprefix("signal.nodes.") for where in dict.fromkeys(where for where, _ in found)]
    nodes = [name for name in met if name in signal.nodes]
    texts = [(name, signal.nodes[name], f"signal.nodes.{name}") for name in nodes]
    texts += [(rule, text, f"signal.{rule}") for rule, text in rules.items()]
    trees = {name: parse(text, where) for name, text, where in texts}
    parts = tuple(
        replace(part, groups=_groups(graph, vocabulary, part.node)) if part.node is not None else part
        for part in _parts(signal, graph, found, trees)
    )
    return Explained(signal, vocabulary, graph, found, trees, parts)


def _groups(graph: Graph, vocabulary: Vocabulary, node: int) -> tuple[str, ...]:
    """Return the names of the groups that a node's values are the numbers of; none if they aren't, or nobody knows."""
    grouping = grouping_of(graph.nodes, node)
    return tuple(vocabulary.members.get(grouping, ())) if grouping else ()


def _parts(
    signal: Signal, graph: Graph, found: Mapping[tuple[str, Tree], Value], trees: Mapping[str, Tree]
) -> tuple[Part, ...]:
    """Return the columns, nodes and rules of a compiled signal."""
    values = {name: found[f"signal.nodes.{name}", tree] for name, tree in trees.items() if name in signal.nodes}
    nodes = {name: [each for each in dict.fromkeys(names_in(tree)) if each in values] for name, tree in trees.items()}
    columns = {name: _columns(graph, graph.names.get(name), [values[each] for each in nodes[name]]) for name in trees}
    reads = {name: (*columns[name], *nodes[name]) for name in trees}
    readers: dict[str, list[str]] = {}
    for name, read in reads.items():
        for each in read:
            readers.setdefault(each, []).append(name)
    known = {label: node for each in columns.values() for label, node in each.items()}
    heads = [_column(graph, label, node, readers[label]) for label, node in known.items()]
    named = [_named(graph, name, trees[name], values.get(name), reads[name], readers.get(name, [])) for name in trees]
    return (*heads, *named)


def _column(graph: Graph, label: str, node: int, readers: list[str]) -> Part:
    found = graph.nodes[node]
    is_ambient = isinstance(found, Column) and found.name.startswith("@")
    clock = "every clock" if is_ambient else graph.clocks[node]
    is_dead = all(reader in graph.dead for reader in readers)
    return Part(label, "column", "", graph.gives(node), clock, "", (), tuple(readers), is_dead, node)


def _named(
    graph: Graph, name: str, tree: Tree, value: Value | None, reads: tuple[str, ...], readers: list[str]
) -> Part:  # fmt: skip
    """Return a node, which came to a value, or a rule."""
    sort: Sort = "rule" if value is None else "node"
    node, text, is_dead = graph.names.get(name), written(tree), name in graph.dead
    if node is None:
        number = value.value if isinstance(value, Number) else None
        return Part(name, sort, text, "constant", "", "", reads, tuple(readers), is_dead, None, number)
    gives, clock, warm_up = graph.gives(node), graph.clocks[node], graph.warm_up(node)
    return Part(name, sort, text, gives, clock, warm_up, reads, tuple(readers), is_dead, node)


def _columns(graph: Graph, root: int | None, named: Sequence[Value]) -> dict[str, int]:
    """Return the columns an expression reads other than through nodes it names: label → the column.

    Args:
        graph: The graph.
        root: The expression's node, None of a constant.
        named: What the nodes that it names came to.
    """
    if root is None:
        return {}
    ends = {value.node if isinstance(value, Floating) else value for value in named if isinstance(value, int | Floating)}
    ambient = {value.name for value in named if isinstance(value, Ambient)} | EVERY_WINDOW
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node not in seen and node not in ends:
            seen.add(node)
            waiting.extend(inputs_of(graph.nodes[node]))
    found = ((node, graph.nodes[node]) for node in sorted(seen))
    return _gathered(graph, [(node, each) for node, each in found if isinstance(each, Column) and each.name not in ambient])


def _gathered(graph: Graph, columns: list[tuple[int, Column]]) -> dict[str, int]:
    """Return the columns by their labels, those of many levels of a book under one."""
    gathered: dict[str, int] = {}
    levels: dict[str, list[tuple[int, int]]] = {}
    for node, column in columns:
        level = LEVEL.fullmatch(column.name)
        if level:
            levels.setdefault(f"{column.clock}.{level[1]}", []).append((int(level[2]), node))
        else:
            gathered[label_of(graph, node)] = node
    for family, members in levels.items():
        if len(members) <= FEW_LEVELS:
            gathered |= {f"{family}{level}": node for level, node in members}
        else:
            gathered[f"{family}{min(members)[0]} to {max(members)[0]}"] = min(members)[1]
    return gathered


def label_of(graph: Graph, node: int) -> str:
    """Return a column as an expression would have it: `close`, `quotes.bid_price`, `since_open`, `event("x", "2d")`."""
    return graph.describe(node)


def sampled(of: Explained, sheets: Mapping[str, Sheet], symbol: int) -> Mapping[str, Sample]:
    """Evaluate every part and return two values of each of one symbol, by the part's name."""
    roots = {part.name: part.node for part in of.parts if part.node is not None}
    result = evaluate(of.graph, sheets, list(roots.values()))
    return {name: _sample(result, of.graph, node, symbol) for name, node in roots.items()}


def _sample(result: Evaluated, graph: Graph, node: int, symbol: int) -> Sample:
    sheet = result.sheets[graph.clocks[node]]
    rows = sheet.of_symbol(symbol)
    values, ts = result.values[node][rows], sheet.ts[rows]
    defined = np.flatnonzero(~np.isnan(values))
    first = (int(ts[defined[0]]), float(values[defined[0]])) if defined.size else None
    return Sample(first, (int(ts[-1]), float(values[-1])) if ts.size else None)

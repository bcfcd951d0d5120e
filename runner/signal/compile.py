"""From named expressions to a graph, with all faults at once.

    1. `parse` every expression (`expression.py`).
    2. Order the named nodes so that each comes after those it uses; circles are found here.
    3. Resolve each name: node, parameter, or column of the data. Check every call: operator known, number of arguments,
       types, constants where constants are needed.
    4. Hash-cons: equal nodes become one; warm-up = the largest of the inputs' plus the operator's own.

An expression that fails poisons what depends on it without a second fault.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from types import MappingProxyType

from runner.errors import ConfigError, Fault, did_you_mean
from runner.signal.expression import Call, Literal, Name, Tree, parse, pointing_at
from runner.signal.graph import Apply, Column, Constant, Graph, Node
from runner.signal.operator import Operator, ValueType
from runner.spec.signal import Signal

__all__ = ["compile_signal"]

RULES = ("long.enter", "long.exit")
WORDS = frozenset({"and", "or", "not", "if", "else", "in", "is", "lambda", "true", "false", "none"})


class _PoisonedError(Exception):
    """An expression can't be resolved; the fault is noted already."""


Value = int | Constant


def compile_signal(signal: Signal, *, columns: Sequence[str], operators: Mapping[str, Operator]) -> Graph:
    """Compile the signal section.

    Args:
        signal: Parameters, nodes and rules.
        columns: Columns the data offer.
        operators: Known operators by name.

    Raises:
        ConfigError: With every fault found in any expression.
    """
    compiler = _Compiler(signal, tuple(columns), operators)
    compiler.check_names()
    texts = {f"nodes.{name}": text for name, text in signal.nodes.items()}
    texts.update({"long.enter": signal.long.enter, "long.exit": signal.long.exit})
    trees = {name: tree for name, text in texts.items() if (tree := compiler.parse(name, text)) is not None}
    uses = {name: {f"nodes.{used}" for used in names_in(tree)} & trees.keys() for name, tree in trees.items()}
    for name in compiler.ordered(uses):
        compiler.resolve(name, texts[name], trees[name])
    for rule in RULES:
        compiler.check_rule(rule, texts[rule])
    if compiler.faults:
        raise ConfigError(compiler.faults)
    alive = reachable(uses)
    values = sorted(compiler.values.items(), key=lambda item: (item[0] not in alive, item[0]))
    names = {name.removeprefix("nodes."): value for name, value in values if isinstance(value, int)}
    dead = sorted(name.removeprefix("nodes.") for name in uses.keys() - alive)
    return Graph(tuple(compiler.nodes), tuple(compiler.warm_up), MappingProxyType(names), tuple(dead))


def names_in(tree: Tree) -> Iterator[str]:
    """Yield every name an expression uses."""
    if isinstance(tree, Name):
        yield tree.name
    if isinstance(tree, Call):
        for argument in (*tree.arguments, *(value for _, value in tree.named)):
            yield from names_in(argument)


def reachable(uses: Mapping[str, set[str]]) -> set[str]:
    """Return everything the rules depend on, themselves included."""
    found: set[str] = set()
    waiting = list(RULES)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(uses[name])
    return found


@dataclass
class _Compiler:
    signal: Signal
    columns: tuple[str, ...]
    operators: Mapping[str, Operator]
    faults: list[Fault] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    warm_up: list[int] = field(default_factory=list)
    index: dict[Node, int] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    """Resolved expressions by `nodes.NAME` or rule; one that failed is missing."""

    def check_names(self) -> None:
        """A name means one thing: no node or parameter may hide a column, a parameter or a word of the language."""
        for kind, names in (("nodes", self.signal.nodes), ("params", self.signal.params)):
            for name in names:
                where = f"signal.{kind}.{name}"
                if name in self.columns:
                    self.note(where, "must not have the name of a data column", name, "Choose another name.")
                elif name in WORDS:
                    self.note(where, "must not be a word of the expression language", name, "Choose another name.")
                elif kind == "nodes" and name in self.signal.params:
                    self.note(where, "must not have the name of a parameter", name, "Choose another name.")

    def note(self, where: str, must: str, was: str, write: str, excerpt: str = "") -> None:
        """Keep a fault."""
        self.faults.append(Fault(where, must, was, write, excerpt=excerpt))

    # --- names -------------------------------------------------------------------------------------------------------

    def parse(self, name: str, text: str) -> Tree | None:
        """Parse one expression, or keep its faults."""
        try:
            return parse(text, f"signal.{name}")
        except ConfigError as error:
            self.faults.extend(error.faults)
            return None

    def ordered(self, uses: Mapping[str, set[str]]) -> list[str]:
        """Return the names so that each comes after those it uses; names in a circle are noted and left out."""
        left = {name: set(used) for name, used in uses.items()}
        while True:
            try:
                return list(TopologicalSorter(left).static_order())
            except CycleError as error:
                circle: list[str] = error.args[1][::-1]
                self.note_circle([name.removeprefix("nodes.") for name in circle[:-1]])
                left = {name: used - set(circle) for name, used in left.items() if name not in circle}

    def note_circle(self, circle: list[str]) -> None:
        """Keep the fault of a circle, told from its first name in the alphabet."""
        start = circle.index(min(circle))
        turned = [*circle[start:], *circle[:start], circle[start]]
        must = "must not depend on itself"
        fix = "Break the circle: use a column or another node in one of them."
        self.note(f"signal.nodes.{turned[0]}", must, " -> ".join(turned), fix)

    def resolve(self, name: str, text: str, tree: Tree) -> None:
        """Compile one expression whose names are compiled already."""
        try:
            self.values[name] = _Expression(self, text, f"signal.{name}").value(tree)
        except _PoisonedError:
            return

    def check_rule(self, rule: str, text: str) -> None:
        """A rule must be a condition."""
        value = self.values.get(rule)
        if value is None or (isinstance(value, int) and self.type_of(value) == "boolean"):
            return
        was = "a constant" if isinstance(value, Constant) else "a number"
        fix = "Write a comparison, e.g. smooth < 0.7."
        self.note(f"signal.{rule}", "must be a condition", was, fix, pointing_at(text, 0))

    # --- nodes -------------------------------------------------------------------------------------------------------

    def type_of(self, value: Value) -> ValueType:
        """Return the type of a value."""
        if isinstance(value, Constant):
            return "number"
        node = self.nodes[value]
        return "number" if isinstance(node, Column) else node.operator.gives

    def intern(self, node: Node, warm_up: int) -> int:
        """Return the index of a node, adding it if it is new."""
        if node not in self.index:
            self.index[node] = len(self.nodes)
            self.nodes.append(node)
            self.warm_up.append(warm_up)
        return self.index[node]

    def apply(self, operator: Operator, inputs: Sequence[Value], parameters: tuple[float, ...]) -> int:
        """Return the node of a checked call."""
        before = max((self.warm_up[i] for i in inputs if isinstance(i, int)), default=0)
        return self.intern(Apply(operator, tuple(inputs), parameters), before + operator.warm_up(*parameters))


@dataclass(frozen=True, slots=True)
class _Expression:
    """One expression being compiled: knows its text, so that faults can point into it."""

    compiler: _Compiler
    text: str
    where: str

    def refuse(self, column: int, must: str, was: str, write: str) -> _PoisonedError:
        """Note a fault at a column and return the exception to raise."""
        self.compiler.note(self.where, must, was, write, pointing_at(self.text, column))
        return _PoisonedError()

    def value(self, tree: Tree) -> Value:
        """Compile a tree."""
        if isinstance(tree, Literal):
            return Constant(tree.value)
        if isinstance(tree, Name):
            return self.name(tree)
        return self.call(tree)

    def name(self, tree: Name) -> Value:
        """Resolve a name: node, parameter, then column."""
        compiler = self.compiler
        if tree.name in compiler.signal.nodes:
            value = compiler.values.get(f"nodes.{tree.name}")
            if value is None:
                raise _PoisonedError
            return value
        if tree.name in compiler.signal.params:
            return Constant(float(compiler.signal.params[tree.name]))
        if tree.name in compiler.columns:
            return compiler.intern(Column(tree.name), 0)
        known = [*compiler.signal.nodes, *compiler.signal.params, *compiler.columns]
        hint = did_you_mean(tree.name, known)
        if tree.name in compiler.operators:
            hint = f"{tree.name} is an operator: write {compiler.operators[tree.name].usage}."
        raise self.refuse(tree.column, "must use known names", tree.name, hint)

    def call(self, tree: Call) -> Value:
        """Check a call and build its node; an operation on constants alone is done at once."""
        operator = self.compiler.operators.get(tree.operator)
        if operator is None:
            hint = did_you_mean(tree.operator, self.compiler.operators.keys() - WORDS)
            raise self.refuse(tree.column, "must call a known operator", tree.operator, hint)
        arguments = self.arguments(tree, operator)
        values = self.values(arguments)
        count = len(operator.inputs)
        inputs = [self.series(operator, arguments[i], values[i]) for i in range(count)]
        parameters = [
            self.parameter(operator, i, arguments[count + i], values[count + i]) for i in range(len(values) - count)
        ]
        if tree.symbol and all(isinstance(value, Constant) for value in inputs):
            return self.fold(tree, [value for value in inputs if isinstance(value, Constant)])
        if not any(isinstance(value, int) for value in inputs):
            raise self.refuse(
                tree.column, f"{operator.name} must be given a series", "constants", f"Write {operator.usage}."
            )
        return self.compiler.apply(operator, inputs, tuple(parameters))

    def values(self, arguments: Sequence[Tree]) -> list[Value]:
        """Compile every argument, noting the faults of all before giving up."""
        values: list[Value] = []
        failed = False
        for argument in arguments:
            try:
                values.append(self.value(argument))
            except _PoisonedError:
                failed = True
        if failed:
            raise _PoisonedError
        return values

    def arguments(self, tree: Call, operator: Operator) -> list[Tree]:
        """Put positional and named arguments into the operator's order."""
        words = [*operator.inputs, *(parameter.name for parameter in operator.parameters)]
        given = dict(zip(words, tree.arguments, strict=False))
        for word, argument in tree.named:
            if word not in words or word in given:
                what = "given twice" if word in given else f"no argument {word}"
                raise self.refuse(tree.column, f"must match {operator.usage}", what, f"Write {operator.usage}.")
            given[word] = argument
        if len(tree.arguments) > len(words) or len(given) < len(words):
            count = len(tree.arguments) + len(tree.named)
            was = f"{count} argument{'s' if count != 1 else ''}"
            raise self.refuse(tree.column, f"must match {operator.usage}", was, f"Write {operator.usage}.")
        return [given[word] for word in words]

    def series(self, operator: Operator, tree: Tree, value: Value) -> Value:
        """Check the type of a series argument."""
        found = self.compiler.type_of(value)
        if found == operator.takes:
            return value
        fix = (
            "Write a comparison, e.g. a < b." if operator.takes == "boolean" else "Use the numbers, not a condition on them."
        )
        raise self.refuse(tree.column, f"{operator.name} must be given a {operator.takes}", f"a {found}", fix)

    def parameter(self, operator: Operator, position: int, tree: Tree, value: Value) -> float:
        """Check a constant argument."""
        parameter = operator.parameters[position]
        if not isinstance(value, Constant):
            must = f"{parameter.name} of {operator.name} must be a number or a parameter"
            raise self.refuse(tree.column, must, "a series", f"Write {operator.usage} with {parameter.name} from params.")
        fault = parameter.fault(self.where, value.value)
        if fault:
            raise self.refuse(tree.column, fault.must, fault.was, fault.write)
        return value.value

    def fold(self, tree: Call, constants: list[Constant]) -> Constant:
        """Compute arithmetic on constants; the result must be finite."""
        a = constants[0].value
        b = constants[-1].value
        if tree.operator == "divide" and b == 0.0:
            raise self.refuse(tree.column, "must not divide by zero", f"{a:g} / {b:g}", "Change the numbers.")
        table = {
            "add": lambda: a + b,
            "subtract": lambda: a - b,
            "multiply": lambda: a * b,
            "divide": lambda: a / b,
            "negate": lambda: -a,
        }
        if tree.operator not in table:
            raise self.refuse(tree.column, "must depend on the data", "constants only", "Compare with a node or a column.")
        value = table[tree.operator]()
        if not math.isfinite(value):
            raise self.refuse(tree.column, "must give a finite number", f"{value:g}", "Change the numbers.")
        return Constant(value)

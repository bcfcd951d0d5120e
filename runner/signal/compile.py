"""From named expressions to a graph, with all faults at once.

    1. `parsed_of` parses every expression, and finds an order where each comes after those it uses (`parsed.py`).
    2. Names must mean one thing, and something must decide.
    3. `Expression` resolves each: names, calls, types, clocks, constants where constants are needed (`resolve.py`).
    4. Hash-cons: equal nodes become one (`Builder.intern`).
    5. The rules must be conditions, the target a number, all on one clock, which is the clock of the decisions.

An expression that fails poisons what depends on it without a second fault.
"""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType

from runner.errors import ConfigError, Fault
from runner.signal.builder import Ambient, Builder, Constant, Floating, PoisonedError, Value, Words
from runner.signal.expression import Tree, pointing_at
from runner.signal.graph import Graph, stream_of
from runner.signal.operator import TYPES, ValueType
from runner.signal.parsed import Parsed, parsed_of
from runner.signal.reading import NO_HOURS, Reading
from runner.signal.resolve import Expression
from runner.signal.steps import Steps
from runner.signal.vocabulary import SINCE_OPEN, Vocabulary
from runner.spec.signal import RESERVED, Signal

__all__ = ["NOTHING_BESIDE", "compile_signal", "texts_of"]

NOTHING_BESIDE: Mapping[str, tuple[str, ValueType]] = MappingProxyType({})


def texts_of(signal: Signal, beside: Mapping[str, tuple[str, ValueType]] = NOTHING_BESIDE) -> dict[str, str]:
    """Return all expressions by `nodes.NAME`, rule, or the key path of another section; see `compile_signal`."""
    nodes = {f"nodes.{name}": text for name, text in signal.nodes.items()}
    return {**nodes, **signal.rules(), **{path: text for path, (text, _) in beside.items()}}


def compile_signal(
    signal: Signal,
    vocabulary: Vocabulary,
    found: dict[tuple[str, Tree], Value] | None = None,
    *,
    beside: Mapping[str, tuple[str, ValueType]] = NOTHING_BESIDE,
    parsed: Parsed | None = None,
    steps: Steps | None = None,
) -> Graph:
    """Compile the signal section, and the expressions that stand in other sections.

    Args:
        signal: Parameters, nodes and rules.
        vocabulary: What expressions may speak of.
        found: Is given what every part of every expression came to, by the expression's key path and the part, inputs before
            what reads them.
        beside: Key path → expression of another section and its type; `Graph.beside` has their nodes, on the clock of the
            decisions.
        parsed: What `parsed_of` gives for `texts_of` these; None parses them.
        steps: Where what expressions came to is kept for the next signal of the same texts, vocabulary and names of
            parameters; not together with `found`.

    Raises:
        ConfigError: With every fault found in any expression.
    """
    compiler = _Compiler(signal, vocabulary, found, frozenset(beside))
    if steps is None or not steps.are_names_sound:
        compiler.check_names()
        compiler.check_groups()
    rules = signal.rules()
    compiler.check_rules(rules)
    texts = texts_of(signal, beside)
    parsed = parsed_of(texts, beside) if parsed is None else parsed
    compiler.faults += parsed.faults
    trees, uses = parsed.trees, parsed.uses
    compiler.resolve_all(texts, parsed, Steps(parsed) if steps is None else steps)
    clock = compiler.decision_clock(rules, trees)
    for rule, text in rules.items():
        compiler.check_rule(rule, text, trees)
    for path, (text, wanted) in beside.items():
        compiler.check_beside(path, text, wanted)
    compiler.check_hours(clock)
    if compiler.faults:
        raise ConfigError(compiler.faults)
    alive = reachable(uses, [*rules, *beside])
    shown = compiler.settle(clock)
    given = {path: shown.pop(path) for path in beside}
    values = sorted(compiler.values.items(), key=lambda item: (item[0] not in alive, item[0]))
    names = {name.removeprefix("nodes."): value for name, value in values if isinstance(value, int) and name not in beside}
    dead = sorted(name.removeprefix("nodes.") for name in uses.keys() - alive)
    builder = compiler.builder
    return Graph(
        tuple(builder.nodes),
        tuple(builder.clocks),
        MappingProxyType(names),
        MappingProxyType(shown),
        tuple(dead),
        MappingProxyType(given),
    )


def reachable(uses: Mapping[str, AbstractSet[str]], rules: Collection[str]) -> set[str]:
    """Return everything the rules depend on, themselves included."""
    found: set[str] = set()
    waiting = list(rules)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(uses[name])
    return found


class _Compiler:
    """Goes through the section; keeps what is resolved and what is wrong."""

    def __init__(
        self,
        signal: Signal,
        vocabulary: Vocabulary,
        found: dict[tuple[str, Tree], Value] | None = None,
        beside: frozenset[str] = frozenset(),
    ) -> None:
        self.signal = signal
        self.beside = beside
        self.vocabulary = vocabulary
        self.found = found
        self.faults: list[Fault] = []
        self.builder = Builder()
        self.values: dict[str, Value] = {}
        """Resolved expressions by `nodes.NAME` or rule; one that failed is missing."""

    def check_names(self) -> None:
        """A name means one thing: no node or parameter may hide a column, a parameter or a word of the language."""
        columns = set(self.vocabulary.columns())
        for kind, names in (("nodes", self.signal.nodes), ("params", self.signal.params)):
            for name in names:
                where = f"signal.{kind}.{name}"
                if name in columns:
                    self.note(where, "must not have the name of a data column", name, "Choose another name.")
                elif name in RESERVED:
                    self.note(where, "must not be a word of the expression language", name, "Choose another name.")
                elif kind == "nodes" and name in self.signal.params:
                    self.note(where, "must not have the name of a parameter", name, "Choose another name.")

    def check_groups(self) -> None:
        """A grouping's name means nothing else either."""
        taken = {
            "a data column": set(self.vocabulary.columns()),
            "a node": self.signal.nodes,
            "a parameter": self.signal.params,
            "a word of the expression language": RESERVED,
        }
        for name in self.vocabulary.groups:
            for what in (what for what, names in taken.items() if name in names):
                self.note(f"universe.groups.{name}", f"must not have the name of {what}", name, "Choose another name.")

    def check_rules(self, rules: Mapping[str, str]) -> None:
        """There must be something that decides, and a target must be alone in that."""
        if not rules:
            write = 'Write long: {enter: "…", exit: "…"}, short: {…}, or target: "…".'
            self.note("signal", "must have a rule or a target", "neither long, short nor target", write)
        elif "target" in rules and len(rules) > 1:
            others = ", ".join(rule for rule in rules if rule != "target")
            self.note("signal.target", "must stand alone", f"beside {others}", "Write rules, or a target, not both.")

    def where(self, name: str) -> str:
        """Return the key path of an expression."""
        return name if name in self.beside else f"signal.{name}"

    def note(self, where: str, must: str, was: str, write: str, excerpt: str = "") -> None:
        """Keep a fault."""
        self.faults.append(Fault(where, must, was, write, excerpt=excerpt))

    def resolve_all(self, texts: Mapping[str, str], parsed: Parsed, steps: Steps) -> None:
        """Compile every expression, from where a signal with the same parameters left off."""
        keys = steps.keys(self.signal.params)
        steps.are_names_sound = not self.faults
        done, self.builder, self.values = steps.resumed(keys)
        for place, name in enumerate(parsed.order[done:], start=done + 1):
            self.resolve(name, texts[name], parsed.trees[name])
            if not self.faults:
                steps.keep(keys[:place], self.builder, self.values)

    def resolve(self, name: str, text: str, tree: Tree) -> None:
        """Compile one expression whose names are compiled already."""
        where = self.where(name)
        expression = Expression(
            builder=self.builder,
            vocabulary=self.vocabulary,
            faults=self.faults,
            text=text,
            where=where,
            signal=self.signal,
            values=self.values,
            found=self.found,
        )
        try:
            self.values[name] = expression.value(tree)
        except PoisonedError:
            return

    def decision_clock(self, rules: Mapping[str, str], trees: Mapping[str, Tree]) -> str:
        """Return the clock of the rules, and note those that differ: from that of the first stream if one is on it."""
        first = next(iter(self.vocabulary.streams))
        clocks = {rule: self.builder.clocks[value] for rule in rules if isinstance(value := self.values.get(rule), int)}
        if not clocks:
            return first
        leader = next((rule for rule, clock in clocks.items() if clock == first), next(iter(clocks)))
        clock = clocks[leader]
        for rule, other in clocks.items():
            if other != clock:
                must = f"must be on the clock of {leader}, which is {clock}"
                fix = f'Write asof({self.repeated(rule, rules, trees)}, "{clock}").'
                self.note(f"signal.{rule}", must, other, fix, pointing_at(rules[rule], trees[rule].column))
        return clock

    def repeated(self, rule: str, rules: Mapping[str, str], trees: Mapping[str, Tree]) -> str:
        """Return a rule's expression for a remedy that repeats it."""
        reading = Reading(self.builder, self.vocabulary, self.faults, rules[rule], f"signal.{rule}")
        return reading.repeated(trees[rule])

    def check_rule(self, rule: str, text: str, trees: Mapping[str, Tree]) -> None:
        """A rule must be a condition, and a target a number of the data."""
        value = self.values.get(rule)
        if value is None:
            return
        wanted = "number" if rule == "target" else "boolean"
        is_constant = isinstance(value, Constant | Words)
        found = self.builder.type_of(value)
        if not is_constant and found == wanted:
            return
        was = "a constant" if is_constant else f"a {TYPES[found]}"
        must = "must be a number that depends on the data" if rule == "target" else "must be a condition"
        fix = "Write a comparison, e.g. smooth < 0.7."
        if rule == "target":
            fix = "Write an expression, e.g. clip(score, -1, 1) or where(close > 0, 1, 0)."
        if rule == "target" and found == "boolean":
            fix = f"Write where({self.repeated(rule, {rule: text}, trees)}, 1, 0)."
        self.note(f"signal.{rule}", must, was, fix, pointing_at(text, trees[rule].column))

    def check_beside(self, path: str, text: str, wanted: ValueType) -> None:
        """An expression of another section must be of its type, and depend on the data."""
        value = self.values.get(path)
        if value is None:
            return
        called = "a number" if wanted == "number" else "a condition"
        if isinstance(value, Constant | Words):
            self.note(path, f"must be {called} that depends on the data", "a constant", "Write an expression of columns.")
        elif self.builder.type_of(value) != wanted:
            was = "a condition" if wanted == "number" else "a number"
            self.note(path, f"must be {called}", was, "Write an expression of that type.", pointing_at(text, 0))

    def check_hours(self, clock: str) -> None:
        """What is left of seconds since the open will be read on the clock of the decisions, which must have hours."""
        stream = stream_of(clock)
        if self.faults or stream not in self.vocabulary.without_hours:
            return
        for name, value in self.values.items():
            if value == Ambient(f"@{SINCE_OPEN}"):
                self.note(f"signal.{name}", f"{SINCE_OPEN} must be given {stream} with session hours", *NO_HOURS)

    def settle(self, clock: str) -> dict[str, int]:
        """Bring every named value that only waited for a clock to the clock of the decisions; return all on that clock."""
        for name, value in self.values.items():
            if isinstance(value, Floating | Ambient):
                self.values[name] = self.builder.on_clock(value, clock)
        nodes = {name: value for name, value in self.values.items() if isinstance(value, int)}
        return {name.removeprefix("nodes."): self.builder.on_clock(Floating(node), clock) for name, node in nodes.items()}

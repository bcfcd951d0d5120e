"""Why a row did or didn't signal: what every part of every expression came to there and one row before, and a sentence.

1. `told` places the row on each clock: the row itself on the clock of the decisions, elsewhere the latest known by then.
2. `_Row.sections` takes each rule apart, then each node that the rules depend on, each once.
3. `_Row.reason` says in words why a condition is what it is, as far as the parts that decided it.
4. `_Row.missing` counts what warm-ups still wait for; `_Row.outcomes` goes through the order of the rules.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

import numpy as np

from runner.signal.builder import Ambient
from runner.signal.built_in import BUILT_IN
from runner.signal.evaluate import Evaluated, evaluate
from runner.signal.explain import Explained
from runner.signal.expression import Call, Literal, Name, Text, Tree
from runner.signal.graph import Asof
from runner.signal.moment import Moment, instant_text, row_at
from runner.signal.parsed import names_in
from runner.signal.sheet import Sheet
from runner.signal.vocabulary import SINCE_OPEN
from runner.signal.written import SIGNS, value_text, written

__all__ = ["Line", "Section", "Told", "told"]

COMPARISONS = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"}
MOST_DEEP = 4
"""Named conditions that a sentence goes through."""
UNKNOWN = "Whether a position was held then is not known here; a run keeps it in positions.parquet."


@dataclass(frozen=True, slots=True)
class Line:
    """One part of an expression."""

    depth: int
    text: str
    here: str
    """Its value at the row."""
    before: str
    """Its value at the row of the decisions before, as it was known then; empty where there is none."""
    note: str
    """Its clock and instant, where they aren't those of the decisions; what its warm-up waits for."""


@dataclass(frozen=True, slots=True)
class Section:
    """One rule or node taken apart."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """Everything there is to say about one row."""

    ts: int
    """When the row is known, UTC nanoseconds."""
    session: int
    """Its session date in days since 1970-01-01."""
    before: int | None
    """When the symbol's row before it was known, None if it is the first."""
    number: int
    """Its number among the symbol's rows, from 1."""
    of: int
    """Rows of the symbol."""
    sentences: tuple[str, ...]
    """One per rule: what it was and why."""
    missing: tuple[str, ...]
    """What the rules' warm-ups still wait for; empty where nothing."""
    outcomes: tuple[str, ...]
    """What follows for a symbol that is flat, held long, held short; the caller's position isn't known."""
    sections: tuple[Section, ...]


def told(of: Explained, sheets: Mapping[str, Sheet], symbol: int, name: str, moment: Moment) -> Told:
    """Explain one row.

    Args:
        of: The signal.
        sheets: Stream → its rows.
        symbol: Number of the symbol.
        name: Its name, for the fault.
        moment: When; on the clock of the decisions.

    Raises:
        ConfigError: The symbol has no row then.
    """
    result = evaluate(of.graph, sheets, range(len(of.graph.nodes)))
    sheet = result.sheets[of.clock]
    row = row_at(moment, sheet, symbol, name)
    at = _Row(of, result, symbol, row)
    rows = sheet.of_symbol(symbol)
    return Told(
        ts=int(sheet.ts[row]),
        session=int(sheet.session[row]),
        before=int(sheet.ts[row - 1]) if row > rows.start else None,
        number=row - rows.start + 1,
        of=rows.stop - rows.start,
        sentences=tuple(at.sentence(rule) for rule in of.rules),
        missing=tuple(at.missing()),
        outcomes=tuple(at.outcomes()),
        sections=tuple(at.sections()),
    )


@dataclass(frozen=True, slots=True)
class _At:
    """A part of an expression where it stands."""

    tree: Tree
    where: str
    """Key path of the expression."""
    clock: str
    """Clock of what stands around it."""


def _joined(tree: Call) -> list[Tree]:
    """Return all that a chain of the same `and` or `or` joins, which is parsed two by two."""
    first, second = tree.arguments
    before = _joined(first) if isinstance(first, Call) and first.symbol == tree.symbol else [first]
    return [*before, second]


class _Row:
    """One row of one symbol."""

    def __init__(self, of: Explained, result: Evaluated, symbol: int, row: int) -> None:
        self.of = of
        self.result = result
        self.symbol = symbol
        self.row = row

    # --- values ------------------------------------------------------------------------------------------------------

    def place(self, clock: str, back: int = 0) -> int:
        """Return the row of a clock, -1 where there is none.

        Args:
            clock: Of the decisions: this row, or so many rows before. Of anything else: the latest known by then.
            back: Rows of the decisions to go back.
        """
        decided = self.row - back
        if decided < self.first_row(self.of.clock):
            return -1
        if clock == self.of.clock:
            return decided
        sheet = self.result.sheets[clock]
        rows = sheet.of_symbol(self.symbol)
        by_then = self.result.sheets[self.of.clock].ts[decided]
        found = int(np.searchsorted(sheet.ts[rows], by_then, side="right")) - 1
        return int(rows.start) + found if found >= 0 else -1

    def node(self, at: _At) -> int | float | None:
        """Return the node of a part, the number of a constant, None of a text."""
        value = self.of.found.get((at.where, at.tree))
        if value is None and isinstance(at.tree, Name) and at.tree.name == SINCE_OPEN:
            value = Ambient("@since_open")
        return None if value is None else self.of.settled(value, at.clock)

    def value(self, at: _At, back: int = 0) -> float:
        """Return the value of a part at the row, or so many rows of the decisions before; NaN where there is none."""
        node = self.node(at)
        if node is None or isinstance(node, float):
            return math.nan if node is None else node
        place = self.place(self.of.graph.clocks[node], back)
        return float(self.result.values[node][place]) if place >= 0 else math.nan

    def first_row(self, clock: str) -> int:
        """Return the symbol's first row on a clock."""
        return int(self.result.sheets[clock].of_symbol(self.symbol).start)

    def text(self, at: _At, back: int = 0, digits: int = 6) -> str:
        """Return the value of a part in words."""
        node = self.node(at)
        value = self.value(at, back)
        group = self.of.group_name(node, value) if isinstance(node, int) else None
        gives = self.of.graph.gives(node) if isinstance(node, int) else "number"
        return group or value_text(value, gives, digits)

    # --- the parts of expressions ------------------------------------------------------------------------------------

    def root(self, name: str) -> _At:
        """Return the whole expression of a node or rule."""
        where, tree = self.of.where(name), self.of.trees[name]
        node = self.of.graph.names.get(name)
        return _At(tree, where, self.of.graph.clocks[node] if node is not None else self.of.clock)

    def inputs(self, at: _At) -> list[_At]:
        """Return the series that a call is given, in the order they were written."""
        if not isinstance(at.tree, Call):
            return []
        node = self.node(at)
        clock = self.of.graph.clocks[node] if isinstance(node, int) else at.clock
        if isinstance(node, int) and isinstance(self.of.graph.nodes[node], Asof) and at.tree.operator in BUILT_IN:
            clock = self.of.clock
        joined = _joined(at.tree) if at.tree.symbol in {"and", "or"} else self.series(at.tree)
        return [_At(tree, at.where, clock) for tree in joined]

    def series(self, tree: Call) -> list[Tree]:
        """Return the arguments of a call that are series, not parameters."""
        if tree.operator in BUILT_IN:
            return [each for each in tree.arguments[:1] if not isinstance(each, Text)]
        operator = self.of.vocabulary.operators[tree.operator]
        words = [*(each.name for each in operator.inputs), *(each.name for each in operator.parameters)]
        given = {**dict(zip(words, tree.arguments, strict=False)), **dict(tree.named)}
        return [given[each.name] for each in operator.inputs if each.name in given]

    def sections(self) -> Iterator[Section]:
        """Yield each rule, then each node that they depend on, once, in the order they are met."""
        waiting = list(self.of.rules)
        met = set(waiting)
        for number in count():
            if number == len(waiting):
                return
            name = waiting[number]
            yield Section(name, tuple(self.lines(self.root(name), 0)))
            for used in names_in(self.of.trees[name]):
                if used in self.of.trees and used not in met:
                    met.add(used)
                    waiting.append(used)

    def lines(self, at: _At, depth: int) -> Iterator[Line]:
        """Yield a part of an expression, then the parts of it; numbers that were written as such are left out."""
        before = self.text(at, back=1) if self.has_before(at) else ""
        yield Line(depth, written(at.tree), self.text(at), before, self.note(at))
        for part in self.inputs(at):
            if not isinstance(part.tree, Literal | Text):
                yield from self.lines(part, depth + 1)

    def has_before(self, at: _At) -> bool:
        """Return whether a part has a row before."""
        node = self.node(at)
        if not isinstance(node, int):
            return False
        return self.place(self.of.graph.clocks[node], 1) >= 0

    def note(self, at: _At) -> str:
        """Return a part's clock and instant where they are its own, and what its warm-up waits for if no input says so."""
        node = self.node(at)
        if not isinstance(node, int):
            return "a parameter" if isinstance(at.tree, Name) else ""
        clock = self.of.graph.clocks[node]
        notes = []
        if clock != self.of.clock:
            place = self.place(clock)
            known = f", known {instant_text(int(self.result.sheets[clock].ts[place]))}" if place >= 0 else ", no row yet"
            notes.append(f"on {clock}{known}")
        waits = self.waits(node)
        if waits and waits not in {self.waits_of(part) for part in self.inputs(at)}:
            notes.append(f"warm-up: {waits}")
        return "; ".join(notes)

    # --- warm-up -----------------------------------------------------------------------------------------------------

    def waits_of(self, at: _At) -> str:
        """Return what the warm-up of a part waits for, empty if it is over or there is none."""
        node = self.node(at)
        return self.waits(node) if isinstance(node, int) else ""

    def waits(self, node: int) -> str:
        """Return what a node's warm-up still waits for at the row, empty if it is over."""
        clock = self.of.graph.clocks[node]
        sheet = self.result.sheets[clock]
        first, place = int(self.result.ready[node][self.symbol]), self.place(clock)
        if place >= first:
            return ""
        if first >= sheet.of_symbol(self.symbol).stop:
            return "not over before the data end"
        rows = first - max(place, self.first_row(clock) - 1)
        own = "" if clock == self.of.clock else f" of {clock}"
        return f"{rows:,} more row{'s' if rows != 1 else ''}{own}, until {instant_text(int(sheet.ts[first]))}"

    def missing(self) -> Iterator[str]:
        """Yield what the rules and the nodes they depend on wait for."""
        nodes = [name for name in self.of.trees if name not in self.of.graph.dead]
        for name in sorted(nodes, key=lambda name: name not in self.of.rules):
            node = self.of.graph.names.get(name)
            waits = self.waits(node) if node is not None else ""
            if node is not None and waits:
                yield f"{name} needs {self.of.graph.warm_up(node)}: {waits}"

    # --- reasons -----------------------------------------------------------------------------------------------------

    def sentence(self, rule: str) -> str:
        """Return what a rule was and why."""
        at = self.root(rule)
        if rule == "target":
            inputs = self.where_inputs(at)
            return f"target was {self.text(at)}{f', where {inputs}' if inputs else ''}."
        return f"{rule} was {self.text(at)} because {self.reason(at, MOST_DEEP)}."

    def reason(self, at: _At, deep: int) -> str:
        """Return why a condition is what it is."""
        if math.isnan(self.value(at)):
            return self.undefined(at)
        if isinstance(at.tree, Name) and at.tree.name in self.of.trees:
            root = self.root(at.tree.name)
            inner = f", as {self.reason(root, deep - 1)}" if deep and not isinstance(root.tree, Name) else ""
            return f"{at.tree.name} is {self.text(at)}{inner}"
        return self.logic(at, deep) if isinstance(at.tree, Call) else f"{written(at.tree)} is {self.text(at)}"

    def logic(self, at: _At, deep: int) -> str:
        """Return why a call is true or false."""
        assert isinstance(at.tree, Call)  # noqa: S101 - asked before
        value, tree = self.value(at), at.tree
        if tree.symbol in {"and", "or"}:
            return " and ".join(self.reason(part, deep) for part in self.inputs(at) if self.value(part) == value)
        if tree.symbol == "not":
            return self.reason(self.inputs(at)[0], deep)
        if tree.operator in COMPARISONS and tree.symbol:
            return f"{self.compared(at)} {'holds' if value == 1.0 else 'does not hold'}"
        inputs = self.where_inputs(at)
        return f"{written(tree)} is {self.text(at)}{f' where {inputs}' if inputs else ''}"

    def compared(self, at: _At) -> str:
        """Return a comparison with its values, in as many digits as tell them apart."""
        assert isinstance(at.tree, Call)  # noqa: S101 - asked before
        left, right = self.inputs(at)
        digits = 6
        while (
            digits < 17
            and self.value(left) != self.value(right)
            and self.text(left, 0, digits) == self.text(right, 0, digits)
        ):
            digits += 1
        sides = [
            written(side.tree)
            if isinstance(side.tree, Literal | Text)
            else f"{written(side.tree)} ({self.text(side, 0, digits)})"
            for side in (left, right)
        ]
        return f"{sides[0]} {SIGNS[at.tree.operator][0]} {sides[1]}"

    def where_inputs(self, at: _At) -> str:
        """Return the inputs of a call with their values."""
        parts = [part for part in self.inputs(at) if not isinstance(part.tree, Literal | Text)]
        return " and ".join(f"{written(part.tree)} is {self.text(part)}" for part in parts)

    def undefined(self, at: _At) -> str:
        """Return what made a part undefined: the first thing on the way down that waits, or that no input explains."""
        while True:
            waits = self.waits_of(at)
            if waits:
                return f"{self.named(at)} is within its warm-up: {waits}"
            if isinstance(at.tree, Name) and at.tree.name in self.of.trees:
                at = self.root(at.tree.name)
                continue
            below = [part for part in self.inputs(at) if not math.isfinite(self.value(part))]
            if not below:
                inputs = self.where_inputs(at)
                name = self.named(at)
                whole = f"{name} = {written(at.tree)}" if name not in {"it", written(at.tree)} else name
                return f"{whole} is {self.text(at)}{f' where {inputs}' if inputs else ''}"
            at = below[0]

    def named(self, at: _At) -> str:
        """Return a part's text; of a whole expression the name that it has."""
        name = at.where.removeprefix("signal.").removeprefix("nodes.")
        if self.of.trees[name] != at.tree:
            return written(at.tree)
        return "it" if name in self.of.rules else name

    # --- what follows ------------------------------------------------------------------------------------------------

    def outcomes(self) -> list[str]:
        """Return what the rules do, by the documented order, for each position the symbol may have."""
        roots = [self.of.graph.names[rule] for rule in self.of.rules]
        if any(self.waits(node) for node in roots):
            return ["Nothing was decided: rules decide once all of them are past their warm-up."]
        if "target" in self.of.rules:
            return [self.aimed(), UNKNOWN]
        long, short = (self.holds(f"{side}.enter") for side in ("long", "short"))
        flat = "nothing, since both enter rules hold" if long and short else self.opening(long, short)
        lines = [f"A symbol that was flat: {flat}."]
        for side, flips, other in (("long", short and not long, "short"), ("short", long and not short, "long")):
            if f"{side}.exit" in self.of.rules:
                closed = f"closed{f' and opened {other}' if flips else ''}" if self.holds(f"{side}.exit") else "kept"
                lines.append(f"A symbol that was held {side}: {closed}.")
        return [*lines, UNKNOWN]

    def opening(self, long: bool, short: bool) -> str:  # noqa: FBT001 - two rules
        """Return what happens to a flat symbol if at most one enter rule holds."""
        return "opened long" if long else "opened short" if short else "nothing"

    def holds(self, rule: str) -> bool:
        """Return whether a rule is there and true."""
        return rule in self.of.rules and self.value(self.root(rule)) == 1.0

    def aimed(self) -> str:
        """Return what a target asks for."""
        value = self.value(self.root("target"))
        if math.isnan(value):
            return "An undefined target keeps the position."
        if value == 0.0:
            return "The target was no position."
        share = min(max(value, -1.0), 1.0)
        clipped = f"; a target of {value_text(value, 'number')} counts as {share:g}" if share != value else ""
        return f"The position wanted was {value_text(share, 'number')} of what the sizing gives{clipped}."

"""One expression being compiled: names, calls, types and clocks.

Built-in words that aren't operators, because they change the clock or read what isn't market data:

    asof(x)                       the latest value of x on the clock of what it stands beside, or of the first stream if
                                  it stands alone; asof(x, "bars") says which
    resample(x, "30min", "last")  one value per bucket of time; first, last, max, min, sum or mean of its rows
    event("earnings", "2d")       whether an event of the symbol lies at most so far back
    event_age("earnings")         seconds since the symbol's last event, undefined before the first

A formula is expanded in place: its expression is compiled with the call's arguments as names, and whatever is wrong with it
points at the call.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from runner.duration import DAY, nanoseconds
from runner.errors import Fault, did_you_mean
from runner.signal.builder import Ambient, Builder, Constant, Floating, PoisonedError, Value, Words
from runner.signal.expression import Call, Literal, Name, Text, Tree, parse, pointing_at
from runner.signal.graph import HOWS, WITHIN, stream_of
from runner.signal.kernel import Form
from runner.signal.operator import SESSION, Cross, Formula, Input, Operator, Parameter, Row, ValueType, Window
from runner.signal.vocabulary import EACH_ONCE, SINCE_OPEN, Vocabulary, counted_levels
from runner.spec.signal import Signal

__all__ = ["BUILT_IN", "NO_HOURS", "Expression"]

MICROSECOND = 1_000
SECOND = 1_000_000_000
SPAN = ("@known", "@session")
"""What every window of time reads besides its inputs."""

NO_HOURS = (
    "a time-zone policy without any",
    'Write when the market is open: timezone.calendar, e.g. "XNYS" or "24-7", or timezone.session.',
)
"""What was wrong, and what to write, where it isn't known when sessions open."""

BUILT_IN = {
    "asof": 'asof(x) or asof(x, "bars")',
    "resample": 'resample(x, "30min", "last")',
    "event": 'event("earnings", "2d")',
    "event_age": 'event_age("earnings")',
}
"""Words that are no operators → their usage."""


Series = int | Constant | Floating | Ambient
"""What an operator may be given as an input."""


@cache
def _parsed(text: str, where: str) -> Tree:
    return parse(text, where)


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression; knows its text, so that faults can point into it."""

    builder: Builder
    vocabulary: Vocabulary
    signal: Signal
    values: Mapping[str, Value]
    """What is resolved already, by `nodes.NAME`."""
    faults: list[Fault]
    text: str
    where: str
    local: Mapping[str, Value] = field(default_factory=dict)
    """Inside a formula: its arguments by name; nothing else is known there."""
    at: int | None = None
    """Inside a formula: the column of the call, which every fault points at."""
    inside: str = ""
    """Inside a formula of the user's own: which one, and where it stands."""
    found: dict[tuple[str, Tree], Value] | None = None
    """Where what each part of the expression came to is kept, if someone asks for it; see `compile_signal`."""

    def refuse(self, column: int, must: str, was: str, write: str) -> PoisonedError:
        """Note a fault at a column and return the exception to raise."""
        excerpt = pointing_at(self.text, column if self.at is None else self.at)
        self.faults.append(Fault(self.where, f"{must}{self.inside}", was, write, excerpt=excerpt))
        return PoisonedError()

    def value(self, tree: Tree) -> Value:
        """Compile a tree."""
        value = self.resolve(tree)
        if self.found is not None:
            self.found[self.where, tree] = value
        return value

    def resolve(self, tree: Tree) -> Value:
        """Compile a tree by its shape."""
        if isinstance(tree, Literal):
            return Constant(tree.value)
        if isinstance(tree, Text):
            return Words(tree.text)
        if isinstance(tree, Name):
            return self.name(tree)
        built_in = {
            "asof": self.asof, "resample": self.resample, "event": self.event, "event_age": self.event_age,
        }.get(tree.operator)  # fmt: skip
        return built_in(tree) if built_in else self.call(tree)

    # --- names -------------------------------------------------------------------------------------------------------

    def name(self, tree: Name) -> Value:
        """Resolve a name: an argument inside a formula; else node, parameter, group, then column."""
        if self.at is not None and tree.name in self.local:
            return self.local[tree.name]
        if tree.name in self.signal.nodes:
            value = self.values.get(f"nodes.{tree.name}")
            if value is None:
                raise PoisonedError
            return value
        if tree.name in self.signal.params:
            given = self.signal.params[tree.name]
            return Words(given) if isinstance(given, str) else Constant(float(given))
        if tree.name in self.vocabulary.groups:
            return Ambient(f"@group:{tree.name}")
        if tree.name == SINCE_OPEN:
            return Ambient("@since_open")
        return self.market_column(tree)

    def main_clock(self) -> str:
        """Return the first stream, on which what belongs to none is read."""
        return next(iter(self.vocabulary.streams))

    def bound(self, value: Floating | Ambient, clock: str, column: int) -> int:
        """Return a value that waited for a clock, on it."""
        if value == Ambient("@since_open"):
            self.hold_hours(clock, column, SINCE_OPEN)
        return self.builder.on_clock(value, clock)

    def hold_hours(self, clock: str, column: int, what: str) -> None:
        """Hold that it is known when the sessions of a clock's stream open."""
        stream = stream_of(clock)
        if stream in self.vocabulary.without_hours:
            raise self.refuse(column, f"{what} must be given {stream} with session hours", *NO_HOURS)

    def market_column(self, tree: Name) -> int:
        """Resolve the name of a column."""
        homes = self.vocabulary.homes(tree.name)
        if len(homes) == 1:
            return self.builder.column(*homes[0])
        if homes:
            streams = " or ".join(f"{stream}.{column}" for stream, column in homes)
            raise self.refuse(tree.column, "must say which stream it means", tree.name, f"Write {streams}.")
        lacking = self.vocabulary.lacking(tree.name)
        if lacking is not None:
            raise self.refuse(tree.column, f"must have {tree.name}", *lacking)
        known = [*self.signal.nodes, *self.signal.params, *self.vocabulary.groups, *self.vocabulary.hinted(), SINCE_OPEN]
        hint = did_you_mean(tree.name, known)
        if tree.name in self.vocabulary.operators:
            hint = f"{tree.name} is an operator: write {self.vocabulary.operators[tree.name].usage}."
        raise self.refuse(tree.column, "must use known names", tree.name, hint)

    # --- calls -------------------------------------------------------------------------------------------------------

    def call(self, tree: Call) -> Value:
        """Check a call and build its node; an operation on constants alone is done at once."""
        operator = self.vocabulary.operators.get(tree.operator)
        if operator is None:
            known = {name for name in self.vocabulary.operators if name not in {"and", "or", "not"}} | BUILT_IN.keys()
            raise self.refuse(tree.column, "must call a known operator", tree.operator, did_you_mean(tree.operator, known))
        given = self.arguments(tree, operator)
        values = self.resolved(list(given.values()))
        words = dict(zip(given, values, strict=True))
        trees = dict(given)
        inputs = [self.series(operator, each, trees[each.name], words[each.name]) for each in operator.inputs]
        if tree.symbol and all(isinstance(value, Constant) for value in inputs):
            return self.fold(tree, [value for value in inputs if isinstance(value, Constant)])
        parameters = [self.parameter(operator, each, trees, words) for each in operator.parameters]
        if isinstance(operator.body, Formula):
            return self.expanded(tree, operator, inputs, parameters)
        return self.applied(tree, operator, inputs, parameters)

    def resolved(self, arguments: Sequence[Tree]) -> list[Value]:
        """Compile every argument, noting the faults of all before giving up."""
        values: list[Value] = []
        failed = False
        for argument in arguments:
            try:
                values.append(self.window(argument))
            except PoisonedError:
                failed = True
        if failed:
            raise PoisonedError
        return values

    def window(self, tree: Tree) -> Value:
        """Compile an argument; the bare word `since_open` stays a word until it is known what it is for."""
        if isinstance(tree, Name) and tree.name == SINCE_OPEN and tree.name not in self.local:
            return Words(SINCE_OPEN)
        return self.value(tree)

    def arguments(self, tree: Call, operator: Operator) -> dict[str, Tree]:
        """Put positional and named arguments into the operator's order; what has a default may be left out."""
        words = [*(each.name for each in operator.inputs), *(parameter.name for parameter in operator.parameters)]
        needed = {each.name for each in operator.inputs} | {p.name for p in operator.parameters if p.default is None}
        given = dict(zip(words, tree.arguments, strict=False))
        for word, argument in tree.named:
            if word not in words or word in given:
                what = "given twice" if word in given else f"no argument {word}"
                raise self.refuse(tree.column, f"must match {operator.usage}", what, f"Write {operator.usage}.")
            given[word] = argument
        if len(tree.arguments) > len(words) or not needed <= given.keys():
            count = len(tree.arguments) + len(tree.named)
            was = f"{count} argument{'s' if count != 1 else ''}"
            raise self.refuse(tree.column, f"must match {operator.usage}", was, f"Write {operator.usage}.")
        return {word: given[word] for word in words if word in given}

    def series(self, operator: Operator, wanted: Input, tree: Tree, value: Value) -> "Series":
        """Check the type of a series argument."""
        if value == Words(SINCE_OPEN):
            value = self.name(Name(SINCE_OPEN, tree.column))
        found = self.type_of(value)
        if not isinstance(value, Words) and found == wanted.type:
            return value
        fix = {
            "boolean": "Write a comparison, e.g. a < b.",
            "number": "Use the numbers, not a condition on them.",
        }[wanted.type]
        must = f"{wanted.name} of {operator.name} must be a {wanted.type}"
        if isinstance(value, Words):
            raise self.refuse(tree.column, must, f'the text "{value.text}"', f"Write {operator.usage}.")
        raise self.refuse(tree.column, must, f"a {found}", fix)

    def type_of(self, value: Value) -> ValueType:
        """Return the type of a value."""
        if isinstance(value, Ambient):
            return "boolean" if value.name.startswith(WITHIN) else "number"
        node = value.node if isinstance(value, Floating) else value
        return self.builder.gives(node) if isinstance(node, int) else "number"

    def parameter(
        self, operator: Operator, parameter: Parameter, trees: Mapping[str, Tree], values: Mapping[str, Value]
    ) -> Constant | Words:
        """Check a constant argument, or take its default."""
        if parameter.name not in values:
            return Constant(float(parameter.default or 0.0))
        value, column = values[parameter.name], trees[parameter.name].column
        if isinstance(value, Words) and isinstance(parameter, Window):
            self.span(value, column, f"{parameter.name} of {operator.name}")
            return value
        if not isinstance(value, Constant):
            was = f'the text "{value.text}"' if isinstance(value, Words) else "a series"
            must = f"{parameter.name} of {operator.name} must be a number or a parameter"
            raise self.refuse(column, must, was, f"Write {operator.usage} with {parameter.name} from params.")
        fault = parameter.fault(self.where, value.value)
        if fault:
            raise self.refuse(column, fault.must, fault.was, fault.write)
        return value

    def span(self, value: Words, column: int, what: str) -> float:
        """Return the microseconds of a window's text, 0 for `since_open`."""
        if value.text == SINCE_OPEN:
            return SESSION
        try:
            return nanoseconds(value.text) / MICROSECOND
        except ValueError:
            write = 'Write rows, e.g. 20, a duration with ms, s, min, h or d, e.g. "30min", or since_open.'
            raise self.refuse(column, f"{what} must be a window", f'"{value.text}"', write) from None

    def expanded(self, tree: Call, operator: Operator, inputs: Sequence[Value], parameters: Sequence[Value]) -> Value:
        """Compile a formula's expression with the arguments as its names."""
        assert isinstance(operator.body, Formula)  # noqa: S101 - asked before
        names = [*(each.name for each in operator.inputs), *(each.name for each in operator.parameters)]
        local = dict(zip(names, (*inputs, *parameters), strict=True))
        at = tree.column if self.at is None else self.at
        inside = f" inside formula {operator.name} of {operator.own}:{operator.line}" if operator.own else self.inside
        inner = Expression(
            self.builder, self.vocabulary, self.signal, self.values, self.faults, self.text, self.where, local, at, inside
        )
        return inner.value(_parsed(operator.body.expression, operator.name))

    def applied(
        self,
        tree: Call,
        operator: Operator,
        inputs: "Sequence[Series]",
        parameters: Sequence[Constant | Words],
    ) -> int:
        """Build the node of a checked call, with the columns the operator reads by itself."""
        form, numbers = self.form(operator, parameters)
        body = operator.body
        hidden = SPAN if form == "span" else body.columns(*numbers) if isinstance(body, Row | Cross) else ()
        clock = self.clock_of(tree, operator, inputs, hidden)
        if isinstance(body, Cross) and stream_of(clock) not in EACH_ONCE:
            must = f"{operator.name} must be given bars, of which every symbol has one at an instant"
            raise self.refuse(tree.column, must, clock, 'Bring it to the clock of the bars: asof(…, "bars").')
        own = [self.bound(each, clock, tree.column) if isinstance(each, Floating | Ambient) else each for each in inputs]
        read = [self.builder.column(clock, self.hidden_name(clock, name)) for name in hidden]
        return self.builder.apply(operator, form, [*own, *read], numbers, clock)

    def form(self, operator: Operator, parameters: Sequence[Constant | Words]) -> tuple[Form, tuple[float, ...]]:
        """Return which wrapping of the operator is meant, and its parameters as numbers."""
        numbers = tuple(
            each.value if isinstance(each, Constant) else self.span(each, 0, operator.name) for each in parameters
        )
        if isinstance(operator.body, Row):
            return "row", numbers
        if isinstance(operator.body, Cross):
            return "cross", numbers
        return ("span" if isinstance(parameters[0], Words) else "rows"), numbers

    def clock_of(self, tree: Call, operator: Operator, inputs: "Sequence[Series]", hidden: Sequence[str]) -> str:
        """Return the one clock of a call's inputs."""
        found = {self.builder.clocks[each]: each for each in inputs if isinstance(each, int)}
        market = [name for name in hidden if not name.startswith("@")]
        for home in {self.book_of(tree, operator, name, market) for name in market}:
            found.setdefault(home, -1)
        if len(found) > 1:
            clocks = " and ".join(sorted(found))
            write = f'Bring one to the clock of the other, e.g. asof(…, "{next(iter(found))}").'
            raise self.refuse(tree.column, f"{operator.name} must be given series of one clock", clocks, write)
        if found:
            return next(iter(found))
        if not inputs or any(isinstance(each, Floating | Ambient) for each in inputs):
            return self.main_clock()
        raise self.refuse(tree.column, f"{operator.name} must be given a series", "constants", f"Write {operator.usage}.")

    def book_of(self, tree: Call, operator: Operator, name: str, read: Sequence[str]) -> str:
        """Return the stream that has a column an operator reads by itself, as one of several."""
        home = self.vocabulary.book(name)
        if home is None:
            wanted = 1 + max(int(column.rpartition("_")[2]) for column in read)
            has = counted_levels(self.vocabulary.levels) if self.vocabulary.levels else " and ".join(self.vocabulary.streams)
            must = f"{operator.name} must have {counted_levels(wanted)} of a book"
            write = f"Choose data with {counted_levels(wanted)} of depth, or fewer levels."
            raise self.refuse(tree.column, must, f"data of {has}", write)
        return home[0]

    def hidden_name(self, clock: str, name: str) -> str:
        """Return what a column that an operator reads by itself is called on a clock."""
        home = None if name.startswith("@") else self.vocabulary.book(name)
        return home[1] if home and home[0] == clock else name

    def fold(self, tree: Call, constants: list[Constant]) -> Constant:
        """Compute arithmetic on constants; the result must be finite."""
        a = constants[0].value
        b = constants[-1].value
        if tree.operator == "divide" and b == 0.0:
            raise self.refuse(tree.column, "must not divide by zero", f"{a:g} / {b:g}", "Change the numbers.")
        table: dict[str, Callable[[], float]] = {
            "add": lambda: a + b,
            "subtract": lambda: a - b,
            "multiply": lambda: a * b,
            "divide": lambda: a / b,
            "power": lambda: math.pow(a, b),
            "negate": lambda: -a,
        }
        if tree.operator not in table:
            raise self.refuse(tree.column, "must depend on the data", "constants only", "Compare with a node or a column.")
        try:
            value = table[tree.operator]()
        except (OverflowError, ValueError):
            value = math.nan
        if not math.isfinite(value):
            raise self.refuse(tree.column, "must give a finite number", f"{value:g}", "Change the numbers.")
        return Constant(value)

    # --- words that are no operators ---------------------------------------------------------------------------------

    def plain(self, tree: Call, least: int, most: int) -> list[Value]:
        """Compile the arguments of a built-in word, which go by position."""
        if tree.named or not least <= len(tree.arguments) <= most:
            was = f"{len(tree.arguments) + len(tree.named)} arguments"
            usage = BUILT_IN[tree.operator]
            raise self.refuse(tree.column, f"must match {usage}", was, f"Write {usage}.")
        return self.resolved(tree.arguments)

    def node(self, tree: Call, value: Value) -> int:
        """Hold that a value is a series with a clock of its own."""
        if isinstance(value, int):
            return value
        if isinstance(value, Ambient):
            return self.bound(value, self.main_clock(), tree.column)
        was = "asof of asof" if isinstance(value, Floating) else "a constant"
        raise self.refuse(tree.column, f"{tree.operator} must be given a series", was, f"Write {BUILT_IN[tree.operator]}.")

    def word(self, tree: Call, place: int, value: Value, known: Sequence[str], what: str) -> str:
        """Hold that the value of an argument, or the one taken where it is left out, is one of the known texts."""
        if isinstance(value, Words) and value.text in known:
            return value.text
        was = f'"{value.text}"' if isinstance(value, Words) else "no text"
        hint = did_you_mean(value.text, known) if isinstance(value, Words) else f"Write {BUILT_IN[tree.operator]}."
        raise self.refuse(tree.arguments[place].column, f"must name {what}", was, hint)

    def asof(self, tree: Call) -> Value:
        """Compile `asof(x)` and `asof(x, clock)`."""
        values = self.plain(tree, 1, 2)
        floating = Floating(self.node(tree, values[0]))
        if len(values) == 1:
            return floating
        clock = self.word(
            tree, 1, values[1], list(dict.fromkeys([*self.vocabulary.streams, *self.builder.clocks])), "a clock"
        )
        return self.builder.on_clock(floating, clock)

    def resample(self, tree: Call) -> Value:
        """Compile `resample(x, span, how)`."""
        values = [*self.plain(tree, 2, 3), Words("last")]
        node = self.node(tree, values[0])
        if " " in self.builder.clocks[node]:
            was = self.builder.clocks[node]
            raise self.refuse(
                tree.column, "must be given rows of a stream", was, "Resample the stream itself to the longer span."
            )
        if self.builder.gives(node) != "number":
            raise self.refuse(tree.column, "must be given a number", "a condition", "Write where(condition, 1, 0).")
        at = tree.arguments[1].column
        if not isinstance(values[1], Words) or values[1].text == SINCE_OPEN:
            raise self.refuse(at, "must have a duration", "no text", f"Write {BUILT_IN['resample']}.")
        span = int(self.span(values[1], at, "span of resample") * MICROSECOND)
        if span < DAY:
            self.hold_hours(self.builder.clocks[node], tree.column, "resample")
        how = self.word(tree, 2, values[2], HOWS, "what becomes of a bucket's rows")
        return self.builder.bucket(node, span, next(each for each in HOWS if each == how))

    def event(self, tree: Call) -> Value:
        """Compile `event(name, span)`."""
        name, span = self.plain(tree, 2, 2)
        known = self.event_file(tree, name)
        at = tree.arguments[1].column
        if not isinstance(span, Words) or span.text == SINCE_OPEN:
            raise self.refuse(at, "must have a duration", "no text", f"Write {BUILT_IN['event']}.")
        seconds = self.span(span, at, "span of event") * MICROSECOND / SECOND
        return Ambient(f"{WITHIN}{known}:{seconds!r}")

    def event_age(self, tree: Call) -> Value:
        """Compile `event_age(name)`."""
        return Ambient(f"@event:{self.event_file(tree, self.plain(tree, 1, 1)[0])}")

    def event_file(self, tree: Call, name: Value) -> str:
        """Hold that a value names one of the run's event files."""
        if isinstance(name, Words) and not self.vocabulary.events:
            write = "Choose a file of events, e.g. events=earnings events.earnings.path=earnings.csv."
            raise self.refuse(
                tree.arguments[0].column, "must name an event file", f'"{name.text}" of a run without any', write
            )
        return self.word(tree, 0, name, self.vocabulary.events, "an event file")

"""One expression being compiled: names, calls, types.

Names and calls are resolved here, `asof`, `resample` and events in `built_in`, the clocks of a call's inputs in `meeting`,
arithmetic on constants in `folding`. Every argument is looked at before a call is given up, also where nobody knows the
operator, so that all faults are told at once.

A formula is expanded in place: its expression is compiled with the call's arguments as names, and whatever is wrong with it
points at the call.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from runner.errors import did_you_mean
from runner.signal.builder import Ambient, Constant, Floating, PoisonedError, Value, Words
from runner.signal.built_in import BUILT_IN, WORDS, unquoted
from runner.signal.expression import Call, Literal, Name, Text, Tree, parse
from runner.signal.folding import folded
from runner.signal.foreign import hint
from runner.signal.graph import AGE, GROUP, SECOND
from runner.signal.kernel import Form
from runner.signal.meeting import Series, clock_of, hidden_name
from runner.signal.operator import SESSION, TYPES, Cross, Formula, Input, Operator, Parameter, Row, Rows, Window
from runner.signal.reading import Reading
from runner.signal.span import span_of
from runner.signal.vocabulary import SINCE_OPEN
from runner.signal.written import number_text, sign_of, written
from runner.spec.signal import Signal

__all__ = ["Expression"]

Item = TypeVar("Item")
Checked = TypeVar("Checked")

MICROSECOND = 1_000
SPAN = ("@known", "@session")
"""What every window of time reads besides its inputs."""

COMPARISONS = frozenset({"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"})


@cache
def _parsed(text: str, where: str) -> Tree:
    return parse(text, where)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression(Reading):
    """One expression; knows its text, so that faults can point into it."""

    signal: Signal
    values: Mapping[str, Value]
    """What is resolved already, by `nodes.NAME`."""
    local: Mapping[str, Value] = field(default_factory=dict)
    """Inside a formula: its arguments by name; nothing else is known there."""
    found: dict[tuple[str, Tree], Value] | None = None
    """Where what each part of the expression came to is kept, if someone asks for it; see `compile_signal`."""

    def value(self, tree: Tree) -> Value:
        """Compile a tree."""
        return self.kept(tree, self.resolve(tree))

    def kept(self, tree: Tree, value: Value) -> Value:
        """Keep what a part came to, if someone asks for it."""
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
        return self.built_in(tree) if tree.operator in WORDS else self.call(tree)

    # --- names -------------------------------------------------------------------------------------------------------

    def name(self, tree: Name) -> Value:
        """Resolve a name: inside a formula an argument, else node or parameter; then group and column."""
        if self.at is not None:
            return self.local[tree.name] if tree.name in self.local else self.of_market(tree)
        if tree.name in self.signal.nodes:
            value = self.values.get(f"nodes.{tree.name}")
            if value is None:
                raise PoisonedError
            return value
        if tree.name in self.signal.params:
            given = self.signal.params[tree.name]
            return Words(given) if isinstance(given, str) else Constant(float(given))
        return self.of_market(tree)

    def of_market(self, tree: Name) -> Value:
        """Resolve a name that no signal has made: a group, then a column."""
        if tree.name in self.vocabulary.groups and not self.vocabulary.homes(tree.name):
            return Ambient(f"{GROUP}{tree.name}")
        if tree.name == SINCE_OPEN:
            return Ambient("@since_open")
        return self.market_column(tree)

    def is_known(self, name: str) -> bool:
        """Tell whether a name means something by itself."""
        return name in {*self.own_names(), *self.vocabulary.groups, SINCE_OPEN} or bool(self.vocabulary.homes(name))

    def own_names(self) -> list[str]:
        """Return what may be named beside the market's words: nodes and parameters, or a formula's arguments."""
        return [*self.signal.nodes, *self.signal.params] if self.at is None else [*self.local]

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
        known = [*self.own_names(), *self.vocabulary.groups, *self.vocabulary.hinted(), SINCE_OPEN]
        write = hint(tree.name, known)
        if tree.name in self.vocabulary.operators:
            write = f"{tree.name} is an operator: write {self.vocabulary.operators[tree.name].usage}."
        if tree.name in self.vocabulary.events:
            write = f'It is an event file: write event_age("{tree.name}") or event("{tree.name}", "2d").'
        raise self.refuse(tree.column, "must use known names", tree.name, write)

    # --- calls -------------------------------------------------------------------------------------------------------

    def call(self, tree: Call) -> Value:
        """Check a call and build its node; an operation on constants alone is done at once."""
        operator = self.operator(tree)
        trees = self.arguments(tree, operator)
        values = self.seconds(tree, self.resolved(list(trees.values())))
        words = dict(zip(trees, values, strict=True))
        inputs, parameters = self.checked(tree, operator, trees, words)
        if tree.symbol and all(isinstance(value, Constant) for value in inputs):
            return folded(self, tree, [value for value in inputs if isinstance(value, Constant)])
        self.hold_order(tree, operator, trees, (*inputs, *parameters))
        if isinstance(operator.body, Formula):
            return self.expanded(tree, operator, inputs, parameters)
        return self.applied(tree, operator, trees, inputs, parameters)

    def checked(
        self, tree: Call, operator: Operator, trees: Mapping[str, Tree], values: Mapping[str, Value]
    ) -> tuple[list[Series], list[Constant | Words]]:
        """Check what an operator is given: series, then constants."""

        def series(each: Input) -> Series:
            return self.series(tree, operator, each, trees[each.name], values[each.name])

        def parameter(each: Parameter) -> Constant | Words:
            return self.parameter(operator, each, trees, values)

        try:
            inputs = self.each(series, operator.inputs)
        except PoisonedError:
            with suppress(PoisonedError):
                self.each(parameter, operator.parameters)
            raise
        return inputs, self.each(parameter, operator.parameters)

    def each(self, check: Callable[[Item], Checked], items: Iterable[Item]) -> list[Checked]:
        """Check every item, noting the faults of all before giving up."""
        checked: list[Checked] = []
        failed = False
        for item in items:
            try:
                checked.append(check(item))
            except PoisonedError:
                failed = True
        if failed:
            raise PoisonedError
        return checked

    def resolved(self, arguments: Iterable[Tree]) -> list[Value]:
        """Compile every argument."""
        return self.each(self.window, arguments)

    def operator(self, tree: Call) -> Operator:
        """Return the operator of a call; where there is none, note the faults of its arguments as well."""
        try:
            operator = self.vocabulary.operators.get(tree.operator)
            if operator is not None:
                return operator
            known = {name for name in self.vocabulary.operators if name not in {"and", "or", "not"}} | BUILT_IN.keys()
            raise self.refuse(tree.column, "must call a known operator", tree.operator, hint(tree.operator, known))
        except PoisonedError:
            self.look_at(tree)
            raise

    def look_at(self, tree: Call) -> None:
        """Note the faults of the arguments of a call that can't be compiled itself."""
        with suppress(PoisonedError):
            self.resolved((*tree.arguments, *(value for _, value in tree.named)))

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
        was = ""
        for word, argument in tree.named:
            if word not in words or word in given:
                was = was or ("given twice" if word in given else f"no argument {word}")
            given.setdefault(word, argument)
        if not was and (len(tree.arguments) > len(words) or not needed <= given.keys()):
            was = _counted(len(tree.arguments) + len(tree.named))
        if not was:
            return {word: given[word] for word in words if word in given}
        poisoned = self.refuse(tree.column, f"must match {operator.usage}", was, f"Write {operator.usage}.")
        self.look_at(tree)
        raise poisoned

    def seconds(self, tree: Call, values: list[Value]) -> list[Value]:
        """Turn a length of time that is compared with seconds into seconds; beside anything else it is refused.

        Seconds are `event_age("earnings")` and `since_open`.
        """
        spans = [span_of(value.text) if isinstance(value, Words) else None for value in values]
        if tree.symbol not in COMPARISONS or not any(spans):
            return values
        of_seconds = [value == Words(SINCE_OPEN) or (isinstance(value, Ambient) and _is_seconds(value)) for value in values]
        place = 0 if spans[0] else 1
        span, argument = spans[place] or 0, tree.arguments[place]
        if not of_seconds[1 - place]:
            must = "a length of time must stand beside event_age(…) or since_open"
            write = f"Write a number, e.g. {number_text(span / SECOND)} for as many seconds."
            raise self.refuse(argument.column, must, f"beside {self.repeated(tree.arguments[1 - place])}", write)
        values[place] = self.kept(argument, Constant(span / SECOND))
        return values

    def series(self, call: Call, operator: Operator, wanted: Input, tree: Tree, value: Value) -> Series:
        """Check the type of a series argument."""
        if value == Words(SINCE_OPEN):
            value = self.name(Name(SINCE_OPEN, tree.column))
        must = f"{_place(call, operator, wanted)} must be a {TYPES[wanted.type]}"
        if isinstance(value, Words):
            write = (
                f"Write {value.text}, without quotes." if self.is_known(value.text) else f"Write {_usage(call, operator)}."
            )
            raise self.refuse(tree.column, must, f'the text "{value.text}"', write)
        found = self.builder.type_of(value)
        if found != wanted.type:
            raise self.refuse(tree.column, must, f"a {TYPES[found]}", self.instead(tree, wanted, found))
        return value

    def instead(self, tree: Tree, wanted: Input, found: str) -> str:
        """Return what to write instead of a series of another type."""
        if wanted.type == "group":
            known = self.vocabulary.groups
            return did_you_mean("", known) if known else "Name a grouping in universe.groups and write its name."
        if wanted.type == "boolean":
            return "Write a comparison, e.g. a < b."
        if found == "group":
            return f"A grouping says who belongs together, not how much: neutralise(x, {self.repeated(tree)}) takes one."
        return f"Use the numbers, not a condition on them, or where({self.repeated(tree)}, 1, 0)."

    def parameter(
        self, operator: Operator, parameter: Parameter, trees: Mapping[str, Tree], values: Mapping[str, Value]
    ) -> Constant | Words:
        """Check a constant argument, or take its default."""
        if parameter.name not in values:
            return Constant(float(parameter.default or 0.0))
        value, column = values[parameter.name], trees[parameter.name].column
        what = f"{parameter.name} of {operator.name}"
        if isinstance(value, Words) and isinstance(parameter, Window):
            self.span(value, column, what)
            return value
        if not isinstance(value, Constant):
            raise self.refuse(column, *self.no_constant(operator, parameter, value))
        fault = parameter.fault(self.where, value.value)
        if fault:
            raise self.refuse(column, fault.must, fault.was, fault.write)
        symbols = self.vocabulary.symbols
        if isinstance(parameter, Rows) and parameter.of_symbols and symbols and value.value > symbols:
            must = f"{what} must be at most {symbols}, as many symbols as the universe has"
            raise self.refuse(column, must, number_text(value.value), "Write a smaller number, or add symbols.")
        return value

    @staticmethod
    def no_constant(operator: Operator, parameter: Parameter, value: Value) -> tuple[str, str, str]:
        """Return what must hold, what was, and what to write where a parameter isn't a number."""
        what = f"{parameter.name} of {operator.name}"
        was = f'the text "{value.text}"' if isinstance(value, Words) else "a series"
        if isinstance(value, Words) and isinstance(parameter, Rows) and (value.text == SINCE_OPEN or span_of(value.text)):
            others = "only windows such as mean(x, lookback) take a length of time or since_open"
            return f"{what} must be a number of rows", was, f"Write rows, e.g. {max(parameter.least, 20)}; {others}."
        must = f"{what} must be a number or a parameter"
        return must, was, f"Write {operator.usage} with {parameter.name} from params."

    def span(self, value: Words, column: int, what: str) -> float:
        """Return the microseconds of a window's text, 0 for `since_open`."""
        if value.text == SINCE_OPEN:
            return SESSION
        return self.length(value.text, column, what, is_window=True) / MICROSECOND

    def hold_order(
        self, tree: Call, operator: Operator, trees: Mapping[str, Tree], values: Sequence[Series | Words]
    ) -> None:  # fmt: skip
        """Hold that the constants among a call's arguments don't contradict each other."""
        names = [*(each.name for each in operator.inputs), *(each.name for each in operator.parameters)]
        given = zip(names, values, strict=True)
        constants = {name: value.value for name, value in given if isinstance(value, Constant)}
        for each in operator.contradictions(constants):
            lower, upper = number_text(constants[each.lower]), number_text(constants[each.upper])
            must = f"{each.upper} of {operator.name} must be {'above' if each.strictly else 'at least'} {each.lower}"
            write = f"Write {each.lower}={upper}, {each.upper}={lower}." if lower != upper else "Change one of them."
            at = trees.get(each.upper, trees.get(each.lower, tree))
            raise self.refuse(at.column, must, f"{upper}, with {each.lower} {lower}", write)

    def expanded(self, tree: Call, operator: Operator, inputs: Sequence[Value], parameters: Sequence[Value]) -> Value:
        """Compile a formula's expression with the arguments as its names."""
        assert isinstance(operator.body, Formula)  # noqa: S101 - asked before
        names = [*(each.name for each in operator.inputs), *(each.name for each in operator.parameters)]
        inner = Expression(
            builder=self.builder,
            vocabulary=self.vocabulary,
            faults=self.faults,
            text=self.text,
            where=self.where,
            at=tree.column if self.at is None else self.at,
            inside=f" inside formula {operator.name} of {operator.own}:{operator.line}" if operator.own else self.inside,
            signal=self.signal,
            values=self.values,
            local=dict(zip(names, (*inputs, *parameters), strict=True)),
        )
        return inner.value(_parsed(operator.body.expression, operator.name))

    def applied(
        self,
        tree: Call,
        operator: Operator,
        trees: Mapping[str, Tree],
        inputs: Sequence[Series],
        parameters: Sequence[Constant | Words],
    ) -> int:
        """Build the node of a checked call, with the columns the operator reads by itself."""
        form, numbers = self.form(operator, parameters)
        body = operator.body
        hidden = SPAN if form == "span" else body.columns(*numbers) if isinstance(body, Row | Cross) else ()
        written_as = [trees[each.name] for each in operator.inputs]
        clock = clock_of(self, tree, operator, list(zip(written_as, inputs, strict=True)), hidden)
        own = [self.bound(each, clock, tree.column) if isinstance(each, Floating | Ambient) else each for each in inputs]
        read = [self.builder.column(clock, hidden_name(self, clock, name)) for name in hidden]
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

    def built_in(self, tree: Call) -> Value:
        """Compile a word that is no operator, whose arguments go by position."""
        make, least, most = WORDS[tree.operator]
        unquoted(self, tree, self.is_known)
        if tree.named or not least <= len(tree.arguments) <= most:
            usage = BUILT_IN[tree.operator]
            was = _counted(len(tree.arguments) + len(tree.named))
            poisoned = self.refuse(tree.column, f"must match {usage}", was, f"Write {usage}.")
            self.look_at(tree)
            raise poisoned
        return make(self, tree, self.resolved(tree.arguments))


def _counted(count: int) -> str:
    return f"{count} argument{'s' if count != 1 else ''}"


def _is_seconds(value: Ambient) -> bool:
    return value.name == "@since_open" or value.name.startswith(AGE)


def _place(call: Call, operator: Operator, wanted: Input) -> str:
    """Return what an argument is called: a side of a sign, or its name."""
    if not call.symbol:
        return f"{wanted.name} of {operator.name}"
    if len(call.arguments) == 1:
        return f"what follows {sign_of(operator.name)}"
    return f"the {'left' if wanted is operator.inputs[0] else 'right'} side of {sign_of(operator.name)}"


def _usage(call: Call, operator: Operator) -> str:
    names = tuple(Name(each.name, 0) for each in operator.inputs)
    return written(Call(operator.name, names, (), 0, symbol=operator.name)) if call.symbol else operator.usage

"""The operators as a manual has them: how to write each, what it takes and gives, its warm-up, what undefined rows do.

A warm-up is asked of the operator itself for several parameters; where the answers lie on a line, the line is told
(`lookback - 1`), else an example.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from runner.errors import ConfigError
from runner.signal.built_in import BUILT_IN
from runner.signal.compile import compile_signal
from runner.signal.graph import Apply
from runner.signal.operator import TYPES, Cross, Formula, Number, Operator, Parameter, Row, ValueType, Window
from runner.signal.vocabulary import Vocabulary
from runner.signal.written import SIGNS, is_sign, number_text
from runner.spec.signal import Signal

__all__ = ["FAMILIES", "Entry", "built_in_entry", "entry_of", "manual", "named_by"]

FAMILIES = ("signs", "clocks and events", "row by row", "over a window", "across symbols", "order book")
"""Sorts of operators, in the order they are listed."""

TYPICAL = 20
"""A lookback that people write."""
STEPS = (1, 7, 40)
"""What is added to a parameter to see how the warm-up goes with it."""

UNDEFINED = {
    "window": "undefined while an undefined row is within its memory",
    "skip": "undefined at an undefined row, which later ones pass over",
}
"""Rule for undefined rows → what it means."""

CLOCKS = {
    "asof": (
        ("x: number or condition", "clock: a stream, or its buckets"),
        "as x",
        "the first value of x",
        "an undefined value is carried like any other",
        "The latest value of x known by then, on the clock of what stands beside it, or of the clock that is named.",
    ),
    "resample": (
        ("x: number", "span: a duration", "how: first, last, max, min, sum or mean; last if left out"),
        "number",
        "1 bucket, since the first is cut off",
        "first and last take the row's value, the others are undefined if one row is",
        "One value per bucket of time, counted from the session's open; known when the bucket is over, never before.",
    ),
    "event": (
        ("name: of an event file", "span: a duration"),
        "condition",
        "none",
        "never undefined",
        "Whether an event of the symbol became known at most so long ago.",
    ),
    "event_age": (
        ("name: of an event file",),
        "number",
        "none",
        "undefined before the first event",
        'Seconds since the symbol\'s last event became known; undefined before the first. Compare it with "10d".',
    ),
}
"""Word that is no operator → what it takes and gives, its warm-up, what undefined rows do, its meaning."""

BARS = ("open", "high", "low", "close", "volume")
TRIED: dict[ValueType, str] = {"number": "close", "boolean": "close > open", "group": "sector"}
"""Type → an input of it that a formula is tried with."""
LEVELS = 2 * TYPICAL + sum(STEPS)


@dataclass(frozen=True, slots=True)
class Entry:
    """One operator."""

    name: str
    usage: str
    """As it is written in an expression."""
    family: str
    """One of `FAMILIES`."""
    takes: tuple[str, ...]
    """Inputs and parameters with types and bounds."""
    gives: str
    warm_up: str
    """Rows before the first value, counted from where its inputs have theirs."""
    rule: str
    """What undefined rows do, in a word: `window`, `skip`, or words of its own."""
    undefined: str
    """The same as a sentence."""
    summary: str
    """First line of the description."""
    description: str
    formula: str
    """The expression a call stands for; empty for most."""


def manual(operators: Mapping[str, Operator]) -> tuple[Entry, ...]:
    """Return the entries of every operator and of the built-in words, by family and name."""
    entries = [entry_of(operator, operators) for operator in operators.values()]
    entries += [built_in_entry(name) for name in BUILT_IN]
    return tuple(sorted(entries, key=lambda entry: (FAMILIES.index(entry.family), entry.name)))


def built_in_entry(name: str) -> Entry:
    """Return the entry of a word that is no operator."""
    takes, gives, warm_up, undefined, meaning = CLOCKS[name]
    return Entry(name, BUILT_IN[name], FAMILIES[1], takes, gives, warm_up, undefined, undefined, meaning, meaning, "")


def named_by(word: str) -> str:
    """Return the name of the operator that a sign means, alone or as the manual has it, `>` or `a > b`; else the word."""
    signs = {sign: name for name, (sign, _) in SIGNS.items()}
    usages = {f"a {sign} b": name for sign, name in signs.items()} | {"not a": "not", "-a": "negate"}
    return {**signs, **usages}.get(word, word)


def entry_of(operator: Operator, operators: Mapping[str, Operator]) -> Entry:
    """Return an operator's entry; `operators` are those its formula may call."""
    takes = [f"{each.name}: {TYPES[each.type]}" for each in operator.inputs]
    takes += [_parameter(parameter) for parameter in operator.parameters]
    return Entry(
        name=operator.name,
        usage=_usage(operator),
        family=_family(operator),
        takes=tuple(takes),
        gives=TYPES[operator.gives],
        warm_up=_warm_up(operator, operators),
        rule=operator.undefined,
        undefined=UNDEFINED[operator.undefined],
        summary=operator.description.splitlines()[0] if operator.description else "",
        description=operator.description,
        formula=operator.body.expression if isinstance(operator.body, Formula) else "",
    )


def _usage(operator: Operator) -> str:
    """Return the sign where there is one, else the call."""
    words = [each.name for each in operator.inputs]
    if operator.name in SIGNS:
        return f"{words[0]} {SIGNS[operator.name][0]} {words[1]}"
    return {"not": f"not {words[0]}", "negate": f"-{words[0]}"}[operator.name] if is_sign(operator.name) else operator.usage


def _family(operator: Operator) -> str:
    if is_sign(operator.name):
        return "signs"
    if isinstance(operator.body, Cross) or (isinstance(operator.body, Formula) and "_across(" in operator.body.expression):
        return "across symbols"
    if not operator.inputs:
        return "order book"
    return "over a window" if any(isinstance(each, Window) for each in operator.parameters) else "row by row"


def _parameter(parameter: Parameter) -> str:
    default = f", {parameter.default:g} if left out" if parameter.default is not None else ""
    if isinstance(parameter, Window):
        return f'{parameter.name}: window of at least {parameter.least} rows, a duration such as "30min", or since_open'
    if isinstance(parameter, Number):
        least = f"{'above' if parameter.above else 'at least'} {number_text(parameter.least)}"
        bounds = [least] if parameter.least > float("-inf") else []
        bounds += [f"at most {number_text(parameter.most)}"] if parameter.most < float("inf") else []
        return f"{parameter.name}: number {' and '.join(bounds)}".rstrip() + default
    return f"{parameter.name}: whole number from {parameter.least} to {parameter.most:,}{default}"


def _warm_up(operator: Operator, operators: Mapping[str, Operator]) -> str:
    base = tuple(_typical(parameter) for parameter in operator.parameters)
    try:
        text = _line(operator, base, lambda numbers: _rows(operator, operators, numbers))
    except ConfigError:
        return "as its formula"
    is_window = any(isinstance(each, Window) for each in operator.parameters)
    return f"{text}, or the window's time" if is_window else text


def _typical(parameter: Parameter) -> float:
    if parameter.default is not None:
        return float(parameter.default)
    if isinstance(parameter, Number):
        return min(max(0.5, parameter.least), parameter.most)
    return float(min(max(TYPICAL, parameter.least), parameter.most))


def _line(operator: Operator, base: tuple[float, ...], rows: Callable[[tuple[float, ...]], int]) -> str:
    """Return the warm-up as a sum of parameters, or as an example where it is none."""
    at_base = rows(base)
    slopes: dict[int, int] = {}
    for place, parameter in enumerate(operator.parameters):
        if isinstance(parameter, Number):
            continue
        moves = [(step, _moved(base, place, step)) for step in STEPS if base[place] + step <= parameter.most]
        steps = [(step, rows(moved) - at_base) for step, moved in moves if not _is_contradiction(operator, moved)]
        slope = steps[0][1] if steps else 0
        if any(rise != slope * step for step, rise in steps):
            named = [f"{each.name} {number:g}" for each, number in zip(operator.parameters, base, strict=True)]
            counted = [word for word, each in zip(named, operator.parameters, strict=True) if not isinstance(each, Number)]
            return f"{at_base:,} rows at {', '.join(counted)}"
        slopes[place] = slope
    constant = at_base - sum(int(base[place]) * slope for place, slope in slopes.items())
    return _sum_text([(operator.parameters[place].name, slope) for place, slope in slopes.items() if slope], constant)


def _moved(base: tuple[float, ...], place: int, step: int) -> tuple[float, ...]:
    return (*base[:place], base[place] + step, *base[place + 1 :])


def _is_contradiction(operator: Operator, numbers: tuple[float, ...]) -> bool:
    names = (each.name for each in operator.parameters)
    return any(operator.contradictions(dict(zip(names, numbers, strict=True))))


def _sum_text(terms: list[tuple[str, int]], constant: int) -> str:
    if not terms:
        return "none" if constant == 0 else f"{constant} row{'s' if constant != 1 else ''}"
    text = " + ".join(name if slope == 1 else f"{slope} {name}" for name, slope in terms)
    sign = f" {'+' if constant > 0 else '-'} {abs(constant)}" if constant else ""
    return text if text == "rows" and not sign else f"{text}{sign} rows"


def _rows(operator: Operator, operators: Mapping[str, Operator], numbers: tuple[float, ...]) -> int:
    """Return an operator's warm-up for some parameters; raises ConfigError where its formula can't be tried."""
    body = operator.body
    if isinstance(body, Row):
        return int(body.warm_up(*numbers))
    if isinstance(body, Cross):
        return 0
    if not isinstance(body, Formula):
        return int(numbers[0]) - 1
    inputs = [TRIED[each.type] for each in operator.inputs]
    call = f"{operator.name}({', '.join([*inputs, *(number_text(number) for number in numbers)])})"
    rule = {"enter": "close > 0", "exit": "close > 0"}
    depth = [f"{side}_{what}_{level}" for side in ("bid", "ask") for what in ("price", "size") for level in range(LEVELS)]
    signal = Signal.model_validate({"nodes": {"tried": call}, "long": rule})
    graph = compile_signal(signal, Vocabulary({"bars": BARS, "depth": depth}, operators, groups=(TRIED["group"],)))
    tried = graph.names["tried"]
    assert isinstance(graph.nodes[tried], Apply)  # noqa: S101 - a call of an operator
    return graph.warm_up_rows(tried)

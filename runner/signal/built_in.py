"""Words that aren't operators, because they change the clock or read what isn't market data.

    asof(x)                       the latest value of x on the clock of what it stands beside, or of the first stream if
                                  it stands alone; asof(x, "bars") says which
    resample(x, "30min", "last")  one value per bucket of time; first, last, max, min, sum or mean of its rows
    event("earnings", "2d")       whether an event of the symbol lies at most so far back
    event_age("earnings")         seconds since the symbol's last event, undefined before the first

Each is given its arguments resolved, in the order they were written.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from runner.duration import DAY
from runner.signal.builder import Ambient, Constant, Floating, Value, Words
from runner.signal.expression import Call, Name
from runner.signal.foreign import hint
from runner.signal.graph import AGE, HOWS, SECOND, WITHIN
from runner.signal.operator import TYPES
from runner.signal.reading import Reading
from runner.signal.vocabulary import SINCE_OPEN
from runner.signal.written import number_text

__all__ = ["BUILT_IN", "WORDS", "unquoted"]

BUILT_IN = {
    "asof": 'asof(x) or asof(x, "bars")',
    "resample": 'resample(x, "30min", "last")',
    "event": 'event("earnings", "2d")',
    "event_age": 'event_age("earnings")',
}
"""Word → its usage."""


def unquoted(reading: Reading, tree: Call, known: Callable[[str], bool]) -> None:
    """Hold that no text a word knows is written as a name.

    Args:
        reading: The expression.
        tree: The call.
        known: Whether a name means something by itself, which then counts.

    Raises:
        PoisonedError: One is; the fault is noted.
    """
    for place, argument in enumerate(tree.arguments):
        texts = _texts(reading, tree, place)
        if isinstance(argument, Name) and argument.name in texts and not known(argument.name):
            must = f"{tree.operator} must be given {_what(tree)} in quotes"
            raise reading.refuse(argument.column, must, argument.name, f'Write "{argument.name}".')


def _texts(reading: Reading, tree: Call, place: int) -> Sequence[str]:
    """Return the texts that an argument may be."""
    if tree.operator.startswith("event") and place == 0:
        return reading.vocabulary.events
    if (tree.operator, place) == ("resample", 2):
        return HOWS
    return _clocks(reading) if (tree.operator, place) == ("asof", 1) else ()


def _what(tree: Call) -> str:
    return {"asof": "a clock", "resample": "what becomes of a bucket's rows"}.get(tree.operator, "an event file")


def _clocks(reading: Reading) -> list[str]:
    return list(dict.fromkeys([*reading.vocabulary.streams, *reading.builder.clocks]))


def _asof(reading: Reading, tree: Call, values: Sequence[Value]) -> Value:
    """Compile `asof(x)` and `asof(x, clock)`."""
    floating = Floating(_node(reading, tree, values[0]))
    if len(values) == 1:
        return floating
    return reading.builder.on_clock(floating, _word(reading, tree, 1, values[1], _clocks(reading)))


def _resample(reading: Reading, tree: Call, values: Sequence[Value]) -> Value:
    """Compile `resample(x, span, how)`."""
    values = [*values, Words("last")]
    node = _node(reading, tree, values[0])
    clock = reading.builder.clocks[node]
    if " " in clock:
        write = "Resample the stream itself to the longer span."
        raise reading.refuse(tree.column, "must be given rows of a stream", clock, write)
    found = reading.builder.gives(node)
    if found != "number":
        x = reading.repeated(tree.arguments[0])
        write = f"Write where({x}, 1, 0)." if found == "boolean" else "Resample a number."
        raise reading.refuse(tree.arguments[0].column, "x of resample must be a number", f"a {TYPES[found]}", write)
    span = _span(reading, tree, values[1])
    if span < DAY:
        reading.hold_hours(clock, tree.column, "resample")
    how = _word(reading, tree, 2, values[2], HOWS)
    return reading.builder.bucket(node, span, next(each for each in HOWS if each == how))


def _event(reading: Reading, tree: Call, values: Sequence[Value]) -> Value:
    """Compile `event(name, span)`."""
    name = _event_file(reading, tree, values[0])
    return Ambient(f"{WITHIN}{name}:{_span(reading, tree, values[1]) / SECOND!r}")


def _event_age(reading: Reading, tree: Call, values: Sequence[Value]) -> Value:
    """Compile `event_age(name)`."""
    return Ambient(f"{AGE}{_event_file(reading, tree, values[0])}")


def _node(reading: Reading, tree: Call, value: Value) -> int:
    """Hold that a value is a series with a clock of its own."""
    if isinstance(value, int):
        return value
    if isinstance(value, Ambient):
        return reading.bound(value, reading.main_clock(), tree.column)
    was = "asof of asof" if isinstance(value, Floating) else "a constant"
    raise reading.refuse(tree.column, f"{tree.operator} must be given a series", was, f"Write {BUILT_IN[tree.operator]}.")


def _word(reading: Reading, tree: Call, place: int, value: Value, known: Sequence[str]) -> str:
    """Hold that the value of an argument, or the one taken where it is left out, is one of the known texts."""
    if isinstance(value, Words) and value.text in known:
        return value.text
    was = f'"{value.text}"' if isinstance(value, Words) else "no text"
    write = hint(value.text, known) if isinstance(value, Words) else f"Write {BUILT_IN[tree.operator]}."
    raise reading.refuse(tree.arguments[place].column, f"must name {_what(tree)}", was, write)


def _span(reading: Reading, tree: Call, value: Value) -> int:
    """Hold that the second argument is a length of time; return its nanoseconds."""
    column, what = tree.arguments[1].column, f"span of {tree.operator}"
    if isinstance(value, Words) and value.text != SINCE_OPEN:
        return reading.length(value.text, column, what)
    was = value.text if isinstance(value, Words) else number_text(value.value) if isinstance(value, Constant) else "a series"
    raise reading.refuse(column, f"{what} must be a length of time", was, f"Write {BUILT_IN[tree.operator]}.")


def _event_file(reading: Reading, tree: Call, name: Value) -> str:
    """Hold that a value names one of the run's event files."""
    if isinstance(name, Words) and not reading.vocabulary.events:
        write = "Choose a file of events, e.g. events=earnings events.earnings.path=earnings.csv."
        raise reading.refuse(
            tree.arguments[0].column, "must name an event file", f'"{name.text}" of a run without any', write
        )
    return _word(reading, tree, 0, name, reading.vocabulary.events)


WORDS: Mapping[str, tuple[Callable[[Reading, Call, Sequence[Value]], Value], int, int]] = MappingProxyType({
    "asof": (_asof, 1, 2),
    "resample": (_resample, 2, 3),
    "event": (_event, 2, 2),
    "event_age": (_event_age, 1, 1),
})  # fmt: skip
"""Word → what compiles it, and the least and the most arguments it takes."""

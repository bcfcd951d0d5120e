"""The one clock of a call's inputs, and what to write where they don't meet.

An operator's inputs must tick together. Where they don't, the remedy brings those that don't fit to a clock on which the
call works: that of a book which the operator reads by itself, else that of the stream that decides, if an input is on it or
one is on buckets of time, else that of the first input.
"""

from collections.abc import Mapping, Sequence

from runner.signal.builder import Ambient, Constant, Floating
from runner.signal.expression import Call, Tree
from runner.signal.graph import stream_of
from runner.signal.operator import Cross, Operator
from runner.signal.reading import Reading
from runner.signal.vocabulary import EACH_ONCE, counted_levels
from runner.signal.written import sign_of

__all__ = ["Series", "clock_of", "hidden_name"]

Series = int | Constant | Floating | Ambient
"""What an operator may be given as an input."""


def clock_of(
    reading: Reading, tree: Call, operator: Operator, inputs: Sequence[tuple[Tree, Series]], hidden: Sequence[str]
) -> str:
    """Return the one clock of a call's inputs.

    Args:
        reading: The expression.
        tree: The call.
        operator: What it calls.
        inputs: Each input as written, and what it came to.
        hidden: Columns that the operator reads by itself.

    Raises:
        PoisonedError: They have several, or none; the fault is noted.
    """
    clocks = {place: reading.builder.clocks[value] for place, (_, value) in enumerate(inputs) if isinstance(value, int)}
    market = [name for name in hidden if not name.startswith("@")]
    homes = list(dict.fromkeys(_book_of(reading, tree, operator, name, market) for name in market))
    found = list(dict.fromkeys([*homes, *clocks.values()]))
    if len(found) > 1:
        clock = homes[0] if homes else _common(reading, found)
        _part(reading, tree, operator, [each for each, _ in inputs], clocks, clock)
    if not found and inputs and not any(isinstance(value, Floating | Ambient) for _, value in inputs):
        must = f"{operator.name} must be given a series"
        raise reading.refuse(tree.column, must, "constants", f"Write {operator.usage}.")
    clock = found[0] if found else reading.main_clock()
    if isinstance(operator.body, Cross) and stream_of(clock) not in EACH_ONCE:
        must = f"{operator.name} must be given bars, of which every symbol has one at an instant"
        place = next(iter(clocks), 0)
        write = f'Bring it to the clock of the bars: asof({reading.repeated(inputs[place][0])}, "bars").'
        raise reading.refuse(inputs[place][0].column, must, clock, write)
    return clock


def _common(reading: Reading, clocks: Sequence[str]) -> str:
    """Return the clock to which all can be brought."""
    main = reading.main_clock()
    return main if main in clocks or any(" " in each for each in clocks) else clocks[0]


def _part(
    reading: Reading, tree: Call, operator: Operator, inputs: Sequence[Tree], clocks: Mapping[int, str], clock: str
) -> None:
    """Refuse inputs of several clocks, at the first that isn't on the clock they are to meet on."""
    away = [place for place, each in clocks.items() if each != clock]
    written = " and ".join(f'asof({reading.repeated(inputs[place])}, "{clock}")' for place in away)
    sides = f"both sides of {sign_of(operator.name)} must be on one clock" if tree.symbol else ""
    must = sides or f"{operator.name} must be given series of one clock"
    was = " and ".join(sorted({*clocks.values(), clock}))
    raise reading.refuse(inputs[away[0]].column, must, was, f"Write {written}.")


def _book_of(reading: Reading, tree: Call, operator: Operator, name: str, read: Sequence[str]) -> str:
    """Return the stream that has a column an operator reads by itself, as one of several."""
    home = reading.vocabulary.book(name)
    if home is None:
        wanted = counted_levels(1 + max(int(column.rpartition("_")[2]) for column in read))
        levels = reading.vocabulary.levels
        has = counted_levels(levels) if levels else " and ".join(reading.vocabulary.streams)
        must = f"{operator.name} must have {wanted} of a book"
        write = f"Choose data with {wanted} of depth, or fewer levels."
        raise reading.refuse(tree.column, must, f"data of {has}", write)
    return home[0]


def hidden_name(reading: Reading, clock: str, name: str) -> str:
    """Return what a column that an operator reads by itself is called on a clock."""
    home = None if name.startswith("@") else reading.vocabulary.book(name)
    return home[1] if home and home[0] == clock else name

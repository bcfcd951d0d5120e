"""Histories and parameters drawn by chance, within what an operator is made for.

What a column is like follows from its name: prices of a bar are ordered, a book isn't crossed, sizes are positive, a group
is a small whole number. A name that says nothing gets numbers. What the values are like is the flavour:

| flavour | values |
|---|---|
| plain | defined, positive, all different, as far apart as they are large |
| ties | few whole numbers, and bars without a range |
| constant | one number |
| zeros | 0 and -0 |
| offset | around a million, one apart |
| signed | around zero |
| wild | any of the above, huge, tiny, infinite or NaN, in any column |

All but `wild` are defined everywhere. Only `plain` and `offset` lie within what an operator is made for, whichever it is.
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from runner.signal.kernel import Form
from runner.signal.laws.history import History, Values
from runner.signal.laws.trial import own_columns
from runner.signal.operator import Cross, Number, Operator, Parameter, ValueType, Window

__all__ = ["FLAVOURS", "Flavour", "drawn", "drawn_parameters"]

Flavour = Literal["plain", "ties", "constant", "zeros", "offset", "signed", "wild"]
FLAVOURS: tuple[Flavour, ...] = get_args(Flavour)

SECOND = 1e6
SPANS = (0.0, 1.0, 1.0 * SECOND, 3.0 * SECOND, 7.0 * SECOND)
"""Lengths of windows of time in microseconds; 0 since the open."""

SESSION = 17.0 * SECOND
"""Length of a session."""

MOST_MORE = 6
"""How far above its least value a number of rows is drawn."""

MOST_LEVELS_MORE = 1
"""The same where the number decides how many columns are read; every count of columns is compiled by itself."""

START = 1.7e15
"""First instant, a session's open; that session's date."""
FIRST_DAY = 20_000.0

TORN = 0.1
"""Share of a wild column that isn't what its name says."""

BOOK = re.compile(r"(bid|ask)_(price|size)(?:_(\d+))?")
SIZE = re.compile(r".*(size|volume|quantity|weight).*")

WILD = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e300, -1e300, 1e-300, 1e17, 1.0)


def drawn(
    operator: Operator,
    parameters: tuple[float, ...],
    generator: Generator,
    *,
    counts: Sequence[int],
    flavour: Flavour,
    is_even: bool,
) -> History:  # fmt: skip
    """Return a history an operator can read.

    Args:
        operator: Whose inputs and own columns are drawn.
        parameters: All of its parameters.
        generator: Where chance comes from.
        counts: Rows of each symbol.
        flavour: What values are like.
        is_even: Whether every symbol has a row each second; else seconds are left out, some have several rows, and symbols
            start at different times. A cross-section has at most one row per symbol and second.
    """
    several = not isinstance(operator.body, Cross)
    known = np.concatenate([np.zeros(0), *(_clock(count, generator, is_even=is_even, several=several) for count in counts)])
    session = FIRST_DAY + np.floor((known - START) / SESSION)
    clock = {"@known": known, "@session": session, "@since_open": np.mod(known - START, SESSION) / SECOND}
    offsets = np.cumsum([0, *counts], dtype=np.int64)
    market = _Market(flavour, generator, known.size, offsets[:-1][np.diff(offsets) > 0])
    types: dict[str, ValueType] = dict.fromkeys(own_columns(operator, parameters), "number")
    types |= {each.name: each.type for each in operator.inputs}
    names = (*(each.name for each in operator.inputs), *own_columns(operator, parameters))
    columns = [clock[name] if name in clock else market.column(name, types[name]) for name in names]
    return History(tuple(columns), known, session, offsets)


def drawn_parameters(operator: Operator, form: Form, generator: Generator) -> tuple[float, ...]:
    """Return values for all parameters of an operator, often the least or the most that are allowed."""
    least = tuple(1.0 if isinstance(each, Number) else float(each.least) for each in operator.parameters)
    more = MOST_LEVELS_MORE if own_columns(operator, least) else MOST_MORE
    return tuple(_parameter(each, form, generator, more=more) for each in operator.parameters)


def _clock(count: int, generator: Generator, *, is_even: bool, several: bool) -> Values:
    """Return the instants of one symbol's rows in microseconds."""
    if is_even:
        return START + np.arange(float(count)) * SECOND
    steps = generator.choice([0.0, 1.0, 1.0, 2.0, 5.0] if several else [1.0, 1.0, 2.0], count)
    begins = START + float(generator.integers(3)) * SECOND
    known: Values = begins + np.cumsum(steps * SECOND)
    return known


class _Market:
    """Columns of one history; those of one bar or one book belong together."""

    def __init__(self, flavour: Flavour, generator: Generator, rows: int, firsts: NDArray[np.int64]) -> None:
        self.flavour, self.generator, self.rows, self.firsts = flavour, generator, rows, firsts
        self.mid = self.series()
        self.bar = self.plain_bars() if flavour == "plain" else self.bars()

    def column(self, name: str, kind: ValueType) -> Values:
        """Return the values of a column; of a wild history with anything in some places."""
        if kind == "boolean":
            return self.booleans()
        values, torn = self.numbers("group" if kind == "group" else name), self.generator.random(self.rows) < TORN
        return np.where(torn, self.generator.choice(WILD, self.rows), values) if self.flavour == "wild" else values

    def numbers(self, name: str) -> Values:
        """Return the values of a column of numbers."""
        book = BOOK.fullmatch(name)
        if name in self.bar:
            return self.bar[name]
        if book and book[2] == "price":
            away = 0.001 * (1.0 + float(book[3] or 0.0))
            return self.mid * (1.0 - away if book[1] == "bid" else 1.0 + away)
        if SIZE.fullmatch(name):
            return np.abs(self.series())
        if name == "side":
            return self.generator.choice([-1.0, 1.0], self.rows)
        return self.generator.choice([0.0, 1.0, 2.0], self.rows) if name == "group" else self.series()

    def bars(self) -> dict[str, Values]:
        """Return bars whose high and low lie outside open and close, or at them where values are to be equal."""
        opened, close = self.series(), self.series()
        beyond = 0.0 if self.flavour in {"ties", "constant", "zeros"} else self.generator.random(self.rows)
        high, low = np.maximum(opened, close) + beyond, np.minimum(opened, close) - beyond
        return {"open": opened, "high": high, "low": low, "close": close}

    def plain_bars(self) -> dict[str, Values]:
        """Return bars of range 1: then every bar moves up or down, and none lies within the one before it."""
        opened, close = self.generator.random((2, self.rows)) - 0.5
        return {"open": self.mid + opened, "high": self.mid + 0.5, "low": self.mid - 0.5, "close": self.mid + close}

    def series(self) -> Values:
        """Return [R] numbers of the flavour, defined everywhere."""
        chance, rows = self.generator, self.rows
        drawn_as: dict[Flavour, Callable[[], Values]] = {
            "plain": lambda: chance.uniform(1.0, 100.0, rows),
            "ties": lambda: chance.choice([1.0, 2.0, 3.0], rows),
            "constant": lambda: np.full(rows, chance.choice([0.1, 100.1, 1e6 + 0.1])),
            "zeros": lambda: chance.choice([0.0, -0.0], rows),
            "offset": lambda: chance.normal(1e6, 1.0, rows),
            "signed": lambda: chance.normal(0.0, 10.0, rows),
            "wild": lambda: chance.normal(0.0, 10.0, rows),
        }
        return drawn_as[self.flavour]()

    def booleans(self) -> Values:
        """Return [R] ones and zeros; of a plain history every symbol begins with a one."""
        found = self.generator.choice([0.0, 1.0], self.rows)
        if self.flavour in {"constant", "zeros"}:
            found[:] = float(self.flavour == "constant")
        if self.flavour == "plain":
            found[self.firsts] = 1.0
        return np.where(self.generator.random(self.rows) < TORN, np.nan, found) if self.flavour == "wild" else found


def _parameter(parameter: Parameter, form: Form, generator: Generator, *, more: int) -> float:
    """Return one parameter's value."""
    if isinstance(parameter, Window) and form == "span":
        return float(generator.choice(SPANS))
    if not isinstance(parameter, Number):
        return float(generator.integers(parameter.least, min(parameter.most, parameter.least + more), endpoint=True))
    usual = [parameter.default] if parameter.default is not None else []
    if math.isfinite(parameter.least) and not parameter.above:
        usual.append(parameter.least)
    if math.isfinite(parameter.most) and parameter.name != "tolerance":
        usual.append(parameter.most)
    start = parameter.least if math.isfinite(parameter.least) else 0.0
    inside = start + min(1.0, (parameter.most - start)) * generator.choice(
        [0.01, 0.01 if parameter.name == "tolerance" else 0.5]
    )
    return float(generator.choice([*usual, inside]))

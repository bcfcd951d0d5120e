"""Laws of undefined inputs, by the rule an operator names; and of what a boolean may be."""

import numpy as np
from numpy.random import Generator

from runner.signal.laws.broken import ACCURACY, Broken, apart, differing, size_of, unlike
from runner.signal.laws.history import Flags, History, Values
from runner.signal.laws.trial import Trial, first_counted, required_columns, values
from runner.signal.operator import ValueType

__all__ = [
    "booleans_are_booleans",
    "undefined_members_are_left_out",
    "undefined_rows_are_skipped",
    "undefined_rows_pass",
]

ABOUT_DEFINEDNESS = frozenset({"defined", "fill"})
"""Operators that answer whether a value is defined, or what takes its place: no rule for undefined inputs can be theirs."""

INTRUDERS = (np.nan, np.inf, -np.inf)

OTHERS = {"number": (0.25, 1e4), "boolean": (0.0, 1.0), "group": (0.0, 1.0)}
"""Values that could stand where an undefined one does, below and above what is drawn."""


def booleans_are_booleans(trial: Trial, _: Generator) -> Broken | None:
    """A boolean operator gives 1, 0 and NaN, and nothing else."""
    if trial.operator.gives != "boolean":
        return None
    got = values(trial)
    wrong = ~(np.isnan(got) | (got == 0.0) | (got == 1.0))
    return differing(
        booleans_are_booleans, trial, "a boolean must be 1, 0 or NaN", where=wrong, expected=np.round(got), got=got
    )  # fmt: skip


def undefined_rows_are_skipped(trial: Trial, _: Generator) -> Broken | None:
    """`skip`: undefined at an undefined row; elsewhere, to the bit, as if that row had not been there."""
    if trial.operator.undefined != "skip":
        return None
    got, undefined = values(trial), _undefined_rows(trial)
    expected = np.full(got.size, np.nan)
    expected[~undefined] = values(trial.on(trial.history.kept(~undefined)))
    return differing(
        undefined_rows_are_skipped, trial, "undefined rows must be undefined, and others as if those had not been there",
        where=unlike(expected, got), expected=expected, got=got,
    )  # fmt: skip


def undefined_rows_pass(trial: Trial, generator: Generator) -> Broken | None:
    """`window`: an undefined row makes those values undefined for which it counts, and no others.

    A value may be defined all the same if it is the one that every input in that place would give: false and anything
    is false.
    """
    columns = required_columns(trial.operator, trial.parameters)
    if trial.operator.name in ABOUT_DEFINEDNESS:
        return None
    if trial.operator.undefined != "window" or trial.form == "cross" or not columns or trial.history.rows == 0:
        return None
    clean = values(trial)
    at, column = int(generator.integers(trial.history.rows)), int(generator.choice(columns))
    for intruder in _intruders(trial, column):
        got = values(trial.on(trial.history.put(column, at, intruder)))
        broken = differing(
            undefined_rows_pass, trial, f"{intruder} in column {column} at row {at} must be felt where it counts only",
            where=_wrong(trial, at, column, clean=clean, got=got), expected=clean, got=got,
        )  # fmt: skip
        if broken:
            return broken
    return None


def undefined_members_are_left_out(trial: Trial, generator: Generator) -> Broken | None:
    """Cross-section: undefined at an undefined row; elsewhere, to the bit, as if that symbol had not been there."""
    columns = required_columns(trial.operator, trial.parameters)
    if trial.form != "cross" or not columns:
        return None
    history: History = trial.history
    column = int(generator.choice(columns))
    for intruder in _intruders(trial, column):
        history = history.put(column, generator.random(history.rows) < 0.1, intruder)
    trial = trial.on(history)
    got, undefined = values(trial), _undefined_rows(trial)
    expected = np.full(got.size, np.nan)
    expected[~undefined] = values(trial.on(history.kept(~undefined)))
    return differing(
        undefined_members_are_left_out, trial, "undefined rows must be undefined, and others as if those had not been there",
        where=unlike(expected, got), expected=expected, got=got,
    )  # fmt: skip


def _undefined_rows(trial: Trial) -> Flags:
    undefined = np.zeros(trial.history.rows, dtype=np.bool_)
    for column in required_columns(trial.operator, trial.parameters):
        undefined |= ~np.isfinite(trial.history.columns[column])
    return undefined


def _wrong(trial: Trial, at: int, column: int, *, clean: Values, got: Values) -> Flags:
    """Return where values with an undefined input at one place are neither undefined nor as they should be."""
    history, row, first = trial.history, np.arange(trial.history.rows), first_counted(trial)
    part = next(each for each in history.parts if each.start <= at < each.stop)
    reached = (row >= at) & (row < part.stop) & (first <= at)
    after = (row >= at) & (row < part.stop) & (first > at)
    independent = np.ones(history.rows, dtype=np.bool_)
    for other in (*OTHERS[_type_of(trial, column)], history.columns[column][at]):
        independent &= ~unlike(got, values(trial.on(history.put(column, at, other))))
    if trial.form != "row":
        independent[:] = False
    felt = reached & np.isfinite(got) & ~independent
    remembered = after & apart(clean, got, ACCURACY * size_of(clean))
    wrong: Flags = felt | remembered | (~reached & ~after & unlike(clean, got))
    return wrong


def _type_of(trial: Trial, column: int) -> ValueType:
    """Return the type of a column; those an operator reads by itself are numbers."""
    return trial.operator.inputs[column].type if column < len(trial.operator.inputs) else "number"


def _intruders(trial: Trial, column: int) -> tuple[float, ...]:
    """Return the undefined values a column may have."""
    return INTRUDERS if _type_of(trial, column) == "number" else INTRUDERS[:1]

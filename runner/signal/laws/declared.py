"""Laws of what an operator says about itself."""

import math
import re
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from runner.signal.kernel import Form
from runner.signal.laws.broken import Broken, differing, flawed
from runner.signal.laws.drawn import drawn
from runner.signal.laws.trial import Trial, own_columns, rows_read, values
from runner.signal.operator import Parameter, Row, Window, WindowRule

__all__ = ["its_formula_is_said", "its_state_has_one_length", "the_largest_parameters_work"]

FORMULA = re.compile(r"[=+−×/÷√Σ·≤≥≠<>|0-9]|\w[\[(]|true|false")
"""What a formula has, or a sentence that says when a boolean is what."""

MOST_NUMBERS = 100_000_000
"""Largest state of one symbol: 800 megabytes."""

FEW = 3
TIMES = 3


def its_formula_is_said(trial: Trial, _: Generator) -> Broken | None:
    """The description is a sentence with a formula, or a sentence that is one: it names every input."""
    description = trial.operator.description
    if not description.rstrip().endswith((".", ")")):
        return flawed(its_formula_is_said, trial, "the description must be a sentence, with a full stop")
    words = set(re.findall(r"\w+", description))
    is_about_all = bool(trial.operator.inputs) and words.issuperset(each.name for each in trial.operator.inputs)
    if not FORMULA.search(description) and not is_about_all:
        return flawed(its_formula_is_said, trial, "the description must have a formula, or name every input")
    return None


def its_state_has_one_length(trial: Trial, _: Generator) -> Broken | None:
    """Parameters alone decide the lengths of state and warm-up: whole numbers from 0 to what fits into memory."""
    flaw = _flaw_of_lengths(trial)
    return flawed(its_state_has_one_length, trial, flaw) if flaw else None


def the_largest_parameters_work(trial: Trial, generator: Generator) -> Broken | None:
    """With every parameter at its upper bound a few rows can be scanned, and are undefined during the warm-up."""
    operator = trial.operator
    if own_columns(operator, trial.parameters) or not operator.parameters:
        return None  # a thousand levels are four thousand columns, compiled for nothing else
    each = zip(operator.parameters, trial.parameters, strict=True)
    parameters = tuple(_largest(parameter, value, trial.form) for parameter, value in each)
    history = drawn(operator, parameters, generator, counts=(FEW, FEW), flavour="plain", is_even=True)
    largest = replace(trial, parameters=parameters, history=history)
    flaw = _flaw_of_lengths(largest)
    if flaw:
        return flawed(the_largest_parameters_work, largest, flaw)
    got = values(largest)
    early = np.arange(history.rows) - history.starts < (rows_read(largest) if trial.form in {"row", "rows"} else 0)
    return differing(
        the_largest_parameters_work, largest, "with the largest parameters values must be undefined during the warm-up",
        where=early & ~np.isnan(got), expected=np.full(got.size, np.nan), got=got,
    )  # fmt: skip


def _flaw_of_lengths(trial: Trial) -> str | None:
    """Return what is wrong with the lengths an operator gives, if anything."""
    asked = [_lengths(trial) for _ in range(TIMES)]
    wrong = [each for each in asked[0] if type(each) is not int or not 0 <= each <= MOST_NUMBERS]
    if wrong:
        return f"lengths must be whole numbers (int) from 0 to {MOST_NUMBERS}, one was {wrong[0]!r}"
    return f"lengths must be the same each time, they were {asked}" if len(set(asked)) > 1 else None


def _lengths(trial: Trial) -> tuple[int, ...]:
    """Return the lengths an operator gives."""
    body = trial.operator.body
    if isinstance(body, Row):
        return body.state(*trial.parameters), body.warm_up(*trial.parameters)
    if isinstance(body, WindowRule) and body.memory:
        return (body.memory(int(trial.parameters[0]) if trial.form == "rows" else FEW),)
    return ()


def _largest(parameter: Parameter, value: float, form: Form) -> float:
    """Return a parameter's upper bound, or its value where there is none; a window of time has none."""
    is_bounded = math.isfinite(parameter.most) and not (isinstance(parameter, Window) and form == "span")
    return float(parameter.most) if is_bounded else value

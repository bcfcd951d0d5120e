"""Laws of what counts for a value: no row less than the warm-up says, none more, and none of what rounding left behind."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from runner.signal.kernel import Form
from runner.signal.laws.broken import ACCURACY, Broken, apart, differing, size_of
from runner.signal.laws.drawn import drawn
from runner.signal.laws.history import Values
from runner.signal.laws.trial import Trial, fewest_rows, first_counted, instants, is_forgetful, rows_read, tolerance, values
from runner.signal.operator import Parameter, Window

__all__ = [
    "a_window_of_time_is_a_window_of_rows",
    "huge_values_leave_no_trace",
    "long_runs_do_not_drift",
    "the_first_value_comes_after_the_warm_up",
    "what_came_before_is_forgotten",
]

HUGE = ((1e17,), (1e308, 1e308, 1e308), (-1e16, 3.0, 1e16))
"""Values that swallow others, whose sum overflows, and whose sum hides them."""

RATIO = 100.0
"""How many times its weight an old row may move a value: a ratio of two averages moves further than either."""

MANY = 5
"""Symbols that are enough for any cross-section."""

LONG = 200_000
LAST = 1_000
LOOKBACK = 200
SECOND = 1e6


def the_first_value_comes_after_the_warm_up(trial: Trial, _: Generator) -> Broken | None:
    """Before the warm-up every value is undefined, and after it none is, as long as the inputs are defined."""
    history, got = trial.history, values(trial)
    row = np.arange(history.rows)
    if trial.form == "cross":
        sizes = np.zeros(history.rows)
        for rows in instants(history):
            sizes[rows] = rows.size
        early, late = np.zeros(history.rows, dtype=np.bool_), sizes >= MANY
    elif trial.form == "span":
        late = row - np.maximum(first_counted(trial), history.starts) + 1 >= fewest_rows(trial.operator)
        early = ~late
    else:
        late = row - history.starts >= rows_read(trial)
        early = ~late
    wrong = (early & ~np.isnan(got)) | (late & ~np.isfinite(got))
    return differing(
        the_first_value_comes_after_the_warm_up, trial, "values must be undefined before the warm-up and defined after it",
        where=wrong, expected=np.where(late, 1.0, np.nan), got=got,
    )  # fmt: skip


def what_came_before_is_forgotten(trial: Trial, generator: Generator) -> Broken | None:
    """A scan that starts later has the same values once the warm-up is over, to within the tolerance."""
    if trial.form == "cross" or not is_forgetful(trial):
        return None
    history, expected = trial.history, values(trial)
    cut = [generator.integers(part.start, part.stop, endpoint=True) for part in history.parts]
    late = np.arange(history.rows) >= np.repeat(cut, np.diff(history.offsets))
    got = expected.copy()
    got[late] = values(trial.on(history.kept(late)))
    counts = late & (first_counted(trial) >= np.repeat(cut, np.diff(history.offsets)))
    return differing(
        what_came_before_is_forgotten, trial, "a scan that starts later must have the same values after its warm-up",
        where=counts & apart(expected, got, _allowed(trial, expected)), expected=expected, got=got,
    )  # fmt: skip


def huge_values_leave_no_trace(trial: Trial, generator: Generator) -> Broken | None:
    """Once a value that swallows all others is out of reach, values are as if it had never been."""
    if trial.form == "cross" or trial.history.rows == 0 or not is_forgetful(trial) or tolerance(trial) > 0.0:
        return None
    history, clean = trial.history, values(trial)
    columns = [
        k
        for k in range(len(history.columns))
        if k >= len(trial.operator.inputs) or trial.operator.inputs[k].type == "number"
    ]
    if not columns:
        return None
    at, column = int(generator.integers(history.rows)), int(generator.choice(columns))
    part = next(each for each in history.parts if each.start <= at < each.stop)
    for huge in HUGE:
        rows = np.arange(at, min(at + len(huge), part.stop))
        got = values(trial.on(history.put(column, rows, np.array(huge[: rows.size]))))
        row = np.arange(history.rows)
        reached = (row >= at) & (first_counted(trial) <= rows[-1]) & (row < part.stop)
        broken = differing(
            huge_values_leave_no_trace, trial, f"nothing of {huge} at row {at} may remain where it is out of reach",
            where=~reached & apart(clean, got, ACCURACY * size_of(clean)), expected=clean, got=got,
        )  # fmt: skip
        if broken:
            return broken
    return None


def a_window_of_time_is_a_window_of_rows(trial: Trial, generator: Generator) -> Broken | None:
    """One row a second, n seconds are n rows."""
    if trial.form != "span" or trial.history.rows == 0:
        return None
    history = trial.history
    n = fewest_rows(trial.operator) + int(generator.integers(6))
    row = (np.arange(history.rows) - history.starts).astype(np.float64)
    even = replace(history, known=row * SECOND, session=np.zeros(history.rows))
    spans = replace(trial, parameters=(n * SECOND, *trial.parameters[1:]), history=even)
    counts = replace(spans, form="rows", parameters=(float(n), *trial.parameters[1:]))
    expected, got = values(counts), values(spans)
    return differing(
        a_window_of_time_is_a_window_of_rows, spans, f"{n} seconds of one row each must be {n} rows",
        where=(row >= n - 1) & apart(expected, got, ACCURACY * size_of(expected)), expected=expected, got=got,
    )  # fmt: skip


def long_runs_do_not_drift(trial: Trial, generator: Generator) -> Broken | None:
    """After 200,000 rows of values around a million, values are those of an operator started shortly before.

    The history is drawn by the law itself, and windows have 200 rows: what is kept over one row is lost in few.
    """
    if trial.form == "cross" or not is_forgetful(trial):
        return None
    parameters = tuple(
        _in_a_long_run(each, value, trial.form)
        for each, value in zip(trial.operator.parameters, trial.parameters, strict=True)
    )
    history = drawn(trial.operator, parameters, generator, counts=(LONG,), flavour="offset", is_even=True)
    long = replace(trial, parameters=parameters, history=history)
    row = np.arange(LONG)
    first = first_counted(long)
    late = row >= first[LONG - LAST]
    expected, got = values(long.on(history.kept(late))), values(long)[late]
    counts = row[late] >= LONG - LAST
    return differing(
        long_runs_do_not_drift, long, f"after {LONG} rows values must be those of an operator started shortly before",
        where=counts & apart(expected, got, _allowed(trial, expected)), expected=expected, got=got,
    )  # fmt: skip


def _allowed(trial: Trial, expected: Values) -> float:
    return (ACCURACY + RATIO * tolerance(trial)) * size_of(expected)


def _in_a_long_run(parameter: Parameter, value: float, form: Form) -> float:
    """Return a parameter's value in a long run: a window is made long enough for rounding to pile up, others stay."""
    if not isinstance(parameter, Window):
        return value
    return LOOKBACK * SECOND if form == "span" else float(max(parameter.least, min(LOOKBACK, parameter.most)))

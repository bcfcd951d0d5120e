"""What every window operator is held to, against a reference that sees the rows of each window anew."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from runner.signal.kernel import kernel
from runner.signal.operator import Operator
from runner.signal.scan import scanned

SECOND = 1e6
"""In microseconds, which windows of time are measured in."""
PRECISION = 1e-9


def size_of_value(*_):
    """Return no size but the value's own."""
    return 0.0


@dataclass(frozen=True)
class Case:
    """An operator and its reference."""

    operator: Operator
    reference: Callable[..., float]
    """One array per input, the rows of a window → its value, computed in two passes."""
    size: Callable[..., float] = size_of_value
    """The same arrays → a size which errors are relative to where it exceeds the value's; for values that may cancel to nothing."""
    p: tuple[float, ...] = ()
    """Parameters after the window."""
    least: int = 1
    """Rows below which a window has no value."""

    def __str__(self):
        return self.operator.name

    def rows(self, columns, lookback):
        """Return values over windows of rows."""
        return scanned(self.operator, columns, (lookback, *self.p), offsets=np.array([0, columns[0].size]))[0]

    def span(self, columns, span, known, session):
        """Return values over windows of time."""
        given = [*columns, known, session]
        return scanned(self.operator, given, (span, *self.p), offsets=np.array([0, known.size]), form="span")[0]

    def value(self, windows):
        """Return the reference's value of a window, and the error it may have."""
        if windows[0].size < self.least or not all(np.isfinite(window).all() for window in windows):
            return np.nan, 0.0
        value = self.reference(*windows)
        return value, PRECISION * max(abs(value), self.size(*windows))

    def check(self, actual, columns, firsts, rows):
        """Assert values at some rows, given the first row of each window."""
        for row, first in zip(rows, firsts, strict=True):
            windows = [column[first : row + 1] for column in columns]
            expected, error = self.value(windows)
            agrees = np.isnan(actual[row]) if np.isnan(expected) else abs(actual[row] - expected) <= error
            assert agrees, (str(self), row, expected, actual[row], [window[-5:] for window in windows])

    def check_rows(self, columns, lookback, rows):
        """Assert values over windows of rows, at rows where the window is full."""
        actual = self.rows(columns, lookback)
        assert np.isnan(actual[: lookback - 1]).all()
        self.check(actual, columns, [row - lookback + 1 for row in rows], rows)

    def check_span(self, columns, span, known, session):
        """Assert values over windows of time, at every row."""
        rows = range(known.size)
        if span > 0:
            firsts = [next(i for i in rows if known[i] > known[row] - span) for row in rows]
        else:
            firsts = [next(i for i in rows if session[i] == session[row]) for row in rows]
        self.check(self.span(columns, span, known, session), columns, firsts, rows)


def columns_of(case, rows, seed):
    """Return random columns far from zero that move together: noise, then a steady trend, then a random walk."""
    rng = np.random.default_rng(seed)
    parts = np.array_split(rng.normal(size=rows), 3)
    drift = np.cumsum(np.concatenate([0.1 * parts[0], 0.5 + 0.1 * parts[1], parts[2]]))
    return [1e6 + drift + rng.normal(size=rows) for _ in case.operator.inputs]


def holds_far_from_zero(case):
    """A million rows around 1e6 agree with two passes over sampled windows, short and long."""
    columns = columns_of(case, 1_000_000, 1)
    rng = np.random.default_rng(2)

    for lookback in (20, 1000):
        case.check_rows(columns, lookback, [*rng.integers(lookback, 1_000_000, 100).tolist(), 999_999])


def holds_over_levels(case):
    """Noise whose level jumps ninety times as far as it is wide: windows within a level agree, however long they are."""
    rng = np.random.default_rng(9)
    for lookback in (20, 20_000):
        jumps = 90.0 * (np.arange(40 * lookback) // (2.5 * lookback) % 2)
        columns = [1e6 + rng.normal(size=jumps.size) + jumps for _ in case.operator.inputs]
        ends = np.flatnonzero(np.diff(jumps))[8:]

        case.check_rows(columns, lookback, np.concatenate([ends, ends + 1, ends + lookback, ends + lookback + 1]).tolist())


def holds_over_any_values(case):
    """Ties, constants, zeros of both signs, undefined rows, and the shortest windows agree row by row."""
    rng = np.random.default_rng(3)
    least = case.operator.parameters[0].least
    pools = ([0.0, -0.0], [0.1], [1.0, 2.0, 3.0], [1e6, 1e6 + 0.25, np.nan], [5.0, -7.5, 1e-3, np.inf, -np.inf] + [2.0] * 30)

    for pool in pools:
        columns = [rng.choice(pool, 120) for _ in case.operator.inputs]
        for lookback in (least, least + 1, 7):
            case.check_rows(columns, lookback, range(lookback - 1, 120))


def forgets_what_has_left(case):
    """Nothing remains of a huge value, of sums that overflowed, or of values that shrank by hundreds of decades."""
    rng = np.random.default_rng(4)
    for huge in ([1e17], [-1e17], [1e308] * 3, [1e200, -1e160], (1e100 * 0.1 ** np.arange(150)).tolist()):
        for k in range(len(case.operator.inputs)):
            columns = [rng.normal(size=100 + len(huge)) for _ in case.operator.inputs]
            columns[k][40:-60] = huge
            for lookback in (5, 30):
                case.check_rows(columns, lookback, range(39 + len(huge) + lookback, columns[0].size))


def holds_over_time(case):
    """Windows of a duration and since the open agree with a loop, over clocks with holes, equal instants and undefined rows."""
    rng = np.random.default_rng(5)
    steps = rng.choice([0.0, 1.0, 1.0, 2.0, 40.0], 300)
    known = 1.7e15 + np.cumsum(steps) * SECOND
    session = np.repeat(np.arange(6.0), 50)
    columns = columns_of(case, 300, 6)
    columns[0][rng.integers(0, 300, 6)] = np.nan

    for span in (SECOND, 6 * SECOND, 90 * SECOND, 0.0):
        case.check_span(columns, span, known, session)


def regular_time_counts_rows(case):
    """Over equal steps, a window of n steps is a window of n rows."""
    columns = columns_of(case, 5000, 7)
    known = 1.7e15 + np.arange(5000) * SECOND

    for rows in (case.least, 50):
        actual = case.span(columns, rows * SECOND, known, np.zeros(5000))
        expected = case.rows(columns, rows)
        size = max(case.size(*columns), np.nanmax(np.abs(expected)))

        np.testing.assert_allclose(actual[rows - 1 :], expected[rows - 1 :], rtol=0, atol=PRECISION * size)


def growth_changes_nothing(case):
    """A window that is given room as it needs it gives the same bits as one that had enough from the start."""
    rng = np.random.default_rng(8)
    known = 1.7e15 + np.cumsum(rng.random(300) * np.repeat([16.0, 8.0, 3.0, 1.0, 0.4, 30.0], 50)) * SECOND
    columns = [
        rng.choice([-0.0, 0.0, 0.3, 1.0, 1e6, np.nan], 300, p=[0.3, 0.3, 0.1, 0.19, 0.1, 0.01]) for _ in case.operator.inputs
    ]
    given = np.column_stack([*columns, known, np.repeat(np.arange(3.0), 100)])
    compiled = kernel(case.operator, "span", given.shape[1])

    for span in (20 * SECOND, 0.0):
        p = (span, *case.p)
        grown, sizes = pushed(compiled, given, p, 2)
        roomy, _ = pushed(compiled, given, p, 512)

        assert len(sizes) > 4
        assert grown.tobytes() == roomy.tobytes()


def pushed(compiled, given, p, room):
    """Return values of rows pushed one by one into a window with some room, and the sizes its state had."""
    state = compiled.fresh(1, p, room)[0]
    values, sizes = [], set()
    for row in given:
        if compiled.is_full(state):
            state = compiled.grown(state, p)
        sizes.add(state.size)
        values.append(compiled.step(state, row.copy(), np.array(p)))
    return np.array(values), sizes


HELD = (
    holds_far_from_zero,
    holds_over_levels,
    holds_over_any_values,
    forgets_what_has_left,
    holds_over_time,
    regular_time_counts_rows,
    growth_changes_nothing,
)
"""The checks of this file; each is a promise that its docstring says."""

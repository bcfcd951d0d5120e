"""Operators that are broken on purpose: the laws must tell, and by which law. What no mutant breaks would be no law."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from runner.signal.kernel import RING
from runner.signal.laws import ANY_ROWS, ONCE, PLAIN_ROWS, History, Trial, broken_laws
from runner.signal.laws.causality import instants_do_not_meet
from runner.signal.operator import Input, Rows, Window, cross_operator, operator, window_operator

COUNTED = itertools.count(1)

ROWS = (Rows("rows"),)


@operator("x")
def peek(state, x, p):
    """x[t+1], read from behind the row that was given."""
    return x[1]


@operator("x", parameters=ROWS, state=lambda rows: 1 + int(rows), warm_up=int)
def unwrapped_ring(state, x, p):
    """x[t-rows], but the ring has no end."""
    at = int(state[0])
    state[0] += 1.0
    state[1 + at] = x[0]
    return state[1 + at - int(p[0])] if at >= p[0] else np.nan


def lagged(state, x, p):
    """x[t-rows]."""
    n = int(p[0])
    at = int(state[0])
    value = state[2 + at] if state[1] >= n else np.nan
    state[2 + at] = x[0]
    state[0] = 0.0 if at + 1 == n else at + 1.0
    state[1] = min(state[1] + 1.0, n)
    return value


def said_of_lag(name, state, warm_up):
    """Return an operator that computes x[t-rows] well, whatever it says of itself."""
    return replace(operator("x", parameters=ROWS, state=state, warm_up=warm_up)(lagged), name=name)


warm_up_too_short = said_of_lag("warm_up_too_short", lambda n: 2 + int(n), lambda n: int(n) - 1)
warm_up_too_long = said_of_lag("warm_up_too_long", lambda n: 2 + int(n), lambda n: int(n) + 1)
length_by_counting = said_of_lag("length_by_counting", lambda n: int(n) + 1 + next(COUNTED), int)
length_beyond_reason = said_of_lag("length_beyond_reason", lambda n: int(n) ** 2 + 2, int)


@operator("x", parameters=ROWS, state=lambda n: 2 + int(n), warm_up=lambda n: int(n) - 1)
def poisoned(state, x, p):
    """(x[t-n+1] + … + x[t]) / n of a sum that never recovers from NaN."""
    n = int(p[0])
    at = int(state[1])
    state[0] += x[0] - (state[2 + at % n] if at >= n else 0.0)
    state[2 + at % n] = x[0]
    state[1] += 1.0
    return state[0] / n if at >= n - 1 else np.nan


@operator("x", parameters=ROWS, state=lambda n: 1 + int(n), warm_up=lambda n: int(n) - 1)
def swallowing(state, x, p):
    """(x[t-n+1] + … + x[t]) / n, where an undefined row is 0."""
    n = int(p[0])
    at = int(state[0])
    state[1 + at % n] = x[0] if np.isfinite(x[0]) else 0.0
    state[0] += 1.0
    total = 0.0
    for i in range(n):
        total += state[1 + i]
    return total / n if at >= n - 1 else np.nan


@operator("x", parameters=ROWS, state=lambda n: 2 + int(n), warm_up=lambda n: int(n) - 1)
def window_too_long(state, x, p):
    """(x[t-n+1] + … + x[t]) / n, but of one row more where there is one."""
    n = int(p[0]) + 1
    at = int(state[0])
    state[1 + at % n] = x[0]
    state[0] += 1.0
    total, count = 0.0, min(at + 1, n)
    for i in range(count):
        total += state[1 + i]
    return total / count if at >= p[0] - 1 else np.nan


@operator("x", parameters=ROWS, state=lambda _: 2, warm_up=lambda n: 4 * int(n), undefined="skip", tolerance=1e-6)
def remembers_too_long(state, x, p):
    """e[t] = e[t−1] + (x[t] − e[t−1]) / (rows + 1); the start has more weight after 4 × rows than it says."""
    if not np.isfinite(x[0]):
        return np.nan
    state[1] += 1.0
    state[0] = x[0] if state[1] == 1.0 else state[0] + (x[0] - state[0]) / (p[0] + 1.0)
    return state[0] if state[1] > 4 * p[0] else np.nan


@operator("x", state=lambda: 1, warm_up=lambda: 2, undefined="skip")
def counts_skipped(state, x, p):
    """x[t], but the warm-up counts undefined rows as well."""
    state[0] += 1.0
    return x[0] if state[0] > 2.0 and np.isfinite(x[0]) else np.nan


@operator("x", Input("is_on", "boolean"), gives="boolean")
def two_is_true(state, x, p):
    """x > 50, twice as true where is_on is."""
    return (1.0 if x[0] > 50.0 else 0.0) * (1.0 + x[1]) if np.isfinite(x[0]) else np.nan


@operator("x")
def by_chance(state, x, p):
    """x + u, u between 0 and 1."""
    return x[0] + np.random.random()  # noqa: NPY002 - the only chance there is in compiled code


@operator("x", parameters=ROWS)
def writes_parameters(state, x, p):
    """x + rows, but rows grows."""
    p[0] += 1.0
    return x[0] + p[0]


@operator("x")
def no_words(state, x, p):
    """Some value."""
    return x[0]


def _square(a, x, p):
    a[0] += x
    a[1] += x * x


def _unsquare(a, x, p):
    a[0] -= x
    a[1] -= x * x
    return False


@window_operator("x", add=_square, drop=_unsquare, sums=2, window=Window(least=2))
def naive_variance(a, n, p):
    """(Σ x² − (Σ x)² / n) / (n − 1): digits cancel where x is far from zero."""
    return (a[1] - a[0] * a[0] / n) / (n - 1.0)


@window_operator("x", add=_square, drop=_unsquare, sums=2)
def never_anew(a, n, p):
    """(x[t-n+1] + … + x[t]) / n, of sums that lose what a huge value swallows."""
    return a[0] / n


@window_operator("x", add=_square, drop=_unsquare, sums=2)
def counts_microseconds(a, n, p):
    """(x[t-n+1] + … + x[t]) / lookback, as if the lookback were always rows."""
    return a[0] / p[0] if p[0] > 0.0 else a[0]


def _nothing(s, x, at, capacity, p):
    return False


@window_operator("x", add=_nothing, drop=_nothing, memory=lambda capacity: capacity)
def knows_its_room(s, at, n, capacity, p):
    """x[t] + capacity."""
    return s[RING + at] + capacity


@cross_operator("x")
def beyond_the_instant(x, p, out):
    """x less that of the symbol after the last."""
    for i in range(out.size):
        out[i] = x[i, 0] - x[x.shape[0], 0]


@cross_operator("x")
def places(x, p, out):
    """The place of x in ascending order, from 0; equal values as they come."""
    out[np.argsort(x[:, 0], kind="mergesort")] = np.arange(out.size)
    for i in range(out.size):
        out[i] = out[i] if np.isfinite(x[i, 0]) else np.nan


@cross_operator("x")
def poisoned_across(x, p, out):
    """x − mean(x), of all there are."""
    total = 0.0
    for i in range(out.size):
        total += x[i, 0]
    for i in range(out.size):
        out[i] = x[i, 0] - total / out.size


@cross_operator("x")
def unwritten(x, p, out):
    """x, where it is defined."""
    for i in range(out.size):
        if np.isfinite(x[i, 0]):
            out[i] = x[i, 0]


@operator("x", state=lambda: 1, undefined="skip")
def state_too_short(state, x, p):
    """x[t] + x[t-1] + …, and how many, which is kept behind its state: where the next symbol's begins."""
    state[0] += x[0]
    state[1] += 1.0
    return state[0]


MUTANTS = [
    (peek, "arrays_end_where_they_end"),
    (unwrapped_ring, "arrays_end_where_they_end"),
    (state_too_short, "arrays_end_where_they_end"),
    (beyond_the_instant, "arrays_end_where_they_end"),
    (unwritten, "arrays_end_where_they_end"),
    (length_by_counting, "its_state_has_one_length"),
    (length_beyond_reason, "the_largest_parameters_work"),
    (by_chance, "pushing_is_scanning"),
    (writes_parameters, "a_scan_goes_on_from_a_snapshot"),
    (writes_parameters, "symbols_do_not_meet"),
    (knows_its_room, "room_does_not_matter"),
    (knows_its_room, "the_future_is_unknown"),
    (two_is_true, "booleans_are_booleans"),
    (counts_skipped, "undefined_rows_are_skipped"),
    (poisoned, "undefined_rows_pass"),
    (swallowing, "undefined_rows_pass"),
    (poisoned_across, "undefined_members_are_left_out"),
    (warm_up_too_short, "the_first_value_comes_after_the_warm_up"),
    (warm_up_too_long, "the_first_value_comes_after_the_warm_up"),
    (window_too_long, "what_came_before_is_forgotten"),
    (remembers_too_long, "what_came_before_is_forgotten"),
    (never_anew, "huge_values_leave_no_trace"),
    (naive_variance, "long_runs_do_not_drift"),
    (counts_microseconds, "a_window_of_time_is_a_window_of_rows"),
    (places, "the_order_of_symbols_does_not_matter"),
    (no_words, "its_formula_is_said"),
]


@pytest.mark.parametrize(("mutant", "law"), MUTANTS, ids=[f"{mutant.name}-{law}" for mutant, law in MUTANTS])
def test_a_broken_operator_is_caught_by_the_law_it_breaks(mutant, law):
    """Each is wrong in one way that happens to people, and the laws say which."""
    found = broken_laws(mutant, np.random.default_rng(3), rounds=7)

    assert law in {broken.law for broken in found}
    assert all(mutant.name in str(broken) for broken in found)


def test_a_value_read_from_another_instant_is_caught():
    """Also without guards: behind the rows of a short instant lie those of a longer one before it."""
    history = History((np.array([1.0, 2.0, 3.0]),), np.array([1.0, 2.0, 1.0]), np.zeros(3), np.array([0, 2, 3]))

    broken = instants_do_not_meet(Trial(beyond_the_instant, "cross", (), history), np.random.default_rng(0))

    assert broken is not None
    assert broken.rows


def test_every_law_is_broken_by_somebody():
    """A law that none of these breaks could be empty."""
    laws = {law.__name__ for law in (*ANY_ROWS, *PLAIN_ROWS, *ONCE)}

    assert laws - {law for _, law in MUTANTS} == {"instants_do_not_meet"}  # which has a test of its own

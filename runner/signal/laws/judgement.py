"""All laws, put to one operator."""

from collections.abc import Iterator

from numpy.random import Generator

from runner.signal.kernel import Form
from runner.signal.laws.broken import Broken, Law
from runner.signal.laws.causality import (
    instants_do_not_meet,
    symbols_do_not_meet,
    the_future_is_unknown,
    the_order_of_symbols_does_not_matter,
)
from runner.signal.laws.declared import its_formula_is_said, its_state_has_one_length, the_largest_parameters_work
from runner.signal.laws.drawn import FLAVOURS, drawn, drawn_parameters
from runner.signal.laws.memory import (
    a_window_of_time_is_a_window_of_rows,
    huge_values_leave_no_trace,
    long_runs_do_not_drift,
    the_first_value_comes_after_the_warm_up,
    what_came_before_is_forgotten,
)
from runner.signal.laws.same_bits import (
    a_scan_goes_on_from_a_snapshot,
    arrays_end_where_they_end,
    pushing_is_scanning,
    room_does_not_matter,
)
from runner.signal.laws.trial import Trial, forms, rows_read
from runner.signal.laws.undefined import (
    booleans_are_booleans,
    undefined_members_are_left_out,
    undefined_rows_are_skipped,
    undefined_rows_pass,
)
from runner.signal.operator import Operator

__all__ = ["ANY_ROWS", "FIRST", "ONCE", "PLAIN_ROWS", "broken_laws", "plain_trial"]

FIRST: tuple[Law, ...] = (its_state_has_one_length, arrays_end_where_they_end)
"""Laws that must hold before compiled code can be let loose on whole columns."""

ANY_ROWS: tuple[Law, ...] = (
    arrays_end_where_they_end,
    pushing_is_scanning,
    a_scan_goes_on_from_a_snapshot,
    room_does_not_matter,
    the_future_is_unknown,
    symbols_do_not_meet,
    instants_do_not_meet,
    booleans_are_booleans,
    undefined_rows_are_skipped,
)
"""Laws over any history."""

PLAIN_ROWS: tuple[Law, ...] = (
    the_order_of_symbols_does_not_matter,
    the_first_value_comes_after_the_warm_up,
    what_came_before_is_forgotten,
    huge_values_leave_no_trace,
    a_window_of_time_is_a_window_of_rows,
    undefined_rows_pass,
    undefined_members_are_left_out,
)
"""Laws over plain histories, whose values are what an operator is made for."""

ONCE: tuple[Law, ...] = (its_state_has_one_length, its_formula_is_said, the_largest_parameters_work, long_runs_do_not_drift)
"""Laws that draw a history of their own, or need none."""

ROUNDS = 12
SYMBOLS = 5
ROWS = 24


def broken_laws(operator: Operator, generator: Generator, *, rounds: int = ROUNDS) -> tuple[Broken, ...]:
    """Put every law to every form of an operator; return each law that is broken once per form, with what shows it.

    Args:
        operator: Any; of a formula nothing is tried, its laws are those of what it stands for.
        generator: Where chance comes from: one of the same state gives the same answer.
        rounds: Histories that each law is tried over; the laws of `ONCE` are tried once.
    """
    return tuple(broken for form in forms(operator) for broken in _broken_laws(operator, form, generator, rounds))


def plain_trial(operator: Operator, form: Form, generator: Generator, *, counts: tuple[int, ...], is_even: bool) -> Trial:
    """Return a trial over a plain history.

    Args:
        operator: What is tried.
        form: Which form of it.
        generator: Where chance comes from.
        counts: Rows of each symbol after its warm-up.
        is_even: Whether there is a row each second; see `drawn`.
    """
    parameters = drawn_parameters(operator, form, generator)
    bare = drawn(operator, parameters, generator, counts=(), flavour="plain", is_even=is_even)
    longer = rows_read(Trial(operator, form, parameters, bare)) if form in {"row", "rows"} else 0
    more = tuple(count + longer for count in counts)
    return Trial(
        operator, form, parameters,
        drawn(operator, parameters, generator, counts=more, flavour="plain", is_even=is_even),
    )  # fmt: skip


def _broken_laws(operator: Operator, form: Form, generator: Generator, rounds: int) -> Iterator[Broken]:
    """Yield every law that is broken, once; nothing else where the first ones are."""
    anyhow = [_any_trial(operator, form, generator, k) for k in range(rounds)]
    plain = [_plain_trial(operator, form, generator, k) for k in range(rounds)]
    first = list(_found(FIRST, [*anyhow, *plain], generator))
    yield from first
    if not first:
        yield from _found(ANY_ROWS, [*anyhow, *plain], generator)
        yield from _found(PLAIN_ROWS, plain, generator)
        yield from _found(ONCE, plain[:1], generator)


def _found(laws: tuple[Law, ...], trials: list[Trial], generator: Generator) -> Iterator[Broken]:
    """Yield what the first trial shows that breaks each law."""
    for law in laws:
        broken = next((found for trial in trials if (found := law(trial, generator)) is not None), None)
        if broken is not None:
            yield broken


def _any_trial(operator: Operator, form: Form, generator: Generator, k: int) -> Trial:
    """Return the k-th trial: flavours take turns."""
    parameters = drawn_parameters(operator, form, generator)
    counts = tuple(generator.integers(ROWS, size=SYMBOLS).tolist())
    flavour = FLAVOURS[k % len(FLAVOURS)]
    return Trial(
        operator, form, parameters,
        drawn(operator, parameters, generator, counts=counts, flavour=flavour, is_even=k % 2 == 0),
    )  # fmt: skip


def _plain_trial(operator: Operator, form: Form, generator: Generator, k: int) -> Trial:
    return plain_trial(operator, form, generator, counts=(ROWS,) * SYMBOLS, is_even=k % 2 == 0)

"""Laws of what a value may not depend on: the future, other symbols, other instants, the order of symbols."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator

from runner.signal.laws.broken import ACCURACY, Broken, apart, differing, size_of, unlike
from runner.signal.laws.trial import Trial, instants, values

__all__ = ["instants_do_not_meet", "symbols_do_not_meet", "the_future_is_unknown", "the_order_of_symbols_does_not_matter"]

TIE = 25.0
"""Values are rounded to multiples of this where ties are asked for."""


def the_future_is_unknown(trial: Trial, generator: Generator) -> Broken | None:
    """With the future cut off, or another one in its place, the past is the same."""
    history = trial.history
    if history.rows == 0:
        return None
    past = history.known <= generator.choice(history.known)
    expected = values(trial)
    got = np.where(past, np.nan, expected)
    got[past] = values(trial.on(history.kept(past)))
    another = tuple(np.where(past, column, 1.0 - column) for column in history.columns)
    found = np.where(past, values(trial.on(replace(history, columns=another))), expected)
    return differing(
        the_future_is_unknown, trial, "without the later rows the earlier values must be the same",
        where=unlike(expected, got), expected=expected, got=got,
    ) or differing(
        the_future_is_unknown, trial, "with other later rows the earlier values must be the same",
        where=unlike(expected, found), expected=expected, got=found,
    )  # fmt: skip


def symbols_do_not_meet(trial: Trial, generator: Generator) -> Broken | None:
    """Symbols that are scanned together, in whatever order, have the values each has alone."""
    if trial.form == "cross":
        return None
    history = trial.history
    rows = [np.arange(part.start, part.stop) for part in history.parts]
    order = generator.permutation(len(rows)).tolist()
    together = values(trial.on(history.taken([rows[s] for s in order])))
    expected, got = np.empty(history.rows), np.empty(history.rows)
    got[np.concatenate([np.zeros(0, dtype=np.int64), *(rows[s] for s in order)])] = together
    for part in rows:
        expected[part] = values(trial.on(history.taken([part])))
    return differing(
        symbols_do_not_meet, trial, "symbols scanned together must have the values each has alone",
        where=unlike(expected, got), expected=expected, got=got,
    )  # fmt: skip


def instants_do_not_meet(trial: Trial, _: Generator) -> Broken | None:
    """A cross-section of one instant is the same whatever comes before and after it."""
    if trial.form != "cross":
        return None
    history, got = trial.history, values(trial)
    expected = np.empty(history.rows)
    for rows in instants(history):
        expected[rows] = values(trial.on(history.taken([np.sort(rows)])))
    return differing(
        instants_do_not_meet, trial, "an instant must have the values it has alone",
        where=unlike(expected, got), expected=expected, got=got,
    )  # fmt: skip


def the_order_of_symbols_does_not_matter(trial: Trial, generator: Generator) -> Broken | None:
    """Symbols in another order have the same values in that order; sums may round differently.

    So it is with ties too, unless the operator's description says, in these words, that the order of the universe decides.
    """
    if trial.form != "cross":
        return None
    tied = replace(trial.history, columns=tuple(np.ceil(column / TIE) * TIE for column in trial.history.columns))
    is_settled = "order of the universe" in " ".join(trial.operator.description.split())
    for detail, history in (("", trial.history), (", also with ties", trial.history if is_settled else tied)):
        expected = values(trial.on(history))
        rows = [np.arange(part.start, part.stop) for part in history.parts]
        order = generator.permutation(len(rows)).tolist()
        got = np.empty(history.rows)
        got[np.concatenate([rows[s] for s in order])] = values(trial.on(history.taken([rows[s] for s in order])))
        broken = differing(
            the_order_of_symbols_does_not_matter, trial, f"symbols in another order must have the same values{detail}",
            where=apart(expected, got, ACCURACY * size_of(expected)), expected=expected, got=got,
        )  # fmt: skip
        if broken:
            return broken
    return None

"""What a law says of an operator that breaks it, and the two ways values are compared."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from runner.signal.kernel import Form
from runner.signal.laws.history import Flags, Values
from runner.signal.laws.trial import Trial

__all__ = ["ACCURACY", "Broken", "Law", "apart", "differing", "flawed", "size_of", "unlike"]

ACCURACY = 2e-9
"""Distance that is allowed between two ways of computing that may round differently, each to 1e-9 of the values' size."""

MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Broken:
    """A law that an operator doesn't keep, with the first rows that show it."""

    law: str
    operator: str
    form: Form
    parameters: tuple[float, ...]
    detail: str
    """What must hold."""
    rows: tuple[int, ...]
    """Rows of the history; empty where the law isn't about rows."""
    expected: tuple[float, ...]
    got: tuple[float, ...]

    def __str__(self) -> str:
        """Return all of it in one line, the operator first."""
        called = f"{self.operator} ({self.form}; {', '.join(f'{p:g}' for p in self.parameters)})"
        shown = [f"row {t}: {e!r} expected, {g!r} found" for t, e, g in zip(self.rows, self.expected, self.got, strict=True)]
        return f"{called} breaks {self.law}: {'; '.join([self.detail, *shown])}"


Law = Callable[[Trial, Generator], Broken | None]
"""Return what is broken, if anything. A law that has nothing to say of a form or a kind of operator returns None. The
generator decides where a history is cut, which symbol comes first, and the like."""


def differing(law: Law, trial: Trial, detail: str, *, where: Flags, expected: Values, got: Values) -> Broken | None:
    """Return what is broken at the rows where something is, if there are any."""
    rows = np.flatnonzero(where)[:MOST_SHOWN]
    if rows.size == 0:
        return None
    return Broken(
        law.__name__,
        trial.operator.name,
        trial.form,
        trial.parameters,
        detail,
        tuple(rows.tolist()),
        tuple(expected[rows].tolist()),
        tuple(got[rows].tolist()),
    )


def flawed(law: Law, trial: Trial, detail: str) -> Broken:
    """Return what is broken where no rows show it."""
    return Broken(law.__name__, trial.operator.name, trial.form, trial.parameters, detail, (), (), ())


def unlike(expected: Values, got: Values) -> Flags:
    """Return where the bits differ. Any NaN is like any other: its spare bits mean nothing."""
    bits: Flags = expected.view(np.int64) != got.view(np.int64)
    return bits & ~(np.isnan(expected) & np.isnan(got))


def apart(expected: Values, got: Values, allowed: float) -> Flags:
    """Return where only one of two values is undefined, or both are defined and further apart than allowed."""
    defined = np.isfinite(expected) & np.isfinite(got)
    distance = np.abs(np.where(defined, expected, 0.0) - np.where(defined, got, 0.0))
    wrong: Flags = (np.isfinite(expected) != np.isfinite(got)) | (distance > allowed)
    return wrong


def size_of(found: Values) -> float:
    """Return the largest absolute defined value; 0 without any."""
    return float(np.abs(found[np.isfinite(found)]).max(initial=0.0))

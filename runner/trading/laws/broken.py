"""A law that doesn't hold, and row functions that are asked so that it shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from runner.compiler import row_function
from runner.spec.kind import Kind
from runner.trading.own import broke_over, plain

__all__ = ["Asked", "Broken", "BrokenError"]

INSIDE = "must stay inside the numbers it is given"
QUIET = "must not raise"
SAME = "must give the same for the same numbers"
ALONE = "must write to nothing but its own state"


@dataclass(frozen=True, slots=True)
class Broken:
    """A law that doesn't hold."""

    law: str
    """What must hold."""
    found: str
    """What was given, and what came of it."""
    where: str = ""
    """File and line; empty where no line is to blame."""


class BrokenError(Exception):
    """A law whose breaking leaves nothing to go on with."""

    def __init__(self, broken: Broken) -> None:
        """Keep the law."""
        super().__init__(broken)
        self.broken = broken


class Asked:
    """A row function that is held to its arrays, to what it may write, and to giving the same again."""

    def __init__(self, kind: Kind, name: str, signature: Any, *, keeps: int | None = None) -> None:
        """Compile a kind's row function.

        Args:
            kind: Whose.
            name: What the family calls it.
            signature: Its signature.
            keeps: Place of the argument that it may write to.
        """
        self._kind, self._name, self._keeps = kind, name, keeps
        self._function = row_function(getattr(kind, name), signature, is_checked=True)
        self._broken: dict[str, Broken] = {}

    def __call__(self, *given: Any) -> float:
        """Return what the function gives; the laws of all families are held to it on the way.

        Raises:
            BrokenError: If it raises.
        """
        before = [np.copy(each) if isinstance(each, np.ndarray) else each for each in given]
        value = self._once(given)
        names = plain(self._kind, self._name).__code__.co_varnames
        for place, (one, other) in enumerate(zip(before, given, strict=True)):
            if isinstance(one, np.ndarray) and place != self._keeps and one.tobytes() != other.tobytes():
                self._broken[ALONE] = Broken(ALONE, f"{names[place]} has changed")
                other[...] = one
        again = self._once(before)
        kept = () if self._keeps is None else (before[self._keeps], given[self._keeps])
        if not _same(value, again) or (kept and kept[0].tobytes() != kept[1].tobytes()):
            self._broken[SAME] = Broken(SAME, f"{value:g}, then {again:g}")
        return value

    def broken(self) -> Iterator[Broken]:
        """Yield the laws of all families that didn't hold."""
        yield from self._broken.values()

    def _once(self, given: Any) -> float:
        try:
            return float(self._function(*given))
        except Exception as error:
            fault = broke_over(self._kind, self._name, given)
            law = INSIDE if isinstance(error, IndexError) else QUIET
            raise BrokenError(Broken(law, fault.was, fault.where)) from error


def _same(one: float, other: float) -> bool:
    return np.float64(one).tobytes() == np.float64(other).tobytes() or bool(np.isnan(one) and np.isnan(other))

"""Works each thing out once: what depends on frozen values alone is the same for all runs that have these values in common.

A value is known by its identity, which says nothing of equal values but costs nothing either: whoever prepares many runs
hands in the same frozen parts wherever they are the same.
"""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from runner.errors import RunnerError

__all__ = ["Once"]

T = TypeVar("T")
MOST_KEPT = 4_096
"""Results of one sort that are kept; the oldest goes first, so that a million runs need no more memory than these."""


class Once:
    """Remembers results, and the `RunnerError`s that came instead."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._found: dict[str, dict[Hashable, tuple[tuple[object, ...], Any, RunnerError | None]]] = {}

    def __call__(self, what: str, make: Callable[[], T], *parts: object, also: Hashable = ()) -> T:
        """Return what `make` returns for these parts, or raise what it raised.

        Args:
            what: Names the result.
            make: Works it out; must depend on nothing but `parts` and `also`.
            parts: Frozen values, known by identity; a dictionary by that of its values.
            also: What is known by equality.
        """
        kept = self._found.get(what)
        if kept is None:
            kept = self._found[what] = {}
        key = (also, *map(_identity, parts))
        found = kept.get(key)
        if found is None:
            if len(kept) >= MOST_KEPT:
                del kept[next(iter(kept))]
            # The parts stay with the result: while they live, no other value has their identity.
            found = kept[key] = (parts, *_outcome(make))
        if found[2] is not None:
            raise found[2].with_traceback(None)
        result: T = found[1]
        return result


def _outcome(make: Callable[[], Any]) -> tuple[Any, RunnerError | None]:
    try:
        return make(), None
    except RunnerError as error:
        return None, error


def _identity(part: object) -> Hashable:
    return tuple((key, id(value)) for key, value in part.items()) if isinstance(part, dict) else id(part)

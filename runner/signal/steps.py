"""What the first expressions of a signal came to, for the next signal that has the same values for their parameters.

Expressions are compiled one after another, and each depends on nothing but those before it and the parameters that it names.
So signals of the same texts go the same way as far as their parameters are the same: of a grid of lookbacks and thresholds
the mean over a lookback is compiled once, and only the conditions are compiled for every lane.

Why the whole way and not each expression by itself: a node's number depends on every expression before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from runner.signal.builder import Builder, Value
from runner.signal.parsed import Parsed, names_in

__all__ = ["Steps"]

MOST_KEPT = 1_024
"""Steps that are kept; beyond that all are forgotten, since lanes come in the order of their grid."""

Key = tuple[str, ...]
"""What an expression's parameters are, as they are written: 5 and "5", 0.0 and -0.0 differ."""


@dataclass(slots=True)
class Steps:
    """Steps of signals with the same texts, vocabulary and names of parameters."""

    parsed: Parsed
    are_names_sound: bool = False
    """Whether the names of nodes, parameters and groups were found to mean one thing each."""
    _names: list[tuple[str, ...]] = field(default_factory=list)
    """Expression after expression, the names in it."""
    _kept: dict[tuple[Key, ...], tuple[Builder, dict[str, Value]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the names of each expression."""
        self._names += [tuple(sorted(set(names_in(self.parsed.trees[name])))) for name in self.parsed.order]

    def keys(self, parameters: Mapping[str, object]) -> tuple[Key, ...]:
        """Return what each expression depends on of the parameters."""
        shown = {name: repr(value) for name, value in parameters.items()}
        return tuple(tuple([shown[name] for name in names if name in shown]) for names in self._names)

    def resumed(self, keys: Sequence[Key]) -> tuple[int, Builder, dict[str, Value]]:
        """Return how many expressions are done already, and what they came to, which is the caller's to go on with."""
        for done in range(len(keys) - 1, 0, -1):
            found = self._kept.get(tuple(keys[:done]))
            if found is not None:
                return done, found[0].copy(), found[1].copy()
        return 0, Builder(), {}

    def keep(self, keys: Sequence[Key], builder: Builder, values: Mapping[str, Value]) -> None:
        """Keep what the first expressions came to without a fault; all of them are kept by whoever has the graph."""
        if len(keys) == len(self._names):
            return
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[tuple(keys)] = builder.copy(), dict(values)

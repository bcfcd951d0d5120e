"""The universe held against itself and against the data."""

from collections import Counter
from collections.abc import Iterable

from runner.errors import Fault
from runner.market.suggestions import suggest
from runner.spec.universe import Universe

__all__ = ["absent_symbols", "universe_faults"]

WHERE = "universe.symbols"


def universe_faults(universe: Universe) -> list[Fault]:
    """Return a fault for each symbol that is named more than once."""
    counts = Counter(universe.symbols)
    return [
        Fault(WHERE, "must name each symbol once", f'"{symbol}" {count} times', "Write it once.")
        for symbol, count in counts.items()
        if count > 1
    ]


def absent_symbols(universe: Universe, available: Iterable[str]) -> list[Fault]:
    """Return a fault for each symbol of the universe that the data don't have."""
    known = set(available)
    return [
        Fault(WHERE, "must name symbols the data have", f'"{symbol}"', suggest(symbol, known))
        for symbol in universe.symbols
        if symbol not in known
    ]

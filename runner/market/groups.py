"""Groupings of the universe held against its symbols: each symbol is in one group of a grouping at most."""

from collections import defaultdict

from runner.errors import Fault
from runner.market.suggestions import suggest
from runner.spec.universe import Universe

__all__ = ["group_faults"]


def group_faults(universe: Universe) -> list[Fault]:
    """Return a fault for each member that is no symbol of the universe, and for each symbol that is there twice."""
    faults = []
    for name, groups in universe.groups.items():
        homes: dict[str, list[str]] = defaultdict(list)
        for group, members in groups.items():
            where = f"universe.groups.{name}.{group}"
            for symbol in members:
                homes[symbol].append(group)
            strangers = [symbol for symbol in members if symbol not in universe.symbols]
            faults += [
                Fault(where, "must name symbols of the universe", f'"{symbol}"', suggest(symbol, universe.symbols))
                for symbol in dict.fromkeys(strangers)
            ]
        must, write = "a symbol must be in one group", "Leave it in one of them, or make another grouping."
        faults += [
            Fault(f"universe.groups.{name}", must, f'"{symbol}" in {" and ".join(found)}', write)
            for symbol, found in homes.items()
            if len(found) > 1
        ]
    return faults

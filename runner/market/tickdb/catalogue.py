"""The symbols the service has, asked for only when it doesn't know one: what was meant is then easy to say."""

from typing import Any

from runner.errors import DataError, Fault
from runner.market.suggestions import suggest
from runner.market.tickdb.client import Client, RefusedError
from runner.market.tickdb.request import symbols_request
from runner.market.tickdb.settings import MOST_ROWS, Series
from runner.market.tickdb.symbols import is_same
from runner.market.tickdb.values import MalformedError, required, shown

__all__ = ["catalogue", "is_unknown_symbol", "unknown_symbols"]

MOST_PAGES = 200
"""Pages of a thousand symbols; no market has more."""


def is_unknown_symbol(error: RefusedError) -> bool:
    """Return whether the service refused because it doesn't know the symbol."""
    return error.code == "2002" or (error.status == 404 and not error.code.isdecimal())


def unknown_symbols(client: Client, series: Series, symbols: tuple[str, ...]) -> list[Fault]:
    """Return a fault for each symbol the service's catalogue lacks; none if it can't be had or has them all."""
    try:
        known = catalogue(client, series)
    except DataError:
        # The refusal that led here is reported by the caller; a catalogue that can't be had only costs the suggestion.
        return []
    return [
        Fault("universe.symbols", "must name symbols the service has", f'"{symbol}"', suggest(symbol, known))
        for symbol in symbols
        if not any(is_same(symbol, other) for other in known)
    ]


def catalogue(client: Client, series: Series) -> list[str]:
    """Return every symbol the service has, of the series' type if it names one; raises DataError."""
    known: list[str] = []
    for _ in range(MOST_PAGES):
        # A short page may be the service's own cap: only one with nothing new is the end.
        names = client.ask(symbols_request(series, len(known), MOST_ROWS), _names)
        if set(names) <= set(known):
            break
        known.extend(names)
    return list(dict.fromkeys(known))


def _names(data: Any) -> list[str]:
    products = required(data, ("products",)) if isinstance(data, dict) else data
    if not isinstance(products, list):
        raise MalformedError(f"products is {shown(products)}, not a list")
    names = [product if isinstance(product, str) else required(product, ("symbol",)) for product in products]
    if not all(isinstance(name, str) for name in names):
        raise MalformedError("a symbol of the catalogue isn't text")
    return names

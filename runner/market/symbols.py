"""The universe held against itself and against the data."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

import polars as pl

from runner.errors import Fault
from runner.market.groups import group_faults
from runner.market.lives import life_faults, tickers_of
from runner.market.suggestions import suggest
from runner.spec.universe import Universe

__all__ = ["absent_symbols", "partial_symbols", "universe_faults"]

WHERE = "universe.symbols"


def universe_faults(universe: Universe) -> list[Fault]:
    """Return what is wrong with symbols that are named more than once, with lives, groups and currencies."""
    counts = Counter(universe.symbols)
    repeated = [
        Fault(WHERE, "must name each symbol once", f'"{symbol}" {count} times', "Write it once.")
        for symbol, count in counts.items()
        if count > 1
    ]
    return [*repeated, *life_faults(universe), *group_faults(universe), *_currency_faults(universe)]


def _currency_faults(universe: Universe) -> list[Fault]:
    """Return a fault for each symbol that isn't the universe's, and one if prices are in more than one currency."""
    faults = [
        Fault(
            f"universe.currencies.{symbol}",
            "must be a symbol of the universe",
            f'"{symbol}"',
            suggest(symbol, universe.symbols),
        )
        for symbol in universe.currencies
        if symbol not in universe.symbols
    ]
    examples: dict[str, str] = {}
    for symbol, currency in universe.currencies.items():
        examples.setdefault(currency, symbol)
    if len(examples) > 1:
        was = ", ".join(f"{currency} ({symbol})" for currency, symbol in examples.items())
        write = (
            "Nothing converts one currency into another, and cash, equity and limits would add them up: run the symbols of"
            " each currency on their own, or convert the prices in the files and declare what they are in then."
        )
        faults.append(Fault("universe.currencies", "must be one and the same for every symbol of a run", was, write))
    return faults


def absent_symbols(universe: Universe, available: Iterable[str]) -> list[Fault]:
    """Return a fault for each ticker the universe asks a source for and the data don't have."""
    known = set(available)
    symbols = set(universe.symbols)
    return [
        Fault(
            WHERE if ticker in symbols else "universe.lives",
            "must name symbols the data have" if ticker in symbols else "must name tickers the data have",
            f'"{ticker}"',
            suggest(ticker, known),
        )
        for ticker in tickers_of(universe)
        if ticker not in known
    ]


def partial_symbols(frame: pl.DataFrame, universe: Universe) -> list[Fault]:
    """Return a fault for the symbols that start late or stop early where the universe's policy is `error`.

    Args:
        frame: the rows that passed the gate, with `symbol` and `session`.
        universe: its `late` and `early` say what is refused.
    """
    if universe.late == "keep" and universe.early == "keep":
        return []
    spans = {
        str(symbol): (first, last)
        for symbol, first, last in frame.group_by("symbol")
        .agg(pl.col("session").min().alias("first"), pl.col("session").max().alias("last"))
        .iter_rows()
    }
    begins, ends = min(first for first, _ in spans.values()), max(last for _, last in spans.values())
    late = {symbol: f"{spans[symbol][0]}" if symbol in spans else "never" for symbol in universe.symbols}
    early = {symbol: f"{spans[symbol][1]}" if symbol in spans else "never" for symbol in universe.symbols}
    return [
        *(_partial("late", "start", late, begins) if universe.late == "error" else []),
        *(_partial("early", "end", early, ends) if universe.early == "error" else []),
    ]


def _partial(policy: str, edge: str, days: dict[str, str], expected: date) -> list[Fault]:
    off = [f"{symbol} {day}" for symbol, day in days.items() if day != str(expected)]
    if not off:
        return []
    shown = ", ".join(off[:10]) + (f" and {len(off) - 10} more" if len(off) > 10 else "")
    write = (
        f"Write universe.{policy}: keep to trade them while they have rows, narrow the window, or leave them out of"
        " universe.symbols."
    )
    return [Fault(f"universe.{policy}", f"every symbol must {edge} on {expected}", shown, write)]

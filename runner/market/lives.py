"""Which rows of which ticker are which instrument: tickers are renamed, and used again by others.

1. `tickers_of` says what a source is asked for; `asked` puts that in the form sources understand.
2. `by_lives` gives each row the symbol whose life its session date falls in. Rows of a ticker that are nobody's are left out
   and counted; several lives of one symbol follow each other in time, whatever the order their tickers were read in.

A symbol without declared lives is its own ticker for all time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from operator import attrgetter

import polars as pl

from runner.errors import Fault
from runner.market.day import is_day
from runner.spec.universe import Life, Universe

__all__ = ["Lived", "asked", "by_lives", "life_faults", "stray_notes", "tickers_of"]

FIRST, LAST = date(1, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One life with its defaults filled in."""

    symbol: str
    ticker: str
    start: date
    end: date
    where: str

    @property
    def text(self) -> str:
        start = "the beginning" if self.start == FIRST else f'"{self.start}"'
        end = "the end" if self.end == LAST else f'"{self.end}"'
        return f"{self.ticker} from {start} to {end}"


@dataclass(frozen=True, slots=True)
class Lived:
    """Rows under the universe's symbols."""

    frame: pl.DataFrame
    """The rows, with `symbol` the universe's."""
    strays: Mapping[str, int]
    """Ticker → rows that were nobody's."""

    @property
    def notes(self) -> tuple[str, ...]:
        """How many rows of which ticker were nobody's, in plain words."""
        return stray_notes(self.strays)


def tickers_of(universe: Universe) -> tuple[str, ...]:
    """Return the tickers a source is asked for, each once: those of the lives, and every other symbol itself."""
    named = (
        ticker
        for symbol in universe.symbols
        for ticker in (life.ticker or symbol for life in universe.lives.get(symbol, (Life(),)))
    )
    return tuple(dict.fromkeys(named))


def asked(universe: Universe) -> Universe:
    """Return the universe of tickers to ask a source for."""
    return Universe(symbols=tickers_of(universe)) if universe.lives else universe


def life_faults(universe: Universe) -> list[Fault]:
    """Return what is wrong with the lives: unknown symbols, days that don't exist, stretches upside down or overlapping."""
    strangers = [
        Fault(f"universe.lives.{symbol}", "must be a symbol of the universe", f'"{symbol}"', "Add it to universe.symbols.")
        for symbol in universe.lives
        if symbol not in universe.symbols
    ]
    faults = [*strangers, *(fault for symbol, lives in universe.lives.items() for fault in _day_faults(symbol, lives))]
    return faults or _overlaps(universe)


def by_lives(frame: pl.DataFrame, universe: Universe) -> Lived:
    """Return the rows, whose `symbol` is a ticker and whose `session` is a Date, under the universe's symbols."""
    if not universe.lives:
        return Lived(frame, {})
    stretches = _stretches(universe)
    schema = {"ticker": pl.String, "life": pl.Int32, "ours": pl.String, "start": pl.Date, "end": pl.Date}
    table = pl.DataFrame(
        [(each.ticker, number, each.symbol, each.start, each.end) for number, each in enumerate(stretches)],
        schema=schema,
        orient="row",
    )
    numbered = frame.with_columns(pl.col("symbol").cast(pl.String)).with_row_index("at")
    found = numbered.join(table, left_on="symbol", right_on="ticker", how="inner", maintain_order="left").filter(
        pl.col("session").is_between("start", "end")
    )
    strays = numbered.join(found.select("at"), on="at", how="anti").group_by("symbol").len().sort("symbol")
    # Lives are numbered symbol by symbol in the order of time, so this joins them in time and keeps each one's own order.
    ours = found.sort("life", maintain_order=True).with_columns(pl.col("ours").alias("symbol"))
    return Lived(ours.select(frame.columns), dict(strays.iter_rows()))


def _stretches(universe: Universe) -> list[_Stretch]:
    """Return every life, symbol by symbol in the universe's order and in the order of time."""
    return [
        _Stretch(
            symbol,
            life.ticker or symbol,
            date.fromisoformat(life.start) if life.start else FIRST,
            date.fromisoformat(life.end) if life.end else LAST,
            f"universe.lives.{symbol}" if symbol in universe.lives else "universe.symbols",
        )
        for symbol in dict.fromkeys(universe.symbols)
        for life in sorted(universe.lives.get(symbol, (Life(),)), key=lambda life: life.start or "")
    ]


def _day_faults(symbol: str, lives: tuple[Life, ...]) -> list[Fault]:
    faults = []
    for number, life in enumerate(lives):
        where = f"universe.lives.{symbol}[{number}]"
        wrong = [day for day in (life.start, life.end) if day is not None and not is_day(day)]
        faults += [
            Fault(where, "must name days of the calendar", f'"{day}"', 'Write YYYY-MM-DD, e.g. "2005-01-31".')
            for day in wrong
        ]
        if not wrong and life.start is not None and life.end is not None and life.start > life.end:
            was = f'"{life.start}" to "{life.end}"'
            faults.append(Fault(where, "must start on or before its end", was, "Exchange start and end."))
    return faults


def _overlaps(universe: Universe) -> list[Fault]:
    """Return a fault for two stretches of one symbol, or of one ticker, that share a day."""
    stretches = _stretches(universe)
    faults = []
    for what, owner in (("symbol", attrgetter("symbol")), ("ticker", attrgetter("ticker"))):
        ordered = sorted(stretches, key=attrgetter(what, "start", "end"))
        for one, following in pairwise(ordered):
            if owner(one) == owner(following) and following.start <= one.end:
                was = f"{one.text} and {following.text}"
                write = "End one stretch on the day before the next one starts."
                faults.append(Fault(following.where, f"stretches of one {what} must not overlap", was, write))
    return faults


def stray_notes(strays: Mapping[str, int]) -> tuple[str, ...]:
    """Return how many rows of which ticker were nobody's, in plain words."""
    return tuple(_stray(ticker, rows) for ticker, rows in strays.items())


def _stray(ticker: str, rows: int) -> str:
    counted = "1 row" if rows == 1 else f"{rows} rows"
    verb = "lies" if rows == 1 else "lie"
    return f"{counted} of ticker {ticker} {verb} outside of universe.lives and {'was' if rows == 1 else 'were'} left out"

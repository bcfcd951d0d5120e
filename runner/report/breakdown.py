"""A run's result taken apart: by calendar year, by market, by symbol.

Only the measured stretch counts, as in `metrics`. Parts of time have these figures, None where they are undefined:

| name | meaning |
|---|---|
| sessions | how many of the measured sessions belong to the part |
| profit | what equity changed by in them, in quote currency; over all parts it adds up to that of the run |
| total_return | their returns, one after another: Π (1 + r) − 1 |
| market_return | the same of the index of `regimes` |
| sharpe | of their returns, as in `metrics` |
| max_drawdown | deepest fall of equity inside the year, from its start on; years only |
| trades, hit_rate | trades closed in them, and the share of those with a profit |

A trade counts where it was closed: at the first equity row from its last fill on. A symbol's `profit` is what its fills
brought, less fees and what holding it cost, with what is still held at its last price; `share` is its part of the profit of
all symbols. What borrowed money cost belongs to no symbol.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape
from runner.report import returns as series
from runner.report.columns import numbers, stamps, words
from runner.report.regimes import Market
from runner.report.trades import OPEN, round_trips
from runner.report.window import Measured, measured_window, years_of
from runner.tables import Table, Tables
from runner.trading.marks import marks

__all__ = ["Breakdown", "breakdown_of"]

Row = dict[str, Any]
Values = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A run's result by part; every value is plain JSON."""

    years: list[Row]
    """One per calendar year of the measured sessions, by `year`."""
    regimes: list[Row]
    """`bull` and `bear` together are all sessions, and so are `usual_volatility` and `high_volatility`: by `market`."""
    symbols: list[Row]
    """One per symbol of the universe, by `symbol`: `profit`, `share`, `trades`, `hit_rate`."""
    turns: int
    """Turns from bull to bear market or back that happened inside the measured sessions."""


@dataclass(frozen=True, slots=True)
class _Days:
    """The measured sessions of a run, [n] each."""

    session: NDArray[np.int32]
    levels: Values
    """[n + 1] equity before the first and at every close."""
    market: Values
    """Returns of the index."""
    closed: NDArray[np.int64]
    """Trades closed."""
    won: NDArray[np.int64]
    """Those of them with a profit."""
    is_long: bool
    """Whether the run is long enough to speak of a year."""

    def part(self, keep: Flags, *, sessions_per_year: float) -> Row:
        """Return the figures of some of the sessions."""
        returns = series.session_returns(self.levels)
        some = None if returns is None else returns[keep]
        trades = int(self.closed[keep].sum())
        return {
            "sessions": int(keep.sum()),
            "profit": float(np.diff(self.levels)[keep].sum()),
            "total_return": _compounded(some),
            "market_return": _compounded(self.market[keep]),
            "sharpe": series.sharpe(some, sessions_per_year=sessions_per_year)
            if some is not None and self.is_long
            else None,
            "trades": trades,
            "hit_rate": float(self.won[keep].sum()) / trades if trades else None,
        }


def breakdown_of(
    tables: Tables,
    tape: Tape,
    market: Market,
    *,
    capital: float,
    sessions_per_year: float,
    sessions: NDArray[np.int32],
) -> Breakdown:
    """Return a run's result by part.

    Args:
        tables: The tables of the run.
        tape: The rows that decided.
        market: The market at each session of the tape.
        capital: Cash at the start, above zero.
        sessions_per_year: Trading days in a year.
        sessions: [rows of the equity table] session date of each row.
    """
    window = measured_window(tables.equity, capital=capital)
    trips = _closed_trips(tables.fills, window)
    symbols = _symbols(tables, tape, window, trips)
    if window.rows.size == 0:
        return Breakdown([], [], symbols, 0)
    place = np.searchsorted(market.sessions, sessions[window.rows[_lasts(sessions[window.rows])]])
    days = _days(tables.equity, window, sessions, trips, market.returns[place])

    def part(keep: Flags) -> Row:
        return days.part(keep, sessions_per_year=sessions_per_year)

    bear = market.bear[place]
    return Breakdown(_years(days, part), _regimes(bear, market.high[place], part), symbols, int(np.sum(np.diff(bear))))


def _days(equity: Table, window: Measured, sessions: NDArray[np.int32], trips: Table, market: Values) -> _Days:
    session = sessions[window.rows]
    lasts = _lasts(session)
    levels = np.append(window.base, numbers(equity, "equity")[window.rows[lasts]])
    row = np.searchsorted(stamps(equity, "ts")[window.rows], stamps(trips, "closed"))
    day = np.searchsorted(session[lasts], session[np.minimum(row, session.size - 1)])
    won = numbers(trips, "profit") > 0
    closed, profitable = (np.bincount(some, minlength=lasts.size) for some in (day, day[won]))
    is_long = series.can_be_annualised(years_of(stamps(equity, "ts"), window.rows))
    return _Days(session[lasts], levels, market, closed, profitable, is_long)


def _lasts(session: NDArray[np.int32]) -> NDArray[np.intp]:
    return np.flatnonzero(np.append(np.diff(session) != 0, True))


def _years(days: _Days, part: Callable[[Flags], Row]) -> list[Row]:
    year = days.session.astype("datetime64[D]").astype("datetime64[Y]")
    rows = []
    for each in np.unique(year):
        keep = year == each
        first = int(np.flatnonzero(keep)[0])
        levels = days.levels[first : first + int(keep.sum()) + 1]
        rows.append({"year": int(str(each)), **part(keep), "max_drawdown": _fall(levels)})
    return rows


def _fall(levels: Values) -> float | None:
    return float(series.drawdowns(levels).min()) if levels[0] > 0 else None


def _regimes(bear: Flags, high: Flags, part: Callable[[Flags], Row]) -> list[Row]:
    markets = (("bull", ~bear), ("bear", bear), ("usual_volatility", ~high), ("high_volatility", high))
    return [{"market": name, **part(keep)} for name, keep in markets]


def _compounded(returns: Values | None) -> float | None:
    return None if returns is None or not returns.size else float(np.prod(1.0 + returns) - 1.0)


def _closed_trips(fills: Table, window: Measured) -> Table:
    trips = round_trips(fills)
    keep = (stamps(trips, "opened") > window.after) & (stamps(trips, "closed") != OPEN)
    return {name: column[keep] for name, column in trips.items()}


def _symbols(tables: Tables, tape: Tape, window: Measured, trips: Table) -> list[Row]:
    profit = _profits(tables, tape, window)
    total = float(profit.sum())
    closed = _by_symbol(tape, trips, np.ones(numbers(trips, "profit").size))
    won = _by_symbol(tape, trips, (numbers(trips, "profit") > 0).astype(np.float64))
    return [
        {
            "symbol": symbol,
            "profit": earned,
            "share": earned / total if total else None,
            "trades": int(trades),
            "hit_rate": wins / trades if trades else None,
        }
        for symbol, earned, trades, wins in zip(tape.symbols, *(v.tolist() for v in (profit, closed, won)), strict=True)
    ]


def _profits(tables: Tables, tape: Tape, window: Measured) -> Values:
    """Return what each symbol of the tape earned."""
    fills, charges = tables.fills, tables.charges
    counted, charged = stamps(fills, "ts") > window.after, stamps(charges, "ts") > window.after
    bought = np.where(words(fills, "side") == "buy", 1.0, -1.0) * numbers(fills, "quantity")
    held = _by_symbol(tape, fills, np.where(counted, bought, 0.0))
    paid = _by_symbol(tape, fills, np.where(counted, bought * numbers(fills, "price") + numbers(fills, "fee"), 0.0))
    holding = _by_symbol(tape, charges, np.where(charged, numbers(charges, "amount"), 0.0))
    return held * _last_marks(tape) - paid - holding


def _by_symbol(tape: Tape, table: Table, values: Values) -> Values:
    place = {symbol: number for number, symbol in enumerate(tape.symbols)}
    found = np.array([place.get(symbol, len(place)) for symbol in words(table, "symbol").tolist()], dtype=np.int64)
    return np.asarray(np.bincount(found, weights=values, minlength=len(place) + 1)[:-1], dtype=np.float64)


def _last_marks(tape: Tape) -> Values:
    """Return the last price each symbol has; 0 where it never had one, so that nothing can be held of it."""
    price = marks(tape)
    found = np.zeros(len(tape.symbols))
    for code, (first, stop) in enumerate(zip(tape.offsets[:-1].tolist(), tape.offsets[1:].tolist(), strict=True)):
        known = np.flatnonzero(np.isfinite(price[first:stop]))
        if known.size:
            found[code] = price[first + int(known[-1])]
    return found

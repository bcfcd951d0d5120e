"""The flat metrics of a run, under names others script against.

Shares are fractions, money is in quote currency, and a figure that is undefined is None, never NaN. Only the measured
stretch counts: equity rows with `measured` true, and orders, fills and refusals later than the last row before it. A trade
that was opened before it is left out of the trade figures.

`E0` is the equity at the last row before measuring (the capital if there is none), `E1 … En` the last measured equity of
each session, `ri = Ei / Ei-1 − 1`, and `Y` the sessions in a year as declared. No risk-free return is subtracted.

Why two clocks: growth and turnover a year go by the calendar, so that a wrong `Y` can't change them. Ratios of session
returns need `Y`; `remarks` says where the sessions that were counted contradict it.

| name | formula |
|---|---|
| start, end | session dates of the first and last measured row, ISO |
| sessions | n |
| years | time from the row of E0 (the first measured row if there is none) to En, at least a day, in years of 365.25 days |
| final_equity | En |
| total_return | En / E0 − 1 |
| cagr | (En / E0) ** (1 / years) − 1 |
| volatility | std(r, ddof=1) × √Y |
| sharpe | mean(r) / std(r, ddof=1) × √Y |
| sortino | mean(r) × Y / (√mean(min(r, 0)²) × √Y) |
| calmar | cagr / −max_drawdown |
| max_drawdown | min(Ei / max(E0 … Ei) − 1), ≤ 0 |
| max_drawdown_rows | the same over the equity of every measured row instead of the last of each session |
| max_drawdown_sessions | sessions from the peak of that drawdown until it is reached again, or the end |
| longest_drawdown_sessions | sessions of the longest stretch below an earlier peak, or until the end |
| turnover | Σ quantity × price of all fills, buys and sells, / mean(E1 … En) / years: times a year |
| exposure | measured rows with `gross` above zero / measured rows |
| mean_gross_exposure, mean_net_exposure | means of `gross / equity` and `net / equity` over the measured rows |
| trades, open_trades | round trips closed, and still open at the end |
| hit_rate | trades with profit above zero / trades |
| profit_factor | Σ profits of winning trades / −Σ losses of losing trades |
| best_trade, worst_trade | highest and lowest profit of a closed trade, after slippage and fees |
| trade_days_95 | days of 24 h that 19 of 20 trades, open ones until the end, didn't last longer than |
| orders, fills, rejected, expired, cancelled, unfilled, refusals | row counts; an order filled in part is what ended it |
| maker_share | value of fills that waited in the book / value of all fills |
| fees_paid, slippage_paid | sums over fills |
| financing_paid | sum of what holding was charged: borrowed shares and borrowed money |
| costs_paid | fees, slippage and financing together |
| slippage_share | slippage_paid / costs_paid |
| costs_bps | 10,000 × (fees_paid + slippage_paid) / value of all fills: what trading cost, holding left out |

None: cagr, volatility, sharpe, sortino, calmar and turnover of less than 28 days, see `returns`; everything that divides by
n or by a trade count of zero; sharpe, sortino and volatility with fewer than two sessions; sharpe without deviation; sortino
without a losing session; calmar without drawdown; profit_factor without losses; trade_days_95 without a trade;
slippage_share without costs; maker_share and costs_bps without fills; every ratio of returns when equity reached zero on the
way.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.report import returns as series
from runner.report.columns import numbers, stamps
from runner.report.from_tables import columns_of
from runner.report.kernel import layout
from runner.report.kernel.compiled import AT_HAND, NEVER, compiled_figures
from runner.report.room import Room, room_for
from runner.report.window import Measured, measured_window, years_of
from runner.tables import Table, Tables
from runner.trading.kernel.layout import LINE_N, LINE_X

__all__ = ["ANNUALISED", "Metrics", "grown", "metrics", "metrics_of_lines", "performance", "worded"]

ANNUALISED = frozenset({"cagr", "volatility", "sharpe", "sortino", "calmar", "turnover"})
"""Metrics that speak of a year, and are None of a run too short for it."""

Metrics = dict[str, float | int | str | None]
"""Metric name → value; see the module's table."""

_DATES = ("start", "end")
_PERFORMANCE = layout.NAMES[layout.FINAL_EQUITY : layout.MAX_DRAWDOWN_ROWS]
_WHOLE = frozenset(
    {
        "sessions", "max_drawdown_sessions", "longest_drawdown_sessions", "trades", "open_trades",
        "orders", "fills", "rejected", "expired", "cancelled", "unfilled", "refusals",
    }
)  # fmt: skip
"""Metrics that are counts."""


def metrics(tables: Tables, *, capital: float, sessions_per_year: float, sessions: NDArray[np.int32]) -> Metrics:
    """Return every metric of the module's table, in its order.

    Args:
        tables: the tables of one run.
        capital: cash at the start, above zero.
        sessions_per_year: trading days in a year, `Y`.
        sessions: [rows of the equity table] session date of each row, days since 1970-01-01, not descending.
    """
    equity, measured = tables.equity, measured_window(tables.equity, capital=capital).rows
    # The row that the first return starts from stands before the measured ones, if there is one.
    rows = np.append(measured[:1][measured[:1] > 0] - 1, measured)
    ts, days = stamps(equity, "ts")[rows], np.asarray(sessions, np.int32)[rows]
    worth = np.column_stack([numbers(equity, name)[rows] for name in ("equity", "cash", "gross", "net")])
    room, symbols = columns_of(tables, rows.size)
    start = NEVER if measured.size == 0 else int(stamps(equity, "ts")[measured[0]])
    compiled_figures().of_lines(
        np.empty((0, LINE_N), np.int64), np.empty((0, LINE_X)), AT_HAND, ts, worth, ts.size, days, start, float(capital),
        float(sessions_per_year), symbols, *room.scratch, room.out,
    )  # fmt: skip
    return worded(room.out)


def performance(equity: Table, window: Measured, *, sessions_per_year: float, sessions: NDArray[np.int32]) -> Metrics:
    """Return what equity alone says, from `final_equity` to `longest_drawdown_sessions`; arguments as those of `metrics`."""
    levels = np.append(window.base, numbers(equity, "equity")[window.rows[_last_of_each(sessions[window.rows])]])
    years = years_of(stamps(equity, "ts"), window.rows)
    out, spare = np.full(layout.FIGURES, np.nan), np.empty((2, levels.size))
    compiled_figures().of_levels(levels, years, float(sessions_per_year), spare[0], spare[1], out)
    out[layout.YEARS] = years
    found = worded(out)
    return {name: found[name] for name in _PERFORMANCE}


def _last_of_each(days: NDArray[np.int32]) -> NDArray[np.intp]:
    """Return the index of the last row of every session."""
    return np.flatnonzero(np.append(np.diff(days) != 0, [True] * (days.size > 0)))


def metrics_of_lines(  # noqa: PLR0913 - keywords, each a part of one run
    n: NDArray[np.int64],
    x: NDArray[np.float64],
    equity_n: NDArray[np.int64],
    equity_x: NDArray[np.float64],
    *,
    sessions: NDArray[np.int32],
    start: int | None,
    capital: float,
    sessions_per_year: float,
    symbols: int,
    room: Room | None = None,
) -> Metrics:
    """Return the metrics of a run from what the trading kernel wrote: those of its tables, to the bit.

    Args:
        n: [lines, 6] whole numbers of each line.
        x: [lines, 7] numbers of each line.
        equity_n: [instants] UTC ns.
        equity_x: [instants, 4] equity, cash, gross and net.
        sessions: [instants] session date of each instant.
        start: first instant at which a symbol may decide, in UTC ns; None if none ever may.
        capital: cash at the start, above zero.
        sessions_per_year: trading days in a year.
        symbols: how many symbols the universe has.
        room: scratch that is large enough, see `room_for`; made where it isn't given.
    """
    room = room or room_for(n.shape[0], equity_n.size, symbols)
    first = NEVER if start is None else start
    compiled_figures().of_lines(
        n, x, n.shape[0], equity_n, equity_x, equity_n.size, sessions, first, float(capital), float(sessions_per_year),
        symbols, *room.scratch, room.out,
    )  # fmt: skip
    return worded(room.out)


def grown(out: NDArray[np.float64]) -> None:
    """Write `cagr` and `calmar` into compiled figures, which lack them; see `kernel.layout.GROWTH`."""
    growth, lowest = float(out[layout.GROWTH]), float(out[layout.MAX_DRAWDOWN])
    if math.isnan(growth):
        return
    annual = series.annual_growth(growth, years=float(out[layout.YEARS]))
    calmar = None if annual is None or lowest == 0 else series.finite(annual / -lowest)
    out[layout.CAGR], out[layout.CALMAR] = (math.nan if value is None else value for value in (annual, calmar))


def worded(out: NDArray[np.float64]) -> Metrics:
    """Return compiled figures under their names, in whole numbers and dates where they are that; completes them (`grown`).

    Args:
        out: [FIGURES] as the compiled functions write them; see `kernel.layout`.
    """
    grown(out)
    found: dict[str, Any] = dict(zip(layout.NAMES, out.tolist(), strict=False))
    for name, value in found.items():
        if math.isnan(value):
            found[name] = None
        elif name in _WHOLE:
            found[name] = int(value)
        elif name in _DATES:
            found[name] = str(np.datetime64(int(value), "D"))
    return found

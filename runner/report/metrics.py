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
| orders, fills, rejected, expired, cancelled, unfilled, refusals | row counts; an order filled in part is what ended it |
| maker_share | value of fills that waited in the book / value of all fills |
| fees_paid, slippage_paid | sums over fills |
| financing_paid | sum of what holding was charged: borrowed shares and borrowed money |
| costs_paid | fees, slippage and financing together |
| slippage_share | slippage_paid / costs_paid |
| costs_bps | 10,000 × (fees_paid + slippage_paid) / value of all fills: what trading cost, holding left out |

None: cagr, volatility, sharpe, sortino, calmar and turnover of less than 28 days, see `returns`; everything that divides by
n or by a trade count of zero; sharpe, sortino and volatility with fewer than two sessions; sharpe without deviation; sortino
without a losing session; calmar without drawdown; profit_factor without losses; slippage_share without costs; maker_share
and costs_bps without fills; every ratio of returns when equity reached zero on the way.
"""

import numpy as np
from numpy.typing import NDArray

from runner.report import returns as series
from runner.report.columns import flags, numbers, stamps, words
from runner.report.trades import OPEN, round_trips
from runner.report.trips import refused
from runner.report.window import Measured, measured_window, years_of
from runner.tables import Table, Tables

__all__ = ["ANNUALISED", "Metrics", "metrics", "performance"]

ANNUALISED = frozenset({"cagr", "volatility", "sharpe", "sortino", "calmar", "turnover"})
"""Metrics that speak of a year, and are None of a run too short for it."""

Metrics = dict[str, float | int | str | None]
"""Metric name → value; see the module's table."""


def metrics(tables: Tables, *, capital: float, sessions_per_year: float, sessions: NDArray[np.int32]) -> Metrics:
    """Return every metric of the module's table, in its order.

    Args:
        tables: the tables of one run.
        capital: cash at the start, above zero.
        sessions_per_year: trading days in a year, `Y`.
        sessions: [rows of the equity table] session date of each row, days since 1970-01-01, not descending.
    """
    window = measured_window(tables.equity, capital=capital)
    days = sessions[window.rows]
    closes = _closes(tables.equity, window, sessions)
    years = years_of(stamps(tables.equity, "ts"), window.rows)
    return {
        **_period(days, closes.size, years),
        **performance(tables.equity, window, sessions_per_year=sessions_per_year, sessions=sessions),
        "max_drawdown_rows": _drawdown_of_rows(tables.equity, window),
        "turnover": _turnover(_later(tables.fills, window), closes, years),
        **_exposure(tables.equity, window, days),
        **_trades(tables.fills, window),
        **_counts(tables, window),
        **_costs(_later(tables.fills, window), _later(tables.charges, window)),
    }


def performance(equity: Table, window: Measured, *, sessions_per_year: float, sessions: NDArray[np.int32]) -> Metrics:
    """Return what equity alone says, from `final_equity` to `longest_drawdown_sessions`; arguments as those of `metrics`."""
    closes, years = _closes(equity, window, sessions), years_of(stamps(equity, "ts"), window.rows)
    return _performance(window.base, closes, years=years, sessions_per_year=sessions_per_year)


def _closes(equity: Table, window: Measured, sessions: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the last measured equity of each session."""
    return numbers(equity, "equity")[window.rows[_last_of_each(sessions[window.rows])]]


def _last_of_each(days: NDArray[np.int32]) -> NDArray[np.intp]:
    """Return the index of the last row of every session."""
    return np.flatnonzero(np.append(np.diff(days) != 0, [True] * (days.size > 0)))


def _later(table: Table, window: Measured) -> Table:
    """Return the rows of a table of events that fall into the measured stretch."""
    keep = stamps(table, "ts") > window.after
    return {name: column[keep] for name, column in table.items()}


def _period(days: NDArray[np.int32], count: int, years: float) -> Metrics:
    if count == 0:
        return {"start": None, "end": None, "sessions": 0, "years": None}
    first, last = (str(np.datetime64(int(day), "D")) for day in (days[0], days[-1]))
    return {"start": first, "end": last, "sessions": count, "years": years}


def _performance(base: float, closes: NDArray[np.float64], *, years: float, sessions_per_year: float) -> Metrics:
    names = ("total_return", "cagr", "volatility", "sharpe", "sortino", "calmar", "max_drawdown")
    final = float(closes[-1]) if closes.size else None
    if final is None or base <= 0:
        return {"final_equity": final, **dict.fromkeys((*names, "max_drawdown_sessions", "longest_drawdown_sessions"))}
    levels = np.concatenate(([base], closes))
    is_long = series.can_be_annualised(years)
    growth = series.annual_growth(final / base, years=years) if is_long else None
    lowest, length = series.deepest_drawdown(levels)
    lengths = {"max_drawdown_sessions": length, "longest_drawdown_sessions": series.longest_drawdown(levels)}
    values = (
        final / base - 1,
        growth,
        *(_ratios(levels, sessions_per_year) if is_long else (None, None, None)),
        None if growth is None or lowest == 0 else series.finite(growth / -lowest),
        lowest,
    )
    return {"final_equity": final, **dict(zip(names, values, strict=True)), **lengths}


def _ratios(levels: NDArray[np.float64], sessions_per_year: float) -> tuple[float | None, float | None, float | None]:
    """Return volatility, Sharpe and Sortino."""
    returns = series.session_returns(levels)
    if returns is None:
        return None, None, None
    return (
        series.volatility(returns, sessions_per_year=sessions_per_year),
        series.sharpe(returns, sessions_per_year=sessions_per_year),
        series.sortino(returns, sessions_per_year=sessions_per_year),
    )


def _drawdown_of_rows(equity: Table, window: Measured) -> float | None:
    if window.rows.size == 0 or window.base <= 0:
        return None
    return series.deepest_drawdown(np.append(window.base, numbers(equity, "equity")[window.rows]))[0]


def _turnover(fills: Table, closes: NDArray[np.float64], years: float) -> float | None:
    mean_equity = float(closes.mean()) if closes.size else 0.0
    if mean_equity <= 0 or not series.can_be_annualised(years):
        return None
    notional = float(np.sum(numbers(fills, "quantity") * numbers(fills, "price")))
    return notional / mean_equity / years


def _exposure(equity: Table, window: Measured, days: NDArray[np.int32]) -> Metrics:
    if days.size == 0:
        return {"exposure": None, "mean_gross_exposure": None, "mean_net_exposure": None}
    gross, net, worth = (numbers(equity, name)[window.rows] for name in ("gross", "net", "equity"))
    is_solvent = bool(np.all(worth > 0))
    return {
        "exposure": float(np.mean(gross > 0)),
        "mean_gross_exposure": float(np.mean(gross / worth)) if is_solvent else None,
        "mean_net_exposure": float(np.mean(net / worth)) if is_solvent else None,
    }


def _trades(fills: Table, window: Measured) -> Metrics:
    trips = round_trips(fills)
    counted, closed = stamps(trips, "opened") > window.after, stamps(trips, "closed") != OPEN
    profit = numbers(trips, "profit")[counted & closed]
    won, lost = float(profit[profit > 0].sum()), float(-profit[profit < 0].sum())
    return {
        "trades": int(profit.size),
        "open_trades": int(np.sum(counted & ~closed)),
        "hit_rate": float(np.mean(profit > 0)) if profit.size else None,
        "profit_factor": won / lost if lost > 0 else None,
        "best_trade": float(profit.max()) if profit.size else None,
        "worst_trade": float(profit.min()) if profit.size else None,
    }


def _counts(tables: Tables, window: Measured) -> Metrics:
    status = words(_later(tables.orders, window), "status")
    return {
        "orders": int(status.size),
        "fills": int(np.sum(stamps(tables.fills, "ts") > window.after)),
        **{what: int(np.sum(status == what)) for what in ("rejected", "expired", "cancelled", "unfilled")},
        "refusals": int(np.sum(refused(tables.refusals) & (stamps(tables.refusals, "ts") > window.after))),
    }


def _costs(fills: Table, charges: Table) -> Metrics:
    fees, slippage = float(np.sum(numbers(fills, "fee"))), float(np.sum(numbers(fills, "slippage")))
    financing = float(np.sum(numbers(charges, "amount")))
    costs = fees + slippage + financing
    value = numbers(fills, "quantity") * numbers(fills, "price")
    traded = float(value.sum())
    return {
        "maker_share": float(value[flags(fills, "maker")].sum()) / traded if traded > 0 else None,
        "fees_paid": fees,
        "slippage_paid": slippage,
        "financing_paid": financing,
        "costs_paid": costs,
        "slippage_share": slippage / costs if costs > 0 else None,
        "costs_bps": 10_000 * (fees + slippage) / traded if traded > 0 else None,
    }

"""What a result depends on: how orders filled, what they cost, the years, the market, and each symbol.

The break-even slippage is the extra cost, in basis points of all that was bought and sold, that would have used up the whole
profit: `10,000 × (En − E0) / Σ quantity × price` over the measured stretch, names as in `metrics`. It is on top of the costs
that were paid. None if nothing was traded, or if there was a loss without it, as no further cost leads to zero then.

Why this and not the cost at which a new run ends at zero: there, every cost changes the sizes after it, so that the answer
depends on the sizing and can jump where an order no longer fits the cash. Here the trades are those that were made.

Where other costs do change the trades, because a risk limit trips at twice the costs or the cash no longer reaches, those
that were made tell nothing of higher costs. `jump` finds this in the results at the other multiples, and the break-even
slippage is None then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.engine.sensitivity import SCALES, Alternative
from runner.report.breakdown import Breakdown
from runner.report.columns import numbers, stamps
from runner.report.metrics import performance
from runner.report.trades import closed_trades
from runner.report.window import Measured, measured_window

__all__ = ["Sensitivity", "break_even_bps", "jump", "outcome", "sensitivity"]

Sensitivity = dict[str, Any]
"""What `sensitivity.json` holds."""

SHOWN = ("total_return", "sharpe", "max_drawdown")

Row = dict[str, float | int | str | None]
_OTHER_TRADES = 0.1
"""Share of the trades by which their number may differ from one multiple of the costs to another."""
_FEW = 2
"""Trades that may be more or fewer at other costs, however few there are."""
_RISE = 0.01
"""How much the result may rise with the costs, as a share of it, before somebody else than the costs decides: whole lots
move it by as much."""


def sensitivity(
    alternatives: Iterable[Alternative],
    breakdown: Breakdown,
    *,
    left_out: Mapping[str, str],
    capital: float,
    sessions_per_year: float,
    sessions: NDArray[np.int32],
) -> Sensitivity:
    """Return everything as JSON values, undefined figures None.

    Args:
        alternatives: The run under other fill clocks and costs, the run's own clock first.
        breakdown: The run by year, market and symbol.
        left_out: Fill clock → why the run can't be had under it.
        capital: Cash at the start, above zero.
        sessions_per_year: Trading days in a year.
        sessions: [rows of the equity table] session date of each row, the same under every clock.
    """
    fills: dict[str, Any] = {}
    for each in alternatives:
        row = outcome(each, capital=capital, sessions_per_year=sessions_per_year, sessions=sessions)
        about = {"fill": each.fill.kind, "is_own": not fills, "optimistic": each.fill.optimistic or None, "costs": []}
        fills.setdefault(each.fill.kind, about)["costs"].append(row)
    for each in fills.values():
        each["jump"] = jump(each["costs"])
        for row in each["costs"] if each["jump"] else ():
            row["break_even_bps"] = None
    own = next(iter(fills.values()))["costs"][SCALES.index(1.0)]
    return {
        "break_even_bps": own["break_even_bps"],
        "fills": list(fills.values()),
        "left_out": dict(left_out),
        **asdict(breakdown),
    }


def outcome(each: Alternative, *, capital: float, sessions_per_year: float, sessions: NDArray[np.int32]) -> Row:
    """Return the figures of one alternative, each what the metrics of such a run would be."""
    window = measured_window(each.equity, capital=capital)
    figures = performance(each.equity, window, sessions_per_year=sessions_per_year, sessions=sessions)
    return {
        "cost_scale": each.cost_scale,
        **{name: figures[name] for name in SHOWN},
        "trades": closed_trades(each.fills, after=window.after),
        "break_even_bps": break_even_bps(each, window),
    }


def jump(rows: Sequence[Row]) -> str | None:
    """Return what shows that other costs change the trades themselves, None if nothing does.

    Args:
        rows: The outcomes at each of the `SCALES`.
    """
    scales, trades, returns = (_column(rows, name) for name in ("cost_scale", "trades", "total_return"))
    own = int(np.flatnonzero(scales == 1.0)[0])
    others = np.flatnonzero(np.abs(trades - trades[own]) > max(_OTHER_TRADES * trades[own], _FEW))
    if others.size:
        other = int(others[0])
        made = f"{trades[other]:,.0f} trades were made at {scales[other]:g} times the costs"
        return f"{made}, and {trades[own]:,.0f} at their own"
    rises = np.flatnonzero(np.diff(returns) > _RISE * abs(returns[own]))  # NaN, which is undefined, is no rise
    if rises.size:
        place = int(rises[0])
        return f"the result is better at {scales[place + 1]:g} times the costs than at {scales[place]:g}"
    return None


def _column(rows: Sequence[Row], name: str) -> NDArray[np.float64]:
    return np.array([row[name] for row in rows], dtype=np.float64)  # None becomes NaN


def break_even_bps(each: Alternative, window: Measured) -> float | None:
    """Return the extra cost that would have used up the profit, in basis points of the value traded; see the module."""
    counted = stamps(each.fills, "ts") > window.after
    traded = float(np.sum(np.abs(numbers(each.fills, "quantity")[counted]) * numbers(each.fills, "price")[counted]))
    if traded <= 0 or window.rows.size == 0:
        return None
    profit = float(numbers(each.equity, "equity")[window.rows[-1]]) - window.base
    return 10_000 * profit / traded if profit >= 0 else None

"""What a result depends on: how orders filled, what they cost, the years, the market, and each symbol.

The break-even slippage is the extra cost, in basis points of all that was bought and sold, that would have used up the whole
profit: `10,000 × (En − E0) / Σ quantity × price` over the measured stretch, names as in `metrics`. It is on top of the costs
that were paid. None if nothing was traded, or if there was a loss without it, as no further cost leads to zero then.

Why this and not the cost at which a new run ends at zero: there, every cost changes the sizes after it, so that the answer
depends on the sizing and can jump where an order no longer fits the cash. Here the trades are those that were made.
"""

from collections.abc import Iterable, Mapping
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

__all__ = ["Sensitivity", "break_even_bps", "outcome", "sensitivity"]

Sensitivity = dict[str, Any]
"""What `sensitivity.json` holds."""

SHOWN = ("total_return", "sharpe", "max_drawdown")


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
    own = next(iter(fills.values()))["costs"][SCALES.index(1.0)]
    return {
        "break_even_bps": own["break_even_bps"],
        "fills": list(fills.values()),
        "left_out": dict(left_out),
        **asdict(breakdown),
    }


def outcome(
    each: Alternative, *, capital: float, sessions_per_year: float, sessions: NDArray[np.int32]
) -> dict[str, float | int | str | None]:
    """Return the figures of one alternative, each what the metrics of such a run would be."""
    window = measured_window(each.equity, capital=capital)
    figures = performance(each.equity, window, sessions_per_year=sessions_per_year, sessions=sessions)
    return {
        "cost_scale": each.cost_scale,
        **{name: figures[name] for name in SHOWN},
        "trades": closed_trades(each.fills, after=window.after),
        "break_even_bps": break_even_bps(each, window),
    }


def break_even_bps(each: Alternative, window: Measured) -> float | None:
    """Return the extra cost that would have used up the profit, in basis points of the value traded; see the module."""
    counted = stamps(each.fills, "ts") > window.after
    traded = float(np.sum(np.abs(numbers(each.fills, "quantity")[counted]) * numbers(each.fills, "price")[counted]))
    if traded <= 0 or window.rows.size == 0:
        return None
    profit = float(numbers(each.equity, "equity")[window.rows[-1]]) - window.base
    return 10_000 * profit / traded if profit >= 0 else None

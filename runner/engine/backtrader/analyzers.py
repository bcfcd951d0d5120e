"""Backtrader's own analyzers of a run, by the names of Runner's metrics.

They are a second opinion: `report.cross_check` holds them beside the metrics and says why the two may differ.
"""

import math
from collections.abc import Mapping
from typing import Any

from runner.engine.backtrader.library import bt

__all__ = ["added_to", "figures_of"]


def added_to(cerebro: Any, sessions_per_year: float) -> None:
    """Add the analyzers, with the choices that Runner's metrics make."""
    days = bt.TimeFrame.Days
    cerebro.addanalyzer(bt.analyzers.Returns, timeframe=days, tann=sessions_per_year, _name="returns")
    cerebro.addanalyzer(bt.analyzers.DrawDown, _name="drawdown")
    cerebro.addanalyzer(bt.analyzers.TradeAnalyzer, _name="trades")
    cerebro.addanalyzer(
        bt.analyzers.SharpeRatio,
        timeframe=days,
        riskfreerate=0.0,
        annualize=True,
        factor=sessions_per_year,
        stddev_sample=True,
        _name="sharpe",
    )


def figures_of(strategy: Any, *, capital: float) -> Mapping[str, float | int | None]:
    """Return Runner's name → what Backtrader's analyzers say; None where they say nothing."""
    found = strategy.analyzers
    trades = found.trades.get_analysis()
    closed = _at(trades, "total", "closed") or 0
    won, lost = (_at(trades, side, "pnl", "total") for side in ("won", "lost"))
    total = found.returns.get_analysis().get("rtot")
    return {
        "final_equity": _finite(strategy.broker.getvalue()),
        "total_return": _finite(strategy.broker.getvalue() / capital - 1.0 if total is None else math.expm1(total)),
        "max_drawdown": _finite(-found.drawdown.get_analysis()["max"]["drawdown"] / 100.0),
        "sharpe": _finite(found.sharpe.get_analysis().get("sharperatio")),
        "trades": int(closed),
        "open_trades": int(_at(trades, "total", "open") or 0),
        "hit_rate": (_at(trades, "won", "total") or 0) / closed if closed else None,
        "profit_factor": _finite(won / -lost) if won is not None and lost else None,
    }


def _at(tree: Any, *keys: str) -> Any:
    """Return what an analyzer says under keys; None where it says nothing, which it does by leaving the key out."""
    for key in keys:
        if key not in tree:
            return None
        tree = tree[key]
    return tree


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None

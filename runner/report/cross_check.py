"""A second engine's own figures beside Runner's metrics, and why the two may differ."""

import math
from collections.abc import Mapping
from types import MappingProxyType

from runner.report.metrics import Metrics

__all__ = ["Figures", "cross_check"]

Figures = Mapping[str, float | int | None]
"""Metric name → what another engine says; None where it says nothing."""

RELATIVE = 1e-6
"""Figures that differ by no more agree."""

MEASURED = "Backtrader counts from the first bar, Runner from the first at which every rule is past its warm-up"
WHY: Mapping[str, str] = MappingProxyType(
    {
        "total_return": MEASURED,
        "final_equity": "the books differ: compare fills.parquet of both engines",
        "max_drawdown": "Backtrader looks at every moment, also within a session, Runner at the end of each session",
        "sharpe": f"Backtrader takes every UTC day that has a bar, Runner sessions; {MEASURED}",
        "trades": MEASURED,
        "open_trades": MEASURED,
        "hit_rate": f"Backtrader counts a trade that breaks even as won; {MEASURED}",
        "profit_factor": f"Backtrader counts a trade that breaks even as won; {MEASURED}",
    }
)
"""Figure → why it may differ."""


def cross_check(figures: Figures, metrics: Metrics) -> dict[str, dict[str, object]]:
    """Return figure → what both say, whether they agree, and where they don't, why they may not."""
    found: dict[str, dict[str, object]] = {}
    for name, theirs in figures.items():
        ours = metrics[name]
        agree = _agree(ours, theirs)
        found[name] = {"runner": ours, "backtrader": theirs, "agree": agree}
        if not agree:
            found[name]["why"] = WHY[name]
    return found


def _agree(ours: float | str | None, theirs: float | None) -> bool:
    if ours is None or theirs is None or isinstance(ours, str):
        return ours == theirs
    return math.isclose(ours, theirs, rel_tol=RELATIVE, abs_tol=1e-9)

"""Which metrics stand beside a lane, and how they are written: those a quant looks at first."""

from collections.abc import Callable, Sequence
from math import isfinite

from runner.report.measured import measured
from runner.report.measures import GROUPS, Measure, shown
from runner.report.ticks import number_labels
from runner.report.wording import UNDEFINED, change, changes, count, percent, plain, ratio
from runner.sweeps.pages.finished import Finished
from runner.sweeps.pages.legible import cut, legible

__all__ = ["FIRST", "LATER", "label_of_metric", "tick_labels", "value_text", "written"]

FIRST = ("sharpe", "total_return", "max_drawdown", "trades")
"""Shown wherever lanes are."""
LATER = ("cagr", "volatility", "calmar", "sortino", "hit_rate", "profit_factor", "turnover", "exposure", "costs_bps")
"""Shown where there is room, in this order."""
CHANGES = frozenset({"total_return", "max_drawdown", "cagr", "volatility"})
"""Those that share a unit down the column."""
SHORT = {
    "sharpe": "Sharpe",
    "total_return": "Return",
    "max_drawdown": "Max DD",
    "calmar": "Calmar",
    "sortino": "Sortino",
    "turnover": "Turnover",
    "costs_bps": "Cost of trading",
}
LONGEST = 24


def label_of_metric(key: str) -> str:
    """Return what a metric is called at the head of a column; its own name if it is none of a run's."""
    return SHORT.get(key) or (_measures()[key].label if key in _measures() else legible(key, longest=LONGEST))


def written(finished: Finished, key: str, rows: Sequence[int]) -> list[str]:
    """Return a metric of some lanes as people read it."""
    column = finished.results.metrics.get(key)
    cells = [None if column is None else column[row] for row in rows]
    if key in CHANGES and any(cell is not None for cell in cells):
        return changes([cell if isinstance(cell, int | float) else None for cell in cells])
    years = finished.results.metrics.get("years")
    about = [{"years": None if years is None else years[row]} for row in rows]
    known = key in _measures()
    return [
        shown({key: cell, **near}, key) if known else cut(legible(plain(cell)), LONGEST)
        for cell, near in zip(cells, about, strict=True)
    ]


def value_text(key: str, value: float) -> str:
    """Return one value of a metric as people read it, with three digits where it is a ratio or none of a run's."""
    if not isfinite(value):
        return UNDEFINED
    write = _measures()[key].write if key in _measures() else ratio
    return measured(value) if write in {ratio, count} else write(value)


def tick_labels(key: str) -> Callable[[list[float]], list[str]]:
    """Return what writes the labels of an axis of a metric: percent where it is a share."""
    is_share = key in _measures() and _measures()[key].write in {change, percent}
    return _percents if is_share else number_labels


def _percents(values: list[float]) -> list[str]:
    return [f"{label} %" for label in number_labels([100 * value for value in values])]


def _measures() -> dict[str, Measure]:
    return {measure.key: measure for _, measures in GROUPS for measure in measures}

"""The end of a run in the terminal: one compact table of results, or a leaderboard of lanes.

Text goes into the tables as `Text`, which has no markup: a name such as `[red]` is shown as it is written.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from runner.report.measures import label_of, shown
from runner.report.metrics import Metrics
from runner.report.sensitivity import Sensitivity
from runner.report.wording import UNDEFINED, changes, grouped, plain

__all__ = ["leaderboard", "results_table", "scorecard_line", "sensitivity_table"]

_COLUMNS = (
    (
        ("total_return", "Total return"),
        ("cagr", "CAGR"),
        ("sharpe", "Sharpe"),
        ("sortino", "Sortino"),
        ("calmar", "Calmar"),
    ),
    (
        ("max_drawdown", "Max drawdown"),
        ("max_drawdown_sessions", "· its length"),
        ("max_drawdown_rows", "· at any row"),
        ("turnover", "Turnover"),
        ("exposure", "Exposure"),
    ),
    (
        ("trades", "Trades"),
        ("hit_rate", "Hit rate"),
        ("costs_paid", "Costs paid"),
        ("slippage_share", "· slippage"),
        ("costs_bps", "· per value"),
    ),
)
"""Three groups side by side: return and its ratios, risk and activity, trades and costs."""

_LANE_FIGURES = (("total_return", "Return"), ("sharpe", "Sharpe"), ("max_drawdown", "Max DD"), ("trades", "Trades"))

_LANE_CHANGES = ("total_return", "max_drawdown")
"""Those of them that share a unit down the column."""

_SIGNS = {"pass": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✕", "red"), "not_applicable": ("–", "dim")}
"""Verdict → its sign and colour."""
_MOST_LANES = 20
_WIDE = 80


def results_table(metrics: Metrics, name: str, *, width: int = _WIDE) -> Table:
    """Return the results of one run as a table that fits 80 columns, or one figure to a line where there are fewer.

    Args:
        metrics: the metrics, by name.
        name: the table's title.
        width: columns of the terminal.
    """
    groups = _COLUMNS if width >= _WIDE else (tuple(pair for group in _COLUMNS for pair in group),)
    table = Table(title=Text(name), title_justify="left", box=None, show_header=False, padding=(0, 2, 0, 0))
    for _ in groups:
        table.add_column(style="dim", no_wrap=True)
        table.add_column(justify="right", overflow="fold")
    for row in range(max(len(group) for group in groups)):
        table.add_row(*(cell for group in groups for cell in _pair(metrics, group, row)))
    return table


def sensitivity_table(found: Sensitivity) -> Table:
    """Return the total return by fill clock and multiple of the costs, with the break-even slippage below."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("Total return by fill", style="dim", overflow="fold")
    for row in found["fills"][0]["costs"]:
        table.add_column(f"{row['cost_scale']:g}× costs", justify="right", overflow="fold")
    written = iter(changes([row["total_return"] for each in found["fills"] for row in each["costs"]]))
    for each in found["fills"]:
        name = f"{'› ' if each['is_own'] else '· '}{each['fill']}{' (optimistic)' if each['optimistic'] else ''}"
        table.add_row(Text(name), *(next(written) for _ in each["costs"]))
    value = found["break_even_bps"]
    table.add_row(Text("Break-even slippage"), UNDEFINED if value is None else f"{grouped(value, digits=1)} bps")
    return table


def scorecard_line(found: Mapping[str, Mapping[str, Any]]) -> Text:
    """Return the verdicts on the five mistakes in one line; the evidence is in the report."""
    line = Text("Five mistakes  ", style="dim")
    for place, (mistake, row) in enumerate(found.items()):
        sign, style = _SIGNS.get(row["verdict"], ("?", "dim"))
        line.append(f"{'  ' if place else ''}{sign} {mistake}", style=style)
    return line


def leaderboard(
    rows: Sequence[Mapping[str, Any]], axes: Sequence[str], *, metric: str = "sharpe", is_less_better: bool = False
) -> Table:
    """Return the best lanes, at most 20, with a line saying how many more there are.

    They go by a metric, and by return where that is equal or the runs are too short for it.

    Args:
        rows: one mapping per lane: its axis values by name, `total_return`, `sharpe`, `max_drawdown`, `trades`, the metric
            and `status`. A lane whose status isn't `DONE` comes last; an undefined metric comes after every number.
        axes: names of the axes, in the order of the columns. `signal.params.lookback` is headed by its last part where
            that is unambiguous.
        metric: what the lanes go by; has a column of its own where it isn't among those four.
        is_less_better: whether the lowest is the best.
    """
    columns = dict(_LANE_FIGURES)
    columns.setdefault(metric, label_of(metric))
    table = Table(box=box.SIMPLE, pad_edge=False, caption_justify="left")
    for axis in axes:
        table.add_column(Text(_short(axis, axes)), overflow="fold", min_width=4)
    for label in columns.values():
        table.add_column(label, justify="right", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    best = sorted(rows, key=partial(_place, metric=metric, is_less_better=is_less_better))[:_MOST_LANES]
    written = {key: changes([row.get(key) for row in best]) for key in _LANE_CHANGES}
    for place, row in enumerate(best):
        about = {"years": row.get("years")}
        figures = (written[key][place] if key in written else shown({key: row.get(key), **about}, key) for key in columns)
        table.add_row(*(Text(plain(row.get(axis))) for axis in axes), *figures, Text(plain(row.get("status"))))
    more = len(rows) - _MOST_LANES
    if more > 0:
        table.caption = f"and {more:,} more lane{'s' if more > 1 else ''}"
    return table


def _pair(metrics: Metrics, group: Sequence[tuple[str, str]], row: int) -> tuple[str, str]:
    if row >= len(group):
        return "", ""
    key, label = group[row]
    return label, shown(metrics, key)


def _place(row: Mapping[str, Any], *, metric: str, is_less_better: bool) -> tuple[bool, bool, float, float]:
    """Return where a lane belongs: done before failed, defined before undefined, best metric first, then return."""
    value, earned = row.get(metric), row.get("total_return")
    rank = float(value or 0.0)
    return row.get("status") != "DONE", value is None, rank if is_less_better else -rank, -float(earned or 0.0)


def _short(axis: str, axes: Sequence[str]) -> str:
    last = axis.rsplit(".", 1)[-1]
    return last if sum(other.rsplit(".", 1)[-1] == last for other in axes) == 1 else axis

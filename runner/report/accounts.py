"""Tables of money and orders: what each symbol cost, and what became of the orders that didn't fill as wanted.

What borrowed money cost is no symbol's and has a row of its own.
"""

from collections import Counter

import numpy as np

from runner.report.columns import numbers, stamps, words
from runner.report.markup import table
from runner.report.trips import refused
from runner.report.window import Measured
from runner.report.wording import UNDEFINED, amount, count, grouped
from runner.tables import Table, Tables

__all__ = ["costs_table", "reasons_table"]

_MOST = 20
"""Symbols listed by name; the cheaper ones are summed up in one row."""

_BORROWED = "Borrowed money"
"""What charges without a symbol are shown as."""

Cost = tuple[int, float, float, float, float]
"""Fills, value traded, slippage, fees, financing."""


def costs_table(tables: Tables, window: Measured) -> str:
    """Return costs per symbol over the measured stretch, the most expensive first, in quote currency and in bps."""
    costs = _costs(tables, window)
    ordered = sorted(costs.items(), key=lambda item: (-sum(item[1][2:]), item[0]))
    rows = [_cost_row(symbol, cost) for symbol, cost in ordered[:_MOST]]
    rest = [cost for _, cost in ordered[_MOST:]]
    if rest:
        rows.append(_cost_row(f"{count(len(rest))} others", _sum(rest)))
    head = ("Symbol", "Fills", "Value traded", "Slippage", "Fees", "Financing", "Costs", "bps of value")
    total = _cost_row("All", _sum(list(costs.values())))
    caption = "Costs by symbol, in quote currency"
    return table(caption, head, rows, numeric=range(1, 8), total=total)


def reasons_table(tables: Tables, window: Measured) -> str:
    """Return how many orders didn't fill whole, or were refused by risk, by reason; empty if none were."""
    found: Counter[tuple[str, str]] = Counter()
    late = stamps(tables.orders, "ts") > window.after
    status, refusal = words(tables.orders, "status")[late], words(tables.orders, "refusal")[late]
    found.update(("Rejected", str(reason) or "no reason given") for reason in refusal[status == "rejected"])
    found.update(("Expired", "the time in force was over") for _ in refusal[status == "expired"])
    found.update(("Cancelled", "a rule or an exit took them back") for _ in refusal[status == "cancelled"])
    found.update(("Unfilled", str(reason) or "the data ended first") for reason in refusal[status == "unfilled"])
    rules = words(tables.refusals, "rule")[refused(tables.refusals) & (stamps(tables.refusals, "ts") > window.after)]
    found.update(("Made smaller or stopped by risk", str(rule)) for rule in rules)
    rows = [(what, reason, count(times)) for (what, reason), times in sorted(found.items())]
    return table("Orders that did not fill as wanted", ("What", "Reason", "Times"), rows, numeric=[2]) if rows else ""


def _costs(tables: Tables, window: Measured) -> dict[str, Cost]:
    fills, charges = _later(tables.fills, window), _later(tables.charges, window)
    charged = np.where(words(charges, "symbol") == "", _BORROWED, words(charges, "symbol"))
    names, index = np.unique(np.concatenate((words(fills, "symbol"), charged)), return_inverse=True)
    traded, held = index[: words(fills, "symbol").size], index[words(fills, "symbol").size :]
    value = numbers(fills, "quantity") * numbers(fills, "price")
    columns = [
        (traded, value),
        (traded, numbers(fills, "slippage")),
        (traded, numbers(fills, "fee")),
        (held, numbers(charges, "amount")),
    ]
    times = np.bincount(traded, minlength=names.size).tolist()
    sums = [np.bincount(rows, weights=column, minlength=names.size).tolist() for rows, column in columns]
    return dict(zip(names.tolist(), zip(times, *sums, strict=True), strict=True))


def _later(table: Table, window: Measured) -> Table:
    keep = stamps(table, "ts") > window.after
    return {name: column[keep] for name, column in table.items()}


def _sum(costs: list[Cost]) -> Cost:
    return (
        sum(cost[0] for cost in costs),
        sum(cost[1] for cost in costs),
        sum(cost[2] for cost in costs),
        sum(cost[3] for cost in costs),
        sum(cost[4] for cost in costs),
    )


def _cost_row(name: str, cost: Cost) -> tuple[str, ...]:
    times, value, *costs = cost
    bps = grouped(10_000 * sum(costs) / value, digits=2) if value > 0 else UNDEFINED
    return name, count(times), amount(value), *(amount(each) for each in costs), amount(sum(costs)), bps

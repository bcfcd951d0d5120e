"""Fill at close: the price that a decision was made on is gone when its order arrives.

- fail: the run's own fill clock is marked optimistic, as `same_close` is.
- warn: nobody looked at other clocks and costs; or the profit becomes a loss under an honest one, or at twice the costs.
- pass: neither.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from runner.report.columns import stamps
from runner.report.scorecard.row import FAIL, PASSED, WARN, Row, without_sensitivity
from runner.report.sensitivity import Sensitivity
from runner.report.wording import change, count, grouped
from runner.spec.run import RunSpec
from runner.tables import Tables
from runner.trading.fill import Fill

__all__ = ["fill_at_close"]

MISTAKE = "fill at close"
QUESTION = "Does the profit need prices that nobody could have had?"


def fill_at_close(spec: RunSpec, tables: Tables, found: Sensitivity | None) -> Row:
    """Return the verdict on when and at which price orders filled."""
    optimistic = spec.fill.optimistic if isinstance(spec.fill, Fill) else ""
    first = f"Orders fill by fill={spec.fill.kind}. {_instants(tables)}"
    if optimistic:
        return Row(MISTAKE, QUESTION, FAIL, (first, f"It is optimistic: {optimistic}.", *_others(found)))
    if found is None:
        alone = f"Other fill clocks and costs weren't tried: {without_sensitivity(spec)}."
        return Row(MISTAKE, QUESTION, WARN, (first, alone))
    undone = tuple(_undone(found))
    return Row(MISTAKE, QUESTION, WARN if undone else PASSED, (first, *_others(found), *undone, *_break_even(found)))


def _instants(tables: Tables) -> str:
    """Say how many fills came at the instant of their decision, and how many later."""
    decided = dict(zip(stamps(tables.orders, "order").tolist(), stamps(tables.orders, "ts").tolist(), strict=True))
    fills = stamps(tables.fills, "ts")
    since = np.array([decided.get(order, -1) for order in stamps(tables.fills, "order").tolist()], dtype=np.int64)
    later = int(np.sum(fills > since))
    if not fills.size:
        return "Nothing was filled."
    return f"{count(later)} of {count(fills.size)} fills came later than the decision behind them."


def _others(found: Sensitivity | None) -> Iterator[str]:
    """Yield the result under every clock, at the run's own costs."""
    if found is None:
        return
    told = ", ".join(
        f"{change(_at(each, 1.0))} by {each['fill']}{' (optimistic)' if each['optimistic'] else ''}"
        for each in found["fills"]
    )
    yield f"Total return {told}."


def _undone(found: Sensitivity) -> Iterator[str]:
    """Yield which honest clock, and which costs, turn a profit into a loss."""
    own = found["fills"][0]
    earned = _at(own, 1.0)
    if earned is None or earned <= 0:
        return
    for each in found["fills"][1:]:
        other = _at(each, 1.0)
        if not each["optimistic"] and other is not None and other < 0:
            yield f"The profit is a loss by fill={each['fill']}."
    twice = _at(own, 2.0)
    if twice is not None and twice < 0:
        yield "The profit is a loss at twice the costs."


def _break_even(found: Sensitivity) -> Iterator[str]:
    value = found["break_even_bps"]
    if value is not None:
        yield f"It would take {grouped(value, digits=1)} bps of further cost on all that was traded to use the profit up."


def _at(each: dict[str, Any], scale: float) -> float | None:
    found: float | None = next((row["total_return"] for row in each["costs"] if row["cost_scale"] == scale), None)
    return found

"""What each symbol brought, side by side, the best first: whether a result is that of many or the luck of one."""

from typing import Any

import numpy as np

from runner.report.figures.figure import Figure, drawn, padded
from runner.report.svg import Canvas, Frame, bars, document, grid, names
from runner.report.wording import amount, count

__all__ = ["cross_section_figure"]

MOST = 60
"""Bars that can still be told apart; of more symbols the best and the worst are drawn."""


def cross_section_figure(symbols: list[dict[str, Any]]) -> Figure | None:
    """Return a bar of profit per symbol, as `breakdown` has them; None if there are fewer than two."""
    if len(symbols) < 2:
        return None
    ordered = sorted(symbols, key=lambda row: (-row["profit"], row["symbol"]))
    drawn_rows = ordered if len(ordered) <= MOST else [*ordered[: MOST // 2], *ordered[-MOST // 2 :]]
    profits = np.array([row["profit"] for row in drawn_rows], dtype=np.float64)
    labels = [row["symbol"] for row in drawn_rows]
    winners = sum(row["profit"] > 0 for row in ordered)
    description = f"{count(winners)} of {count(len(ordered))} symbols made a profit; the best {amount(profits[0])}, the worst {amount(profits[-1])}."  # noqa: E501 - one sentence

    def draw(canvas: Canvas) -> str:
        low, high = padded(min(0.0, float(profits.min())), max(0.0, float(profits.max())))
        frame = Frame(canvas, 8, canvas.height - canvas.font - 14, 0, 1, low, high)
        shapes = [grid(frame), bars(frame, profits), names(frame, [label[:12] for label in labels])]
        return document(canvas, key="cross-section", title="Profit by symbol", description=description, body=shapes)

    left_out = len(ordered) - len(drawn_rows)
    note = f" {count(left_out)} in the middle aren't drawn." if left_out else ""
    return drawn("Profit by symbol", f"{description}{note}", draw)

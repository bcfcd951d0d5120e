"""The figures of a report, as SVG drawn by hand: equity, drawdown, positions, and the trades of each symbol."""

import numpy as np

from runner.report.columns import words
from runner.report.figures.drawdown import drawdown_figure
from runner.report.figures.equity import equity_figure
from runner.report.figures.figure import Figure, timeline
from runner.report.figures.positions import positions_figure
from runner.report.figures.trades import trades_figure
from runner.report.page import ReportInput
from runner.report.wording import count

__all__ = ["MOST_SYMBOLS", "Figure", "draw_figures"]

MOST_SYMBOLS = 6
"""Symbols that are drawn; beyond it a page stops being read."""


def draw_figures(run: ReportInput) -> list[Figure]:
    """Return the figures a run has: none without equity rows, no drawdown if nothing was measured.

    At most `MOST_SYMBOLS` symbols are drawn, those that traded before those that didn't; a caption says how many aren't.
    """
    time = timeline(run.tables.equity)
    if time is None:
        return []
    symbols, note = _chosen(run)
    capital = run.spec.capital
    found = [
        equity_figure(run.tables.equity, time, capital=capital),
        drawdown_figure(run.tables.equity, time, capital=capital),
        positions_figure(run.tables.positions, time, symbols=symbols, note=note) if symbols else None,
        *(
            trades_figure(run.tape, run.tables.fills, time, symbol=symbol, key=f"trades-{index}")
            for index, symbol in enumerate(symbols)
        ),
    ]
    return [figure for figure in found if figure is not None]


def _chosen(run: ReportInput) -> tuple[tuple[str, ...], str]:
    """Return the symbols to draw and a sentence about the others."""
    traded = set(np.unique(words(run.tables.fills, "symbol")).tolist())
    ordered = sorted(run.symbols, key=lambda symbol: symbol not in traded)
    left_out = len(ordered) - MOST_SYMBOLS
    if left_out <= 0:
        return run.symbols, ""
    verb = "isn't" if left_out == 1 else "aren't"
    return tuple(ordered[:MOST_SYMBOLS]), f"{count(left_out)} of the {count(len(ordered))} symbols {verb} drawn."

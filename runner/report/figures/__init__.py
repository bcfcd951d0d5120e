"""The figures of a report, as SVG drawn by hand: over time, over returns, and the trades of each symbol."""

import numpy as np

from runner.report.closes import Closes, closes_of
from runner.report.columns import stamps, words
from runner.report.figures.distribution import distribution_figure
from runner.report.figures.drawdown import drawdown_figure
from runner.report.figures.equity import equity_figure
from runner.report.figures.exposure import exposure_figure
from runner.report.figures.figure import Figure, timeline
from runner.report.figures.positions import positions_figure
from runner.report.figures.rolling_sharpe import rolling_sharpe_figure
from runner.report.figures.shading import shading_of
from runner.report.figures.trades import trades_figure
from runner.report.page import ReportInput
from runner.report.wording import count

__all__ = ["MOST_SYMBOLS", "Figure", "closes_of_run", "draw_figures"]

MOST_SYMBOLS = 6
"""Symbols that are drawn; beyond it a page stops being read."""
_DAY = 86_400 * 10**9


def draw_figures(run: ReportInput) -> list[Figure]:
    """Return the figures a run has: none without equity rows, no drawdown if nothing was measured.

    At most `MOST_SYMBOLS` symbols are drawn, those that traded before those that didn't; a caption says how many aren't.
    """
    time = timeline(run.tables.equity)
    if time is None:
        return []
    symbols, note = _chosen(run)
    capital, shading, closes = run.spec.capital, shading_of(run.tape), closes_of_run(run)
    year = run.spec.timezone.sessions_per_year
    found = [
        equity_figure(run.tables.equity, time, capital=capital, shading=shading),
        drawdown_figure(run.tables.equity, time, capital=capital, shading=shading),
        rolling_sharpe_figure(closes, time, sessions_per_year=year, shading=shading),
        distribution_figure(closes),
        exposure_figure(run.tables.equity, time),
        positions_figure(run.tables.positions, time, symbols=symbols, note=note) if symbols else None,
        *(
            trades_figure(run.tape, run.tables.fills, time, symbol=symbol, key=f"trades-{index}")
            for index, symbol in enumerate(symbols)
        ),
    ]
    return [figure for figure in found if figure is not None]


def closes_of_run(run: ReportInput) -> Closes:
    """Return the closes of a run's measured sessions."""
    equity = run.tables.equity
    sessions = (stamps(equity, "ts") // _DAY).astype(np.int32) if run.sessions is None else run.sessions
    return closes_of(equity, capital=run.spec.capital, sessions=sessions)


def _chosen(run: ReportInput) -> tuple[tuple[str, ...], str]:
    """Return the symbols to draw and a sentence about the others."""
    traded = set(np.unique(words(run.tables.fills, "symbol")).tolist())
    ordered = sorted(run.symbols, key=lambda symbol: symbol not in traded)
    left_out = len(ordered) - MOST_SYMBOLS
    if left_out <= 0:
        return run.symbols, ""
    verb = "isn't" if left_out == 1 else "aren't"
    return tuple(ordered[:MOST_SYMBOLS]), f"{count(left_out)} of the {count(len(ordered))} symbols {verb} drawn."

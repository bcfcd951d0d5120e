"""What a reader must know of how far a backtest carries: too few symbols, half a market cycle, a profit that costs undo."""

from collections.abc import Iterator

from runner.report.measured import counted
from runner.report.sensitivity import Sensitivity
from runner.report.wording import grouped

__all__ = ["robustness_remarks"]

LEAST_SYMBOLS = 20
"""Symbols from which on a result isn't the luck of a few."""
LEAST_TURNS = 2
"""Turns that a full cycle from one sort of market through the other and back has."""


def robustness_remarks(found: Sensitivity) -> list[str]:
    """Return the remarks, none if there is nothing to say."""
    return [*_few(found), *_one_sided(found), *_optimistic(found), *_undone(found), *_jumping(found)]


def _few(found: Sensitivity) -> Iterator[str]:
    number = len(found["symbols"])
    if number < LEAST_SYMBOLS:
        only = f"Only {counted(number, 'symbol')} {'was' if number == 1 else 'were'} tested"
        yield f"{only}: with fewer than {LEAST_SYMBOLS} a result may be the luck of a few."


def _one_sided(found: Sensitivity) -> Iterator[str]:
    if found["turns"] >= LEAST_TURNS:
        return
    days = {row["market"]: row["sessions"] for row in found["regimes"]}
    bull, bear = days.get("bull", 0), days.get("bear", 0)
    yield (
        f"The test covers no full bull-bear cycle: its symbols' mean went through {counted(bull, 'session')} of bull market"
        f" and {bear:,} of bear market, with {counted(found['turns'], 'turn')} of a fifth between them, and a cycle has"
        f" {LEAST_TURNS}."
    )


def _optimistic(found: Sensitivity) -> Iterator[str]:
    own = found["fills"][0]
    if own["optimistic"]:
        yield f"fill={own['fill']} is optimistic: {own['optimistic']}."


def _undone(found: Sensitivity) -> Iterator[str]:
    """Say which cost or honest clock turns a profit into a loss, the first of each."""
    own = found["fills"][0]
    at = {row["cost_scale"]: row["total_return"] for row in own["costs"]}
    if at[1.0] is None or at[1.0] <= 0:
        return
    worse = [scale for scale in (2.0, 4.0) if at[scale] is not None and at[scale] < 0]
    if worse:
        yield f"The profit becomes a loss at {grouped(worse[0], digits=0)} times the costs."
    losing = [
        each["fill"]
        for each in found["fills"][1:]
        for row in each["costs"]
        if row["cost_scale"] == 1.0 and not each["optimistic"] and (row["total_return"] or 0.0) < 0
    ]
    if losing:
        yield f"The profit becomes a loss under fill={', '.join(losing)}."


def _jumping(found: Sensitivity) -> Iterator[str]:
    """Say why there is no break-even slippage, where other costs made other trades."""
    jump = found["fills"][0]["jump"]
    if jump:
        yield f"No break-even slippage: {jump}, so that a limit or the cash decided there and not the costs alone."

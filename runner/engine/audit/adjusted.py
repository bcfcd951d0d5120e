"""Rules at prices as they stood adjusted then.

Prices that are adjusted backwards are multiplied by factors of splits and dividends that came later: the level of a price of
2010 tells of a split in 2014. Ratios of prices don't change with that, levels do, so a rule such as `close > 50` trades on
news of the future that no cut of the rows can take away. Where the traded prices stand beside the adjusted ones, the factor
of an instant is known, and dividing by it gives the prices as they would have been adjusted then.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from runner.engine.audit.cuts import around_until, tapes_until
from runner.engine.audit.leak import Leak, shown
from runner.engine.pipeline import Pipeline
from runner.market.streams import Stream, price_columns
from runner.market.tape import Tape
from runner.signal.evaluate import Evaluated, evaluate
from runner.signal.sheet import Sheet, Surroundings

__all__ = ["is_adjusted", "leaks_of_adjusting"]

Tapes = Mapping[Stream, Tape]

PRICES = price_columns("bars")
WHY = "it depends on the level of prices that were adjusted later: compare ratios of prices, or raw_close"

ACCURACY = 1e-9
"""Distance of two numbers, relative to their size, that scaling may leave between them."""


def is_adjusted(tapes: Tapes) -> bool:
    """Tell whether traded prices stand beside adjusted ones that differ from them."""
    bars = tapes.get("bars")
    return (
        bars is not None and "raw_close" in bars.columns and bool((bars.columns["raw_close"] != bars.columns["close"]).any())
    )


def leaks_of_adjusting(
    pipeline: Pipeline, tapes: Tapes, around: Surroundings, cuts: Sequence[int], on_progress: Callable[[float], None]
) -> list[Leak]:
    """Return each rule that would have said something else at prices adjusted as they stood then, at the first such cut."""
    leaks: dict[str, Leak] = {}
    for number, cut in enumerate(cuts):
        near, today = around_until(around, cut), tapes_until(tapes, cut)
        then = {**today, "bars": _as_known(today["bars"], cut)}
        found = [_rules(pipeline, each, near) for each in (today, then)]
        for rule, node in pipeline.signals.nodes.items():
            leak = _leak(pipeline, node, found, cut, tapes["bars"].symbols)
            if leak is not None:
                leaks.setdefault(rule, replace(leak, what=rule))
        on_progress((number + 1) / len(cuts))
    return list(leaks.values())


def _leak(pipeline: Pipeline, node: int, found: Sequence[Evaluated], cut: int, symbols: Sequence[str]) -> Leak | None:
    """Return the first symbol of which the last value of a rule is another one at prices as they stood."""
    for symbol, name in enumerate(symbols):
        (ts, today), (_, then) = (_last(each, pipeline.clock, node, symbol, cut) for each in found)
        if _is_another(today, then):
            return Leak(
                "", name, ts, cut, shown(today), shown(then), WHY, ways=("at prices as adjusted now", "as adjusted then")
            )
    return None


def _rules(pipeline: Pipeline, tapes: Tapes, around: Surroundings) -> Evaluated:
    sheets: dict[str, Sheet] = {stream: Sheet.of(stream, tape, around) for stream, tape in tapes.items()}
    return evaluate(pipeline.graph, sheets, pipeline.signals.roots)


def _as_known(bars: Tape, cut: int) -> Tape:
    """Return bars whose prices are adjusted as of an instant: of each symbol the last known bar's are those traded."""
    factor = np.ones(bars.rows)
    for symbol in range(len(bars.symbols)):
        own = slice(int(bars.offsets[symbol]), int(bars.offsets[symbol + 1]))
        factor[own] = _factor(bars, own, cut)
    columns = {name: column / factor if name in PRICES else column for name, column in bars.columns.items()}
    return replace(bars, columns=columns)


def _factor(bars: Tape, own: slice, cut: int) -> float:
    """Return what a symbol's prices are multiplied by at the last bar that is known, for all that came after it."""
    close: NDArray[np.float64] = bars.columns["close"][own]
    found = close / bars.columns["raw_close"][own]
    usable = np.flatnonzero((bars.ts[own] <= cut) & np.isfinite(found) & (found > 0.0))
    return float(found[usable[-1]]) if usable.size else 1.0


def _last(found: Evaluated, clock: str, node: int, symbol: int, cut: int) -> tuple[int | None, float]:
    """Return the last value of a node that is known at an instant, and its own instant."""
    sheet = found.sheets[clock]
    own = sheet.of_symbol(symbol)
    row = own.start + int(np.searchsorted(sheet.ts[own], cut, side="right")) - 1
    return (int(sheet.ts[row]), float(found.values[node][row])) if row >= own.start else (None, np.nan)


def _is_another(one: float, other: float) -> bool:
    if np.isnan(one) or np.isnan(other):
        return bool(np.isnan(one) != np.isnan(other))
    return bool(abs(one - other) > ACCURACY * max(abs(one), abs(other)))

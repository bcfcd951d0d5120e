"""The same decisions under other fill clocks and other costs: what a result owes to how it was filled.

    1. `fill_kinds` finds the clocks that the data and the orders allow.
    2. `alternatives` drives the kernel once for each of them and each multiple of the costs.

The rules were evaluated already and aren't again: a drive costs what the kernel takes for its rows. Everything else is as in
the run: sizes follow the equity that the alternative has, orders are rejected where its cash runs out. Fills at a quote's
touch pay its spread through the price, whatever the multiple of the costs; those between bid and ask leave it to slippage.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from runner.engine.clocks import fill_clock, pipeline_faults
from runner.engine.native import Tapes, traded
from runner.engine.pipeline import Pipeline
from runner.engine.results import equity_of, fills_of
from runner.errors import DataError, Fault
from runner.signal.evaluate import Evaluated
from runner.tables import Table
from runner.trading.fill import Fill

__all__ = ["SCALES", "Alternative", "alternatives", "fill_kinds", "reason_of"]

SCALES = (0.0, 1.0, 2.0, 4.0)
"""Multiples of slippage, fees and financing."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """What a run would have come to."""

    fill: Fill
    cost_scale: float
    equity: Table
    """As in the tables of a run."""
    fills: Table
    """One row per fill: `ts`, `symbol` (its place in the universe), signed `quantity`, and `price` after slippage."""


def fill_kinds(pipeline: Pipeline, tapes: Tapes, known: Iterable[Fill]) -> tuple[list[Fill], dict[str, str]]:
    """Return the fill kinds under which a pipeline can trade on some tapes, and of the others why it can't.

    The run's own comes first, with its parameters; those that flatter come last.
    """
    others = [kind for kind in known if kind.kind != pipeline.fill.kind]
    found, left_out = [pipeline.fill], {}
    for kind in sorted(others, key=lambda kind: (bool(kind.optimistic), kind.kind)):
        faults = _faults(replace(pipeline, fill=kind), tapes)
        if faults:
            left_out[kind.kind] = reason_of(faults)
        else:
            found.append(kind)
    return found, left_out


def reason_of(faults: Iterable[Fault]) -> str:
    """Return in words why a fill kind can't be had."""
    return "; ".join(f"{fault.where} {fault.must}, was {fault.was}" for fault in faults)


def _faults(pipeline: Pipeline, tapes: Tapes) -> list[Fault]:
    faults = pipeline_faults(pipeline, tapes)
    if faults:
        return faults
    try:
        fill_clock(pipeline, tapes)
    except DataError as error:
        return list(error.faults)
    return []


def alternatives(
    pipeline: Pipeline,
    tapes: Tapes,
    found: Evaluated,
    kinds: Iterable[Fill],
    *,
    on_progress: Callable[[float], None],
    every: str | None = None,
) -> Iterator[Alternative]:
    """Yield what a run comes to under each fill kind, at each of the `SCALES` of its costs.

    Args:
        pipeline: What decides.
        tapes: Stream → its tape.
        found: What the rules came to.
        kinds: Fill kinds that can serve; see `fill_kinds`.
        on_progress: Told the share of the work that is done, 0 to 1.
        every: Length of time whose instants share a line of equity, as in the run; None for a line per instant.
    """
    drives = [(kind, scale) for kind in kinds for scale in SCALES]
    for number, (kind, scale) in enumerate(drives):
        other = replace(pipeline, fill=kind)
        told = _part(on_progress, number, len(drives))
        driver = traded(other, tapes, found, on_progress=told, every=every, cost_scale=scale)
        yield Alternative(kind, scale, equity_of(driver), fills_of(driver))


def _part(on_progress: Callable[[float], None], number: int, drives: int) -> Callable[[float], None]:
    return lambda done: on_progress((number + done) / drives)

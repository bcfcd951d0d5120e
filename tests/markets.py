"""Tapes of any stream written down row by row, and pipelines over them, for stories and laws."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from runner.engine.native import backtest
from runner.engine.pipeline import Pipeline, compile_pipeline
from runner.market.streams import Stream, columns_of
from runner.market.tape import Tape
from runner.signal.registry import operators
from runner.signal.sheet import Surroundings
from runner.signal.vocabulary import Vocabulary
from runner.spec.kind import Kind
from runner.spec.run import RunSpec
from runner.tables import Tables
from runner.trading.fees.none import NoFees
from runner.trading.fill.next_open import NextOpen
from runner.trading.sizing.units import Units
from runner.trading.slippage.none import NoSlippage

MINUTE = 60_000_000_000
DAY = 1440
"""Minutes of a day."""

Row = Sequence[float]

ENTER = "volume == 1"
LEAVE = "volume == 2"
SCRIPT = {"long": {"enter": ENTER, "exit": LEAVE}}
"""A signal that a story writes into the volumes of its bars: 1 opens a long position, 2 closes it."""
SHORT_SCRIPT = {"short": {"enter": ENTER, "exit": LEAVE}}
"""The same of a short one."""


class NoData(Kind):
    """Stands where a data source would: stories and laws bring tapes of their own."""

    kind: Literal["no_data"] = "no_data"


def tape_of(stream: Stream, rows: Mapping[str, Sequence[Row]], levels: int = 0) -> Tape:
    """Make a tape from rows per symbol: bars of (opened, known, values…), all else of (known, values…), times in minutes."""
    names = columns_of(stream, levels)
    times = 2 if stream == "bars" else 1
    flat = np.array([row for name in rows for row in rows[name]], dtype=float).reshape(-1, times + len(names))
    opened, known = (np.round(flat[:, place] * MINUTE).astype(np.int64) for place in (0, times - 1))
    counts = [len(rows[name]) for name in rows]
    return Tape(
        symbols=tuple(rows),
        ts=known,
        opened=opened,
        session=(opened // (DAY * MINUTE)).astype(np.int32),
        symbol=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        columns={name: np.ascontiguousarray(flat[:, times + place]) for place, name in enumerate(names)},
        offsets=np.cumsum([0, *counts]).astype(np.int64),
        stream=stream,
    )


def minutes(*prices: Row, start: float = 0.0) -> list[Row]:
    """Return bars of one minute each, one after another, from (open, high, low, close, volume)."""
    return [(start + place, start + place + 1, *row) for place, row in enumerate(prices)]


def days(*prices: Row, on: Sequence[int] | None = None) -> list[Row]:
    """Return daily bars from (open, high, low, close, volume), 9:30 to 16:00, on days numbered from 1970-01-01."""
    dates = range(len(prices)) if on is None else on
    return [(DAY * day + 570, DAY * day + 960, *row) for day, row in zip(dates, prices, strict=True)]


def pipeline_of(tapes: Mapping[Stream, Tape], **sections: Any) -> Pipeline:
    """Compile a pipeline: a thousand in cash, ten units a position, the next open, no costs, unless a section says else.

    The first stream's columns are those that bare names mean, so it decides unless the signal says else.
    """
    given = {
        "capital": 1000.0,
        "signal": SCRIPT,
        "sizing": Units(units=10.0),
        "fill": NextOpen(),
        "slippage": NoSlippage(),
        "fees": NoFees(),
        **sections,
    }
    symbols = next(iter(tapes.values())).symbols
    spec = RunSpec(
        data=NoData(),
        universe={"symbols": list(symbols)},
        timezone={"zone": "UTC", "stamp": "session"},
        mode={"kind": "backtest"},
        **given,
    )
    words = {stream: tuple(tape.columns) for stream, tape in tapes.items()}
    return compile_pipeline(spec, Vocabulary(words, operators()))


def traded(engine: Any, pipeline: Pipeline, tapes: Mapping[Stream, Tape], **options: Any) -> Tables:
    """Run a pipeline over tapes that nothing surrounds."""
    return engine(
        pipeline, tapes, Surroundings(), signals=options.pop("signals", False), on_progress=lambda _share: None, **options
    )


def told(tapes: Mapping[Stream, Tape], **sections: Any) -> Tables:
    """Return what a backtest makes of tapes."""
    return traded(backtest, pipeline_of(tapes, **sections), tapes)


def told_of(*prices: Row, **sections: Any) -> Tables:
    """Return what a backtest makes of one symbol's bars of a minute, from (open, high, low, close, volume)."""
    return told({"bars": tape_of("bars", {"A": minutes(*prices)})}, **sections)


def filled(tables: Tables) -> list[tuple[float, str, float, float]]:
    """Return the fills as (minute, side, quantity, price)."""
    fills = tables.fills
    return [
        (ts / MINUTE, side, quantity, price)
        for ts, side, quantity, price in zip(
            *(fills[name].tolist() for name in ("ts", "side", "quantity", "price")), strict=True
        )
    ]


def ended(tables: Tables) -> list[str]:
    """Return what became of the orders."""
    found: list[str] = tables.orders["status"].tolist()
    return found

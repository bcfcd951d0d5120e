"""One symbol's price over time, and its spread where there are quotes or books.

A line joins rows that follow each other. Where no row came for long it is broken, so that a weekend or a missing year isn't
taken for prices; rows that stand alone, or are few, are dots.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape
from runner.report.downsample import kept_points
from runner.report.figures.figure import Figure, drawn, padded
from runner.report.measured import counted, measured
from runner.report.svg import Canvas, Frame, dates, document, dots, grid, line

__all__ = ["symbol_figures"]

PRICE_OF = {"bars": "close", "quotes": "middle of bid and offer", "trades": "price", "depth": "middle of the best levels"}
"""What is drawn as the price of a stream."""
LONG = 0.03
"""Share of the axis that a stretch without rows must have to break the line."""
USUAL = 5
"""How many times longer than nearly all the others such a stretch must be: rare trades are joined, a night is not."""
FEW = 150
"""Up to so many rows each is a dot."""

SHORT = 3
"""Up to so many rows between two breaks are dots as well: as a line they could be overlooked."""

Floats = NDArray[np.float64]
Instants = NDArray[np.int64]
Stretches = Sequence[tuple[int, int]]


def symbol_figures(tape: Tape, number: int, report: Mapping[str, Any]) -> list[Figure]:
    """Return the price of a symbol, and its spread if it has one.

    Args:
        tape: one stream.
        number: code of a symbol that has rows.
        report: what the quality gate found in the stream.
    """
    symbol, rows = tape.symbols[number], slice(int(tape.offsets[number]), int(tape.offsets[number + 1]))
    ts, price = tape.ts[rows], _price(tape, rows)
    key, missing = f"{tape.stream}-{number}", _missing(symbol, report)
    adjusted = _adjusted(tape, rows)
    heading = f"{symbol}: {PRICE_OF[tape.stream]}{', adjusted' if adjusted else ''}"
    about = " ".join(filter(None, (_extent(ts), adjusted, _shaded(missing, report))))
    figures = [_line_figure(heading, key, ts, price, about, missing)]
    if tape.stream in {"quotes", "depth"}:
        spread = _spread(tape, rows)
        figures.append(_line_figure(f"{symbol}: spread", f"{key}-spread", ts, spread, _median(spread), ()))
    return figures


def _price(tape: Tape, rows: slice) -> Floats:
    if tape.stream == "bars":
        return tape.columns["close"][rows]
    if tape.stream == "trades":
        return tape.columns["price"][rows]
    bid, ask = _touch(tape, rows)
    return (bid + ask) / 2


def _spread(tape: Tape, rows: slice) -> Floats:
    """Return the spread in basis points of the middle."""
    bid, ask = _touch(tape, rows)
    return (ask - bid) / ((ask + bid) / 2) * 10_000


def _touch(tape: Tape, rows: slice) -> tuple[Floats, Floats]:
    level = "_0" if tape.stream == "depth" else ""
    return tape.columns[f"bid_price{level}"][rows], tape.columns[f"ask_price{level}"][rows]


def _median(spread: Floats) -> str:
    known = spread[np.isfinite(spread)]
    middle = f"; the median is {measured(float(np.median(known)))}" if known.size else ""
    return f"Offer less bid, in basis points of the middle{middle}."


def _extent(ts: Instants) -> str:
    if ts[0] == ts[-1]:
        return f"{counted(ts.size, 'row')}, at {_date(ts[0])}."
    return f"{counted(ts.size, 'row')}, from {_date(ts[0])} to {_date(ts[-1])}."


def _adjusted(tape: Tape, rows: slice) -> str:
    """Return what the adjusted prices were traded at; nothing if the symbol's prices are those that were traded."""
    if "raw_close" not in tape.columns:
        return ""
    close, traded = tape.columns["close"][rows], tape.columns["raw_close"][rows]
    if np.array_equal(close, traded, equal_nan=True):
        return ""
    first, last = (f"{_quoted(close[end])} was traded at {_quoted(traded[end])}" for end in (0, -1))
    return f"Adjusted for corporate actions: the first close of {first}, the last of {last}."


def _missing(symbol: str, report: Mapping[str, Any]) -> Stretches:
    """Return the stretches without bars that the quality report lists, in UTC ns."""
    return sorted({(_instant(each["from"]), _instant(each["to"])) for each in _listed(report) if each["symbol"] == symbol})


def _shaded(missing: Stretches, report: Mapping[str, Any]) -> str:
    if not missing:
        return ""
    listed = {(each["symbol"], each["from"]) for each in _listed(report)}
    is_all = len(listed) == report["checks"]["gap"]["stretches"]
    which = "" if is_all else ", the first and the longest of more"
    return (
        f"Shaded: {counted(len(missing), 'stretch', 'stretches')} where the calendar expects bars that aren't there{which}."
    )


def _listed(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    gap = report.get("checks", {}).get("gap", {})
    return [*gap.get("first", ()), *gap.get("longest", ())]


def _line_figure(heading: str, key: str, ts: Instants, values: Floats, about: str, missing: Stretches) -> Figure:
    """Return a line over time; values that aren't known are left out of it."""
    known = np.isfinite(values)
    times, numbers = ts[known], values[known]
    if not numbers.size:
        return Figure(heading, (), f"{about} Nothing is known.")
    if ts[0] == ts[-1]:
        told = " to ".join(dict.fromkeys((_quoted(numbers.min()), _quoted(numbers.max()))))
        return Figure(heading, (), f"{about} All at one instant: {told}.")
    low, high = padded(float(numbers.min()), float(numbers.max()))

    def draw(canvas: Canvas) -> str:
        frame = Frame(canvas, 8, canvas.height - canvas.font - 14, int(ts[0]), int(ts[-1]), low, high)
        shapes = [_bands(frame, missing), grid(frame), _joined(frame, times, numbers), dates(frame)]
        return document(canvas, key=key, title=heading, description=about, body=shapes)

    return drawn(heading, about, draw)


def _joined(frame: Frame, ts: Instants, values: Floats) -> str:
    """Return lines through rows that follow each other, and dots on those that stand alone or are few."""
    breaks = _breaks(ts, frame.end - frame.start)
    kept = np.unique(np.concatenate((kept_points(values, limit=frame.canvas.points), breaks - 1, breaks)))
    pieces = np.split(kept, np.searchsorted(kept, breaks))
    alone = kept if ts.size <= FEW else np.concatenate([piece for piece in pieces if piece.size <= SHORT] or [kept[:0]])
    lines = (line(frame, ts[piece], values[piece], name="series") for piece in pieces if piece.size > 1)
    return "".join([*lines, dots(frame, ts[alone], values[alone], name="series")])


def _breaks(ts: Instants, span: int) -> NDArray[np.intp]:
    """Return the positions of rows that come so long after the one before that no line should join them."""
    apart = np.diff(ts)
    if not apart.size:
        return np.empty(0, np.intp)
    return np.flatnonzero(apart > max(LONG * span, USUAL * float(np.quantile(apart, 0.95)))) + 1


def _bands(frame: Frame, stretches: Stretches) -> str:
    """Return stretches of time shaded from top to bottom, each at least visible."""
    parts = []
    for start, end in stretches:
        left, right = frame.x(np.array([max(start, frame.start), min(end, frame.end)], dtype=np.int64)).tolist()
        parts.append(
            f'<rect class="warmup" x="{left:.1f}" y="{frame.top:.1f}" width="{max(right - left, 1.5):.1f}" '
            f'height="{frame.bottom - frame.top:.1f}"/>'
        )
    return "".join(parts)


def _instant(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp()) * 10**9


def _quoted(price: np.float64) -> str:
    return measured(float(price), digits=5)


def _date(ns: np.int64) -> str:
    return str(np.datetime64(int(ns), "ns").astype("datetime64[m]")).replace("T", " ")

"""Market data drawn: one HTML file that needs no network, no script and no other file.

1. `_stream` draws each symbol's price, shades where bars are missing, and draws the spread where there are quotes or books.
2. `_hours` counts rows by time of day, winter and summer apart: a wrong zone or half an hour too many shows at once.
3. `_checks` lists what the quality gate found, `_inputs` what was read.

The page is a function of its input, like the report of a run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.market.digest import tape_digest
from runner.market.load import MarketData
from runner.market.tape import Tape
from runner.report.downsample import kept_points
from runner.report.figures.figure import Figure, drawn, padded
from runner.report.markup import facts, section, table
from runner.report.style import STYLE
from runner.report.svg import Canvas, Frame, caption, dates, document, grid, line
from runner.report.wording import count, grouped, plain
from runner.spec.run import RunSpec

__all__ = ["DataPage", "render_data"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
MOST_SYMBOLS = 6
"""Symbols that are drawn; beyond it a page stops being read."""
MOST_LEVELS = 10
"""Book levels in the table."""
DAY = 86_400_000_000_000
BUCKET = DAY // 96
"""A quarter of an hour."""

Floats = NDArray[np.float64]
Instants = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DataPage:
    """What the page is made from. Nothing in it is trusted: all text is escaped where it is written."""

    spec: RunSpec
    """What was asked for."""
    market: MarketData
    """What came through the gate."""


def render_data(page: DataPage) -> str:
    """Return the page as HTML text, the same bytes for the same input."""
    title = f"{page.spec.data.kind} · market data"
    head = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<header><h1>{escape(title)}</h1>",
        f'<p class="about">{escape(_about(page))}</p></header>',
    ]
    streams = [_stream(stream, tape, page) for stream, tape in page.market.tapes.items()]
    return "\n".join([*head, *streams, _inputs(page), "</main>", "</body>", "</html>", ""])


def _about(page: DataPage) -> str:
    rows = [f"{count(tape.rows)} {stream}" for stream, tape in page.market.tapes.items()]
    return f"{', '.join(rows)} · {count(len(page.spec.universe.symbols))} symbols · times are UTC"


def _stream(stream: str, tape: Tape, page: DataPage) -> str:
    quality = page.market.quality[stream]
    report: Mapping[str, Any] = quality if isinstance(quality, Mapping) else {}
    held = [number for number in range(len(tape.symbols)) if tape.offsets[number] < tape.offsets[number + 1]]
    parts = [_html(figure) for number in held[:MOST_SYMBOLS] for figure in _symbol_figures(stream, tape, number, report)]
    more = len(held) - MOST_SYMBOLS
    if more > 0:
        parts.append(f"<p>{count(more)} more symbols aren't drawn.</p>")
    hours = _hours(stream, tape)
    parts += [_html(hours)] if hours is not None else []
    parts += [_book(tape)] if stream == "depth" else []
    return section(stream.capitalize(), *parts, *_checks(report))


def _symbol_figures(stream: str, tape: Tape, number: int, report: Mapping[str, Any]) -> list[Figure]:
    symbol = tape.symbols[number]
    rows = slice(int(tape.offsets[number]), int(tape.offsets[number + 1]))
    ts, key = tape.ts[rows], f"{stream}-{number}"
    price, spread = _price(tape, rows), _spread(tape, rows)
    missing = _missing(symbol, report)
    sentence = f" Shaded: {count(len(missing))} of the longest and first stretches without bars." if missing else ""
    about = f"{count(ts.size)} rows, from {_date(ts[0])} to {_date(ts[-1])}.{sentence}"
    figures = [_line_figure(f"{symbol}: {PRICE_OF[stream]}", key, ts, price, about, missing)]
    if spread is not None:
        about = f"Offer less bid, in basis points of the middle; the median is {grouped(_median(spread), digits=2)}."
        figures.append(_line_figure(f"{symbol}: spread", f"{key}-spread", ts, spread, about, []))
    return figures


PRICE_OF = {"bars": "close", "quotes": "middle of bid and offer", "trades": "price", "depth": "middle of the best levels"}
"""What is drawn as the price of a stream."""


def _price(tape: Tape, rows: slice) -> Floats:
    if tape.stream == "bars":
        return tape.columns["close"][rows]
    if tape.stream == "trades":
        return tape.columns["price"][rows]
    bid, ask = _touch(tape, rows)
    return (bid + ask) / 2


def _spread(tape: Tape, rows: slice) -> Floats | None:
    """Return the spread in basis points of the middle; None for streams that have none."""
    if tape.stream not in {"quotes", "depth"}:
        return None
    bid, ask = _touch(tape, rows)
    return (ask - bid) / ((ask + bid) / 2) * 10_000


def _touch(tape: Tape, rows: slice) -> tuple[Floats, Floats]:
    level = "_0" if tape.stream == "depth" else ""
    return tape.columns[f"bid_price{level}"][rows], tape.columns[f"ask_price{level}"][rows]


def _missing(symbol: str, report: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Return the stretches without bars that the quality report names, in UTC ns."""
    gap = report.get("checks", {}).get("gap", {})
    listed = [each for each in (*gap.get("first", ()), *gap.get("longest", ())) if each["symbol"] == symbol]
    return sorted({(_instant(each["from"]), _instant(each["to"])) for each in listed})


def _line_figure(
    heading: str, key: str, ts: Instants, values: Floats, about: str, missing: Sequence[tuple[int, int]]
) -> Figure:
    """Return a line over time; values that aren't known are left out of it."""
    known = np.isfinite(values)
    times, numbers = ts[known], values[known]
    if not numbers.size:
        return Figure(heading, (), "Nothing is known.")
    low, high = padded(float(numbers.min()), float(numbers.max()))

    def draw(canvas: Canvas) -> str:
        frame = Frame(canvas, 8, canvas.height - canvas.font - 14, int(ts[0]), int(ts[-1]), low, high)
        kept = kept_points(numbers, limit=canvas.points)
        shapes = [_bands(frame, missing), grid(frame), line(frame, times[kept], numbers[kept], name="series"), dates(frame)]
        return document(canvas, key=key, title=heading, description=about, body=shapes)

    return drawn(heading, about, draw)


def _bands(frame: Frame, stretches: Sequence[tuple[int, int]]) -> str:
    """Return stretches of time shaded from top to bottom, each at least visible."""
    parts = []
    for start, end in stretches:
        left, right = frame.x(np.array([max(start, frame.start), min(end, frame.end)], dtype=np.int64)).tolist()
        parts.append(
            f'<rect class="warmup" x="{left:.1f}" y="{frame.top:.1f}" width="{max(right - left, 1.5):.1f}" '
            f'height="{frame.bottom - frame.top:.1f}"/>'
        )
    return "".join(parts)


def _hours(stream: str, tape: Tape) -> Figure | None:
    """Return rows by quarter of an hour of the UTC day, in winter and in summer; None for one row a day or less."""
    opened, longest = tape.opened, int(np.diff(tape.offsets).max())
    if longest <= 2 * np.unique(tape.session).size:
        return None
    month = opened.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64) % 12
    winter, summer = np.isin(month, (10, 11, 0, 1)), np.isin(month, (4, 5, 6, 7))
    counts = {
        "November to February": np.bincount(opened[winter] % DAY // BUCKET, minlength=96),
        "May to August": np.bincount(opened[summer] % DAY // BUCKET, minlength=96),
    }
    about = " ".join(f"{name}: {_stretch(found)}." for name, found in counts.items())
    return drawn(f"Rows by time of day, {stream}", f"{about} Times are UTC.", _hours_drawing(stream, counts, about))


def _hours_drawing(stream: str, counts: Mapping[str, NDArray[np.int64]], about: str) -> Callable[[Canvas], str]:
    def draw(canvas: Canvas) -> str:
        plots: list[str] = []
        half = canvas.height / 2
        for number, (name, found) in enumerate(counts.items()):
            top = number * half + canvas.font + 8
            frame = Frame(canvas, top, (number + 1) * half - canvas.font - 6, 0, DAY, 0.0, float(max(found.max(), 1)))
            plots += [caption(frame, name), grid(frame, about=2), _columns(frame, found), _clock(frame)]
        return document(canvas, key=f"hours-{stream}", title="Rows by time of day", description=about, body=plots)

    return draw


def _columns(frame: Frame, counts: NDArray[np.int64]) -> str:
    """Return one column per quarter of an hour that has rows."""
    held = np.flatnonzero(counts)
    edges = frame.x(held.astype(np.int64) * BUCKET)
    width = float(frame.x(np.array([BUCKET]))[0] - frame.x(np.array([0]))[0])
    tops = frame.y(counts[held].astype(np.float64))
    shapes = "".join(
        f"M{left:.1f},{frame.bottom:.1f}V{top:.1f}h{width:.1f}V{frame.bottom:.1f}z"
        for left, top in zip(edges.tolist(), tops.tolist(), strict=True)
    )
    return f'<path class="series-area" d="{shapes}"/>' if shapes else ""


def _clock(frame: Frame) -> str:
    """Return the axis of the day: every third hour."""
    places = frame.x(np.arange(0, 25, 3) * (DAY // 24)).tolist()
    return "".join(
        f'<text x="{x:.1f}" y="{frame.bottom + frame.canvas.font:.1f}" text-anchor="middle">{hour:02d}</text>'
        for x, hour in zip(places, range(0, 25, 3), strict=True)
    )


def _stretch(counts: NDArray[np.int64]) -> str:
    held = np.flatnonzero(counts)
    if not held.size:
        return "no rows"
    first, last = int(held[0]) * 15, int(held[-1]) * 15 + 15
    return f"rows between {first // 60:02d}:{first % 60:02d} and {last // 60:02d}:{last % 60:02d}"


def _book(tape: Tape) -> str:
    """Return mean sizes and distances per level, over all rows."""
    levels = sum(name.startswith("bid_price_") for name in tape.columns)
    everything = slice(0, tape.rows)
    bid, ask = _touch(tape, everything)
    middle = (bid + ask) / 2
    rows = []
    for level in range(min(levels, MOST_LEVELS)):
        away = [abs(tape.columns[f"{side}_price_{level}"] - middle) / middle * 10_000 for side in ("bid", "ask")]
        sizes = [tape.columns[f"{side}_size_{level}"] for side in ("bid", "ask")]
        means = (sizes[0], away[0], away[1], sizes[1])
        rows.append((str(level), *(grouped(_mean(each), digits=2) if _any(each) else "n/a" for each in means)))
    head = ("Level", "Bid size", "Below the middle, bps", "Above the middle, bps", "Offer size")
    return table("The book: means over all rows", head, rows, numeric=(1, 2, 3, 4))


def _checks(report: Mapping[str, Any]) -> list[str]:
    """Return counts per check, then everything else the gate reports of the stream."""
    checks = report.get("checks", {})
    rows = [(name, each["policy"], count(each["count"]), _worst(each["symbols"])) for name, each in checks.items()]
    first = table("Quality: rows found by each check", ("Check", "Policy", "Rows", "Symbols"), rows, numeric=(2,))
    rest = {key: value for key, value in report.items() if key != "checks"}
    return [first, *facts("Data quality", rest, write=plain)]


def _worst(symbols: Mapping[str, int]) -> str:
    ordered = sorted(symbols.items(), key=lambda item: -item[1])
    return ", ".join(f"{symbol} {count(number)}" for symbol, number in ordered[:MOST_SYMBOLS]) or "none"


def _inputs(page: DataPage) -> str:
    digests = table("SHA-256 of what was read", ("Input", "Digest"), list(page.market.digests.items()))
    tapes = table(
        "SHA-256 of the tapes", ("Stream", "Digest"), [(name, tape_digest(tape)) for name, tape in page.market.tapes.items()]
    )
    policies = {"data": page.spec.data, "timezone": page.spec.timezone, "quality": page.spec.quality}
    asked = [each for name, spec in policies.items() for each in facts(name, spec.model_dump(mode="json"), write=plain)]
    return section("What was read", digests, tapes, *asked)


def _html(figure: Figure) -> str:
    note = f"<figcaption>{escape(figure.caption)}</figcaption>"
    return "\n".join([f"<h3>{escape(figure.heading)}</h3>", "<figure>", *figure.drawings, note, "</figure>"])


def _instant(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp()) * 10**9


def _date(ns: np.int64) -> str:
    return str(np.datetime64(int(ns), "ns").astype("datetime64[m]")).replace("T", " ")


def _any(values: Floats) -> bool:
    return bool(np.isfinite(values).any())


def _mean(values: Floats) -> float:
    return float(np.nanmean(values))


def _median(values: Floats) -> float:
    return float(np.nanmedian(values)) if _any(values) else 0.0

"""Market data drawn: one HTML file that needs no network, no script and no other file.

1. `_stream` says what was done to a stream's values and draws its symbols (`figures.prices`) and hours (`figures.hours`).
2. `_book` lists what lies at the levels of a book.
3. `stream_quality` lists what the quality gate found, `_inputs` what was read.

The page is a function of its input, like the report of a run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.market.adjust import ADJUSTED_CLOSE
from runner.market.digest import tape_digest
from runner.market.load import MarketData
from runner.market.streams import columns_of
from runner.market.tape import Tape
from runner.report.document import document
from runner.report.figures.hours import hours_figures
from runner.report.figures.prices import symbol_figures
from runner.report.markup import drawing, facts, section, table, worded
from runner.report.measured import counted, measured
from runner.report.quality_page import stream_quality
from runner.report.wording import UNDEFINED, plain
from runner.spec.kind import Spec
from runner.spec.run import RunSpec

__all__ = ["DataPage", "render_data"]

MOST_SYMBOLS = 6
"""Symbols that are drawn; beyond it a page stops being read."""
MOST_LEVELS = 10
"""Book levels in the table."""
ROWS_OF = {"bars": "bar", "quotes": "quote", "trades": "trade", "depth": "book"}
"""What one row of a stream is called."""


@dataclass(frozen=True, slots=True)
class DataPage:
    """What the page is made from. Nothing in it is trusted: all text is escaped where it is written."""

    spec: RunSpec
    """What was asked for."""
    market: MarketData
    """What came through the gate."""


def render_data(page: DataPage) -> str:
    """Return the page as HTML text, the same bytes for the same input."""
    title = f"{_named(page.spec.universe.symbols)} · market data"
    header = f'<header><h1>{escape(title)}</h1>\n<p class="about">{escape(_about(page))}</p></header>'
    streams = [_stream(stream, tape, page) for stream, tape in page.market.tapes.items()]
    return document(title, header, *streams, _inputs(page))


def _named(symbols: Sequence[str]) -> str:
    """Return the symbols that are drawn, and how many more there are."""
    more = len(symbols) - MOST_SYMBOLS
    return f"{', '.join(symbols[:MOST_SYMBOLS])}{f' and {more} more' if more > 0 else ''}"


def _about(page: DataPage) -> str:
    rows = [counted(tape.rows, ROWS_OF[stream]) for stream, tape in page.market.tapes.items()]
    return (
        f"{page.spec.data.kind} · {', '.join(rows)} · {counted(len(page.spec.universe.symbols), 'symbol')} · times are UTC"
    )


def _stream(stream: str, tape: Tape, page: DataPage) -> str:
    quality = page.market.quality[stream]
    report: Mapping[str, Any] = quality if isinstance(quality, Mapping) else {}
    notes = [f'<p class="about">{escape(f"Note: {note}")}</p>' for note in report.get("notes", ())]
    held = [number for number in range(len(tape.symbols)) if tape.offsets[number] < tape.offsets[number + 1]]
    figures = [figure for number in held[:MOST_SYMBOLS] for figure in symbol_figures(tape, number, report)]
    more = len(held) - MOST_SYMBOLS
    rest = [f"<p>{counted(more, 'more symbol')} {'is' if more == 1 else 'are'} not drawn.</p>"] if more > 0 else []
    rest += map(drawing, hours_figures(tape, page.market.calendars.get(tape.stream, {})))
    rest += [_book(tape)] if stream == "depth" else []
    return section(stream.capitalize(), *notes, *map(drawing, figures), *rest, *_quality(stream, report))


def _quality(stream: str, report: Mapping[str, Any]) -> list[str]:
    """Return what the quality gate found, but for the notes, which stand above."""
    return stream_quality(stream, {key: value for key, value in report.items() if key != "notes"}) if report else []


def _book(tape: Tape) -> str:
    """Return mean sizes and distances per level, over all rows."""
    levels = sum(name.startswith("bid_price_") for name in tape.columns)
    middle = (tape.columns["bid_price_0"] + tape.columns["ask_price_0"]) / 2
    rows = []
    for level in range(min(levels, MOST_LEVELS)):
        away = [abs(tape.columns[f"{side}_price_{level}"] - middle) / middle * 10_000 for side in ("bid", "ask")]
        sizes = [tape.columns[f"{side}_size_{level}"] for side in ("bid", "ask")]
        rows.append((str(level), *map(_mean, (sizes[0], away[0], away[1], sizes[1]))))
    head = ("Level", "Bid size", "Below the middle, bps", "Above the middle, bps", "Offer size")
    return table("The book: means over all rows", head, rows, numeric=(1, 2, 3, 4))


def _inputs(page: DataPage) -> str:
    digests = table("SHA-256 of what was read", ("Input", "Digest"), list(page.market.digests.items()))
    tapes = table(
        "SHA-256 of the tapes", ("Stream", "Digest"), [(name, tape_digest(tape)) for name, tape in page.market.tapes.items()]
    )
    policies = {"data": page.spec.data, "timezone": page.spec.timezone, "quality": page.spec.quality}
    asked = [each for name, spec in policies.items() for each in facts(worded(name), _said(spec, page), write=plain)]
    return section("What was read", digests, tapes, *asked)


def _said(spec: Spec, page: DataPage) -> dict[str, Any]:
    """Return the settings that were used: none that is null, and no column of a stream that wasn't read."""
    said = spec.model_dump(mode="json", exclude_none=True)
    if isinstance(said.get("columns"), dict):
        of_streams = {name.removesuffix("_0") for stream in page.market.tapes for name in columns_of(stream, 1)}
        used = of_streams | {"symbol", "timestamp", ADJUSTED_CLOSE}
        said["columns"] = {name: column for name, column in said["columns"].items() if name in used}
    return said


def _mean(values: NDArray[np.float64]) -> str:
    known = values[np.isfinite(values)]
    return measured(float(known.mean())) if known.size else UNDEFINED

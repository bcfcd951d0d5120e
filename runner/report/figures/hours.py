"""How many rows there are at which time of day: a wrong zone, or half an hour too many, shows at once.

Winter and summer are drawn apart, because the hours of an exchange move against UTC; data without rows in both of them are
drawn as one. Symbols of different markets are drawn apart as well: the hours of one would hide those of another.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from runner.market.calendar import Calendar
from runner.market.tape import Tape
from runner.report.figures.figure import Figure, drawn
from runner.report.svg import Canvas, Frame, caption, document, grid

__all__ = ["hours_figures"]

DAY = 86_400_000_000_000
BUCKETS = 96
BUCKET = DAY // BUCKETS
"""A quarter of an hour."""
SEASONS = {"November to February": (10, 11, 0, 1), "May to August": (4, 5, 6, 7)}
"""Months, counted from 0, in which no clock is changed."""
ALL = "All rows"
NAMED = 3
"""Symbols of a market that its title names."""

Counts = NDArray[np.int64]


def hours_figures(tape: Tape, calendars: Mapping[str, Calendar]) -> list[Figure]:
    """Return rows by time of day, one figure per market; none for a market with too few rows to draw.

    Args:
        tape: one stream.
        calendars: symbol → the sessions its rows were held against; symbols without any are one market.
    """
    markets: dict[str | int, list[int]] = {}
    for number, symbol in enumerate(tape.symbols):
        if tape.offsets[number] < tape.offsets[number + 1]:
            markets.setdefault(_market(calendars.get(symbol)), []).append(number)
    figures = (_hours_figure(tape, codes, is_only=len(markets) == 1) for codes in markets.values())
    return [figure for figure in figures if figure is not None]


def _market(calendar: Calendar | None) -> str | int:
    """Return what tells a market from others: an exchange's name; fixed hours are those of one policy."""
    if calendar is None:
        return ""
    return calendar.name if calendar.zone is not None else id(calendar)


def _hours_figure(tape: Tape, codes: Sequence[int], *, is_only: bool) -> Figure | None:
    """Return rows by quarter of an hour of the UTC day; None for one row a day or less, or less than a day of rows."""
    rows = slice(None) if is_only else np.isin(tape.symbol, codes)
    opened, longest = tape.opened[rows], int(np.diff(tape.offsets)[list(codes)].max())
    if longest <= 2 * np.unique(tape.session[rows]).size or int(opened.max()) - int(opened.min()) < DAY:
        return None
    counts = _by_season(opened)
    told = [_stretch(found) if name == ALL else f"{_stretch(found)} ({name})" for name, found in counts.items()]
    about = f"Rows {', '.join(told)}. Times are UTC."
    key, title = f"hours-{tape.stream}", f"Rows by time of day, {tape.stream}"
    if not is_only:
        key, title = f"{key}-{codes[0]}", f"{title} of {_named([tape.symbols[code] for code in codes])}"

    def draw(canvas: Canvas) -> str:
        height = 0.0
        shapes: list[str] = []
        for name, found in counts.items():
            top = height + canvas.font + 8
            frame = Frame(canvas, top, top + 100, 0, DAY, 0.0, float(found.max()))
            shapes += [caption(frame, name), grid(frame, about=2), _columns(frame, found), _clock(frame)]
            height = frame.bottom + canvas.font + 10
        return document(canvas, key=key, title=title, description=about, body=shapes, height=height)

    return drawn(title, about, draw)


def _named(symbols: Sequence[str]) -> str:
    more = len(symbols) - NAMED
    return f"{', '.join(symbols[:NAMED])}{f' and {more} more' if more > 0 else ''}"


def _by_season(opened: NDArray[np.int64]) -> Mapping[str, Counts]:
    month = opened.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64) % 12
    seasons = {name: np.isin(month, months) for name, months in SEASONS.items()}
    if not all(rows.any() for rows in seasons.values()):
        seasons = {ALL: np.ones(opened.size, np.bool_)}
    return {name: np.bincount(opened[rows] % DAY // BUCKET, minlength=BUCKETS) for name, rows in seasons.items()}


def _columns(frame: Frame, counts: Counts) -> str:
    """Return one column per quarter of an hour that has rows."""
    held = np.flatnonzero(counts)
    edges = frame.x(held.astype(np.int64) * BUCKET)
    width = float(frame.x(np.array([BUCKET]))[0] - frame.x(np.array([0]))[0])
    tops = frame.y(counts[held].astype(np.float64))
    shapes = "".join(
        f"M{left:.1f},{frame.bottom:.1f}V{top:.1f}h{width:.1f}V{frame.bottom:.1f}z"
        for left, top in zip(edges.tolist(), tops.tolist(), strict=True)
    )
    return f'<path class="series series-area" d="{shapes}"/>'


def _clock(frame: Frame) -> str:
    """Return the axis of the day: every third hour."""
    places = frame.x(np.arange(0, 25, 3) * (DAY // 24)).tolist()
    return "".join(
        f'<text x="{x:.1f}" y="{frame.bottom + frame.canvas.font + 4:.1f}" text-anchor="middle">{hour:02d}</text>'
        for x, hour in zip(places, range(0, 25, 3), strict=True)
    )


def _stretch(counts: Counts) -> str:
    """Return the hours that have rows: the day, seen as a circle, without its longest stretch of empty quarters."""
    held = np.flatnonzero(counts)
    # From each quarter with rows to the next one, the first following the last across midnight.
    steps = np.diff(np.append(held, held[0] + BUCKETS))
    before = int(np.argmax(steps))
    if steps[before] == 1:
        return "around the clock"
    first, last = held[(before + 1) % held.size], held[before] + 1
    if last % BUCKETS == 0:
        return f"from {_time(first)} to 24:00"
    across = ", across midnight" if last < first else ""
    return f"from {_time(first)} to {_time(last)}{across}"


def _time(quarter: np.int64) -> str:
    return f"{int(quarter) // 4:02d}:{int(quarter) % 4 * 15:02d}"

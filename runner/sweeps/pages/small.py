"""Figures of half a page's width, which stand side by side, or below each other where there is no room.

One drawing serves both, since it is shown at nearly its own size on a wide page and on a narrow one.
"""

from html import escape

from runner.report.svg import Canvas

__all__ = ["SMALL", "Labels", "beside", "labels", "rectangle"]

SMALL = Canvas(name="small", width=400, height=250, font=12, points=300)

Labels = list[tuple[float, str]]
"""Where a label's middle lies, and what it says."""

LETTER = 0.6
"""Mean width of a letter, as a share of the size of its font."""


def beside(*figures: tuple[str, str]) -> str:
    """Return drawings side by side, each with its caption as plain text."""
    shown = "".join(f"<figure>{drawing}<figcaption>{escape(caption)}</figcaption></figure>" for drawing, caption in figures)
    return f'<div class="beside">{shown}</div>'


def labels(texts: list[str], middles: list[float], *, font: int, across: bool) -> Labels:
    """Return the labels that have room beside each other: all, or every so many of them.

    Args:
        texts: One for each place.
        middles: Where the places lie, ascending or descending.
        font: Size of the labels.
        across: Whether they stand in a row, and need room for their length, instead of in a column.
    """
    if not texts:
        return []
    room = abs(middles[-1] - middles[0]) / max(len(texts) - 1, 1)
    need = (LETTER * max(map(len, texts)) + 0.8 if across else 1.15) * font
    step = max(1, -int(-need // room)) if len(texts) > 1 and room > 0 else 1
    return [(middles[place], texts[place]) for place in range(0, len(texts), step)]


def rectangle(name: str, box: tuple[float, float, float, float], *, title: str = "") -> str:
    """Return a rectangle of a class: left, top, width, height; a title is shown where the pointer rests."""
    left, top, width, height = box
    inner = f"><title>{escape(title)}</title></rect>" if title else "/>"
    return f'<rect class="{name}" x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"{inner}'

"""The window of session dates: which rows a run looks at."""

from datetime import date

import polars as pl

from runner.errors import Fault
from runner.market.day import is_day
from runner.spec.window import Window

__all__ = ["empty_window", "span_of", "window_faults", "within"]


def window_faults(window: Window) -> list[Fault]:
    """Return what is wrong with the window itself: days that don't exist, a start after the end."""
    faults = [
        Fault(f"window.{name}", "must be a day of the calendar", f'"{day}"', 'Write YYYY-MM-DD, e.g. "2005-01-31".')
        for name, day in (("start", window.start), ("end", window.end))
        if day is not None and not is_day(day)
    ]
    if faults or window.start is None or window.end is None or window.start <= window.end:
        return faults
    was = f'"{window.start}" to "{window.end}"'
    return [Fault("window", "must start on or before its end", was, "Exchange window.start and window.end.")]


def within(frame: pl.DataFrame, window: Window) -> pl.DataFrame:
    """Keep the rows whose `session` (a Date) lies in the window, both ends included."""
    start, end = _day(window.start), _day(window.end)
    if start is not None:
        frame = frame.filter(pl.col("session") >= start)
    if end is not None:
        frame = frame.filter(pl.col("session") <= end)
    return frame


def span_of(frame: pl.DataFrame) -> tuple[date, date] | None:
    """Return the first and the last `session` date, None without rows."""
    if frame.height == 0:
        return None
    first, last = frame.select(pl.col("session").min().alias("first"), pl.col("session").max().alias("last")).row(0)
    return first, last


def empty_window(span: tuple[date, date] | None, window: Window) -> Fault:
    """Return the fault of a window without rows, saying which dates (`span_of`) there are."""
    was = f"{window.start or 'the beginning'} to {window.end or 'the end'}"
    if span is None:
        return Fault("window", "must hold at least one row of the data", was, "The data have no rows.")
    write = f"The universe's rows span {span[0]} to {span[1]}; write dates among them."
    return Fault("window", "must hold at least one row of the data", was, write)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)

"""Round values along an axis: 1, 2 and 5 times a power of ten for numbers, calendar steps in UTC for time.

Labels of time are ISO digits, so that they read the same everywhere: `2008`, `2008-03`, `03-14`, `14:30`.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from runner.report.wording import grouped

__all__ = ["Tick", "number_labels", "number_ticks", "time_ticks"]

_SECOND = 1_000_000_000
_MINUTE = 60 * _SECOND
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

_EVEN_STEPS = (
    *(step * _SECOND for step in (1, 5, 15, 30)),
    *(step * _MINUTE for step in (1, 2, 5, 10, 15, 30)),
    *(step * _HOUR for step in (1, 2, 3, 6, 12)),
    *(step * _DAY for step in (1, 2, 7, 14)),
)
"""Steps of equal length, in ns; longer ones follow the calendar."""

_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
"""Steps of the calendar, in months."""

_MONDAY = 4 * _DAY
"""1970-01-05: weekly steps fall on Mondays."""


@dataclass(frozen=True, slots=True)
class Tick:
    """One labelled place on an axis."""

    value: float
    """Number, or UTC nanoseconds on an axis of time."""
    label: str


def number_ticks(low: float, high: float, *, about: int) -> list[float]:
    """Return round values from `low` to `high`, roughly `about` of them; one value where both are equal."""
    if high <= low:
        return [low]
    step = _round_step((high - low) / about)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [index * step for index in range(first, last + 1)]


def number_labels(values: list[float]) -> list[str]:
    """Return one label per tick, as short as tells them apart; millions and billions are `M` and `bn`."""
    largest = max(abs(value) for value in values)
    scale, unit = next(((scale, unit) for scale, unit in ((1e9, "bn"), (1e6, "M")) if largest >= scale), (1.0, ""))
    step = (values[1] - values[0] if len(values) > 1 else largest) / scale
    digits = min(max(0, -math.floor(math.log10(step) + 1e-9)), 8) if step > 0 else 0
    return [grouped(value / scale, digits=digits) + unit if value else grouped(0.0, digits=digits) for value in values]


def time_ticks(start: int, end: int, *, at_most: int) -> list[Tick]:
    """Return labelled instants between two UTC nanosecond stamps, both included: at least one.

    Args:
        start: left end of the axis.
        end: right end of the axis.
        at_most: labels such as `03-14 14:30` that fit side by side, 2 or more; of years there may be twice as many.
    """
    if end <= start:
        return [Tick(start, _text(start, "%Y-%m-%d %H:%M"))]
    for step in _EVEN_STEPS:
        if (end - start) / step < at_most:
            return _even_ticks(start, end, step)
    for months in _MONTH_STEPS:
        ticks = _month_ticks(start, end, months)
        if len(ticks) <= (2 * at_most if months >= 12 else at_most):
            break
    return ticks or [Tick(start, _text(start, "%Y-%m-%d"))]


def _round_step(rough: float) -> float:
    """Return 1, 2, 5 or 10 times a power of ten: the smallest that isn't much below `rough`."""
    exponent = math.floor(math.log10(rough))
    power = 10.0**exponent
    lead = next(lead for lead in (1, 2, 5, 10) if lead * power >= 0.7 * rough)
    return float(f"{lead}e{exponent}")


def _even_ticks(start: int, end: int, step: int) -> list[Tick]:
    origin = _MONDAY if step % (7 * _DAY) == 0 else 0
    first = origin - (origin - start) // step * step
    stamps = range(first, end + 1, step)
    label = _day_label if step >= _DAY else _clock_label(seconds=step < _MINUTE)
    return _labelled(stamps, label) or [Tick(start, _text(start, "%Y-%m-%d %H:%M"))]


def _month_ticks(start: int, end: int, step: int) -> list[Tick]:
    stamps = [stamp for stamp in _months(start, end, step) if start <= stamp <= end]
    form = "%Y" if step >= 12 else "%Y-%m"
    return [Tick(stamp, _text(stamp, form)) for stamp in stamps]


def _months(start: int, end: int, step: int) -> Iterator[int]:
    """Yield the first instant of every `step`-th month of the stretch, counted from year 0 so that years are round."""
    first, last = (int(np.datetime64(stamp, "ns").astype("datetime64[M]").astype(np.int64)) for stamp in (start, end))
    origin = 1970 * 12
    for month in range(-(-(first + origin) // step) * step - origin, last + 1, step):
        yield int(np.datetime64(month, "M").astype("datetime64[ns]").astype(np.int64))


def _labelled(stamps: range, label: Callable[[int, int | None], str]) -> list[Tick]:
    """Label each stamp knowing the one before it."""
    before: list[int | None] = [None, *stamps]
    return [Tick(stamp, label(stamp, previous)) for stamp, previous in zip(stamps, before, strict=False)]


def _day_label(stamp: int, previous: int | None) -> str:
    """Return month and day, with the year where it begins."""
    is_new = previous is None or _text(previous, "%Y") != _text(stamp, "%Y")
    return _text(stamp, "%Y-%m-%d" if is_new else "%m-%d")


def _clock_label(*, seconds: bool) -> Callable[[int, int | None], str]:
    """Return a labeller of times of day, which says the date where it changes."""
    clock = "%H:%M:%S" if seconds else "%H:%M"

    def label(stamp: int, previous: int | None) -> str:
        is_new = previous is None or previous // _DAY != stamp // _DAY
        return _text(stamp, f"%m-%d {clock}" if is_new else clock)

    return label


def _text(stamp: int, form: str) -> str:
    return datetime.fromtimestamp(stamp // _SECOND, tz=UTC).strftime(form)

"""Which stretches of time were a bear market, or one of high volatility: shaded behind equity and drawdown."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.market.tape import Tape
from runner.report.regimes import market_of
from runner.report.svg import Frame

__all__ = ["LEGEND", "Shading", "shaded", "shading_of"]

LEGEND = "Shaded: bear market of its universe; stripe below: high volatility."
STRIPE = 5.0
"""Height of the stripe that tells of volatility."""
NEAR = 2.0
"""Units of the canvas that stretches must lie apart to be drawn apart."""

Stretches = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Shading:
    """Stretches of time from UTC ns to UTC ns."""

    bear: Stretches = ()
    high: Stretches = ()


def shading_of(tape: Tape) -> Shading:
    """Return the stretches of a tape's sessions, as `regimes` tells them: by what was known at the close before."""
    if not tape.rows:
        return Shading()
    market = market_of(tape)
    place = np.searchsorted(market.sessions, tape.session)
    first = np.full(market.sessions.size, np.iinfo(np.int64).max)
    last = np.full(market.sessions.size, np.iinfo(np.int64).min)
    np.minimum.at(first, place, tape.ts)
    np.maximum.at(last, place, tape.ts)
    return Shading(_stretches(market.bear, first, last), _stretches(market.high, first, last))


def shaded(frame: Frame, shading: Shading) -> str:
    """Return the stretches as areas of a plot: bear markets over its whole height, volatility as a stripe at its foot."""
    bands = _bands(frame, shading.bear, name="bear", top=frame.top, height=frame.bottom - frame.top)
    return bands + _bands(frame, shading.high, name="wild", top=frame.bottom - STRIPE, height=STRIPE)


def _bands(frame: Frame, stretches: Stretches, *, name: str, top: float, height: float) -> str:
    """Return one path of all stretches; those that touch, or are too near to be told apart, become one."""
    shapes: list[list[float]] = []
    for start, end in stretches:
        left, right = frame.x(np.array([max(start, frame.start), min(end, frame.end)], dtype=np.int64)).tolist()
        if right < left:
            continue
        if shapes and left - shapes[-1][1] < NEAR:
            shapes[-1][1] = right
        else:
            shapes.append([left, right])
    drawn = "".join(
        f"M{left:.1f},{top:.1f}h{max(right - left, 1.0):.1f}v{height:.1f}h{-max(right - left, 1.0):.1f}z"
        for left, right in shapes
    )
    return f'<path class="{name}" d="{drawn}"/>' if drawn else ""


def _stretches(flags: NDArray[np.bool_], first: NDArray[np.int64], last: NDArray[np.int64]) -> Stretches:
    """Return runs of sessions that have a flag, each from its first instant to the first of the session behind it."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    ends = np.append(first[1:], last[-1])
    return tuple((int(first[start]), int(ends[stop - 1])) for start, stop in zip(edges[::2], edges[1::2], strict=True))

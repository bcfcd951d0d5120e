"""Whether one set of outcomes beats another for everybody: stochastic dominance of the first and the second order.

    first:   F(x) ≤ G(x) for all x, and < for some x           whoever prefers more chooses F
    second:  ∫ from −∞ to x of (G − F) ≥ 0 for all x, > for some   whoever also dislikes risk does

`F` and `G` are the shares of outcomes up to x of the one and the other. The first implies the second.

Source: Bailey, Borwein, López de Prado and Zhu (2017), "The Probability of Backtest Overfitting", Journal of Computational
Finance 20(4), section 3, on stochastic dominance of the chosen lane over a lane at random.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Dominance", "dominance"]

Values = NDArray[np.float64]

ROUNDING = 1e-12
"""Area, relative to the range of outcomes, that is taken for none."""


@dataclass(frozen=True, slots=True)
class Dominance:
    """Whether one set of outcomes beats another for everybody."""

    first: bool
    """For all who prefer more to less."""
    second: bool
    """For all who also dislike risk."""
    share: float
    """Share of the range of outcomes over which F ≤ G, 0 to 1; 1 where there is no range."""


def dominance(outcomes: Values, *, over: Values) -> Dominance:
    """Return whether some outcomes dominate others; both [C], finite, at least one each.

    Raises:
        ValueError: there are no outcomes.
    """
    if outcomes.size == 0 or over.size == 0:
        raise ValueError(f"there must be outcomes on both sides, were {outcomes.size} and {over.size}")
    points = np.unique(np.concatenate((outcomes, over)))
    f = np.searchsorted(np.sort(outcomes), points, side="right") / outcomes.size
    g = np.searchsorted(np.sort(over), points, side="right") / over.size
    widths = np.diff(points)
    area = np.cumsum((g - f)[:-1] * widths)
    extent = float(points[-1] - points[0])
    none = ROUNDING * extent
    first = bool(np.all(f <= g) and np.any(f < g))
    second = first or bool(area.size and area.min() >= -none and area.max() > none)
    share = float(widths[(f <= g)[:-1]].sum() / extent) if extent > 0.0 else 1.0
    return Dominance(first, second, share)

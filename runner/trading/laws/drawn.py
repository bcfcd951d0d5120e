"""Numbers of any usual size, as the laws draw them."""

import numpy as np
from numpy.random import Generator

from runner.trading.sizing import Sizing
from runner.trading.slippage import Slippage

__all__ = ["DRAWS", "SLACK", "positive", "values"]

DRAWS = 400
SLACK = 1e-9
"""What rounding may add up to, as a share of the numbers."""


def positive(rng: Generator) -> float:
    """Draw a number above zero of any usual size."""
    return float(np.exp(rng.uniform(-7.0, 12.0)))


def values(kind: Slippage | Sizing, rng: Generator) -> list[float]:
    """Draw what a kind's own expressions and windows come to: numbers of any size above zero, conditions."""
    types = [gives for _, gives in kind.expressions().values()]
    types += ["boolean"] * len(kind.windows()) if isinstance(kind, Slippage) else []
    small = rng.random() < 0.5  # as returns and their like are
    size = 1e-3 if small else 1.0
    return [float(rng.integers(2)) if gives == "boolean" else positive(rng) * size for gives in types]

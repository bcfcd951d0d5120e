"""The laws of fees: who trades pays, and for more no less."""

from collections.abc import Iterator
from math import isfinite

import numpy as np
from numpy.random import Generator

from runner.trading.fees import FEE, Fees
from runner.trading.laws.broken import Asked, Broken
from runner.trading.laws.drawn import DRAWS, SLACK, positive

__all__ = ["fees_laws"]


def fees_laws(kind: Fees, rng: Generator) -> Iterator[Broken]:
    """Yield what breaks the laws of fees."""
    fee = Asked(kind, "fee", FEE)
    p = np.array(kind.numbers(), dtype=np.float64)
    for draw in range(DRAWS):
        reference, quantity = positive(rng), positive(rng)
        traded, maker = np.array([positive(rng) if draw % 3 else 0.0, 0.0]), float(draw % 2)
        told = f"price {reference:g}, quantity {quantity:g}, {traded[0]:g} traded before, maker {maker:g}"
        bought, sold = (float(fee(p, traded, side * quantity, reference, maker)) for side in (1.0, -1.0))
        more = float(fee(p, traded, quantity * (1.0 + rng.random()), reference, maker))
        if not isfinite(bought) or not isfinite(sold):
            yield Broken("must be a finite number", f"{bought:g} to buy, {sold:g} to sell with {told}")
        if bought < 0.0 and not kind.rebates:
            yield Broken("must not be below zero unless the kind has `rebates = True`", f"{bought:g} with {told}")
        if bought != sold:
            yield Broken("must charge a buy what it charges a sell", f"{bought:g} to buy, {sold:g} to sell with {told}")
        if abs(more) < abs(bought) * (1.0 - SLACK):
            yield Broken("must not be smaller for a larger quantity", f"{more:g} for more than {bought:g} with {told}")
    yield from fee.broken()

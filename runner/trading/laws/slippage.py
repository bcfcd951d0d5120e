"""The laws of slippage: trading never pays."""

from collections.abc import Iterator
from math import inf, isfinite, isnan, nan

import numpy as np
from numpy.random import Generator

from runner.trading.laws.broken import Asked, Broken
from runner.trading.laws.drawn import DRAWS, SLACK, positive, values
from runner.trading.slippage import ASK, BID, GIVEN, PRICE, VOLUME, Slippage

__all__ = ["slippage_laws"]


def slippage_laws(kind: Slippage, rng: Generator) -> Iterator[Broken]:
    """Yield what breaks the laws of slippage."""
    price = Asked(kind, "price", PRICE)
    p = np.array(kind.numbers(), dtype=np.float64)
    for draw in range(DRAWS):
        reference = positive(rng) * (-1.0 if draw % 10 == 0 else 1.0)
        quantity = positive(rng)
        given = np.full(GIVEN + len(kind.expressions()) + len(kind.windows()), nan)
        given[GIVEN:] = values(kind, rng)
        if draw % 3:
            half = abs(reference) * float(rng.uniform(0.0, 0.01))
            given[[BID, ASK, VOLUME]] = reference - half, reference + half, positive(rng)
        told = f"reference {reference:g}, quantity {quantity:g}, given {given.tolist()}"
        bought, sold, more = (
            float(price(p, q, reference, given)) for q in (quantity, -quantity, quantity * (1.0 + rng.random()))
        )
        slack = SLACK * abs(reference)
        if inf in (abs(bought), abs(sold)):
            yield Broken("must give a finite price, or NaN where the cost isn't known", f"{bought:g} with {told}")
        if bought < reference or sold > reference:
            yield Broken("must never improve the price", f"{bought:g} to buy, {sold:g} to sell with {told}")
        if isnan(bought) != isnan(sold) or abs((bought - reference) - (reference - sold)) > slack:
            yield Broken("must cost a buy what it costs a sell", f"{bought:g} to buy, {sold:g} to sell with {told}")
        if more < bought - slack:
            yield Broken("must never be cheaper for a larger quantity", f"{more:g} for more than {bought:g} with {told}")
        if isfinite(price(p, quantity, nan, np.where(np.arange(given.size) < GIVEN, nan, given))):
            yield Broken("must give NaN where the reference isn't known", told)
    yield from price.broken()

"""The laws of sizes: nothing is ordered on what isn't known."""

from collections.abc import Iterator
from math import inf, isnan, nan

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from runner.trading.laws.broken import Asked, Broken
from runner.trading.laws.drawn import DRAWS, SLACK, positive, values
from runner.trading.sizing import SIZE, Sizing

__all__ = ["sizing_laws"]

SYMBOLS = 5


def sizing_laws(kind: Sizing, rng: Generator) -> Iterator[Broken]:
    """Yield what breaks the laws of sizes."""
    size = Asked(kind, "size", SIZE)
    p = np.array(kind.numbers(SYMBOLS), dtype=np.float64)
    lot = float(getattr(kind, "lot", 0.0))
    for draw in range(DRAWS):
        equity, price, share = 1e4 * positive(rng), positive(rng), float(rng.uniform(0.0, 1.0)) if draw % 5 else 1.0
        given = np.array(values(kind, rng))
        told = f"equity {equity:g}, price {price:g}, share {share:g}, given {given.tolist()}"
        units = float(size(p, equity, price, share, given))
        less = float(size(p, equity, price, share * float(rng.random()), given))
        if isnan(units) or units in (inf, -inf):
            yield Broken("must be a finite number of units where everything is known", f"{units:g} with {told}")
        if units < 0.0:
            yield Broken("must not be below zero", f"{units:g} with {told}")
        if lot > 0.0 and abs(units / lot - round(units / lot)) > SLACK * max(units / lot, 1.0):
            yield Broken("must be whole lots", f"{units!r} of {lot:g} with {told}")
        if less > units:
            yield Broken("must not shrink as the share of the target grows", f"{less:g} for less than {share:g} with {told}")
        yield from _unknown(size, p, [equity, price, share], given)
    yield from size.broken()


def _unknown(size: Asked, p: NDArray[np.float64], known: list[float], given: NDArray[np.float64]) -> Iterator[Broken]:
    """Yield what is ordered though something isn't known, or though the account has nothing."""
    names = ("equity", "price", "share")
    for place, name in enumerate(names):
        told = [nan if at == place else number for at, number in enumerate(known)]
        if size(p, *told, given) > 0.0:
            yield Broken(f"must order nothing where the {name} isn't known", f"{size(p, *told, given):g}")
    for place in range(given.size):
        without = np.where(np.arange(given.size) == place, nan, given)
        if size(p, *known, without) > 0.0:
            law = "must order nothing where one of its expressions isn't known"
            yield Broken(law, f"{size(p, *known, without):g} without the {place + 1}. of them")

"""The laws of what trading costs and of how much is ordered, tried on any kind, also on one of a user's own.

    slippage  never improves a price; costs buys what it costs sells; never costs a larger quantity less
    fees      are never below zero unless the kind rebates; are those of a sell for a buy; don't shrink as the quantity grows
    sizing    is never below zero; is whole lots where the kind has a `lot`; doesn't shrink as the share of the target grows

    all       give a finite number or NaN where everything is known, reach for nothing outside what they are given; without a
              price there is no cost and no size

`broken_laws` runs the compiled row function over drawn inputs and says of each law that doesn't hold with which.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf, isfinite, isnan, nan
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from runner.compiler import Compiled, row_function
from runner.spec.kind import Kind
from runner.trading.fees import FEE, Fees
from runner.trading.sizing import SIZE, Sizing
from runner.trading.slippage import ASK, BID, GIVEN, PRICE, VOLUME, Slippage

__all__ = ["Broken", "broken_laws"]

DRAWS = 400
SLACK = 1e-9
"""What rounding may add up to, as a share of the numbers."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A law that doesn't hold."""

    law: str
    """What must hold."""
    found: str
    """What was given, and what came of it."""


def broken_laws(kind: Kind, rng: Generator) -> tuple[Broken, ...]:
    """Return the laws of its family that a kind breaks, each once; none of a family that has no laws here."""
    if isinstance(kind, Slippage):
        tried = _slippage(kind, _compiled(kind.price, PRICE), rng)
    elif isinstance(kind, Fees):
        tried = _fees(kind, _compiled(kind.fee, FEE), rng)
    elif isinstance(kind, Sizing):
        tried = _sizing(kind, _compiled(kind.size, SIZE), rng)
    else:
        return ()
    found: dict[str, Broken] = {}
    try:
        for broken in tried:
            found.setdefault(broken.law, broken)
    except IndexError:
        law = "must stay inside the numbers it is given"
        found[law] = Broken(law, f"an index outside {len(_numbers(kind))} parameters or what it is told")
    return tuple(found.values())


def _compiled(function: Callable[..., Any], signature: Any) -> Compiled:
    return row_function(function, signature, is_checked=True)


def _numbers(kind: Slippage | Fees | Sizing) -> NDArray[np.float64]:
    return np.array(kind.numbers(5) if isinstance(kind, Sizing) else kind.numbers(), dtype=np.float64)


def _positive(rng: Generator) -> float:
    """Draw a number above zero of any usual size."""
    return float(np.exp(rng.uniform(-7.0, 12.0)))


def _values(kind: Slippage | Sizing, rng: Generator) -> list[float]:
    """Draw what a kind's own expressions and windows come to: numbers of any size above zero, conditions."""
    types = [gives for _, gives in kind.expressions().values()]
    types += ["boolean"] * len(kind.windows()) if isinstance(kind, Slippage) else []
    small = rng.random() < 0.5  # as returns and their like are
    size = 1e-3 if small else 1.0
    return [float(rng.integers(2)) if gives == "boolean" else _positive(rng) * size for gives in types]


# --- slippage --------------------------------------------------------------------------------------------------------


def _slippage(kind: Slippage, price: Compiled, rng: Generator) -> Iterator[Broken]:
    p = _numbers(kind)
    for draw in range(DRAWS):
        reference = _positive(rng) * (-1.0 if draw % 10 == 0 else 1.0)
        quantity = _positive(rng)
        given = np.full(GIVEN + len(kind.expressions()) + len(kind.windows()), nan)
        given[GIVEN:] = _values(kind, rng)
        if draw % 3:
            half = abs(reference) * float(rng.uniform(0.0, 0.01))
            given[[BID, ASK, VOLUME]] = reference - half, reference + half, _positive(rng)
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


# --- fees ------------------------------------------------------------------------------------------------------------


def _fees(kind: Fees, fee: Compiled, rng: Generator) -> Iterator[Broken]:
    p = _numbers(kind)
    for draw in range(DRAWS):
        reference, quantity = _positive(rng), _positive(rng)
        traded, maker = np.array([_positive(rng) if draw % 3 else 0.0, 0.0]), float(draw % 2)
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


# --- sizing ----------------------------------------------------------------------------------------------------------


def _sizing(kind: Sizing, size: Compiled, rng: Generator) -> Iterator[Broken]:
    p = _numbers(kind)
    lot = float(getattr(kind, "lot", 0.0))
    for draw in range(DRAWS):
        equity, price, share = 1e4 * _positive(rng), _positive(rng), float(rng.uniform(0.0, 1.0)) if draw % 5 else 1.0
        given = np.array(_values(kind, rng))
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


def _unknown(size: Compiled, p: NDArray[np.float64], known: list[float], given: NDArray[np.float64]) -> Iterator[Broken]:
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

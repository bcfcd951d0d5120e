"""Laws that every kind of a family keeps, the user's own as well.

    slippage  is never better than the reference; costs a buy what it costs a sell; never falls as the quantity grows
    fees      are never below zero, unless the kind has `rebates`; charge a buy what they charge a sell; don't shrink as the
              quantity grows
    sizing    is never below zero; is whole lots where the kind has a `lot`; doesn't shrink as the share of the target grows
    risk      allows between nothing and what is wanted; never takes what isn't known for permission; once it has everything
              closed for what the account is worth, opens nothing more in that session
    fill      never fills before an order was decided, nor at a price that isn't known at that instant, that the market
              didn't have, or that is better for a buyer than for a seller

    all       give a finite number or NaN where everything is known, the same for the same numbers; reach for nothing outside
              what they are given, and write to nothing but a rule's own state; without a price there is no cost and no size

`broken_laws` runs a kind's compiled row functions over drawn inputs and says of each law that doesn't hold with which. What
no rule of risk can do, such as keep a position from being closed, needs no law: the kernel doesn't ask.
"""

from collections.abc import Iterator

from numpy.random import Generator

from runner.spec.kind import Kind
from runner.trading.fees import Fees
from runner.trading.fill import Fill
from runner.trading.laws.broken import Broken, BrokenError
from runner.trading.laws.fees import fees_laws
from runner.trading.laws.fill import fill_laws
from runner.trading.laws.risk import risk_laws
from runner.trading.laws.sizing import sizing_laws
from runner.trading.laws.slippage import slippage_laws
from runner.trading.risk import RiskRule
from runner.trading.sizing import Sizing
from runner.trading.slippage import Slippage

__all__ = ["Broken", "broken_laws"]


def broken_laws(kind: Kind, rng: Generator) -> tuple[Broken, ...]:
    """Return the laws of its family that a kind breaks, each once; none of a family that has no laws here.

    Raises:
        Exception: Whatever those methods of the kind raise that aren't row functions.
    """
    found: dict[str, Broken] = {}
    try:
        for broken in _tried(kind, rng):
            found.setdefault(broken.law, broken)
    except BrokenError as error:
        found[error.broken.law] = error.broken
    return tuple(found.values())


def _tried(kind: Kind, rng: Generator) -> Iterator[Broken]:
    if isinstance(kind, Slippage):
        yield from slippage_laws(kind, rng)
    elif isinstance(kind, Fees):
        yield from fees_laws(kind, rng)
    elif isinstance(kind, Sizing):
        yield from sizing_laws(kind, rng)
    elif isinstance(kind, RiskRule):
        yield from risk_laws(kind, rng)
    elif isinstance(kind, Fill):
        yield from fill_laws(kind, rng)

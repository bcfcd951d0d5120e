"""The laws of costs and sizes, over every kind there is: those that Runner brings, and the examples of one's own."""

import math
from typing import Literal

import numpy as np
import pytest

from runner.kinds import FolderKinds
from runner.trading.fees import Fees
from runner.trading.laws import broken_laws
from runner.trading.sizing import Sizing
from runner.trading.slippage import GIVEN, Slippage

# ruff: noqa: ARG002, ARG005 - the arguments of row functions are the family's

KINDS = FolderKinds()
REGISTERED = [(family, name) for family in ("fees", "sizing", "slippage") for name in KINDS.names(family)]

VARIED = {
    "fixed_bps": [{"bps": 0}, {"bps": 9_999}],
    "half_spread": [{"fallback": 0}, {"fallback": 500}],
    "volume_share": [{"impact": 0}, {"impact": 1e6, "limit": 1}],
    "regime": [
        {"base": {"kind": "half_spread"}, "regimes": {"a": {"when": "x", "bps": 9_999}}},
        {
            "base": {"kind": "square_root"},
            "regimes": {"a": {"when": "x", "bps": 6}, "b": {"event": "e", "within": "2d", "bps": 12}},
        },
    ],
    "square_root": [{"coefficient": 0}, {"coefficient": 1_000}],
    "per_notional": [{"bps": 0, "minimum": 5}, {"bps": 50, "minimum": 1, "maximum": 20}],
    "per_share": [{"rate": 0, "minimum": 0}, {"maximum": 100}],
    "tiered": [{"tiers": [{"above": 0, "bps": 0}, {"above": 10, "bps": 50}], "minimum": 2}],
    "maker_taker": [{"maker": -2, "taker": 4}, {"maker": 0, "taker": 0}],
    "units": [{"units": 7, "lot": 2}, {"units": 0.3, "lot": 0.1}],
    "notional": [{"lot": 0.001}, {"notional": 1e-3}],
    "equity_share": [{"share": 1, "lot": 0.01}],
    "equal_weight": [{"share": 10, "lot": 100}],
    "volatility_target": [{"rows_per_year": 1, "most": 10, "lot": 0.01}],
    "kelly": [{"fraction": 1, "cap": 10, "lot": 0.01}],
}
"""Kind → settings at the edges of what it takes."""


def made():
    """Return every registered kind with its defaults, and at the edges."""
    for family, name in REGISTERED:
        for values in [{}, *VARIED.get(name, [])]:
            kind = KINDS.find(family, name).model_validate({"kind": name, **values}, context=KINDS)
            yield pytest.param(kind, id=f"{family}.{name}{values or ''}")


@pytest.mark.parametrize("kind", list(made()))
def test_every_kind_keeps_the_laws_of_its_family(kind):
    """Slippage never improves a price, fees and sizes are never below zero, more is never cheaper, nothing known is nothing."""
    assert [f"{each.law}: {each.found}" for each in broken_laws(kind, np.random.default_rng(8))] == []


class Bettered(Slippage):
    """A slippage that pays buyers."""

    kind: Literal["bettered"] = "bettered"
    price = staticmethod(lambda p, quantity, reference, given: reference * 0.99)


class Discount(Slippage):
    """A slippage that makes more cheaper."""

    kind: Literal["discount"] = "discount"
    price = staticmethod(lambda p, quantity, reference, given: reference + quantity / abs(quantity) / (1.0 + abs(quantity)))


class Blind(Slippage):
    """A slippage that takes an unknown reference for 1."""

    kind: Literal["blind"] = "blind"
    price = staticmethod(lambda p, quantity, reference, given: reference if abs(reference) >= 0.0 else 1.0)


class Beyond(Slippage):
    """A slippage that reads a value it didn't ask for."""

    kind: Literal["beyond"] = "beyond"
    price = staticmethod(lambda p, quantity, reference, given: reference + 0.0 * given[GIVEN])


class Endless(Slippage):
    """A slippage that costs more than there is."""

    kind: Literal["endless"] = "endless"
    price = staticmethod(lambda p, quantity, reference, given: reference + quantity * math.inf)


class Gift(Fees):
    """Fees that are paid to the trader, unsaid."""

    kind: Literal["gift"] = "gift"
    fee = staticmethod(lambda p, traded, quantity, price, maker: -1.0)


class OneSided(Fees):
    """Fees of buyers alone."""

    kind: Literal["one_sided"] = "one_sided"
    fee = staticmethod(lambda p, traded, quantity, price, maker: max(quantity, 0.0))


class Shrinking(Fees):
    """Fees that fall with the quantity."""

    kind: Literal["shrinking"] = "shrinking"
    fee = staticmethod(lambda p, traded, quantity, price, maker: 1.0 / abs(quantity))


class Unsure(Sizing):
    """A size that needs no price."""

    kind: Literal["unsure"] = "unsure"
    size = staticmethod(lambda p, equity, price, share, given: 5.0)

    def numbers(self, symbols):
        return ()


class Crumbs(Sizing):
    """A size with a lot that isn't kept."""

    kind: Literal["crumbs"] = "crumbs"
    lot: float = 1.0
    size = staticmethod(lambda p, equity, price, share, given: equity * share / price)

    def numbers(self, symbols):
        return ()


class Contrary(Sizing):
    """A size that is below zero, and shrinks with the share."""

    kind: Literal["contrary"] = "contrary"
    size = staticmethod(lambda p, equity, price, share, given: -share * equity / price)

    def numbers(self, symbols):
        return ()


@pytest.mark.parametrize(
    ("kind", "laws"),
    [
        (Bettered(), ["must never improve the price", "must cost a buy what it costs a sell"]),
        (Discount(), ["must never be cheaper for a larger quantity"]),
        (Blind(), ["must give NaN where the reference isn't known"]),
        (Beyond(), ["must stay inside the numbers it is given"]),
        (Endless(), ["must give a finite price, or NaN where the cost isn't known"]),
        (Gift(), ["must not be below zero unless the kind has `rebates = True`"]),
        (OneSided(), ["must charge a buy what it charges a sell"]),
        (Shrinking(), ["must not be smaller for a larger quantity"]),
        (Unsure(), [f"must order nothing where the {name} isn't known" for name in ("equity", "price", "share")]),
        (Crumbs(), ["must be whole lots"]),
        (Contrary(), ["must not be below zero", "must not shrink as the share of the target grows"]),
    ],
    ids=lambda value: value.kind if isinstance(value, Slippage | Fees | Sizing) else "",
)
def test_a_kind_that_breaks_a_law_is_found_out(kind, laws):
    """Each law can fail: a kind made to break it does, and only those that it breaks are named."""
    assert [broken.law for broken in broken_laws(kind, np.random.default_rng(8))] == laws

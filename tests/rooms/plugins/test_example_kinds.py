"""The kinds that stand in `strategies/` as examples: one per family, each does what it says."""

import pytest
from markets import MINUTE, days, filled, pipeline_of, tape_of, told, told_of, traded

from runner.engine.native import backtest, replay
from runner.kinds import FolderKinds
from runner.plugins import OwnKinds, default_folders
from runner.plugins.kind_trial import CLASSES
from tests.architecture.source_tree import ROOT

KINDS = OwnKinds(FolderKinds(), default_folders(ROOT / "strategies"))
OWN = {family: sorted(set(KINDS.names(family)) - set(FolderKinds().names(family))) for family in CLASSES}


def kind(family, name, **values):
    return KINDS.find(family, name).model_validate({"kind": name, **values}, context=KINDS)


def test_every_family_has_an_example():
    """Nobody has to guess how one of his own is written."""
    assert all(OWN.values())


@pytest.mark.parametrize(("family", "name"), [(family, name) for family, names in OWN.items() for name in names])
def test_every_example_keeps_the_laws_of_its_family(family, name):
    """And its file is one of those that are kept with a run."""
    faults, (file,) = KINDS.tried(kind(family, name))

    assert faults == []
    assert file.name == f"{name}.py"


UP = [(10.0, 12.0, 9.0, 10.0, 1.0), (10.0, 13.0, 8.0, 11.0, 0.0), (11.0, 14.0, 10.0, 12.0, 2.0), (12.0, 15.0, 7.0, 9.0, 0.0)]
"""Bought by the first bar, sold by the third."""


def test_the_worst_price_a_tick_and_a_ticket():
    """Bought at the highest of the next bar and a tick, sold at the lowest of the next and a tick less; a charge for each."""
    tables = told_of(
        *UP,
        fill=kind("fill", "worst_price"),
        slippage=kind("slippage", "tick", cost=0.25),
        fees=kind("fees", "ticket", amount=3.0),
    )

    assert filled(tables) == [(2.0, "buy", 10.0, 13.25), (4.0, "sell", 10.0, 6.75)]
    assert tables.fills["fee"].tolist() == [3.0, 3.0]


@pytest.mark.parametrize(("risk", "units"), [(0.01, 5.0), (0.02, 10.0), (1.0, 18.0)])
def test_as_much_as_loses_the_risk_over_the_distance(risk, units):
    """Of 1,000 at a price of 10 with a stop 2 away: 10 are risked by 5 units; a share of 0.18 are 18 at most."""
    tables = told_of(*UP, sizing=kind("sizing", "risk_per_trade", risk=risk, distance="close * 0 + 2"))

    assert filled(tables)[0][2] == units


@pytest.mark.parametrize("engine", [backtest, replay])
def test_after_a_streak_of_losses_a_symbol_is_left_alone(engine):
    """Two positions lose 1 per unit each; the next entry is refused until three more sessions have begun."""
    lose = [(10.0, 10.0, 10.0, 10.0, 1.0), (10.0, 10.0, 9.0, 9.0, 2.0)]
    bars = [*lose, (9.0, 9.0, 9.0, 10.0, 1.0), lose[1], *[(9.0, 10.0, 9.0, 10.0, 1.0)] * 6]
    tapes = {"bars": tape_of("bars", {"A": days(*bars)})}
    rule = kind("risk", "losing_streak", losses=2, sessions=3)

    tables = traded(engine, pipeline_of(tapes, risk={"rules": {"streak": rule}}), tapes)

    day = 1440 * MINUTE
    assert [(ts // day, side) for ts, side in zip(tables.fills["ts"], tables.fills["side"], strict=True)] == [
        (1, "buy"), (2, "sell"), (3, "buy"), (4, "sell"), (8, "buy"),
    ]  # fmt: skip
    assert [ts // day for ts in tables.refusals["ts"]] == [4, 5, 6]
    assert set(tables.refusals["rule"].tolist()) == {"risk.rules.streak"}


def test_without_a_streak_nothing_is_refused():
    """A gain begins the count anew."""
    bars = [(10.0, 10.0, 10.0, 10.0, 1.0), (10.0, 10.0, 9.0, 9.0, 2.0)] * 2
    tapes = {"bars": tape_of("bars", {"A": days(*bars)})}
    rule = kind("risk", "losing_streak", losses=3, sessions=3)

    assert told(tapes, risk={"rules": {"streak": rule}}).refusals["ts"].size == 0

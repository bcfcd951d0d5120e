"""The laws of risk rules and fills, over every kind there is, and over kinds made to break them one by one."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from drawn_risk import FAMILY, rules
from hypothesis import HealthCheck, given, settings

from runner.kinds import FolderKinds
from runner.trading.fill import Fill, FillClock, Prices
from runner.trading.fill.next_open import NextOpen
from runner.trading.kernel.layout import BLOCK, CLOSE_ALL, EQUITY, HALT, LAST, PASS, POSITION
from runner.trading.laws import broken_laws
from runner.trading.risk import RiskRule

# ruff: noqa: ARG002, ARG005 - the arguments of row functions are the family's

KINDS = FolderKinds()
MINUTE = 60_000_000_000


def laws(kind):
    return [broken.law for broken in broken_laws(kind, np.random.default_rng(8))]


@pytest.mark.parametrize("name", FAMILY)
@given(rules=rules())
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_rule_keeps_the_laws_of_its_family(name, rules):
    """With its defaults and as it is drawn."""
    rule = KINDS.find("risk", name).model_validate({"kind": name})

    for each in (rule, rules):
        assert [f"{broken.law}: {broken.found}" for broken in broken_laws(each, np.random.default_rng(8))] == []


@pytest.mark.parametrize("name", KINDS.names("fill"))
def test_every_fill_keeps_the_laws_of_its_family(name):
    """Over each stream that it can take for its clock."""
    fill = KINDS.find("fill", name).model_validate({"kind": name})

    assert [f"{broken.law}: {broken.found}" for broken in broken_laws(fill, np.random.default_rng(8))] == []


class Rule(RiskRule):
    """A rule with one number and one of state per symbol."""

    kind: Literal["rule"] = "rule"

    def numbers(self):
        return (2.0,)

    def state(self, symbols):
        return symbols


def asking(function):
    return type("Asking", (Rule,), {"allowed": staticmethod(function), "__module__": __name__})()


def watching(function):
    return type("Watching", (Rule,), {"watch": staticmethod(function), "__module__": __name__})()


def generous(p, state, wanted, position, s, ts, account, book, times):
    return p[0] * wanted


def contrary(p, state, wanted, position, s, ts, account, book, times):
    return -wanted


def trusting(p, state, wanted, position, s, ts, account, book, times):
    return 0.0 if account[EQUITY] < 9e4 else wanted


def blind(p, state, wanted, position, s, ts, account, book, times):
    return 0.0 if book[LAST, s] > 120.0 else wanted


def meddling(p, state, wanted, position, s, ts, account, book, times):
    book[POSITION, s] = 0.0
    return wanted


def fickle(p, state, wanted, position, s, ts, account, book, times):
    return wanted * np.random.random()  # noqa: NPY002 - compiled code has no other


def reaching(p, state, wanted, position, s, ts, account, book, times):
    return wanted if state[s + 1] > 0.0 else 0.0


def forgetful(p, state, ts, session, account, book, times):
    return PASS if account[EQUITY] > 9e4 else CLOSE_ALL


def unsure(p, state, ts, session, account, book, times):
    return BLOCK if account[EQUITY] < 9e4 else PASS


def mumbling(p, state, ts, session, account, book, times):
    return 0.5


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (asking(generous), ["must allow between nothing and what is wanted"]),
        (asking(contrary), ["must allow between nothing and what is wanted"]),
        (asking(trusting), ["must allow nothing where the equity isn't known, if it looks at it"]),
        (asking(blind), ["must allow nothing where the last price isn't known, if it looks at it"]),
        (asking(meddling), ["must write to nothing but its own state"]),
        (asking(reaching), ["must stay inside the numbers it is given"]),
        (
            watching(forgetful),
            ["must open nothing more in a session in which it had everything closed for what the account is worth"],
        ),
        (watching(unsure), ["must not pass where the equity isn't known, if it looks at it"]),
        (watching(mumbling), ["must ask for PASS, BLOCK, CLOSE_ALL or HALT"]),
    ],
    ids=lambda value: (value.allowed or value.watch).__name__ if isinstance(value, RiskRule) else "",
)
def test_a_rule_that_breaks_a_law_is_found_out(rule, expected):
    """Each law can fail, and only what is broken is named."""
    assert laws(rule) == expected


def test_what_depends_on_chance_is_found_out():
    """The same numbers give the same answer, whatever came before."""
    assert "must give the same for the same numbers" in laws(asking(fickle))


def flat_by_the_clock(p, state, ts, session, account, book, times):
    hour = ts // (60 * MINUTE) % 24
    return CLOSE_ALL if 16 <= hour < 18 else PASS


def margin_call(p, state, ts, session, account, book, times):
    if state[0] != session:
        state[0], state[1] = session, 0.0
    if not account[EQUITY] > 9e4:
        state[1] = 1.0
    return CLOSE_ALL if state[1] == 1.0 else PASS


def halting(p, state, ts, session, account, book, times):
    return PASS if account[EQUITY] > 9e4 else HALT


@pytest.mark.parametrize("function", [flat_by_the_clock, margin_call, halting])
def test_what_is_closed_by_the_clock_or_until_the_session_ends_is_lawful(function):
    """Only what the account's recovery opens again isn't."""

    class Lawful(Rule):
        kind: Literal["lawful"] = "lawful"
        watch = staticmethod(function)

        def state(self, symbols):
            return 2

    assert laws(Lawful()) == []


# --- fills -------------------------------------------------------------------------------------------------------


class Bars(Fill):
    """Fills on bars as a function has it."""

    kind: Literal["bars"] = "bars"

    def streams(self, deciding):
        return ("bars",)


def filling(function, **values):
    return type("Filling", (Bars,), {"of": lambda _, tape: function(tape), "__module__": __name__, **values})()


def both(tape, first, price):
    return FillClock(tape, first, Prices.at(price), Prices.at(price))


def at_open(tape):
    return NextOpen().of(tape)


BREAKING = {
    "foresight": (
        lambda tape: both(tape, tape.opened, tape.columns["close"]),
        ["must not know prices before their time"],
    ),
    "tomorrow": (
        lambda tape: both(tape, tape.ts, np.roll(tape.columns["close"], -1)),
        ["must fill at prices that the row has", "must have no price where the row has none",
         "must not know prices before their time"],
    ),
    "early": (
        lambda tape: replace(at_open(tape), first=tape.opened - MINUTE),
        ["must not fill before a row opens", "must not know prices before their time"],
    ),
    "late": (
        lambda tape: both(tape, tape.ts + 1, tape.columns["close"]),
        ["must not fill after a row is known, which is the next row's turn"],
    ),
    "outside": (
        lambda tape: both(tape, tape.ts, tape.columns["high"] * 1.01),
        ["must fill at prices that the row has"],
    ),
    "bargain": (
        lambda tape: FillClock(tape, tape.ts, Prices.at(tape.columns["low"]), Prices.at(tape.columns["high"])),
        ["must not let a buyer pay less than a seller gets"],
    ),
    "made up": (
        lambda tape: both(tape, tape.ts, np.nan_to_num(tape.columns["close"], nan=100.0)),
        ["must have no price where the row has none"],
    ),
    "upside down": (
        lambda tape: FillClock(tape, tape.ts, *[Prices(*(tape.columns[name] for name in ("close", "high", "low")))] * 2),
        ["must have its first price between its lowest and its highest"],
    ),
    "flattering": (
        lambda tape: replace(both(tape, tape.ts, tape.columns["close"]), at_once=True),
        ["must say in `optimistic` why results flatter where a row fills what it decided"],
    ),
    "single": (
        lambda tape: both(tape, tape.ts, tape.columns["close"].astype(np.float32)),
        ["must give a float64 per row of its clock"],
    ),
    "short": (
        lambda tape: both(tape, tape.ts[1:], tape.columns["close"]),
        ["must give the instant of each row as int64"],
    ),
    "nothing": (lambda tape: None, ["must give a FillClock with Prices for buyers and sellers"]),
    "elsewhere": (
        lambda tape: at_open(replace(tape)),
        ["must have the stream that it is given for its clock, every row of it"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKING)
def test_a_fill_that_breaks_a_law_is_found_out(name):
    """Each law can fail, and only what is broken is named."""
    function, expected = BREAKING[name]

    assert laws(filling(function)) == expected


def test_a_fill_names_streams_that_there_are():
    """In a tuple, and at least one of them for some stream that decides."""
    listed = filling(at_open, streams=lambda _, deciding: ["bars"])
    none = filling(at_open, streams=lambda _, deciding: ())

    assert laws(listed) == ["must name streams, best first, in a tuple"]
    assert laws(none) == ["must name a stream for its clock"]


def test_a_fill_that_is_worse_than_the_market_is_lawful():
    """Buyers may pay the highest price of a bar, sellers get the lowest."""

    def worst(tape):
        return FillClock(tape, tape.ts, Prices.at(tape.columns["high"]), Prices.at(tape.columns["low"]))

    assert laws(filling(worst)) == []

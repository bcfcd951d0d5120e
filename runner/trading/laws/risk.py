"""The laws of risk rules: they take away and never give.

1. `_history` has a rule watch and asked over an account that trades (`Desk`), and holds each answer to what it may be.
2. `_unknown` asks again without a number: NaN mustn't allow what some value of that number forbids.
3. `_latch` compares two histories that differ in one blow to the account: what was closed over it stays closed.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from runner.trading.kernel.layout import BLOCK, CLOSE_ALL, EQUITY, HALT, LAST, PASS, POSITION
from runner.trading.laws.broken import Asked, Broken
from runner.trading.laws.desk import CAPITAL, Desk
from runner.trading.risk import ALLOWED, WATCH, RiskRule

__all__ = ["risk_laws"]

HISTORIES = 12
INSTANTS = 36
SYMBOLS = (1, 3)
VALUES = (-1.0, 0.0, 1e-6, 0.3, 0.7, 1.0, 1.4, 3.0, 1e6)
"""What a number is multiplied with to see whether the rule looks at it."""
DEMANDS = (PASS, BLOCK, CLOSE_ALL, HALT)
BLOWS = (-0.9, -0.5, -0.2, -0.05, 0.05, 0.5)
"""What the account loses or gains at once, as a share of the capital."""

BETWEEN = "must allow between nothing and what is wanted"
WORD = "must ask for PASS, BLOCK, CLOSE_ALL or HALT"
LATCH = "must open nothing more in a session in which it had everything closed for what the account is worth"


def risk_laws(rule: RiskRule, rng: Generator) -> Iterator[Broken]:
    """Yield what breaks the laws of risk rules."""
    for number in range(HISTORIES):
        asked = _Rule(rule, SYMBOLS[number % len(SYMBOLS)])
        yield from _history(asked, int(rng.integers(2**32)))
        yield from asked.broken()
    for blow in BLOWS if rule.watch else ():
        yield from _latch(rule, int(rng.integers(2**32)), blow * CAPITAL)


class _Rule:
    """A rule with its own numbers and state, as the kernel holds it."""

    def __init__(self, rule: RiskRule, symbols: int) -> None:
        self.symbols = symbols
        self.p = np.array(rule.numbers(), dtype=np.float64)
        self.state = np.full(rule.state(symbols), np.nan)
        self._allowed = Asked(rule, "allowed", ALLOWED, keeps=1) if rule.allowed else None
        self._watch = Asked(rule, "watch", WATCH, keeps=1) if rule.watch else None

    def demand(self, desk: Desk, state: NDArray[np.float64]) -> float:
        """Return what the rule asks for; what isn't a number is BLOCK."""
        if self._watch is None:
            return PASS
        found = self._watch(self.p, state, desk.ts, desk.session, desk.account, desk.book, desk.times)
        return BLOCK if np.isnan(found) else found

    def grants(self, desk: Desk, state: NDArray[np.float64], wanted: float, s: int) -> float:
        """Return how much of a signed quantity the rule allows; what isn't a number is nothing."""
        if self._allowed is None:
            return wanted
        position = desk.book[POSITION, s]
        beyond = position if position * wanted > 0.0 else 0.0
        found = self._allowed(self.p, state, wanted, beyond, s, desk.ts, desk.account, desk.book, desk.times)
        return 0.0 if np.isnan(found) else found

    def broken(self) -> Iterator[Broken]:
        """Yield the laws of all families that didn't hold."""
        for asked in (self._allowed, self._watch):
            if asked is not None:
                yield from asked.broken()


def _history(rule: _Rule, seed: int) -> Iterator[Broken]:
    desk = Desk(seed, rule.symbols)
    for _ in range(INSTANTS):
        desk.go_on()
        yield from _unknown_equity(rule, desk)
        demand = rule.demand(desk, rule.state)
        if demand not in DEMANDS:
            yield Broken(WORD, f"{demand:g}")
        for s in range(rule.symbols):
            if desk.rng.random() < 0.4:
                yield from _decision(rule, desk, s, demand)


def _decision(rule: _Rule, desk: Desk, s: int, demand: float) -> Iterator[Broken]:
    """Decide on a symbol: close what it has, or ask for more."""
    position = desk.book[POSITION, s]
    if position != 0.0 and desk.rng.random() < 0.4:
        desk.send(s, -position)
        return
    side = 1.0 if desk.rng.random() < 0.7 else -1.0
    wanted = side * float(np.exp(desk.rng.uniform(-2.0, 8.0)))
    yield from _unknown_numbers(rule, desk, s, wanted)
    granted = rule.grants(desk, rule.state, wanted, s)
    if not 0.0 <= side * granted <= side * wanted:
        yield Broken(BETWEEN, f"{granted:g} of {wanted:g}")
    granted = side * min(max(side * granted, 0.0), side * wanted)
    if granted != 0.0 and demand == PASS:
        desk.send(s, granted if position * wanted >= 0.0 else granted - position)


def _unknown_equity(rule: _Rule, desk: Desk) -> Iterator[Broken]:
    """Ask what the rule demands where the equity isn't known."""
    law = "must not pass where the equity isn't known, if it looks at it"
    demands = dict(_varied(desk.account, EQUITY, lambda: rule.demand(desk, rule.state.copy())))
    without = demands.pop(None)
    worst = max(demands, key=lambda value: demands[value])
    if without == PASS and demands[worst] > PASS:
        yield Broken(law, f"it passes, and asks for {demands[worst]:g} at an equity of {worst:g}")


def _unknown_numbers(rule: _Rule, desk: Desk, s: int, wanted: float) -> Iterator[Broken]:
    """Ask what the rule allows where equity or last price isn't known."""
    for name, numbers, place in (("equity", desk.account, EQUITY), ("last price", desk.book, (LAST, s))):
        law = f"must allow nothing where the {name} isn't known, if it looks at it"
        said = dict(_varied(numbers, place, lambda: abs(rule.grants(desk, rule.state.copy(), wanted, s))))
        without = said.pop(None)
        least = min(said, key=lambda value: said[value])
        if without > said[least]:
            yield Broken(law, f"{without:g} of {wanted:g}, and {said[least]:g} at {least:g}")


def _varied(numbers: NDArray[np.float64], place: Any, ask: Any) -> Iterator[tuple[float | None, float]]:
    """Yield what is said at several values of a number, and at none."""
    kept = float(numbers[place])
    for factor in VALUES:
        numbers[place] = kept * factor
        yield kept * factor, ask()
    numbers[place] = np.nan
    yield None, ask()
    numbers[place] = kept


def _latch(rule: RiskRule, seed: int, blow: float) -> Iterator[Broken]:
    """Compare what is demanded after a blow, from which the account recovers, with what is demanded without it."""
    calm, struck = _demands(rule, seed, 0.0), _demands(rule, seed, blow)
    since = None
    for (_, without), (session, asked) in zip(calm, struck, strict=True):
        if session == since and asked == PASS:
            yield Broken(LATCH, f"it passes again after {blow:g} of {CAPITAL:g} were made up for")
            return
        if asked == HALT:
            return  # the kernel keeps to that by itself
        if asked >= CLOSE_ALL and without == PASS:
            since = session


def _demands(rule: RiskRule, seed: int, blow: float) -> list[tuple[int, float]]:
    """Return session and demand of each instant; the blow falls in the middle of the second session, for two instants."""
    asked, desk, found = _Rule(rule, 3), Desk(seed, 3), []
    for instant in range(INSTANTS):
        desk.go_on({16: blow, 18: -1.5 * blow}.get(instant, 0.0))
        found.append((desk.session, asked.demand(desk, asked.state)))
        if instant == 1:
            for s in range(3):
                desk.send(s, 50.0)
    return found

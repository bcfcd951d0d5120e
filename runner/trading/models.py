"""The kinds of a pipeline as the kernel takes them: compiled row functions, numbers, and where state lies."""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.compiler import FRAME
from runner.duration import nanoseconds
from runner.errors import Fault
from runner.spec.exits import Exits
from runner.spec.financing import Financing
from runner.spec.order import Order
from runner.spec.scenario import Scenario
from runner.trading.instants import instant_fault, instant_of
from runner.trading.kernel import layout
from runner.trading.own import OwnCalls, place_of
from runner.trading.risk import ALLOWED, WATCH, RiskRule

__all__ = [
    "LONGEST",
    "keys",
    "life_of",
    "outage_faults",
    "outages",
    "rule_functions",
    "rule_numbers",
    "rule_places",
    "settings",
]

LIVES = {"gtc": 0, "session": -1, "ioc": -2}
"""How the kernel is told of a time in force that isn't a length of time."""


RULE: Mapping[str, Any] = MappingProxyType({"allowed": ALLOWED, "watch": WATCH})
"""Row function of a risk rule → its signature."""

LONGEST = 1 << 61
"""Nanoseconds: longer than any data, and still an instant when added to one."""


def rule_functions(rules: Sequence[RiskRule]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the machine code of `allowed` and `watch` of each rule lies; 0 where a rule doesn't have it."""
    allowed, watch = ([_rule_place(rule, name) for rule in rules] for name in ("allowed", "watch"))
    return np.array(allowed, np.int64), np.array(watch, np.int64)


def _rule_place(rule: RiskRule, name: str) -> int:
    return place_of(rule, name, RULE[name]) if getattr(rule, name) else 0


def rule_numbers(rules: Sequence[RiskRule], symbols: int, own: OwnCalls) -> NDArray[np.float64]:
    """Return the rules' parameters, one row per rule, made up with NaN."""
    numbers = [rule.numbers() for rule in rules]
    most = max(map(len, numbers), default=0)
    fields = layout.ACCOUNT_FIELDS + symbols * (layout.BOOK_FIELDS + layout.TIME_FIELDS)
    found = np.full((len(rules), most + FRAME), np.nan)
    for line, rule, given in zip(found, rules, numbers, strict=True):
        row = own.numbers([rule], given, RULE, reach=fields + rule.state(symbols), width=most)
        line[: row.size] = row
    return found


def rule_places(rules: Sequence[RiskRule], symbols: int) -> NDArray[np.int64]:
    """Return where the state of each rule begins, and at the end how long it is together."""
    sizes = [rule.state(symbols) for rule in rules]
    return np.cumsum([0, *sizes]).astype(np.int64)


def settings(
    order: Order, exits: Exits, financing: Financing, scenario: Scenario, *, cost_scale: float = 1.0
) -> NDArray[np.float64]:
    """Return the numbers of a pipeline that belong to no kind."""
    found = np.zeros(layout.SETTINGS)
    found[layout.COST_SCALE] = cost_scale
    found[layout.LOT] = order.lot
    found[layout.TICK] = order.tick
    found[layout.ORDER_KIND] = {"market": layout.MARKET, "limit": layout.LIMIT, "stop": layout.STOP}[order.kind]
    found[layout.OFFSET] = order.offset * 1e-4
    found[layout.THROUGH] = order.through
    found[layout.STOP_LOSS_AT] = np.nan if exits.stop_loss is None else exits.stop_loss
    found[layout.TAKE_PROFIT_AT] = np.nan if exits.take_profit is None else exits.take_profit
    found[layout.TRAIL_AT] = np.nan if exits.trailing_stop is None else exits.trailing_stop
    found[layout.SHARE] = np.nan if order.volume_share is None else order.volume_share
    found[layout.REJECTION] = scenario.rejection
    found[layout.BORROW] = cost_scale * financing.borrow
    found[layout.DEBT] = cost_scale * financing.debt
    return found


def outage_faults(scenario: Scenario) -> list[Fault]:
    """Return a fault for each outage whose ends are no instants, or that ends before it begins."""
    faults = []
    for place, each in enumerate(scenario.outages):
        where = f"scenario.outages[{place}]"
        ends = [instant_fault(f"{where}.{name}", getattr(each, name)) for name in ("start", "end")]
        faults += [fault for fault in ends if fault]
        if not any(ends) and not instant_of(each.start) < instant_of(each.end):
            faults.append(Fault(where, "must end after it begins", f"{each.start} to {each.end}", "Swap the two."))
    return faults


def outages(scenario: Scenario) -> NDArray[np.int64]:
    """Return first instants and ends of the outages, [2, K] UTC nanoseconds."""
    ends = [[instant_of(text) for text in (each.start, each.end)] for each in scenario.outages]
    return np.ascontiguousarray(np.array(ends, dtype="datetime64[ns]").reshape(-1, 2).astype(np.int64).T)


def keys(seed: int, symbols: Sequence[str]) -> NDArray[np.int64]:
    """Return the number each symbol's random draws start from: it depends on the seed and the symbol's name alone."""
    digests = (hashlib.sha256(f"{seed}\0{symbol}".encode()).digest() for symbol in symbols)
    return np.array([int.from_bytes(digest[:8], "little", signed=True) for digest in digests], dtype=np.int64)


def life_of(order: Order) -> int:
    """Return how long an order lives as the kernel is told."""
    return LIVES[order.time_in_force] if order.time_in_force in LIVES else min(nanoseconds(order.time_in_force), LONGEST)

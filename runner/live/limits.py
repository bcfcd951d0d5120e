"""The limits of the gate: what the run's risk overlay says, and what only a live session needs.

The overlay is the one of the backtest, read from the same spec: `tightened` takes from it whatever a single order can be
held to again at the door. Its other rules (concentration, cooldown, correlation, pauses and resumptions) are decided
where the order is, by the same code in every mode, and need no second judge here.

None stands for "unlimited" and has to be written: no field has a default, so a limit can't be forgotten.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from runner.duration import nanoseconds
from runner.errors import ConfigError, Fault
from runner.live.model import MOST_RECENT
from runner.live.money import Money, money_of
from runner.spec.kind import Kind

__all__ = ["Limits", "tightened"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an order is held to; money in the session's currency, shares of its equity."""

    symbols: frozenset[str]
    """What may be traded."""
    order_units: Decimal | None
    order_value: Money | None
    position_units: Decimal | None
    position_value: Money | None
    position_share: Fraction | None
    gross_value: Money | None
    gross_share: Fraction | None
    net_value: Money | None
    net_share: Fraction | None
    open_value: Money | None
    """Of all that is unfilled, this order included."""
    collar: Fraction | None
    """Largest distance of a limit from the middle of the quote, as a fraction of it."""
    max_age_ns: int
    """Largest age of a quote; there is no session without one."""
    held_fresh: bool
    """Whether the quotes of all that is held have to be as fresh."""
    duplicate_ns: int | None
    """For how long a second order of the same side, quantity and price is taken for a repetition."""
    rate_orders: int | None
    rate_ns: int
    """At most so many orders within so long."""
    rate_per_symbol: bool
    day_orders: int | None
    loss_share: Fraction | None
    loss_value: Money | None
    loss_since_close: bool
    """Whether a day's loss is measured from the last equity of the day before."""
    loss_halts: bool
    """Whether it latches the session, or only refuses what would increase a position."""
    drawdown_share: Fraction | None
    """Share of the largest equity whose loss latches the session."""
    rejects: int | None
    rejects_ns: int
    """So many rejections within so long latch the session."""
    repeats: int | None
    """So many executed orders on one and the same decision latch the session."""


def tightened(limits: Limits, rules: Iterable[tuple[str, Kind]]) -> Limits:
    """Return limits with those of a risk overlay, whichever is tighter; the rules are (name, rule) in any order.

    Raises:
        ConfigError: a rule asks for what the gate can't count.
    """
    for name, rule in rules:
        limits = _with(limits, name, rule.model_dump())
    return limits


def _with(limits: Limits, name: str, rule: dict[str, object]) -> Limits:
    """Return limits with one rule's."""
    changed: dict[str, Any] = {}
    match rule["kind"]:
        case "position_limit":
            changed = {
                "position_units": _least(limits.position_units, _decimal(rule["units"])),
                "position_value": _least(limits.position_value, _money(rule["notional"])),
                "position_share": _least(limits.position_share, _fraction(rule["share"])),
            }
        case "gross_exposure":
            changed = {
                "gross_value": _least(limits.gross_value, _money(rule["notional"])),
                "gross_share": _least(limits.gross_share, _fraction(rule["share"])),
            }
        case "net_exposure":
            changed = {
                "net_value": _least(limits.net_value, _money(rule["notional"])),
                "net_share": _least(limits.net_share, _fraction(rule["share"])),
            }
        case "order_rate":
            changed = _rate(limits, name, rule)
        case "stale_data":
            changed = {
                "max_age_ns": min(limits.max_age_ns, nanoseconds(str(rule["max_age"]))),
                "held_fresh": limits.held_fresh or bool(rule["held"]),
            }
        case "daily_loss":
            changed = {
                "loss_share": _least(limits.loss_share, _fraction(rule["share"])),
                "loss_value": _least(limits.loss_value, _money(rule["amount"])),
                "loss_since_close": limits.loss_since_close or rule["since"] == "previous_close",
                "loss_halts": limits.loss_halts or rule["action"] == "halt",
            }
        case "drawdown_stop" if rule["action"] == "halt":
            changed = {"drawdown_share": _least(limits.drawdown_share, _fraction(rule["share"]))}
        case _:
            # The overlay's collar is about how far a price has moved, the gate's about how far an order is from its quote.
            pass
    return replace(limits, **changed)


def _rate(limits: Limits, name: str, rule: dict[str, object]) -> dict[str, Any]:
    """Return what an order rate changes; two rates of different windows can't be one."""
    orders, window, per_symbol = int(str(rule["orders"])), nanoseconds(str(rule["window"])), rule["per"] == "symbol"
    if orders > MOST_RECENT:
        raise ConfigError(
            Fault(f"risk.rules.{name}.orders", f"must be at most {MOST_RECENT:_} live", str(orders), "Write a smaller one.")
        )
    same = (limits.rate_ns, limits.rate_per_symbol) == (window, per_symbol)
    if limits.rate_orders is None or (same and orders <= limits.rate_orders):
        return {"rate_orders": orders, "rate_ns": window, "rate_per_symbol": per_symbol}
    if same:
        return {}
    raise ConfigError(
        Fault(
            f"risk.rules.{name}.window",
            "must be that of the session's own rate",
            str(rule["window"]),
            "Write one window for both, or leave the session's own rate unlimited.",
        )
    )


Number = TypeVar("Number", Decimal, Fraction, int)


def _least(one: Number | None, other: Number | None) -> Number | None:
    given = [each for each in (one, other) if each is not None]
    return min(given) if given else None


def _decimal(number: object) -> Decimal | None:
    """Return a number as it was written: the shortest text of a float is what the user typed."""
    return None if number is None else Decimal(str(number))


def _fraction(number: object) -> Fraction | None:
    written = _decimal(number)
    return None if written is None else Fraction(written)


def _money(number: object) -> Money | None:
    written = _decimal(number)
    return None if written is None else money_of(written)

"""How much of the run's risk rules a session uses between two orders, as the monitor shows it.

Rules on the account and on what is held have a number at every moment. The others look at an order when there is one: they
are named, so that whoever looks on sees all that holds. It is told from floats, and decides nothing: the rules themselves
are the kernel's.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.report.live_status import LimitUse
from runner.spec.kind import Kind

__all__ = ["Standing", "rules_used"]

AT_ORDERS = "looks at each order"


@dataclass(frozen=True, slots=True)
class Standing:
    """What an account is worth and holds at one moment, in its currency; NaN where a price is missing."""

    equity: float
    peak: float
    """Largest equity so far."""
    close_before: float
    """Last equity of the session date before; of the first one what it began with."""
    opened_with: float
    """First equity of the session date."""
    units: Sequence[float]
    """Size of each position."""
    values: Sequence[float]
    """Signed value of each position."""


def rules_used(rules: Mapping[str, Kind], now: Standing) -> Iterator[LimitUse]:
    """Yield how much of each limit of each rule is used; a rule without such a number by its name alone."""
    for name, rule in rules.items():
        said = rule.model_dump()
        found = [(what, used, limit) for what, used, limit in _uses(said, now) if limit is not None]
        if not found:
            yield LimitUse(f"risk.rules.{name}", "", "", note=f"{said['kind']}: {AT_ORDERS}")
        for what, used, limit in found:
            yield LimitUse(f"risk.rules.{name}: {what}", _text(used), _text(limit), _finite(used / limit), _note(said))


def _uses(said: Mapping[str, Any], now: Standing) -> Sequence[tuple[str, float, float | None]]:
    """Return what a rule limits, how much there is of it, and the limit, None where it has none."""
    sizes = [abs(value) for value in now.values]
    largest, gross, net = max(sizes, default=0.0), sum(sizes), abs(sum(now.values))
    of_equity = 1.0 / now.equity if now.equity > 0.0 else math.nan
    match said["kind"]:
        case "position_limit":
            return (
                ("largest position, of equity", largest * of_equity, said["share"]),
                ("largest position, units", max(map(abs, now.units), default=0.0), said["units"]),
                ("largest position, value", largest, said["notional"]),
            )
        case "gross_exposure":
            return (
                ("sum of positions, of equity", gross * of_equity, said["share"]),
                ("sum of positions, value", gross, said["notional"]),
            )
        case "net_exposure":
            return (
                ("net of positions, of equity", net * of_equity, said["share"]),
                ("net of positions, value", net, said["notional"]),
            )
        case "daily_loss":
            start = now.close_before if said["since"] == "previous_close" else now.opened_with
            lost = max(start - now.equity, 0.0)
            return (
                ("loss of the day, of its start", lost / start if start > 0.0 else math.nan, said["share"]),
                ("loss of the day, value", lost, said["amount"]),
            )
        case "drawdown_stop":
            return (("drawdown, of the peak", 1.0 - now.equity / now.peak if now.peak > 0.0 else math.nan, said["share"]),)
    return ()


def _note(said: Mapping[str, Any]) -> str:
    """Return what a number leaves open: a stop that resumes measures from a peak of its own."""
    return "from the highest equity of all" if said.get("resume_after") is not None else ""


def _text(number: float) -> str:
    """Return a number in as many digits as somebody takes in at a glance."""
    return f"{round(number, 4):.10g}"


def _finite(share: float) -> float | None:
    return share if math.isfinite(share) else None

"""Keys that are legal and would do nothing: whoever wrote one believes that it does something.

A key counts as written if its value isn't its default, or if it stands on the command line. A `spec.yaml` has every default
written out, and option files may list what another key makes pointless; neither is a mistake.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from runner.compose.origins import Origin
from runner.compose.overrides import COMMAND_LINE
from runner.compose.words import shown
from runner.errors import Fault
from runner.spec.kind import Spec
from runner.spec.run import RunSpec

__all__ = ["ineffective_faults"]

NOWHERE: Mapping[str, Origin] = MappingProxyType({})
WAITING = "Write order=limit or order=stop to wait for a price, or leave it out."


def ineffective_faults(spec: RunSpec, origins: Mapping[str, Origin] = NOWHERE) -> list[Fault]:
    """Return a fault for each key that was written and has no effect beside the others.

    Args:
        spec: The run.
        origins: Key path → where it was written, as `Composed.origins`.
    """
    return [
        Fault(where, must, _shown(_at(spec, where)), write)
        for where, must, write in (*_order(spec), *_report(spec))
        if _is_written(spec, where, origins)
    ]


def _order(spec: RunSpec) -> Iterator[tuple[str, str, str]]:
    """Yield what the sort of order has no use for: key, what must hold, what to write."""
    order = spec.order
    if spec.signal.target is not None:
        must = "must be market where the signal is a target, which is followed by market orders"
        yield "order.kind", must, "Write order=market, or rules instead of the target."
    if order.kind == "market":
        for key in ("offset", "price", "tick"):
            yield f"order.{key}", "must be left out of market orders, which take the next price", WAITING
    elif order.price is not None:
        yield "order.offset", "must be left out beside order.price, which is the price itself", "Leave one of the two out."
    if order.kind != "limit" and spec.exits.take_profit is None:
        must = "must be left out where nothing waits for a better price"
        yield "order.through", must, "Write order=limit or exits.take_profit, or leave it out."


def _report(spec: RunSpec) -> Iterator[tuple[str, str, str]]:
    """Yield what can't be had of such a run and was asked for."""
    if spec.report.sensitivity and (spec.mode.kind != "backtest" or spec.engine.kind != "native"):
        must = "must be left to backtests of engine=native, which alone are driven again under other fills and costs"
        yield "report.sensitivity", must, "Leave it out, or write mode=backtest engine=native."


def _is_written(spec: RunSpec, where: str, origins: Mapping[str, Origin]) -> bool:
    section, _, key = where.partition(".")
    default = type(getattr(spec, section)).model_fields[key].get_default()
    origin = origins.get(where)
    return _at(spec, where) != default or (origin is not None and origin.shown == COMMAND_LINE and _is_meant(spec, where))


def _is_meant(spec: RunSpec, where: str) -> bool:
    """Return whether a default that was typed asks for something: to say null, or `market` again, asks for nothing."""
    return _at(spec, where) is not None and where != "order.kind"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else shown(value)


def _at(spec: RunSpec, where: str) -> Any:
    section, _, key = where.partition(".")
    found: Spec = getattr(spec, section)
    return getattr(found, key)

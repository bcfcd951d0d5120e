"""Where Backtrader and Runner overlap, and what is refused beyond it.

| overlaps | how |
|---|---|
| rules and targets, long, short, both in turn | the same values, decided by a Backtrader strategy |
| every sizing, slippage and fee | Runner's own functions, called by Backtrader's broker |
| market, limit and stop orders, tick size, trading through | matched by Backtrader on each bar's open and range |
| stop loss, trailing stop, take profit, longest holding | Backtrader's Stop, StopTrail and Limit orders |

Refused, because Backtrader has no such thing or another one of the same name:

| refused | why |
|---|---|
| fills other than next_open | its orders for the close wait for the end of a session |
| other clocks than bars | its feeds are bars |
| risk rules | it has none |
| time in force other than gtc | its market orders never expire, and its days end at midnight UTC |
| volume shares | its fillers know no lots and split cash otherwise |
| financing | it charges shorts on their entry price |
| scenarios | it knows no latency, rejection or outage |
| slippage after events | their windows end at an instant of the fill clock |
| replay | it runs whole tapes |
| equity_every | its value is written at every instant |

What is left to differ: Backtrader sums cash as cost and profit, so that money agrees to about the fifteenth digit and not to
the bit. Where equity divides exactly into lots, a size that is rounded down to them may therefore be a lot less. An exit
whose price is reached where its cost isn't known is tried again at that price here, and goes on as a market order in Runner.
"""

from importlib.util import find_spec

from runner.engine.pipeline import Pipeline
from runner.errors import Fault
from runner.spec.exits import Exits
from runner.spec.financing import Financing
from runner.spec.order import Order
from runner.spec.risk import Risk
from runner.spec.run import RunSpec
from runner.spec.scenario import Scenario

__all__ = ["backtrader_faults"]

NATIVE = "Write engine=native"


def backtrader_faults(spec: RunSpec, pipeline: Pipeline) -> list[Fault]:
    """Return everything of a run that Backtrader can't do as Runner does it."""
    faults = [*_missing(), *_clock(spec, pipeline), *_beyond(spec)]
    return [*faults, *(_unread(spec) if spec.engine.strategy is not None else _orders(spec, pipeline))]


def _missing() -> list[Fault]:
    if find_spec("backtrader") is not None:
        return []
    must = "must be installed: Backtrader is under the GPL-3 and therefore an extra"
    return [Fault("engine.kind", must, "backtrader", f'Run pip install "runner[backtrader]". {NATIVE} to do without it.')]


def _clock(spec: RunSpec, pipeline: Pipeline) -> list[Fault]:
    faults = []
    if spec.mode.kind != "backtest":
        faults.append(_refused("mode.kind", "backtest", spec.mode.kind, "mode=backtest"))
    if pipeline.clock != "bars":
        faults.append(_refused("signal", "on the clock of bars", pipeline.clock, "rules on the clock of bars"))
    if spec.fill.kind != "next_open":
        faults.append(_refused("fill.kind", "next_open", spec.fill.kind, "fill=next_open"))
    return faults


def _beyond(spec: RunSpec) -> list[Fault]:
    """Return what Backtrader has no counterpart for, whoever decides."""
    faults = []
    if spec.report.equity_every is not None:
        every = spec.report.equity_every
        faults.append(_refused("report.equity_every", "null", every, "report.equity_every=null"))
    if spec.risk != Risk():
        faults.append(_refused("risk.rules", "empty", ", ".join(spec.risk.rules), "risk=none"))
    for section, default in (("financing", Financing()), ("scenario", Scenario())):
        said = getattr(spec, section)
        beyond = [name for name in type(said).model_fields if getattr(said, name) != getattr(default, name)]
        faults += [_refused(f"{section}.{name}", "off", str(getattr(said, name)), f"{section}=none") for name in beyond]
    return faults


def _orders(spec: RunSpec, pipeline: Pipeline) -> list[Fault]:
    """Return what a pipeline's orders and costs ask for beyond Backtrader."""
    faults = []
    if spec.order.time_in_force != "gtc":
        faults.append(
            _refused("order.time_in_force", "gtc", spec.order.time_in_force, "order.time_in_force=gtc"),
        )
    if spec.order.volume_share is not None:
        faults.append(_refused("order.volume_share", "null", str(spec.order.volume_share), "order.volume_share=null"))
    if pipeline.slippage.windows():
        faults.append(_refused("slippage", "without windows of events", spec.slippage.kind, "another slippage"))
    return faults


def _unread(spec: RunSpec) -> list[Fault]:
    """Return the sections that a strategy of the user's own decides itself, where they say something."""
    faults = []
    for section, default, option in (("order", Order(), "market"), ("exits", Exits(), "none")):
        if getattr(spec, section) != default:
            must = f"must be {section}={option} under a Backtrader strategy, which sends its own orders"
            faults.append(Fault(section, must, "", f"Write {section}={option}, and say it in {spec.engine.strategy}."))
    return faults


def _refused(where: str, must: str, was: str, write: str) -> Fault:
    return Fault(where, f"must be {must} under engine=backtrader", was, f"Write {write}, or engine=native to keep it.")

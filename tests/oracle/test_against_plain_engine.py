"""Runner against an engine of events in plain Python: bars of any symbols, every sort of order, exits, costs, shared cash."""

import math
from typing import Literal

import numpy as np
from drawn_runs import markets
from hypothesis import given, settings
from hypothesis import strategies as st
from markets import pipeline_of, traded

from runner.engine.native import backtest
from runner.trading.fees.per_share import PerShare
from runner.trading.fill.next_open import NextOpen
from runner.trading.fill.same_close import SameClose
from runner.trading.sizing.equity_share import EquityShare
from runner.trading.sizing.units import Units
from runner.trading.slippage import VOLUME, Slippage
from tests.oracle import plain_engine
from tests.oracle.plain_engine import MINUTE, Bar, Plan

DRAWS = 400
DAY = 1440 * MINUTE
OUTAGES = {
    (3 * MINUTE, 6 * MINUTE + MINUTE // 2): ("01T00:03Z", "01T00:06:30Z"),
    (2 * MINUTE + MINUTE // 3, 2 * MINUTE + MINUTE // 2): ("01T00:02:20Z", "01T00:02:30Z"),
    (5 * MINUTE, DAY + 3 * MINUTE): ("01T00:05Z", "02T00:03Z"),
}
"""First instant and end of a stretch in which nothing fills, one inside a bar, one over night → how the configuration says
them."""
NEAR = {"rtol": 1e-9, "atol": 1e-7}


def _price(p, quantity, reference, given):
    if given[VOLUME] > p[1]:
        return math.nan
    cost = abs(reference) * p[0] / 10_000
    return reference + cost if quantity > 0.0 else reference - cost


class Sometimes(Slippage):
    """So many basis points, but nobody knows how many in a bar of a large volume."""

    kind: Literal["sometimes"] = "sometimes"
    bps: float
    unknown_above: float
    price = staticmethod(_price)

    def numbers(self):
        return (self.bps, self.unknown_above)


def compared(is_above, *values):
    """Return a comparison's answer, None where a value isn't known."""
    return None if any(math.isnan(value) for value in values) else is_above


def rises(rows):
    """Return whether a symbol's close lies above that of two bars before: `close > lag(close, 2)`."""
    now, then = rows[-1].close, rows[-3].close
    return compared(now > then, now, then)


def falls(rows):
    """`close < lag(close, 1)`."""
    now, then = rows[-1].close, rows[-2].close
    return compared(now < then, now, then)


def up(rows):
    """`close > open`."""
    return compared(rows[-1].close > rows[-1].open, rows[-1].close, rows[-1].open)


def down(rows):
    """`close < open`."""
    return compared(rows[-1].close < rows[-1].open, rows[-1].close, rows[-1].open)


def busy(rows):
    """`volume > 5`."""
    return compared(rows[-1].volume > 5, rows[-1].volume)


def before(rows):
    """`lag(close, 1)`, which a limit or stop may wait at."""
    return rows[-2].close


def lean(rows):
    """`(close - open) * 3`."""
    return (rows[-1].close - rows[-1].open) * 3


WARM_UP = {rises: 2, falls: 1, up: 0, down: 0, busy: 0, lean: 0, before: 1}
"""Rule → rows before the first at which it is known."""
CONDITIONS = st.sampled_from([rises, falls, up, down, busy])


@st.composite
def rules(draw):
    """Draw one or two sides, or a target."""
    sides = draw(st.sampled_from([("long",), ("short",), ("long", "short"), ("long", "short"), ("target",)]))
    if sides == ("target",):
        return {"target": lean}
    return {f"{side}.{end}": draw(CONDITIONS) for side in sides for end in ("enter", "exit")}


@st.composite
def plans(draw):
    """Draw what the plain engine knows."""
    share, reached = st.sampled_from([None, 0.1, 0.5]), st.sampled_from([None, None, 0.005, 0.03])
    units = draw(st.sampled_from([None, 2.0, 30.0]))
    found, fees = draw(rules()), draw(st.booleans())
    at_close = draw(st.sampled_from([False, False, False, True]))
    kind = "market" if at_close else draw(st.sampled_from(["market", "limit", "stop"]))
    price = None if kind == "market" else draw(st.sampled_from([None, None, before]))
    return Plan(
        rules=found,
        warm_up=max(WARM_UP[rule] for rule in [*found.values(), *([price] if price else [])]),
        capital=draw(st.sampled_from([30.0, 300.0, 3_000.0, 1e5])),
        units=units,
        share=draw(st.sampled_from([0.2, 0.9])) if units is None else None,
        bps=draw(st.sampled_from([0.0, 20.0])),
        rate=0.01 if fees else 0.0,
        minimum=1.0 if fees else 0.0,
        kind=kind,
        price=price,
        at_close=at_close,
        unknown_above=draw(st.sampled_from([math.inf, math.inf, 12.0])),
        offset=draw(st.sampled_from([0.0, 20.0, 150.0])),
        through=draw(st.sampled_from([0.0, 0.05])),
        tick=draw(st.sampled_from([0.0, 0.25])),
        life=draw(st.sampled_from(["gtc", "gtc", "session", "ioc", MINUTE, 5 * MINUTE])),
        volume_share=draw(share),
        lot=draw(st.sampled_from([0.0, 3.0])),
        stop_loss=None if at_close else draw(reached),
        take_profit=None if at_close else draw(reached),
        trailing_stop=None if at_close else draw(reached),
        max_holding=draw(st.sampled_from([None, None, MINUTE, 7 * MINUTE])),
        latency=draw(st.sampled_from([0, 0, MINUTE // 2, 2 * MINUTE])),
        outages=draw(st.sampled_from([(), (), *((outage,) for outage in OUTAGES)])),
        borrow=draw(st.sampled_from([0.0, 5.0])),
        debt=draw(st.sampled_from([0.0, 5.0])),
    )


def signal_of(plan):
    """Return the rules as expressions: what the functions above say of themselves."""
    texts = {
        rises: "close > lag(close, 2)",
        falls: "close < lag(close, 1)",
        up: "close > open",
        down: "close < open",
        busy: "volume > 5",
        lean: "(close - open) * 3",
    }
    section = {}
    for name, rule in plan.rules.items():
        side, _, end = name.partition(".")
        if end:
            section.setdefault(side, {})[end] = texts[rule]
        else:
            section[side] = texts[rule]
    return section


def length(nanoseconds):
    return f"{nanoseconds // 10**9}s" if nanoseconds else None


def pipeline(plan, tapes):
    """Return the pipeline of a plan."""
    return pipeline_of(
        tapes,
        capital=plan.capital,
        signal=signal_of(plan),
        sizing=Units(units=plan.units) if plan.share is None else EquityShare(share=plan.share),
        fill=SameClose() if plan.at_close else NextOpen(),
        slippage=Sometimes(bps=plan.bps, unknown_above=min(plan.unknown_above, 1e300)),
        fees=PerShare(rate=plan.rate, minimum=plan.minimum),
        order={
            "kind": plan.kind,
            "offset": plan.offset,
            "price": "lag(close, 1)" if plan.price else None,
            "through": plan.through,
            "tick": plan.tick,
            "time_in_force": length(plan.life) if isinstance(plan.life, int) else plan.life,
            "volume_share": plan.volume_share,
            "lot": plan.lot,
        },
        exits={
            "stop_loss": plan.stop_loss,
            "take_profit": plan.take_profit,
            "trailing_stop": plan.trailing_stop,
            "max_holding": length(plan.max_holding),
        },
        scenario={
            "latency": length(plan.latency),
            "outages": [
                {"start": f"1970-01-{start}", "end": f"1970-01-{end}"}
                for start, end in (OUTAGES[outage] for outage in plan.outages)
            ],
        },
        financing={"borrow": plan.borrow, "debt": plan.debt},
    )


def bars_of(tape):
    """Return a tape's bars per symbol."""
    columns = (
        tape.opened,
        tape.ts,
        tape.session,
        *(tape.columns[name] for name in ("open", "high", "low", "close", "volume")),
    )
    rows = [Bar(*values) for values in zip(*(column.tolist() for column in columns), strict=True)]
    return {name: rows[int(a) : int(b)] for name, a, b in zip(tape.symbols, tape.offsets, tape.offsets[1:], strict=False)}


@given(tapes=markets(layouts=(("bars",),)), plan=plans())
@settings(max_examples=DRAWS, deadline=None)
def test_both_engines_trade_alike(tapes, plan):
    """Orders with their ends, fills, equity and what was refused: the same rows, money to 1e-9."""
    expected = plain_engine.trade(bars_of(tapes["bars"]), plan)

    tables = traded(backtest, pipeline(plan, tapes), tapes)

    orders, fills, equity, refusals = tables.orders, tables.fills, tables.equity, tables.refusals
    side = np.where(orders["side"] == "buy", 1.0, -1.0)
    assert list(zip(*(orders[name].tolist() for name in ("ts", "symbol", "kind", "reason", "status")), strict=True)) == [
        (order.sent, order.symbol, order.kind, order.reason, order.status) for order in expected.orders
    ]
    np.testing.assert_allclose(side * orders["quantity"], [order.quantity for order in expected.orders], **NEAR)
    np.testing.assert_allclose(orders["price"], [order.price for order in expected.orders], **NEAR)
    assert list(zip(*(fills[name].tolist() for name in ("order", "ts", "symbol")), strict=True)) == [
        each[:3] for each in expected.fills
    ]
    bought = np.where(fills["side"] == "buy", 1.0, -1.0)
    found = np.column_stack([bought * fills["quantity"], fills["reference"], fills["price"], fills["fee"]])
    np.testing.assert_allclose(found, np.array([each[3:] for each in expected.fills]).reshape(-1, 4), **NEAR)
    assert list(zip(*(refusals[name].tolist() for name in ("ts", "symbol", "rule")), strict=True)) == [
        each[:3] for each in expected.refusals
    ]
    np.testing.assert_allclose(refusals["wanted"], [each[3] for each in expected.refusals], **NEAR)
    assert equity["ts"].tolist() == [at for at, *_ in expected.curve]
    curve = np.array([line[1:] for line in expected.curve]).reshape(-1, 2)
    np.testing.assert_allclose(
        np.column_stack([equity["equity"], equity["cash"]]), curve, rtol=1e-9, atol=1e-9 * plan.capital
    )

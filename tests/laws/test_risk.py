"""Laws of the risk overlay over random ragged tapes, pipelines and sets of rules of every kind there is."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from drawn import MINUTE, pipelines, tapes, traded
from drawn_risk import FAMILY, declared, kind_of, rule_sets, rules
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from runner.engine.native import backtest, replay
from runner.trading.kernel.layout import (
    ACCOUNT_FIELDS,
    BLOCK,
    BOOK_FIELDS,
    CLOSE_ALL,
    EQUITY,
    HALT,
    PASS,
    PEAK,
    TIME_FIELDS,
    TRIPS,
)
from runner.trading.risk import RiskRule
from runner.trading.risk.daily_loss import DailyLoss
from runner.trading.risk.drawdown_stop import DrawdownStop
from runner.trading.risk.gross_exposure import GrossExposure
from runner.trading.risk.net_exposure import NetExposure

LAW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
HAIR = 1e-6
"""Units, at prices of about ten."""
TABLES = ("orders", "fills", "equity", "positions", "refusals", "charges")


def _trip(p, state, ts, session, account, book, times):
    state[0] = 1.0 if np.isnan(state[0]) else state[0] + 1.0
    return p[1] if state[0] > p[0] else PASS


class Tripwire(RiskRule):
    """Asks for one thing from one instant on, for good."""

    kind: Literal["tripwire"] = "tripwire"
    instants: int
    asked: float

    watch = staticmethod(_trip)

    def numbers(self):
        return (float(self.instants), self.asked)

    def state(self, symbols):  # noqa: ARG002
        return 1


@st.composite
def markets(draw):
    """Draw a tape whose sessions last ten minutes."""
    tape = draw(tapes())
    return replace(tape, session=(tape.opened // (10 * MINUTE)).astype(np.int32))


def under(pipeline, rules):
    return replace(pipeline, rules=tuple(rules))


def bits_of(tables):
    return {f"{name}.{key}": column.tobytes() for name in TABLES for key, column in getattr(tables, name).items()}


def signed(table):
    return np.where(table["side"] == "buy", 1.0, -1.0) * table["quantity"]


def held(tables, symbol, ts):
    """Return the position of a symbol when an instant decides: what fills at that instant comes after."""
    own = np.flatnonzero((tables.positions["symbol"] == symbol) & (tables.positions["ts"] < ts))
    return float(tables.positions["quantity"][own[-1]]) if own.size else 0.0


def increases(tables, first):
    """Return the fills from an instant on that made a position larger or turned it round."""
    found, positions = [], dict.fromkeys(tables.positions["symbol"].tolist(), 0.0)
    for ts, symbol, after in zip(*(tables.positions[key].tolist() for key in ("ts", "symbol", "quantity")), strict=True):
        before, positions[symbol] = positions[symbol], after
        if ts >= first and (abs(after) > abs(before) or before * after < 0.0):
            found.append((ts, symbol, before, after))
    return found


def enlarging(tables, first):
    """Return the orders from an instant on that would make the position larger that is held when they are decided."""
    orders = zip(*(tables.orders[key].tolist() for key in ("ts", "symbol")), signed(tables.orders).tolist(), strict=True)
    found = []
    for ts, symbol, quantity in orders:
        position = held(tables, symbol, ts)
        if ts >= first and (abs(position + quantity) > abs(position) or position * (position + quantity) < 0.0):
            found.append((ts, symbol, position, quantity))
    return found


@given(tape=markets(), pipeline=pipelines(), rules=rule_sets())
@LAW
def test_replay_equals_backtest_to_the_bit_under_any_rules(tape, pipeline, rules):
    """Pushing one event at a time gives the tables of the whole tape, refusals included."""
    pipeline = under(pipeline, rules)

    assert bits_of(traded(backtest, pipeline, tape)) == bits_of(traded(replay, pipeline, tape))


@given(tape=markets(), pipeline=pipelines(), rules=rule_sets())
@LAW
def test_a_refusal_names_a_rule_and_allows_between_nothing_and_what_was_wanted(tape, pipeline, rules):
    """Never more, never the other side, never all of it, and by a rule that is there."""
    refusals = traded(backtest, under(pipeline, rules), tape).refusals

    by_risk = np.isin(refusals["rule"], [f"risk.rules.{name}" for name, _ in rules])
    assert set(refusals["rule"][~by_risk].tolist()) <= {
        "sizing",
        "signal: long and short at once",
        "account: equity is not above zero",
        *(f"risk.rules.{name}: {word}" for name, _ in rules for word in TRIPS.values()),
    }
    wanted, allowed = refusals["wanted"][by_risk], refusals["allowed"][by_risk]
    assert (wanted != 0.0).all()
    assert (wanted * allowed >= 0.0).all()
    assert (abs(allowed) < abs(wanted)).all()


@given(tape=markets(), pipeline=pipelines(), rules=rule_sets())
@LAW
def test_nothing_changes_before_a_rule_has_spoken(tape, pipeline, rules):
    """The first order that isn't the one of a run without rules comes with a refusal, or after a rule ended or sent one."""
    free, ruled = traded(backtest, under(pipeline, ()), tape), traded(backtest, under(pipeline, rules), tape)
    columns = [key for key in free.orders if key not in {"status", "filled", "refusal"}]
    one, other = (list(zip(*(t.orders[key].tolist() for key in columns), strict=True)) for t in (free, ruled))
    place = next((k for k in range(max(len(one), len(other))) if repr(one[k : k + 1]) != repr(other[k : k + 1])), None)
    if place is None:
        return
    differs = min(row[columns.index("ts")] for table in (one, other) for row in table[place : place + 1])

    spoken = [
        *ruled.refusals["ts"][np.char.startswith(ruled.refusals["rule"], "risk.rules.")].tolist(),
        *ruled.orders["ts"][(ruled.orders["reason"] == "risk") | (ruled.orders["status"] == "cancelled")].tolist(),
    ]

    assert spoken
    assert min(spoken) <= differs


@given(tape=markets(), pipeline=pipelines(), rules=rule_sets())
@LAW
def test_exits_are_never_refused(tape, pipeline, rules):
    """Wherever a position is held and its exit holds, an order that closes it is sent or on its way."""
    nodes = pipeline.signals.nodes
    assume("target" not in nodes)
    tables = traded(backtest, under(pipeline, rules), tape, signals=True)
    filled = dict(zip(tables.fills["order"].tolist(), tables.fills["ts"].tolist(), strict=True))
    orders = list(
        zip(*(tables.orders[key].tolist() for key in ("order", "ts", "symbol")), signed(tables.orders), strict=True)
    )

    for k, (ts, symbol) in enumerate(zip(tables.signals["ts"].tolist(), tables.signals["symbol"].tolist(), strict=True)):
        position = held(tables, symbol, ts)
        exits = tables.signals.get("long.exit" if position > 0.0 else "short.exit")
        if position == 0.0 or exits is None or exits[k] != 1.0:
            continue
        closing = [
            order for order, sent, of, quantity in orders
            if of == symbol and sent <= ts <= filled.get(order, ts) and position * quantity < 0.0
        ]  # fmt: skip
        assert closing, (ts, symbol, position)


@given(
    tape=markets(), pipeline=pipelines(), rules=rule_sets(most=2), instants=st.integers(0, 20), asked=st.sampled_from([BLOCK, CLOSE_ALL, HALT])
)  # fmt: skip
@LAW
def test_once_latched_nothing_increases_a_position(tape, pipeline, rules, instants, asked):
    """From the instant at which a rule asks for it, no order and no fill adds exposure, also of what was sent before."""
    tables = traded(backtest, under(pipeline, [*rules, ("wire", Tripwire(instants=instants, asked=asked))]), tape)
    assume(tables.equity["ts"].size > instants)
    first = int(tables.equity["ts"][instants])

    assert increases(tables, first) == []
    assert enlarging(tables, first) == []
    told = tables.refusals["rule"] == f"risk.rules.wire: {TRIPS.get(asked)}"
    assert tables.refusals["ts"][told].tolist() == ([first] if asked in TRIPS else [])
    if asked in TRIPS:
        for s, symbol in enumerate(tape.symbols):
            opened = tape.opened[tape.offsets[s] : tape.offsets[s + 1]]
            assert held(tables, symbol, 2**62) == 0.0 or not (opened >= first).any()


@given(
    tape=markets(), pipeline=pipelines(), share=st.floats(0.001, 0.3), rules=rule_sets(most=2),
    action=st.sampled_from(["block", "flatten", "halt"]),
)  # fmt: skip
@LAW
def test_a_drawdown_stops_for_good_where_the_equity_says_so(tape, pipeline, share, rules, action):
    """From the first instant whose equity is a share below its peak, as the table of equity has it."""
    stop = DrawdownStop(share=share, action=action)
    tables = traded(backtest, under(pipeline, [*rules, ("stop", stop)]), tape)
    equity = tables.equity["equity"]
    peak = np.maximum.accumulate(np.append(pipeline.capital, equity))[1:]
    below = np.flatnonzero(peak - equity > share * peak * (1 + 1e-9))
    assume(below.size)
    first = int(tables.equity["ts"][below[0]])

    assert increases(tables, first) == []
    assert enlarging(tables, first) == []


@given(tape=markets(), pipeline=pipelines(), share=st.floats(0.001, 0.1), rules=rule_sets(most=2))
@LAW
def test_a_lost_session_opens_nothing_more(tape, pipeline, share, rules):
    """From the first instant of a session that is a share below the close before it, until the session ends."""
    tables = traded(backtest, under(pipeline, [*rules, ("cap", DailyLoss(share=share))]), tape)
    ts, equity = tables.equity["ts"], tables.equity["equity"]
    order = np.lexsort((tape.session, tape.ts))
    session = np.maximum.accumulate(tape.session[order])[np.searchsorted(tape.ts[order], ts, side="right") - 1]

    for day in np.unique(session).tolist():
        inside = np.flatnonzero(session == day)
        start = equity[max(inside[0] - 1, 0)]
        lost = inside[start - equity[inside] > share * start + 1e-9 * pipeline.capital]
        if lost.size:
            first, last = int(ts[lost[0]]), int(ts[inside[-1]])
            assert [order for order in enlarging(tables, first) if order[0] <= last] == []
            assert [fill for fill in increases(tables, first) if fill[0] < last] == []


@given(
    tape=markets(), pipeline=pipelines(), share=st.floats(0.01, 1.0), action=st.sampled_from(["block", "reduce"]),
    kind=st.sampled_from([GrossExposure, NetExposure]), rules=rule_sets(most=2),
)  # fmt: skip
@LAW
def test_exposure_stays_within_its_limit_at_every_decision(tape, pipeline, share, action, kind, rules):
    """What is held at an instant, with all that it ordered filled, is no more than the limit wherever something was opened."""
    tables = traded(backtest, under(pipeline, [*rules, ("exposure", kind(share=share, action=action))]), tape)
    equity = dict(zip(tables.equity["ts"].tolist(), tables.equity["equity"].tolist(), strict=True))
    quantity = signed(tables.orders)

    for ts, symbol, *_ in enlarging(tables, 0):
        side, total = 0.0, 0.0
        for s, each in enumerate(tape.symbols):
            rows = slice(int(tape.offsets[s]), int(tape.offsets[s + 1]))
            known = tape.columns["close"][rows][tape.ts[rows] <= ts]
            position = held(tables, each, ts)
            after = position + float(quantity[(tables.orders["ts"] == ts) & (tables.orders["symbol"] == each)].sum())
            side = np.sign(after - position) if each == symbol else side
            total += (abs(after) if kind is GrossExposure else after) * (float(known[-1]) if known.size else 0.0)
        total = total if kind is GrossExposure else total * side
        assert total <= share * equity[ts] * (1 + 1e-9), (ts, symbol)


@pytest.mark.parametrize("name", FAMILY)
@given(tape=markets(), pipeline=pipelines())
@settings(LAW, max_examples=15)
def test_a_limit_that_is_never_reached_changes_nothing(name, tape, pipeline):
    """To the bit, wherever the account is worth something, without which every rule fails closed."""
    rule = declared(name, "NEVER")
    if rule is None:
        return
    free = traded(backtest, under(pipeline, ()), tape)
    assume((free.equity["equity"] > 0.0).all())

    assert bits_of(traded(backtest, under(pipeline, [("never", rule)]), tape)) == bits_of(free)


@pytest.mark.parametrize("name", FAMILY)
@given(tape=markets(), pipeline=pipelines())
@settings(LAW, max_examples=15)
def test_a_rule_that_allows_nothing_lets_nothing_in(name, tape, pipeline):
    """No order that is worth the name, and a refusal where there would have been one.

    The smallest limits there are aren't zero: an order of a hair fits into them. One comes up also where a position that was
    let in would have been closed but for a hair.
    """
    rule = declared(name, "ALWAYS")
    if rule is None:
        return
    free = traded(backtest, under(pipeline, ()), tape)
    assume(bool((free.orders["quantity"] > HAIR).all()))
    tables = traded(backtest, under(pipeline, [("always", rule)]), tape)

    assert (tables.orders["quantity"] <= HAIR).all()
    assert ("risk.rules.always" in tables.refusals["rule"].tolist()) == (free.orders["order"].size > 0)


@pytest.mark.parametrize("which", ["NEVER", "ALWAYS"])
def test_the_two_laws_above_have_subjects(which):
    """Most kinds have a limit that is never reached, several one that nothing passes."""
    assert sum(declared(name, which) is not None for name in FAMILY) >= 5


@pytest.mark.parametrize("name", [name for name in FAMILY if kind_of(name).is_steady])
@given(
    data=st.data(), path=st.lists(st.tuples(st.floats(-100, 1e6) | st.just(np.nan), st.booleans()), min_size=1, max_size=30)
)
@LAW
def test_a_steady_rule_says_the_same_when_it_is_asked_again(name, data, path):
    """With the same equity and session, whatever the instant, prices and times: the same answer, and the same state."""
    rule = data.draw(rules([name]))
    p, state = np.array(rule.numbers()), np.full(rule.state(1), np.nan)
    account, book, times = np.zeros(ACCOUNT_FIELDS), np.zeros((BOOK_FIELDS, 1)), np.zeros((TIME_FIELDS, 1), np.int64)
    session = 0
    for ts, (equity, is_next_day) in enumerate(path):
        session += is_next_day
        account[EQUITY] = equity
        account[PEAK] = max(account[PEAK], 0.0 if np.isnan(equity) else equity)
        first = rule.watch(p, state, ts, session, account, book, times)
        kept = state.tobytes()
        book[:], times[:] = ts, -ts

        assert repr(rule.watch(p, state, ts + 1_000, session, account, book, times)) == repr(first)
        assert state.tobytes() == kept

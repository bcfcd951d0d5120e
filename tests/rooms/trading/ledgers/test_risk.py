"""Stories of the risk overlay. Ten units are wanted, a thousand is in cash."""

from typing import Literal

import pytest
from markets import DAY, MINUTE, ended, filled, minutes, tape_of, told, told_of

from runner.trading.kernel.layout import HALT, PASS
from runner.trading.risk import RiskRule
from runner.trading.risk.cooldown import Cooldown
from runner.trading.risk.daily_loss import DailyLoss
from runner.trading.risk.drawdown_stop import DrawdownStop
from runner.trading.risk.order_rate import OrderRate


def _once(p, state, ts, session, account, book, times):
    return HALT if ts == p[0] else PASS


class Once(RiskRule):
    """A rule that asks for a halt at minute 3 and for nothing at any other."""

    kind: Literal["once"] = "once"
    watch = staticmethod(_once)

    def numbers(self):
        return (3.0 * MINUTE,)


def flat(price, volume):
    """Return a bar of one price."""
    return (price, price, price, price, volume)


def refused(tables):
    """Return the refusals as (minute, rule)."""
    refusals = tables.refusals
    return [(ts / MINUTE, rule) for ts, rule in zip(refusals["ts"].tolist(), refusals["rule"].tolist(), strict=True)]


@pytest.mark.parametrize(("action", "again"), [("flatten", [(DAY + 1, "buy", 10.0, 8.0)]), ("halt", [])])
def test_a_lost_session_is_closed_and_the_next_one_begins_anew_unless_it_was_a_halt(action, again):
    """Bought at 10, at 8 the cap of 20 is reached: sold at the next open, no entry that day; the day after there is one."""
    today = minutes(flat(10, 1), flat(10, 0), flat(8, 0), flat(8, 1), flat(8, 1))
    tomorrow = minutes(flat(8, 1), flat(8, 0), start=DAY)
    rules = {"cap": DailyLoss(share=None, amount=20.0, action=action)}

    tables = told({"bars": tape_of("bars", {"A": [*today, *tomorrow]})}, risk={"rules": rules})

    assert filled(tables) == [(1.0, "buy", 10.0, 10.0), (3.0, "sell", 10.0, 8.0), *again]
    assert tables.orders["reason"].tolist()[1] == "risk"
    assert refused(tables)[:3] == [(3.0, f"risk.rules.cap: {action}"), (4.0, "risk.rules.cap"), (5.0, "risk.rules.cap")]
    assert (tables.refusals["symbol"][0], tables.refusals["wanted"][0], tables.refusals["allowed"][0]) == ("", 80.0, 0.0)


def test_a_rule_that_has_asked_for_a_halt_is_not_heard_any_more():
    """It asks at minute 3 and never again: sold at the open then, and the entries after it are refused. One line says when."""
    tables = told_of(flat(10, 1), flat(10, 0), flat(10, 0), flat(10, 1), flat(10, 1), risk={"rules": {"once": Once()}})

    assert filled(tables) == [(1.0, "buy", 10.0, 10.0), (3.0, "sell", 10.0, 10.0)]
    assert refused(tables) == [(3.0, "risk.rules.once: halt"), (4.0, "risk.rules.once"), (5.0, "risk.rules.once")]


def test_of_two_calendars_a_loss_counts_once_in_the_day_the_account_is_in():
    """Tokyo T and New York N by their own dates. On Monday the 5th T loses 10 and N 15, together the cap of 25, at minute
    17:00 of New York; T's new session, at midnight, begins at nought: 24 lost there aren't 49."""
    tokyo = [
        (DAY * 5 + 60 * h, DAY * 5 + 60 * h + 60, 100, 100, 100, close, 1) for h, close in ((0, 100), (1, 100), (2, 99))
    ]
    tokyo += [(DAY * 6 + 60 * h, DAY * 6 + 60 * h + 60, 99, 99, 99, close, 1) for h, close in ((0, 99), (1, 96.6))]
    york = [(DAY * 5 + 60 * h, DAY * 5 + 60 * h + 60, 50, 50, 50, close, 1) for h, close in ((14, 50), (15, 50), (16, 48.5))]
    rules = {"cap": DailyLoss(share=None, amount=25.0, action="flatten")}

    tables = told({"bars": tape_of("bars", {"T": tokyo, "N": york})}, risk={"rules": rules}, capital=3000.0)

    trips = [(at / 60 - 24 * 5, rule) for at, rule in refused(tables) if rule.endswith("flatten")]
    assert trips == [(17.0, "risk.rules.cap: flatten")]


SHORTS = {"short": {"enter": "volume == 1 or volume == 3", "exit": "volume == 2"}}


def test_an_account_without_equity_opens_nothing_and_closes_everything():
    """Ten short from 10 at a price of 120: 100 + 100 - 1,200 = -1,000. B isn't opened; at 2 the ten are bought back, B at 3
    neither: 200 - 1,000 in cash are no equity."""
    a = minutes(flat(10, 1), flat(10, 0), flat(120, 0), flat(100, 2), flat(100, 0), flat(100, 0))
    b = minutes(flat(10, 0), flat(10, 0), flat(10, 1), flat(10, 1), flat(10, 1), flat(10, 0))

    tables = told({"bars": tape_of("bars", {"A": a, "B": b})}, signal=SHORTS, capital=100.0)

    assert filled(tables) == [(1.0, "sell", 10.0, 10.0), (4.0, "buy", 10.0, 100.0)]
    assert refused(tables) == [(at, "account: equity is not above zero") for at in (3.0, 4.0, 5.0)]
    assert tables.refusals["wanted"].tolist() == [-10.0] * 3
    assert tables.equity["equity"].tolist() == [100.0, 100.0, -1000.0, -800.0, -800.0, -800.0]


def test_what_waits_to_open_is_withdrawn_once_there_is_no_equity():
    """B's limit above the market is cancelled at minute 3, where A has eaten up the account; 10.2 a minute later fills nothing."""
    a = minutes(flat(10, 1), (10, 10.5, 10, 10, 0), flat(120, 0), flat(120, 0))
    b = minutes(flat(10, 0), flat(10, 1), flat(10, 0), (10, 10.5, 10, 10, 0))
    order = {"kind": "limit", "offset": 100.0}

    tables = told({"bars": tape_of("bars", {"A": a, "B": b})}, signal=SHORTS, capital=100.0, order=order)

    assert ended(tables) == ["filled", "cancelled"]


@pytest.mark.parametrize(("targets", "positions"), [((-10, -5), [-10.0, -5.0]), ((-10, 10), [-10.0, 0.0])])
def test_a_target_may_still_lead_to_less_without_equity(targets, positions):
    """Ten short at 120 with 200 in cash: half of it is bought back where half is wanted, all of it where a long one is."""
    bars = [(10, 10, 10, 10, targets[0]), (10, 120, 10, 120, targets[1]), (10, 10, 10, 10, targets[1])]

    tables = told_of(*bars, signal={"target": "volume / 10"}, capital=100.0)

    assert tables.positions["quantity"].tolist() == positions


def test_a_stop_withdraws_what_still_waits():
    """A falls to 9 and stops the account at minute 3; B's limit of 9.9 is cancelled there, and 9 a minute later fills nothing."""
    a = minutes(flat(10, 1), (10, 10, 9.5, 9.9, 0), flat(9, 0), flat(9, 0))
    b = minutes(flat(10, 0), flat(10, 1), flat(10, 0), flat(9, 0))
    rules = {"stop": DrawdownStop(share=0.005, action="block")}
    order = {"kind": "limit", "offset": 100.0}

    tables = told({"bars": tape_of("bars", {"A": a, "B": b})}, risk={"rules": rules}, order=order)

    assert tables.orders["symbol"].tolist() == ["A", "B"]
    assert ended(tables) == ["filled", "cancelled"]
    assert filled(tables) == [(2.0, "buy", 10.0, 9.9)]


def test_of_a_turn_that_cannot_be_paid_for_what_closes_is_filled():
    """Short 10 at 10 with 100 in cash makes 200; 20 at 30 are 600: 10 are bought back for 300, the other 10 are not."""
    signal = {
        "long": {"enter": "volume == 2", "exit": "volume == 1"},
        "short": {"enter": "volume == 1", "exit": "volume == 2"},
    }

    tables = told_of(flat(10, 1), flat(10, 2), flat(30, 0), flat(30, 0), signal=signal, capital=100.0)

    assert filled(tables) == [(1.0, "sell", 10.0, 10.0), (2.0, "buy", 10.0, 30.0)]
    assert ended(tables) == ["filled", "rejected"]
    assert tables.orders["refusal"].tolist()[1] == "not enough cash"
    assert tables.orders["filled"].tolist() == [10.0, 10.0]
    assert tables.positions["quantity"].tolist() == [-10.0, 0.0]


def test_after_a_stop_loss_there_is_a_pause_and_after_a_gain_there_is_none():
    """Stopped at 9, known at 2:00: no entry at 2 and 3, one at 4. Sold at a gain at 7:00, entered again at once."""
    bars = [flat(10, 1), (10, 10, 8, 8.5, 1), flat(8.5, 1), flat(8.5, 1), flat(8.5, 0), flat(9, 2), flat(9, 1), flat(9, 0)]
    rules = {"pause": Cooldown(duration="2min", after="loss")}

    tables = told_of(*bars, exits={"stop_loss": 0.1}, risk={"rules": rules})

    assert refused(tables) == [(2.0, "risk.rules.pause"), (3.0, "risk.rules.pause")]
    assert (tables.orders["ts"] / MINUTE).tolist() == [1.0, 2.0, 4.0, 6.0, 7.0]


def test_exits_count_towards_the_rate_and_pass_it():
    """One order in two minutes: in at 1, out at 2 all the same; at 3 the exit still counts, at 4 it doesn't."""
    rules = {"rate": OrderRate(orders=1, window="2min")}

    tables = told_of(flat(10, 1), flat(10, 2), flat(10, 1), flat(10, 1), flat(10, 0), risk={"rules": rules})

    assert (tables.orders["ts"] / MINUTE).tolist() == [1.0, 2.0, 4.0]
    assert refused(tables) == [(3.0, "risk.rules.rate")]

"""A run without a trade says why."""

import pytest

from runner.engine.idle import Idle
from runner.report.idle import idle_remarks, is_idle

END = " runner explain shows what the rules are made of, and their values."


def test_a_run_with_a_fill_is_not_idle(ledger):
    """One fill is a trade, whatever was refused."""
    assert is_idle(ledger.tables())

    ledger.fill(1, "A", "buy", 1.0, 10.0)

    assert not is_idle(ledger.tables())


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"long.enter": 0}, "long.enter was true at none of 1,234 decisions."),
        (
            {"long.enter": 3, "short.enter": 0},
            "long.enter was true at 3 of 1,234 decisions; short.enter was true at none of",
        ),
        ({"target": 0}, "target asked for a position at none of 1,234 decisions."),
        ({}, "no rule was ever defined."),
    ],
)
def test_rules_say_how_often_they_held(ledger, held, said):
    """Without an order the reason lies with the rules."""
    (told,) = idle_remarks(ledger.tables(), Idle(held, 1_234, ()))

    assert told.startswith(f"Nothing was traded: {said}")
    assert told.endswith(END)


def test_who_refused_is_named(ledger):
    """A rule that held and came to nothing was refused by somebody."""
    ledger.refuse(1, "A", "sizing", 1.0, 0.0)
    ledger.refuse(2, "A", "sizing", 1.0, 0.0)
    ledger.refuse(3, "A", "risk.rules.gross", 1.0, 0.0)

    (told,) = idle_remarks(ledger.tables(), Idle({"long.enter": 3}, 9, ()))

    assert told == (
        "Nothing was traded: long.enter was true at 3 of 9 decisions; risk.rules.gross refused 1; sizing refused 2." + END
    )


def test_orders_that_never_filled_are_counted_by_their_end(ledger):
    """Orders were sent, so the rules are not to blame."""
    ledger.order(1, "A", "buy", 1.0, status="rejected", refusal="not enough cash")
    ledger.order(2, "A", "buy", 1.0, status="expired")
    ledger.order(3, "A", "buy", 1.0, status="expired")

    told = list(idle_remarks(ledger.tables(), Idle({"long.enter": 3}, 9, ())))

    assert told == ["Nothing was traded: of 3 orders none was filled (2 expired, 1 rejected)."]


def test_symbols_that_never_got_past_the_warm_up_are_named(ledger):
    """Of five symbols three are named and the others counted."""
    never = ("A", "B", "C", "D", "E")

    _, told = idle_remarks(ledger.tables(), Idle({"long.enter": 0}, 9, never))

    assert told == "A, B, C and 2 others never got past the warm-up, so nothing was decided there."


def test_a_strategy_of_the_users_own_is_named(ledger):
    """What a class decides by nobody else knows."""
    assert list(idle_remarks(ledger.tables(), None, "Mine")) == ["Nothing was traded: Mine sent no order."]

"""What the monitor says of the risk rules: how much of each is used, by hand."""

import math

import pytest

import runner
from runner.sessions.limits_used import Standing, rules_used

NOW = Standing(equity=900.0, peak=1000.0, close_before=950.0, opened_with=920.0, units=(3.0, -2.0), values=(300.0, -150.0))


def used(now=NOW, **rule):
    """Return (used, limit, share) of each number that a rule has."""
    spec = runner.configure([f"+risk.rules.mine={{{','.join(f'{key}: {value}' for key, value in rule.items())}}}"])
    return {each.name: (each.used, each.limit, each.share) for each in rules_used(spec.risk.rules, now)}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"kind": "position_limit", "share": 0.5}, {"largest position, of equity": (300 / 900, 0.5)}),
        (
            {"kind": "position_limit", "share": "null", "units": 4, "notional": 600},
            {"largest position, units": (3, 4), "largest position, value": (300, 600)},
        ),
        ({"kind": "gross_exposure", "share": 1.0}, {"sum of positions, of equity": (450 / 900, 1.0)}),
        ({"kind": "net_exposure", "share": 0.5}, {"net of positions, of equity": (150 / 900, 0.5)}),
        ({"kind": "net_exposure", "share": "null", "notional": 300}, {"net of positions, value": (150, 300)}),
        ({"kind": "daily_loss", "share": 0.1}, {"loss of the day, of its start": (50 / 950, 0.1)}),
        (
            {"kind": "daily_loss", "share": "null", "amount": 40, "since": "open"},
            {"loss of the day, value": (20, 40)},
        ),
        ({"kind": "drawdown_stop", "share": 0.2}, {"drawdown, of the peak": (0.1, 0.2)}),
    ],
)
def test_how_much_of_a_rule_is_used(rule, expected):
    """Used, limit and the one over the other."""
    found = used(**rule)

    assert list(found) == [f"risk.rules.mine: {name}" for name in expected]
    for (told, limit, share), (value, most) in zip(found.values(), expected.values(), strict=True):
        assert float(told) == pytest.approx(value, abs=5e-5)
        assert float(limit) == most
        assert share == pytest.approx(value / most)


def test_a_rule_that_looks_at_orders_is_named():
    """It has no number between two of them, and holds all the same."""
    assert used(kind="price_collar", distance=0.5) == {"risk.rules.mine": ("", "", None)}


def test_what_is_not_known_has_no_share():
    """Without a price there is no equity to be a share of."""
    now = Standing(math.nan, 1000.0, 950.0, 920.0, (3.0,), (math.nan,))

    assert [share for _, _, share in used(now, kind="gross_exposure", share=1.0).values()] == [None]

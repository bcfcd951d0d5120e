"""The story of a day that loses too much before noon. Bars of an hour from 9:00; thirty of a thousand are the cap."""

from markets import DAY, SCRIPT, filled, tape_of, told

from runner.trading.risk.daily_loss import DailyLoss

HOURS = [(9, 100, 100, 1), (10, 100, 96.9, 0), (11, 96, 97, 1), (12, 97, 97, 1)]
"""Hour, open, close, script: ten bought at 10:00 for 100 are worth 969 when the bar of 10:00 is known, at 11:00."""


def day(hours, number):
    """Return bars of an hour."""
    return [
        (DAY * number + 60 * hour, DAY * number + 60 * hour + 60, start, max(start, end), min(start, end), end, script)
        for hour, start, end, script in hours
    ]


def test_a_cap_that_is_hit_at_eleven_closes_the_day():
    """At 11:00 the loss is 31: sold at the open then, 96; the entries of noon and one are refused; the next day trades."""
    bars = [*day(HOURS, 0), *day([(9, 97, 97, 1), (10, 97, 97, 0)], 1)]
    cap = DailyLoss(share=0.03, action="flatten")
    tables = told({"bars": tape_of("bars", {"A": bars})}, risk={"rules": {"day": cap}}, signal=SCRIPT, capital=1000.0)

    assert [(at / 60 % 24, side, price) for at, side, _, price in filled(tables)] == [
        (10.0, "buy", 100.0),
        (11.0, "sell", 96.0),
    ]
    assert tables.orders["reason"].tolist()[:2] == ["long.enter", "risk"]
    assert tables.refusals["rule"].tolist()[:3] == ["risk.rules.day: flatten", "risk.rules.day", "risk.rules.day"]
    assert (tables.refusals["ts"] // (3600 * 10**9)).tolist()[:3] == [11, 12, 13]
    assert tables.orders["ts"].tolist()[2] == (24 + 10) * 3600 * 10**9

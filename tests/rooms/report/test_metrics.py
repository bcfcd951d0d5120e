import json
import math

import empyrical
import numpy as np
import pytest

from runner.report.metrics import ANNUALISED, metrics

DAY = 86_400_000_000_000
APART = 10 * DAY
"""Between sessions, so that four of them are long enough to speak of a year."""
MONDAY = 19_723  # 2024-01-01


def days(*numbers):
    return np.array(numbers, dtype=np.int32)


def measure(ledger, sessions, *, capital=1_000.0, year=252):
    return metrics(ledger.tables(), capital=capital, sessions_per_year=year, sessions=sessions)


@pytest.fixture
def week(ledger):
    """Five sessions ten days apart: one of warm-up, then four measured ones with a winning, a losing and an open trade."""
    ledger.worth(0 * APART, 1_000.0, measured=False)
    ledger.worth(1 * APART, 1_000.0, gross=0.0)
    ledger.worth(2 * APART, 1_100.0, gross=550.0)
    ledger.worth(3 * APART, 990.0, gross=0.0)
    ledger.worth(4 * APART, 1_089.0, gross=108.9, net=-108.9)
    for ts, side in [(1, "buy"), (2, "sell"), (2, "buy"), (3, "sell"), (3, "buy")]:
        ledger.order(ts * APART, "AAA", side, 1.0)
    ledger.order(4 * APART, "AAA", "buy", 1.0, status="unfilled")
    ledger.order(4 * APART, "BBB", "buy", 1.0, status="rejected", refusal="cash")
    ledger.order(4 * APART, "BBB", "buy", 1.0, status="expired")
    ledger.order(4 * APART, "BBB", "buy", 1.0, status="cancelled")
    ledger.charge(0, "AAA", 9.0)
    ledger.charge(3 * APART, "AAA", 0.5)
    ledger.charge(4 * APART, "", 0.25)
    ledger.refuse(4 * APART, "AAA", "gross", 5.0, 1.0)
    ledger.fill(1 * APART + 1, "AAA", "buy", 5.0, 100.0, slippage=2.0, fee=1.0)
    ledger.fill(2 * APART + 1, "AAA", "sell", 5.0, 110.0, slippage=2.0, fee=1.0)
    ledger.fill(2 * APART + 2, "AAA", "buy", 1.0, 110.0, slippage=1.0, fee=0.5)
    ledger.fill(3 * APART + 1, "AAA", "sell", 1.0, 100.0, slippage=1.0, fee=0.5)
    ledger.fill(3 * APART + 2, "AAA", "buy", 1.0, 100.0, maker=True)
    return ledger


FIVE_DAYS = days(MONDAY, MONDAY + 1, MONDAY + 2, MONDAY + 3, MONDAY + 4)


def test_small_ledger_gives_the_figures_worked_out_by_hand(week):
    """Every figure of a run of five sessions equals the one computed on paper."""
    got = measure(week, FIVE_DAYS, year=4)

    years = 40 / 365.25
    growth = 1.089 ** (1 / years) - 1
    r = [0.0, 0.1, -0.1, 0.1]
    mean = sum(r) / 4
    deviation = math.sqrt(sum((x - mean) ** 2 for x in r) / 3)
    expected = {
        "sessions": 4,
        "years": years,
        "final_equity": 1_089.0,
        "total_return": 0.089,
        "cagr": growth,
        "volatility": deviation * 2,
        "sharpe": mean / deviation * 2,
        "sortino": mean * 4 / (math.sqrt(0.01 / 4) * 2),
        "calmar": growth / 0.1,
        "max_drawdown": -0.1,
        "max_drawdown_sessions": 2,
        "longest_drawdown_sessions": 2,
        "max_drawdown_rows": -0.1,
        "turnover": (500 + 550 + 110 + 100 + 100) / ((1_000 + 1_100 + 990 + 1_089) / 4) / years,
        "exposure": 0.5,
        "mean_gross_exposure": (0.5 + 0.1) / 4,
        "mean_net_exposure": (0.5 - 0.1) / 4,
        "trades": 2,
        "open_trades": 1,
        "hit_rate": 0.5,
        "profit_factor": 48.0 / 11.0,
        "best_trade": 48.0,
        "worst_trade": -11.0,
        "trade_days_95": 10.0,
        "orders": 9,
        "fills": 5,
        "rejected": 1,
        "expired": 1,
        "cancelled": 1,
        "unfilled": 1,
        "refusals": 1,
        "maker_share": 100.0 / (500 + 550 + 110 + 100 + 100),
        "fees_paid": 3.0,
        "slippage_paid": 6.0,
        "financing_paid": 0.75,
        "costs_paid": 9.75,
        "slippage_share": 6.0 / 9.75,
        "costs_bps": 10_000 * 9.0 / (500 + 550 + 110 + 100 + 100),
    }
    assert (got.pop("start"), got.pop("end")) == ("2024-01-02", "2024-01-05")
    assert list(got) == list(expected)
    assert got == pytest.approx(expected, rel=1e-12)


def test_growth_and_turnover_a_year_go_by_the_calendar_alone(week):
    """A wrong number of sessions in a year changes the ratios of session returns and nothing else."""
    right, wrong = measure(week, FIVE_DAYS, year=252), measure(week, FIVE_DAYS, year=365)

    changed = {name for name in right if right[name] != wrong[name]}
    assert changed == {"volatility", "sharpe", "sortino"}


@pytest.mark.parametrize(("length", "is_given"), [(27, False), (28, True)])
def test_nothing_is_said_of_a_year_by_a_run_of_less_than_four_weeks(ledger, length, is_given):
    """Twenty-seven days of ups and downs have a return, a drawdown and trades, and no figure a year."""
    for day in range(length + 1):
        ledger.worth(day * DAY, 1_000.0 + day % 3, measured=day > 0)
    ledger.fill(2 * DAY, "AAA", "buy", 5.0, 100.0)

    got = measure(ledger, np.arange(length + 1, dtype=np.int32))

    assert {name: got[name] is not None for name in ANNUALISED} == dict.fromkeys(ANNUALISED, is_given)
    assert got["total_return"] == pytest.approx((length % 3) / 1_000)
    assert got["max_drawdown"] == pytest.approx(-2 / 1_002)


def test_growth_agrees_with_empyrical_whatever_sessions_are_declared(ledger):
    """Equity of every calendar day: empyrical, told that 365.25 of them are a year, gives our growth and Calmar ratio."""
    returns = np.array([0.01, -0.02, 0.004, 0.0, 0.013, -0.007] * 30)
    for day, equity in enumerate(1_000.0 * np.cumprod(np.append(1.0, 1.0 + returns))):
        ledger.worth(day * DAY, float(equity), measured=day > 0)

    got = measure(ledger, np.arange(returns.size + 1, dtype=np.int32), year=252)

    assert got["cagr"] == pytest.approx(empyrical.cagr(returns, annualization=365.25), rel=1e-9)
    assert got["calmar"] == pytest.approx(empyrical.calmar_ratio(returns, annualization=365.25), rel=1e-9)
    assert got["sharpe"] == pytest.approx(empyrical.sharpe_ratio(returns, annualization=252), rel=1e-9)


def test_time_is_counted_from_the_row_growth_starts_from_and_is_a_day_at_least(ledger):
    """A weekend between sessions counts; half an hour doesn't become a thousandth of a year."""
    ledger.worth(0, 1_000.0)
    ledger.worth(DAY // 48, 1_001.0)
    short = measure(ledger, days(0, 0))
    ledger.worth(4 * DAY, 1_002.0)

    long = measure(ledger, days(0, 0, 4))

    assert (short["years"], long["years"]) == (1 / 365.25, 4 / 365.25)


def test_metrics_are_plain_json_values(week):
    """The result goes into a strict JSON file: no numpy types, no NaN."""
    got = measure(week, FIVE_DAYS)

    assert json.loads(json.dumps(got, allow_nan=False)) == got


def test_returns_use_the_last_row_of_each_session(ledger):
    """Equity inside a session, however low, doesn't make a session return or a drawdown."""
    for hour, equity in enumerate([500.0, 1_010.0, 400.0, 1_020.0]):
        ledger.worth(hour, equity)

    got = measure(ledger, days(0, 0, 1, 1))

    assert got["sessions"] == 2
    assert got["total_return"] == pytest.approx(0.02)
    assert got["max_drawdown"] == 0.0
    assert got["max_drawdown_sessions"] == 0
    assert got["max_drawdown_rows"] == pytest.approx(400 / 1_010 - 1)


def test_first_return_starts_from_the_last_row_before_measuring(ledger):
    """When measuring starts inside a session, its first return is measured from the row just before."""
    ledger.worth(1, 900.0, measured=False)
    ledger.worth(2, 800.0, measured=False)
    ledger.worth(3, 880.0)

    assert measure(ledger, days(0, 0, 0))["total_return"] == pytest.approx(0.1)


def test_capital_is_the_base_when_everything_is_measured(ledger):
    """Without warm-up the first return starts from the capital."""
    ledger.worth(1, 1_100.0)
    ledger.worth(1 + 30 * DAY, 1_210.0)

    got = measure(ledger, days(0, 30))

    assert got["total_return"] == pytest.approx(0.21)
    assert got["volatility"] == pytest.approx(0.0, abs=1e-12)


def test_exposure_is_the_share_of_rows_with_a_position(ledger):
    """A position at one row of four is an exposure of a quarter, however the rows fall into sessions."""
    for ts, gross in enumerate([0.0, 500.0, 0.0, 0.0]):
        ledger.worth(ts, 1_000.0, gross=gross)

    got = measure(ledger, days(0, 0, 0, 1))

    assert got["exposure"] == 0.25
    assert got["mean_gross_exposure"] == pytest.approx(0.125)


def test_nothing_measured_leaves_figures_undefined(ledger):
    """Data that end during warm-up give counts of zero and no figures."""
    ledger.worth(1, 1_000.0, measured=False)
    ledger.fill(1, "AAA", "buy", 1.0, 10.0, fee=1.0)

    got = measure(ledger, days(0))

    zero = ("sessions", "trades", "open_trades", "orders", "fills", "rejected", "expired", "cancelled")
    zero += ("unfilled", "refusals", "fees_paid", "slippage_paid", "financing_paid", "costs_paid")
    assert {name: value for name, value in got.items() if value is not None} == dict.fromkeys(zero, 0)


def test_an_empty_run_is_undefined_and_does_not_fail(ledger):
    """No rows at all are no reason to fail."""
    got = measure(ledger, days())

    assert got["sessions"] == 0
    assert got["final_equity"] is None


def test_flat_equity_has_no_sharpe(ledger):
    """A strategy that never traded has a return of zero and no ratio."""
    for day in range(5):
        ledger.worth(day * APART, 1_000.0)

    got = measure(ledger, days(0, 10, 20, 30, 40))

    assert (got["total_return"], got["volatility"], got["max_drawdown"]) == (0.0, 0.0, 0.0)
    undefined = (
        "sharpe",
        "sortino",
        "calmar",
        "hit_rate",
        "profit_factor",
        "best_trade",
        "worst_trade",
        "trade_days_95",
        "slippage_share",
    )
    assert [got[name] for name in undefined] == [None] * len(undefined)


def test_ruin_keeps_the_drawdown_and_drops_the_ratios(ledger):
    """Equity through zero has a drawdown beyond −1 but no returns, so no volatility and no Sharpe."""
    for place, equity in enumerate([1_000.0, -200.0, 100.0]):
        ledger.worth(2 * place * APART, equity)

    got = measure(ledger, days(0, 20, 40))

    assert got["max_drawdown"] == pytest.approx(-1.2)
    assert (got["volatility"], got["sharpe"], got["sortino"]) == (None, None, None)
    assert got["mean_gross_exposure"] is None


def test_a_trade_opened_before_measuring_is_not_counted(ledger):
    """What happened during warm-up is neither a trade nor a cost, even where it is closed later."""
    ledger.worth(1, 1_000.0, measured=False)
    ledger.worth(2, 1_000.0)
    ledger.worth(3, 1_000.0)
    ledger.order(1, "AAA", "buy", 1.0)
    ledger.order(2, "AAA", "sell", 1.0)
    ledger.fill(1, "AAA", "buy", 1.0, 10.0, fee=5.0)
    ledger.fill(3, "AAA", "sell", 1.0, 20.0, fee=3.0)

    got = measure(ledger, days(0, 1, 2))

    assert (got["trades"], got["open_trades"]) == (0, 0)
    assert (got["orders"], got["fills"], got["fees_paid"]) == (1, 1, 3.0)


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21, 39, 40, 61])
def test_nineteen_of_twenty_trades_lasted_no_longer(make_ledger, count):
    """Of trades in symbols of their own, some still open: the shortest length that one in twenty exceeds at most."""
    ledger, end, chance = make_ledger(), 100, np.random.default_rng(count)
    opened, length, is_open = chance.integers(1, 30, count), chance.integers(0, 70, count), chance.random(count) < 0.2
    ledger.worth(0, 1_000.0)
    ledger.worth(end * DAY, 1_000.0)
    closed = [(int(opened[k] + length[k]), k, "sell") for k in range(count) if not is_open[k]]
    for at, k, side in sorted([*((int(opened[k]), k, "buy") for k in range(count)), *closed]):
        ledger.fill(at * DAY, f"S{k}", side, 1.0, 10.0)

    found = measure(ledger, days(MONDAY, MONDAY + end))["trade_days_95"]

    lasted = [end - int(opened[k]) if is_open[k] else int(length[k]) for k in range(count)]
    assert found == min(each for each in lasted if 20 * sum(other > each for other in lasted) <= count)

"""A run taken apart by year, market and symbol, against figures worked out by hand."""

import numpy as np
import pytest
from drawn import tape_of

from runner.report.breakdown import breakdown_of
from runner.report.regimes import Market

DAY = 86_400_000_000_000
LAST_OF_2023 = 19_721  # 2023-12-30


def market(count, *, bear=(), high=()):
    """Return a market whose index gains a tenth in every session but the first."""
    places = np.arange(count)
    return Market(
        sessions=(LAST_OF_2023 + places).astype(np.int32),
        levels=1.1**places,
        bear=np.isin(places, bear),
        high=np.isin(places, high),
    )


def tape(**closes):
    """Return daily bars of symbols from 2023-12-30 on, known at midnight of the day after, from their closes."""
    minutes = 1440
    rows = {
        symbol: [
            ((LAST_OF_2023 + day) * minutes, (LAST_OF_2023 + day + 1) * minutes - 1, 1.0, close)
            for day, close in enumerate(values)
        ]
        for symbol, values in closes.items()
    }
    return tape_of(rows)


@pytest.fixture
def run(ledger):
    """A day of warm-up and four measured ones over New Year, with a profit of 50 in A and a loss of 20 in B."""
    at = [(LAST_OF_2023 + day) * DAY for day in range(6)]
    for place, worth in enumerate([1_000.0, 1_100.0, 990.0, 1_000.0, 1_030.0]):
        ledger.worth(at[place], worth, measured=place > 0)
    ledger.fill(at[1] - 5, "A", "buy", 10.0, 100.0, fee=1.0)
    ledger.fill(at[1], "A", "sell", 10.0, 106.0, fee=4.0)
    ledger.fill(at[2], "B", "sell", 2.0, 50.0)
    ledger.charge(at[3], "B", 3.0)
    ledger.fill(at[3] + 1, "B", "buy", 2.0, 58.0, fee=1.0)
    ledger.fill(at[3] + 2, "A", "buy", 1.0, 100.0, fee=1.0)
    ledger.charge(at[4], "", 9.0)
    return ledger


def taken_apart(ledger, found=None, **closes):
    tables = ledger.tables()
    sessions = (tables.equity["ts"] // DAY).astype(np.int32)
    prices = closes or {"A": [100.0] * 4 + [96.0], "B": [50.0] * 5, "C": [7.0] * 5}
    return breakdown_of(tables, tape(**prices), found or market(5), capital=1_000.0, sessions_per_year=4, sessions=sessions)


def test_years_are_those_of_the_sessions(run):
    """2023 has one measured session of +10 %; 2024 falls a tenth and wins 4.04 % back, 6.4 % lower over all."""
    first, second = taken_apart(run).years

    assert (first["year"], first["sessions"], first["profit"]) == (2023, 1, 100.0)
    assert first["total_return"] == pytest.approx(0.1)
    assert (first["max_drawdown"], first["sharpe"]) == (0.0, None)
    assert (first["trades"], first["hit_rate"]) == (1, 1.0)
    assert (second["year"], second["sessions"], second["profit"]) == (2024, 3, -70.0)
    assert second["total_return"] == pytest.approx(1_030 / 1_100 - 1)
    assert second["market_return"] == pytest.approx(1.1**3 - 1)
    assert second["max_drawdown"] == pytest.approx(-0.1)
    assert second["sharpe"] is None  # of four days, see below
    assert (second["trades"], second["hit_rate"]) == (1, 0.0)


def test_a_part_of_a_long_run_has_a_sharpe_ratio(ledger):
    """Four weeks over New Year: the sessions of January have the ratio of their own returns, a year of 4 sessions."""
    levels = [1_000.0 + 10 * (day % 4) for day in range(30)]
    for day, worth in enumerate(levels):
        ledger.worth((LAST_OF_2023 + day) * DAY, worth, measured=day > 0)

    _, second = taken_apart(ledger, market(30), A=[100.0] * 30).years

    r = np.diff(levels[1:]) / levels[1:-1]
    assert second["sessions"] == r.size
    assert second["sharpe"] == pytest.approx(np.mean(r) / np.std(r, ddof=1) * 2)


def test_markets_share_the_sessions_between_them(run):
    """Two bear sessions of −10 % and +1 % beside two bull sessions; volatility is another cut of the same four."""
    found = market(5, bear=[2, 3], high=[4])

    bull, bear, usual, high = taken_apart(run, found).regimes

    assert [row["market"] for row in (bull, bear, usual, high)] == ["bull", "bear", "usual_volatility", "high_volatility"]
    assert (bull["sessions"], bull["profit"], bear["sessions"], bear["profit"]) == (2, 130.0, 2, -100.0)
    assert bear["total_return"] == pytest.approx(0.9 * 1_000 / 990 - 1)
    assert bull["total_return"] == pytest.approx(1.1 * 1.03 - 1)
    assert bear["market_return"] == pytest.approx(1.1**2 - 1)
    assert (bull["trades"], bull["hit_rate"], bear["trades"]) == (2, 0.5, 0)
    assert (usual["sessions"], high["sessions"], high["profit"]) == (3, 1, 30.0)
    assert (high["trades"], high["hit_rate"]) == (1, 0.0)


def test_turns_are_counted_inside_the_measured_sessions(run):
    """A bear market from the third to the fourth session begins and ends there; one that begins in the warm-up only ends."""
    assert taken_apart(run, market(5, bear=[2, 3])).turns == 2
    assert taken_apart(run, market(5, bear=[0, 1])).turns == 1
    assert taken_apart(run, market(5, bear=[0])).turns == 0


def test_symbols_have_what_their_fills_brought_less_fees_and_holding(run):
    """A: 60 − 5, then a share bought for 101 is worth 96; B: 100 − 116 − 1 − 3; C never traded."""
    a, b, c = taken_apart(run).symbols

    assert a == {"symbol": "A", "profit": 50.0, "share": 50.0 / 30.0, "trades": 1, "hit_rate": 1.0}
    assert b == {"symbol": "B", "profit": -20.0, "share": -20.0 / 30.0, "trades": 1, "hit_rate": 0.0}
    assert c == {"symbol": "C", "profit": 0.0, "share": 0.0, "trades": 0, "hit_rate": None}


def test_what_is_held_counts_at_the_last_price_there_is(run):
    """A symbol whose last bar has no close is marked at the one before."""
    a, *_ = taken_apart(run, A=[100.0, 100.0, 100.0, 90.0, np.nan], B=[50.0] * 5).symbols

    assert a["profit"] == 44.0


def test_a_run_in_which_nothing_was_measured_has_no_parts_of_time(ledger):
    """Warm-up to the end: no years, no markets, and nobody earned anything."""
    ledger.worth(LAST_OF_2023 * DAY, 1_000.0, measured=False)

    found = taken_apart(ledger)

    assert (found.years, found.regimes, found.turns) == ([], [], 0)
    assert [row["profit"] for row in found.symbols] == [0.0, 0.0, 0.0]
    assert [row["share"] for row in found.symbols] == [None, None, None]


def test_ruin_leaves_returns_undefined_and_profits_known(ledger):
    """Equity through zero has no returns in any part of it."""
    for day, worth in enumerate([1_000.0, -100.0, 50.0]):
        ledger.worth((LAST_OF_2023 + day) * DAY, worth)

    (first, second) = taken_apart(ledger).years

    assert [first["total_return"], first["sharpe"], first["profit"]] == [None, None, -1_100.0]
    assert [second["total_return"], second["max_drawdown"], second["profit"]] == [None, None, 150.0]

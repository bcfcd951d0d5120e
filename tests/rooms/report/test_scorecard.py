"""The five verdicts: what makes each pass, doubt and fail, and that none comes without figures."""

from dataclasses import replace

import numpy as np
import pytest

from runner.kinds import FolderKinds
from runner.market.tape import Tape
from runner.report.live_status import Connection, LiveStatus
from runner.report.scorecard import session_scorecard
from runner.report.scorecard.bull_market_only import bull_market_only
from runner.report.scorecard.fill_at_close import fill_at_close
from runner.report.scorecard.no_reconnect import no_reconnect
from runner.report.scorecard.row import Row, as_json
from runner.report.scorecard.single_symbol import single_symbol
from runner.report.scorecard.time_zones import time_zones
from runner.report.scorecard_page import scorecard_section
from runner.spec import RunSpec

DAY = 86_400_000_000_000


def spec(**changes):
    values = {
        "data": {"kind": "sample"},
        "universe": {"symbols": ["AAPL"]},
        "timezone": {"zone": "America/New_York", "stamp": "session", "calendar": "XNYS"},
        "signal": {"long": {"enter": "close > 1", "exit": "close < 1"}},
        "sizing": {"kind": "units", "units": 1.0},
        "fill": {"kind": "next_open"},
        "slippage": {"kind": "none"},
        "fees": {"kind": "none"},
        "mode": {"kind": "backtest"},
    }
    return RunSpec.of({**values, **changes}, FolderKinds())


def clock(name, once, twice=0.1, *, optimistic=None, is_own=False):
    costs = [{"cost_scale": scale, "total_return": value} for scale, value in ((0.0, once), (1.0, once), (2.0, twice))]
    return {"fill": name, "is_own": is_own, "optimistic": optimistic, "costs": costs}


def found(*fills, regimes=(), turns=0, symbols=()):
    return {"fills": list(fills), "break_even_bps": 12.0, "regimes": list(regimes), "turns": turns, "symbols": list(symbols)}


OWN = clock("next_open", 0.2, is_own=True)


def test_fills_later_than_their_decisions_pass(ledger):
    """A profit that stands under every honest clock and at twice the costs needs no price that was gone."""
    ledger.order(DAY, "AAPL", "buy", 1.0)
    ledger.fill(2 * DAY, "AAPL", "buy", 1.0, 10.0)

    row = fill_at_close(spec(), ledger.tables(), found(OWN, clock("next_close", 0.1)))

    assert row.verdict == "pass"
    assert "1 of 1 fills came later than the decision behind them" in row.evidence[0]
    assert row.evidence[-1].startswith("It would take 12.0 bps")


def test_fills_at_the_close_that_decided_fail(ledger):
    """The fill clock says of itself that it is optimistic, and the instants bear it out."""
    ledger.order(DAY, "AAPL", "buy", 1.0)
    ledger.fill(DAY, "AAPL", "buy", 1.0, 10.0)

    row = fill_at_close(spec(fill={"kind": "same_close"}), ledger.tables(), None)

    assert row.verdict == "fail"
    assert "0 of 1 fills came later" in row.evidence[0]


@pytest.mark.parametrize(
    ("fills", "told"),
    [
        ((OWN, clock("next_close", -0.1)), "The profit is a loss by fill=next_close."),
        ((clock("next_open", 0.2, -0.1, is_own=True),), "The profit is a loss at twice the costs."),
    ],
)
def test_a_profit_that_another_clock_or_cost_undoes_is_doubted(ledger, fills, told):
    """What depends on the minute of the fill, or on the last basis point, isn't a finding."""
    row = fill_at_close(spec(), ledger.tables(), found(*fills))

    assert row.verdict == "warn"
    assert told in row.evidence


def test_a_loss_under_an_optimistic_clock_is_no_doubt(ledger):
    """Only honest clocks count against a run."""
    row = fill_at_close(spec(), ledger.tables(), found(OWN, clock("same_close", -0.1, optimistic="too good")))

    assert row.verdict == "pass"


def test_clocks_that_nobody_tried_are_a_doubt(ledger):
    """Without the other clocks nothing is known."""
    assert fill_at_close(spec(), ledger.tables(), None).verdict == "warn"


def quality(*, read=100, outside=0):
    checks = {"gap": {"policy": "keep", "count": 3}}
    return {
        "bars": {"rows_read": read, "rows_kept": read - outside, "checks": checks, "left_out": {"out_of_session": outside}}
    }


def test_stamps_held_against_a_calendar_pass():
    """Zone, calendar and counts are the evidence."""
    row = time_zones(spec(), quality(), {"sessions": 252, "years": 1.0})

    assert row.verdict == "pass"
    assert "America/New_York; calendar XNYS; stamps without a zone: refused" in row.evidence[0]
    assert "3 gap" in row.evidence[1]


@pytest.mark.parametrize(
    ("policy", "sessions"),
    [
        ({"zone": "UTC", "stamp": "event"}, 252),
        ({"zone": "UTC", "stamp": "event", "calendar": "24-7", "out_of_session": "keep"}, 252),
        ({"zone": "UTC", "stamp": "event", "calendar": "24-7", "naive": "localize", "ambiguous": "latest"}, 252),
        ({"zone": "UTC", "stamp": "event", "calendar": "24-7"}, 365),
    ],
)
def test_what_nothing_holds_stamps_against_is_doubted(policy, sessions):
    """No hours, rows kept outside them, guessed wall-clock times, another year than declared."""
    assert time_zones(spec(timezone=policy), quality(), {"sessions": sessions, "years": 1.0}).verdict == "warn"


def test_many_rows_outside_the_hours_fail():
    """A twentieth of the rows outside looks like a wrong zone."""
    assert time_zones(spec(), quality(outside=6), {}).verdict == "fail"
    assert time_zones(spec(), quality(outside=5), {}).verdict == "pass"


def symbols(*profits):
    return [{"symbol": f"S{number}", "profit": profit} for number, profit in enumerate(profits)]


@pytest.mark.parametrize(
    ("profits", "verdict"),
    [((5.0,), "fail"), ((1.0,) * 19, "warn"), ((1.0,) * 20, "pass"), ((100.0, *(1.0,) * 20), "warn")],
)
def test_one_symbol_fails_and_few_or_one_of_many_are_doubted(ledger, profits, verdict):
    """Twenty symbols of like profit pass; one that brought most of it doesn't."""
    rows = symbols(*profits)

    assert (
        single_symbol(spec(), [row["symbol"] for row in rows], ledger.tables(), found(OWN, symbols=rows)).verdict == verdict
    )


def test_what_is_left_without_the_best_symbol_is_told(ledger):
    """Of profits 6, 2 and −1 the best has three quarters, and without it 1 would be left."""
    row = single_symbol(spec(), ["A", "B", "C"], ledger.tables(), found(OWN, symbols=symbols(6.0, 2.0, -1.0)))

    assert "S0 brought 75.0\N{NO-BREAK SPACE}% of all profits, and without it 1.00 would be left." in row.evidence[1]


def test_a_backtest_has_no_line_to_break():
    """The verdict waits for the session that trades; whether a rule refuses old prices is told."""
    guarded = spec(risk={"rules": {"fresh": {"kind": "stale_data", "max_age": "2d"}}})

    assert no_reconnect(spec()).verdict == "not_applicable"
    assert "risk.rules.fresh (2d)" in no_reconnect(guarded).evidence[1]


def test_a_session_without_a_record_is_doubted():
    """A live run that says nothing of its lines proves nothing."""
    assert no_reconnect(spec(mode={"kind": "paper"})).verdict == "warn"


@pytest.mark.parametrize(
    ("connections", "verdict"),
    [
        ((), "warn"),
        ((Connection("feed", "open"),), "warn"),
        ((Connection("feed", "open", reconnects=2, gaps=1),), "pass"),
        ((Connection("feed", "open", reconnects=2), Connection("orders", "down")), "fail"),
    ],
)
def test_a_session_passes_when_lines_broke_and_came_back(connections, verdict):
    """Counted reconnects are the proof, a line that is down the failure."""
    status = LiveStatus(name="n", mode="live", state="live", written="now", connections=connections)

    (row,) = session_scorecard(status)

    assert row.verdict == verdict
    assert row.evidence


def test_a_closed_session_has_no_line_down():
    """After the end lines are closed on purpose."""
    line = Connection("feed", "down", reconnects=1)
    status = LiveStatus(name="n", mode="live", state="live", written="now", connections=(line,))

    assert session_scorecard(replace(status, state="closed"))[0].verdict == "pass"


def market(bull, bear, *, gain=10.0, loss=1.0):
    return [
        {"market": "bull", "sessions": bull, "total_return": 0.1, "market_return": 0.2, "profit": gain},
        {"market": "bear", "sessions": bear, "total_return": 0.1, "market_return": -0.2, "profit": loss},
    ]


@pytest.mark.parametrize(
    ("regimes", "turns", "verdict"),
    [
        (market(100, 0), 0, "fail"),
        (market(100, 50), 1, "warn"),
        (market(100, 5), 2, "warn"),
        (market(100, 50, loss=-11.0), 2, "warn"),
        (market(100, 50), 2, "pass"),
        ((), 0, "fail"),
    ],
)
def test_a_run_must_have_seen_both_markets(regimes, turns, verdict):
    """No bear market fails; half a cycle, a glimpse, or a loss beyond the gain is doubted."""
    assert bull_market_only(spec(), tape([]), found(OWN, regimes=regimes, turns=turns)).verdict == verdict


def tape(prices):
    ts = np.arange(1, len(prices) + 1, dtype=np.int64) * DAY
    return Tape(
        symbols=("A",),
        ts=ts,
        opened=ts - 1,
        session=np.arange(len(prices), dtype=np.int32),
        symbol=np.zeros(len(prices), dtype=np.int32),
        columns={"close": np.array(prices, dtype=np.float64)},
        offsets=np.array([0, len(prices)], dtype=np.int64),
    )


def test_without_results_by_market_the_data_are_looked_at():
    """Whether there was a bear market at all is known from the prices alone."""
    falling, rising = [100.0, 70.0, 69.0, 68.0], [100.0, 101.0, 102.0, 103.0]

    assert bull_market_only(spec(), tape(falling), None).verdict == "warn"
    assert "2 of 4 sessions" in bull_market_only(spec(), tape(falling), None).evidence[0]
    assert bull_market_only(spec(), tape(rising), None).verdict == "fail"


def test_the_section_escapes_evidence_and_has_a_word_per_verdict():
    """A symbol's name is text, also here, and colours aren't needed."""
    hostile = "<script>alert(1)</script>"
    page = scorecard_section(
        tuple(Row("x", "?", verdict, (hostile,)) for verdict in ("pass", "warn", "fail", "not_applicable"))
    )

    assert hostile not in page
    assert page.count("&lt;script&gt;") == 4
    assert [word in page for word in ("✓ pass", "! look", "✕ fail", "– not here")] == [True] * 4


def test_json_has_a_mapping_per_mistake():
    """Other tools read verdict and evidence by name."""
    assert as_json((Row("m", "q", "fail", ("e",)),)) == {"m": {"question": "q", "verdict": "fail", "evidence": ["e"]}}


@pytest.mark.parametrize(
    ("changes", "advice"),
    [
        ({}, "write report.sensitivity: true"),
        ({"mode": {"kind": "replay"}}, "mode=replay goes through once; a backtest of the same file says it"),
        ({"engine": {"kind": "backtrader"}}, "engine=backtrader goes through once; engine=native says it"),
    ],
)
def test_what_is_advised_can_be_done(ledger, changes, advice):
    """A switch that is on already, and does nothing in this mode or engine, isn't recommended."""
    asked = spec(**changes)
    rows = (
        fill_at_close(asked, ledger.tables(), None),
        single_symbol(asked, ["A", "B"], ledger.tables(), None),
        bull_market_only(asked, tape([1.0, 2.0]), None),
    )

    assert all(row.evidence[-1].endswith(f": {advice}.") for row in rows)

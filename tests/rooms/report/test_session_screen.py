"""A session on the terminal: a panel that fits, or each line of its log once."""

import io

from rich.console import Console

from runner.report.live_status import Connection, LiveStatus, LogLine, PositionHeld, Profit
from runner.report.session_end import SessionEnd, gap_rows, session_facts
from runner.report.session_screen import SessionScreen, panel_of

FIRST = LogLine("2026-01-05T14:30:00.000+00:00", "info", "order 1: buy 10 AAPL (long.enter)")
SECOND = LogLine("2026-01-05T14:30:01.000+00:00", "alarm", "STALE: no data of [red]AAPL")


def status(*log, state="live"):
    return LiveStatus(
        name="[bold]name",
        mode="paper",
        state=state,
        written="",
        connections=(Connection("market data 1", "open", reconnects=2),),
        staleness={"AAPL": 0.4, "MSFT": None},
        positions=(PositionHeld("AAPL", "10", "100", "101.5", "1015", None),),
        pnl=Profit(equity="100015.25"),
        log=log,
    )


def test_lines_are_printed_once():
    """The log grows, and what was printed stays printed."""
    out = io.StringIO()
    screen = SessionScreen(Console(file=out, width=100))

    with screen:
        screen.show(status(FIRST))
        screen.show(status(FIRST))
        screen.show(status(FIRST, SECOND))

    assert out.getvalue().splitlines() == [
        "14:30:00 order 1: buy 10 AAPL (long.enter)",
        "14:30:01 STALE: no data of [red]AAPL",
    ]


def test_the_panel_says_what_matters():
    """Names are shown as they are written, and fit into 80 columns."""
    out = io.StringIO()
    Console(file=out, width=80).print(panel_of(status(FIRST, SECOND)))

    text = out.getvalue()
    assert "[bold]name" in text
    assert "100,015.25" in text
    assert "opened again 2×" in text
    assert "1 never heard" in text
    assert max(map(len, text.splitlines())) <= 80


TOLD = {
    "mode": "live",
    "ended": "",
    "exit_code": 4,
    "processes": 2,
    "counts": {"instants": 12, "rows": 12, "gapped": 1, "orders": 3, "fills": 2, "refusals": 0},
    "refused_at_the_gate": {"MAX_ORDER: too much": 2, "STALE: old": 5},
    "feed": {"openings": 3, "counts": {"bars refilled": 4, "prices late": 0}, "failure": ""},
}
GAP = {"backtest": 10.0, "session": 7.0, "difference": -3.0, "steps": dict.fromkeys(
    ("data", "decisions", "rejections", "latency", "fees"), 0.0) | {"fills": -3.0}}  # fmt: skip


def test_the_end_says_why_and_what_was_refused():
    """The most frequent refusal first."""
    end = SessionEnd(TOLD, {"equal": False, "divergence": {"line": 7, "what": "another answer"}}, GAP, None)

    said = session_facts(end)

    assert said["ended"] == "asked to stop, exit code 4"
    assert said["feed"] == "opened again 2 times; bars refilled: 4"
    assert said["certificate"].startswith("DIFFERS at line 7")
    assert [name for name in said if name.startswith("refused")] == ["refused at the gate (5)", "refused at the gate (2)"]


def test_the_gap_goes_from_the_backtest_to_the_session():
    """Every step in between."""
    rows = gap_rows(GAP)

    assert [row[0] for row in rows] == [
        "backtest", "+ data", "+ decisions", "+ rejections", "+ latency", "+ fills", "+ fees", "= session",
    ]  # fmt: skip
    assert rows[5][1].replace("\N{MINUS SIGN}", "-") == "-3.00"

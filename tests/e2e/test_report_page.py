"""The report of a fresh run in a browser: whole, quiet, usable by everybody, printable, and inert whatever it is told."""

import numpy as np
import pytest
from accessible import faults
from browser import CHROMIUM, NO_CHROMIUM, window

import runner
from runner.cli.main import run_command
from runner.market.tape import Tape
from runner.report.html import ReportInput, render
from runner.report.live_status import Connection, LiveStatus, LogLine, OpenOrder, PositionHeld
from runner.report.metrics import metrics
from runner.report.session_page import render_session
from runner.tables import Tables

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)

HOSTILE = "</script><script>window.hacked=1</script>\"'><img src=x onerror=window.hacked=1>"
DAY = 86_400 * 10**9
SECTIONS = [
    "Five classic mistakes", "Results", "Figures", "Sensitivity", "Costs", "Orders", "Risk refusals", "Data quality",
    "Provenance", "Spec",
]  # fmt: skip
FIGURES = {
    "Months", "Equity", "Drawdown", "Sharpe ratio of 126 sessions", "Distribution of session returns", "Exposure", "Positions",
    "Trades: AAPL", "Result by costs", "Return by calendar year", "Cross-section", "Profit by symbol", "Costs so far",
}  # fmt: skip


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with window(tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Run the default strategy with risk rules, and return its report."""
    done = runner.run(overrides=["risk=desk"], runs=tmp_path_factory.mktemp("runs"))
    return done.path / "report.html"


@pytest.mark.parametrize(("width", "is_dark"), [(390, False), (1200, True)])
def test_a_report_is_quiet_fits_and_shuts_nobody_out(browser, report, tmp_path, width, is_dark):
    """No error, nothing fetched, no sideways scrolling, and clean of what a browser can tell of accessibility."""
    browser.open(report, width=width, is_dark=is_dark)
    browser.shot(tmp_path / "report.png")

    assert browser.complaints == []
    assert browser.requests == [report.as_uri()]
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert faults(browser) == []
    assert (tmp_path / "report.png").stat().st_size > 100_000


def test_pages_of_other_commands_shut_nobody_out(browser, report, tmp_path, monkeypatch):
    """Of market data, of a signal's graph, of runs side by side: narrow and dark, wide and light."""
    monkeypatch.chdir(tmp_path)
    assert run_command(["data", "show", "universe=apple", "window.start=2012-01-01"]) == 0
    assert run_command(["explain", "universe=apple", "--html", "graph.html"]) == 0
    assert run_command(["compare", str(report.parent), str(report.parent), "--html", "sides.html"]) == 0
    found = {}

    for path in [*tmp_path.glob("runs/data/*/data.html"), tmp_path / "graph.html", tmp_path / "sides.html"]:
        for width, is_dark in ((390, True), (1200, False)):
            browser.open(path, width=width, is_dark=is_dark)
            wide = browser.value("document.documentElement.scrollWidth")
            found[path.name, is_dark] = [*browser.complaints, *([wide] if wide > width else []), *faults(browser)]

    assert found == {(name, is_dark): [] for name in ("data.html", "graph.html", "sides.html") for is_dark in (True, False)}


def test_a_report_has_all_its_parts(browser, report):
    """Every section and figure is there, and the five verdicts have their evidence."""
    browser.open(report, width=1200)

    headings = browser.value("[...document.querySelectorAll('h2')].map((each) => each.textContent)")
    figures = browser.value("[...document.querySelectorAll('h3')].map((each) => each.textContent)")
    verdicts = browser.value("[...document.querySelectorAll('.scorecard td.verdict')].map((each) => each.textContent)")
    evidence = browser.value("[...document.querySelectorAll('.scorecard td.meaning')].map((each) => each.textContent)")
    assert headings == SECTIONS
    assert set(figures) >= FIGURES
    assert [word[0] for word in verdicts] == ["!", "✓", "!", "–", "✓"]
    assert all(any(letter.isdigit() for letter in told) for told in (evidence[0], evidence[1], evidence[2], evidence[4]))
    assert browser.value("document.querySelectorAll('svg.wide .bear').length") >= 2
    assert browser.value("document.querySelectorAll('table.months tbody tr').length") == 14
    assert "Orders refused, by rule" in browser.value("document.body.textContent")


def test_a_printed_report_is_light_and_whole(browser, report):
    """On paper nothing is cut off by a scrolling box, also from a dark screen."""
    browser.open(report, width=1000, is_dark=True, medium="print")

    assert browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.value("getComputedStyle(document.querySelector('.scroll')).overflowX") == "visible"


def test_hostile_names_are_inert(browser, tmp_path):
    """A run and a symbol called like markup are shown letter for letter, and run nothing."""
    path = tmp_path / "report.html"
    path.write_text(render(hostile_run()))

    browser.open(path, width=1200)

    assert browser.value("window.hacked") is None
    assert browser.complaints == []
    assert browser.value("document.querySelector('h1').textContent") == HOSTILE
    assert f"Trades: {HOSTILE}" in browser.value("[...document.querySelectorAll('h3')].map((each) => each.textContent)")
    assert faults(browser) == []


@pytest.mark.parametrize("is_dark", [False, True])
def test_a_session_report_is_quiet_and_inert(browser, tmp_path, is_dark):
    """Whatever a venue says is text, in the same look, and usable by everybody."""
    path = tmp_path / "session.html"
    path.write_text(render_session(STATUS))

    browser.open(path, width=1000, is_dark=is_dark)

    assert browser.value("window.hacked") is None
    assert browser.complaints == []
    assert browser.value("document.body.textContent").count("window.hacked=1") >= 8
    assert faults(browser) == []


STATUS = LiveStatus(
    name=HOSTILE,
    mode="paper",
    state="halted",
    written="2026-01-05T14:30:00Z",
    killed=HOSTILE,
    connections=(Connection(HOSTILE, HOSTILE, reconnects=2, gaps=1, silent_seconds=3.5, note=HOSTILE),),
    staleness={HOSTILE: 9.0, "AAPL": None},
    stale_after=5.0,
    positions=(PositionHeld(HOSTILE, "3", "1.0", "1.1", "3.3", "0.3"),),
    orders=(OpenOrder(HOSTILE, HOSTILE, "buy", "3", "1", None, "partial"),),
    log=(LogLine("2026-01-05T14:30:00Z", "alarm", HOSTILE),),
)


def hostile_run():
    """Return what a report is made from, of a run whose every name is markup."""
    count, spec = 40, runner.configure(["universe=apple"])
    ts = np.arange(1, count + 1, dtype=np.int64) * DAY
    name, once = np.array([HOSTILE, HOSTILE]), np.array([5, 20]) * DAY
    worth = 100_000.0 + 100.0 * np.sin(np.arange(count))
    texts = {"symbol": name, "side": np.array(["buy", "sell"])}
    one, none = np.ones(2), np.zeros(2)
    tables = Tables(
        orders={"order": np.array([1, 2]), "ts": once - DAY, **texts, "quantity": one, "kind": np.array(["market"] * 2),
                "price": none, "reason": name, "status": np.array(["filled", "rejected"]), "filled": one, "refusal": name},
        fills={"order": np.array([1, 2]), "ts": once, **texts, "quantity": one, "reference": one, "price": one,
               "slippage": one, "fee": one, "maker": none.astype(bool)},
        equity={"ts": ts, "equity": worth, "cash": worth, "gross": 0.1 * worth, "net": 0.1 * worth,
                "measured": np.ones(count, dtype=bool)},
        positions={"ts": once, "symbol": name, "quantity": np.array([1.0, 0.0]), "average_price": one, "realised": none},
        refusals={"ts": once, "symbol": name, "rule": name, "wanted": one, "allowed": none},
        charges={"ts": once[:1], "symbol": name[:1], "amount": one[:1]},
    )  # fmt: skip
    tape = Tape(
        symbols=(HOSTILE,),
        ts=ts,
        opened=ts - 1,
        session=np.arange(count, dtype=np.int32),
        symbol=np.zeros(count, dtype=np.int32),
        columns={"close": np.linspace(1.0, 2.0, count)},
        offsets=np.array([0, count]),
    )
    check = {"policy": HOSTILE, "count": 1, "symbols": {HOSTILE: 1}, "first": [{"symbol": HOSTILE}]}
    quality = {"bars": {"rows_read": 40, "rows_kept": 40, "checks": {HOSTILE: check}, "symbols": {HOSTILE: {"rows": 40}}}}
    return ReportInput(
        name=HOSTILE,
        spec=spec,
        spec_yaml=HOSTILE,
        metrics=metrics(tables, capital=spec.capital, sessions_per_year=252, sessions=tape.session),
        quality=quality,
        manifest={"status": HOSTILE, "remarks": [HOSTILE], "argv": [HOSTILE], HOSTILE: HOSTILE},
        tables=tables,
        tape=tape,
        symbols=(HOSTILE,),
    )

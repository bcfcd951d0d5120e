"""The page of this machine in a browser, from the address that lets in to the switch that stops a session."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from accessible import faults
from browser import CHROMIUM, NO_CHROMIUM, until, window
from served_ui import lanes, made_run, made_sweep, served

import runner
from runner.archive.notes import noted
from runner.live.edge.kill_watch import KILL_FILE
from runner.report.live_status import (
    Connection,
    LimitUse,
    LiveStatus,
    LogLine,
    OpenOrder,
    PositionHeld,
    Profit,
    leave_status,
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)

HOSTILE = "\"'><img src=x onerror=window.hacked=1><script>window.hacked=1<" + "\N{DIVISION SLASH}script>"
HOSTILE_TEXT = "</td></script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
SESSION = "paper/20260105T143000Z-0123abcd"
TWICE = ("twice/20260105T143000Z-0123abcd", "twice/20260105T143100Z-0123abcd")
SWEEP = "pressure/20260105T150000Z-sweep-0123abcd"


def now(seconds=0):
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def status(**changes):
    told = LiveStatus(
        name="paper",
        mode="paper",
        state="live",
        written=now(60),
        currency="USD",
        connections=(Connection("market", "open", reconnects=1, gaps=1, silent_seconds=0.4),),
        staleness={"AAPL": 0.4, "IBM": 12.0},
        stale_after=5.0,
        positions=(PositionHeld("AAPL", "-3", "101.50", "100.00", "-300.00", "4.50"),),
        orders=(OpenOrder("R1", "AAPL", "buy", "3", "1", "99.00", "partial", is_cancel_asked=True),),
        pnl=Profit("1000.00", "1.00", "2.00", "4.50", "0.10", "1001.00"),
        limits=(LimitUse("orders a day", "3", "10", 0.3),),
        log=(LogLine(now(), "info", "began"),),
    )
    return replace(told, **changes)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Serve two real runs, a sweep, a session that says something, and a run of hostile names."""
    here = tmp_path_factory.mktemp("here")
    runs = here / "runs"
    for bps in ("2.5", "10"):
        runner.run(overrides=["universe=apple", "window.start=2010-01-01", f"slippage.bps={bps}"], runs=runs)
    grid = [(lookback, bps) for lookback in (5, 10, 20) for bps in (0.0, 2.5)]
    columns = {"signal.params.lookback": [each[0] for each in grid], "slippage.bps": [each[1] for each in grid]}
    figures = {"sharpe": [0.1 * number for number in range(6)], "total_return": [0.05 * (2 + number) for number in range(6)]}
    made_sweep(runs, lanes(columns, trades=[*range(6)], **figures))
    folder = made_run(runs, "paper", "20260105T143000Z-0123abcd", mode="paper", status="RUNNING")
    (folder / "journal.sqlite").write_bytes(b"")
    leave_status(folder, status())
    made_run(runs, "twice", "20260105T143000Z-0123abcd")
    made_run(runs, "twice", "20260105T143100Z-0123abcd")
    hostile(runs)
    with served(runs, here) as found:
        yield found


def hostile(runs):
    """Write a run, a session and a sweep in which everything that is text is markup."""
    said = {
        "remarks": [HOSTILE_TEXT],
        "error": HOSTILE_TEXT,
        "mode": HOSTILE_TEXT,
        "status": HOSTILE_TEXT,
        "seed": HOSTILE_TEXT,
    }
    folder = made_run(runs, HOSTILE, HOSTILE, spec=f"name: {json.dumps(HOSTILE_TEXT)}\n", **said)
    noted(folder, HOSTILE_TEXT, at=HOSTILE_TEXT)
    (folder / "run.log").write_text(HOSTILE_TEXT)
    (folder / "report.html").write_text("<!DOCTYPE html><title>r</title><script>window.hacked = 1; document.cookie</script>")
    row = {HOSTILE_TEXT: {"question": HOSTILE_TEXT, "verdict": "warn", "evidence": [HOSTILE_TEXT]}}
    (folder / "scorecard.json").write_text(json.dumps(row))
    (folder / "journal.sqlite").write_bytes(b"")
    log = (LogLine(HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT),)
    order = OpenOrder(HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT, "1", "0", HOSTILE_TEXT, HOSTILE_TEXT)
    told = status(name=HOSTILE_TEXT, state=HOSTILE_TEXT, killed=HOSTILE_TEXT, note=HOSTILE_TEXT, log=log, orders=(order,))
    leave_status(folder, told)
    axes = {HOSTILE_TEXT: [HOSTILE_TEXT, "other"]}
    columns = lanes(axes, status=["FAILED", "DONE"], error=[HOSTILE_TEXT, ""], sharpe=[None, 1.0])
    made_sweep(runs, columns, HOSTILE, HOSTILE + "-sweep", error=HOSTILE_TEXT)


@pytest.fixture(scope="module")
def browser(page, tmp_path_factory):
    """Open a browser that was let in."""
    with window(tmp_path_factory.mktemp("profile")) as found:
        found.visit(page.address)
        until(lambda: found.value("document.title") == "Runs · runner")
        yield found


def text(browser, what="main"):
    return browser.value(f"document.querySelector({json.dumps(what)})?.innerText ?? ''")


def arrived(browser, is_there):
    """Wait until another page is there, and whole."""
    until(lambda: is_there() and browser.value("document.readyState") == "complete")


def real_runs(page):
    """Return the ids of the runs that were really run, the latest last."""
    return sorted(f"{folder.parent.name}/{folder.name}" for folder in page.runs.glob("pressure_bars/*"))


def every_page(page):
    """Return the address of each sort of page."""
    one, two = real_runs(page)
    return {
        "runs": "/",
        "filtered": "/?q=nothing-is-called-so",
        "run": f"/run?id={one}",
        "compare": f"/compare?id={one}&id={two}",
        "compare nothing": "/compare",
        "compare the same": f"/compare?id={TWICE[0]}&id={TWICE[1]}",
        "sweep": f"/sweep?id={SWEEP}",
        "session": f"/session?id={SESSION}",
        "launch": "/launch",
        "help": "/help",
        "report": f"/report?id={one}",
    }


@pytest.mark.parametrize(("width", "is_dark"), [(320, True), (1280, False)])
def test_every_page_is_quiet_fits_and_shuts_nobody_out(page, browser, tmp_path, width, is_dark):
    """No error, nothing from elsewhere, no sideways scrolling even at 320 pixels, clean of accessibility faults."""
    found = {}
    for name, path in every_page(page).items():
        browser.visit(page.base + path, width=width, is_dark=is_dark)
        browser.shot(tmp_path / f"{name}.png")
        wide = browser.value("document.documentElement.scrollWidth")
        elsewhere = [each for each in browser.requests if not each.startswith((page.base, "data:"))]
        found[name] = [*browser.complaints, *elsewhere, *([f"{wide} wide"] if wide > width else []), *faults(browser)]

    assert found == {name: [] for name in found}


def test_a_browser_with_an_old_address_is_not_let_in(page, browser):
    """The token of an earlier start opens nothing, and it is said what to do; this browser's own cookie is set aside."""
    browser.call("Network.clearBrowserCookies")
    try:
        browser.visit(f"{page.base}/#of-an-earlier-start")
        until(lambda: "earlier start" in text(browser))
        browser.visit(page.base)
        assert "pressure" not in text(browser)
    finally:
        browser.visit("about:blank")
        browser.visit(page.address)
        until(lambda: browser.value("document.title") == "Runs · runner")


def test_the_token_leaves_the_address_and_scripts_cannot_read_the_cookie(page, browser):
    """Nothing that stays on the screen, in the history or within a script's reach lets somebody else in."""
    browser.visit(page.base)

    assert page.keys.token not in browser.value("location.href")
    assert browser.value("document.cookie") == ""


def test_runs_are_filtered_and_sorted(page, browser):
    """Words, kind and a column's head lead to addresses that show just that."""
    browser.visit(f"{page.base}/?q=pressure_bars")
    assert text(browser).count("pressure_bars ") == 2

    browser.value("document.querySelector('select[name=kind]').value = 'sweep'")
    browser.value("document.querySelector('input[name=q]').value = ''")
    browser.value("document.querySelector('form.filter button').click()")
    arrived(browser, lambda: "kind=sweep" in browser.value("location.search"))
    assert "2 of 8 match." in text(browser)

    browser.visit(f"{page.base}/?q=pressure_bars&by=total_return&up=1")
    values = browser.value(
        "[...document.querySelectorAll('td.number:nth-child(6)')].map((each) => parseFloat(each.innerText))"
    )
    assert values == sorted(values)
    assert browser.value("document.querySelector('th[aria-sort]').innerText") == "Total return ▲"


def test_a_run_shows_verdicts_figures_and_curve(page, browser):
    """Opened from the list with the keyboard alone."""
    browser.visit(f"{page.base}/?q=pressure_bars&up=1")
    browser.value("document.querySelector('table.list th a[href^=\"/run\"]').focus()")
    browser.press("Enter")
    arrived(browser, lambda: browser.value("location.pathname") == "/run")

    shown = text(browser)
    assert "Five classic mistakes" in shown
    assert "✕ fail" in shown  # of one symbol nothing can be concluded
    assert "Sharpe ratio" in shown
    assert browser.value("document.querySelectorAll('svg.wide .series').length") == 1
    assert "lookback: 20" in shown


def test_two_runs_are_compared_by_ticking_them(page, browser):
    """What differs in their specs is listed, figures stand side by side, and both have a line."""
    browser.visit(f"{page.base}/?q=pressure_bars")
    browser.value("document.querySelectorAll('table.list input').forEach((each) => each.click())")
    browser.value("document.querySelector('form[action=\"/compare\"] button').click()")
    arrived(browser, lambda: browser.value("location.pathname") == "/compare")

    rows = browser.value(
        "[...document.querySelector('table').tBodies[0].rows].map((row) => [...row.cells].map((c) => c.innerText))"
    )
    assert rows == [["slippage.bps", "10.0", "2.5", "orders and fills; no node"]]
    assert "Every node is the same." in text(browser)
    assert browser.value("document.querySelectorAll('svg.wide path[class^=run-]').length") == 2
    assert browser.value("document.querySelectorAll('tr.differs').length") > 5


def test_runs_of_one_spec_are_told_apart(page, browser):
    """In the list by when they began, for the ear as well; side by side by their whole ids."""
    browser.visit(f"{page.base}/?q=twice")
    told = browser.value("[...document.querySelectorAll('table.list th a[href^=\"/run\"]')].map((each) => each.ariaLabel)")
    assert told == [f"twice 0123abcd, {each.partition('/')[2]}" for each in reversed(TWICE)]

    browser.visit(f"{page.base}/compare?id={TWICE[0]}&id={TWICE[1]}")
    heads = browser.value("[...document.querySelector('table').tHead.rows[0].cells].map((each) => each.innerText)")
    assert heads[1:3] == [each.replace("/", " ") for each in TWICE]


def test_a_sweep_is_explored(page, browser):
    """Its map has a cell per pair, a filter leaves lanes that match, a column's head sorts."""
    browser.visit(f"{page.base}/sweep?id={SWEEP}")
    cells = "[...document.querySelectorAll('.grid-map tbody tr')].map((row) => [...row.cells].map((each) => each.innerText))"
    assert browser.value(cells) == [["0", "0", "0.200", "0.400"], ["2.5", "0.100", "0.300", "0.500"]]
    assert "6 of 6 lanes match." in text(browser)

    browser.value("document.querySelector('[name=\"axis.slippage.bps\"]').value = '2.5'")
    browser.value("document.querySelector('form.filter button').click()")
    arrived(browser, lambda: "3 of 6 lanes match." in text(browser))
    first = "document.querySelector('table.list tbody tr').innerText.split('\\t')[0]"
    assert browser.value(first).strip() == "6"

    browser.value("document.querySelector('table.list th[aria-sort] a').click()")
    arrived(browser, lambda: browser.value("document.querySelector('table.list th[aria-sort]')?.ariaSort") == "ascending")
    assert browser.value(first).strip() == "2"


def test_a_sweep_of_one_axis_has_a_row_for_a_map(page, browser):
    """An axis against itself would be a diagonal in an empty square; figures are written as everywhere."""
    browser.visit(f"{page.base}/sweep?id={SWEEP}&x=slippage.bps&y=slippage.bps&metric=total_return&by=lane&up=1")

    cells = "[...document.querySelectorAll('.grid-map tbody tr')].map((row) => [...row.cells].map((each) => each.innerText))"
    assert browser.value(cells) == [["Return", "20.0\N{NO-BREAK SPACE}%", "25.0\N{NO-BREAK SPACE}%"]]
    assert "10.0\N{NO-BREAK SPACE}%" in browser.value("document.querySelector('table.list tbody tr').innerText")


def test_a_session_is_watched_as_it_changes(page, browser):
    """Health, positions, orders, money, limits and log are there, and follow the status without loading the page again."""
    folder = page.runs / SESSION
    browser.visit(f"{page.base}/session?id={SESSION}")
    for expected in ("LIVE", "market", "too old", "−3", "cancel asked", "1,000.00", "30\N{NO-BREAK SPACE}%", "began"):
        assert expected in text(browser)
    browser.value("window.isSame = true")

    line = LogLine(now(), "alarm", "the line broke")
    down = Connection("market", "down", reconnects=2, gaps=1, silent_seconds=9.0)
    leave_status(folder, status(state="degraded", connections=(down,), positions=(), log=(line,)))
    until(lambda: "DEGRADED" in text(browser))

    assert "the line broke" in text(browser)
    assert "Nothing is held." in text(browser)
    assert browser.value("window.isSame") is True
    assert browser.complaints == []


def test_a_session_that_falls_silent_is_called_so(page, browser):
    """A status that is no longer written is the worst news there is, and said in words."""
    browser.visit(f"{page.base}/session?id={SESSION}")

    leave_status(page.runs / SESSION, status(written=now(-60)))

    until(lambda: "SILENT for 6" in text(browser, "#alive"))
    leave_status(page.runs / SESSION, status())
    until(lambda: text(browser, "#alive") == "alive")


def test_the_kill_switch_asks_twice_and_works_by_keyboard(page, browser):
    """Escape leaves the session running, so does a wrong word; its name stops it."""
    path = page.runs / SESSION / KILL_FILE
    browser.visit(f"{page.base}/session?id={SESSION}")
    is_open = "document.querySelector('#kill-dialog').open"
    browser.value("document.querySelector('#kill').focus()")

    browser.press("Enter")
    until(lambda: browser.value(is_open))
    assert browser.value("document.activeElement.id") == "kill-confirm"
    assert faults_without_tab(browser) == []
    browser.press("Escape")
    until(lambda: not browser.value(is_open))
    assert not path.exists()

    browser.press("Enter")
    until(lambda: browser.value(is_open))
    browser.type("stop it")
    browser.press("Enter")
    assert browser.value("document.querySelector('#kill-now').disabled")
    assert not path.exists()

    browser.value("document.querySelector('#kill-confirm').select()")
    browser.type(SESSION)
    browser.press("Enter")
    until(path.exists)
    until(lambda: "cancels everything and halts" in text(browser, "#kill-said"))
    until(lambda: "The kill file is there" in text(browser))
    path.unlink()


def test_a_session_that_came_to_its_end_has_nothing_to_stop(page, browser):
    """The switch goes while somebody looks on; it is there as long as the session may go on."""
    path = page.runs / SESSION / "manifest.json"
    before = path.read_text()
    browser.visit(f"{page.base}/session?id={SESSION}")
    assert browser.value("document.querySelector('#kill').checkVisibility()")

    try:
        path.write_text(before.replace('"RUNNING"', '"DONE"'))
        until(lambda: not browser.value("document.querySelector('#kill').checkVisibility()"))
    finally:
        path.write_text(before)
    until(lambda: browser.value("document.querySelector('#kill').checkVisibility()"))


def faults_without_tab(browser):
    """Return what is wrong with a page behind a question, whose tabulator stays within it."""
    return [each for each in faults(browser) if "tabulator" not in each]


def test_a_run_is_edited_checked_and_started(page, browser):
    """What is wrong is said at its line while it is typed; the button waits; then the run is started and found."""
    browser.visit(f"{page.base}/launch?run={real_runs(page)[0]}")
    until(lambda: text(browser, "#said") == "Nothing is wrong with it.")
    assert not browser.value("document.querySelector('#start').disabled")

    write(browser, "lookback: 20", "lookback: soon")
    until(lambda: text(browser, "#said") == "1 thing has to be mended.")
    assert browser.value("document.querySelector('#start').disabled")
    told = text(browser, "#faults")
    line = browser.value("document.querySelector('#yaml').value.split('\\n').findIndex((each) => each.includes('soon')) + 1")
    assert f"line {line}" in told
    assert "signal.params.lookback Must be a number or a length of time" in told
    assert f"● {line}" in browser.value("document.querySelector('#lines').textContent")
    assert faults(browser) == []
    browser.value("document.querySelector('#faults button').click()")
    assert browser.value("yaml.value.slice(yaml.selectionStart, yaml.selectionEnd).trim()") == "lookback: soon"

    write(browser, "lookback: soon", "lookback: 7")
    until(lambda: text(browser, "#said") == "Nothing is wrong with it.")
    browser.value("document.querySelector('#start').click()")
    until(lambda: browser.value("location.pathname") == "/launched")
    until(lambda: browser.value("document.querySelector('#state')?.innerText") == "done")
    assert faults(browser) == []
    browser.value("document.querySelector('#result a').click()")
    until(lambda: browser.value("location.pathname") == "/run")
    until(lambda: "lookback: 7" in text(browser))
    assert browser.complaints == []


def write(browser, old, new):
    """Change the text as somebody who types would."""
    browser.value(
        f"yaml.value = yaml.value.replace({json.dumps(old)}, {json.dumps(new)}); yaml.dispatchEvent(new Event('input'))"
    )


@pytest.mark.parametrize("kind", ["/run", "/session", "/report", "/compare", "/sweep", "/"])
def test_hostile_texts_are_inert(page, browser, kind):
    """Whatever a folder, a manifest, a venue or a lane is called, it is shown and runs nothing."""
    stamp = HOSTILE + ("-sweep" if kind == "/sweep" else "")
    other = real_runs(page)[0]
    browser.visit(f"{page.base}{kind}?" + encoded(browser, [f"{HOSTILE}/{stamp}", other]), width=1000)
    if kind == "/session":
        until(lambda: "window.hacked=1" in text(browser, "#part-orders"))

    if kind == "/report":
        assert browser.value("document.title") == "r"
        assert browser.value("window.origin") == "null"  # its script ran as nobody's, and could read no cookie
        return
    assert browser.value("window.hacked") is None
    assert "window.hacked=1" in text(browser)
    assert browser.complaints == []
    assert faults(browser) == []


def encoded(browser, ids):
    return "&".join("id=" + browser.value(f"encodeURIComponent({json.dumps(each)})") for each in reversed(ids))

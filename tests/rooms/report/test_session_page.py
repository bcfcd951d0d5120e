"""A session as a page: what it says is there, what it doesn't is said to be missing, and a venue's words are text."""

from dataclasses import replace
from html import escape

import pytest

from runner.report.live_status import Connection, LimitUse, LiveStatus, LogLine, OpenOrder, PositionHeld, Profit
from runner.report.session_page import STATES, render_session, session_parts

HOSTILE = "<script>alert(1)</script>"
QUIET = LiveStatus(name="n", mode="paper", state="live", written="2026-01-05T14:30:00Z")


def test_a_session_that_says_little_has_every_part():
    """Nothing held, nothing open, nothing said: each in words."""
    parts = session_parts(QUIET)

    assert list(parts) == ["state", "pnl", "connections", "positions", "orders", "limits", "log"]
    for name, told in (
        ("connections", "says nothing of its connections"),
        ("positions", "Nothing is held."),
        ("orders", "No order may still fill."),
        ("limits", "the run has no risk rule"),
        ("log", "Nothing was said yet."),
        ("pnl", "n/a"),
    ):
        assert told in parts[name]


@pytest.mark.parametrize("state", [*STATES, HOSTILE])
def test_every_state_is_explained(state):
    """A newcomer reads what a state means; one that isn't known is said to be so."""
    told = session_parts(replace(QUIET, state=state))["state"]

    assert escape(STATES.get(state, "Unknown to this Runner.")) in told
    assert HOSTILE not in told


def test_prices_that_are_too_old_come_first():
    """A price that never came is the oldest; the limit says which are too old."""
    status = replace(QUIET, staleness={"A": 1.0, "B": 9.0, "C": None}, stale_after=5.0)

    told = session_parts(status)["connections"]

    assert [told.index(f'<th scope="row">{name}</th>') for name in "CBA"] == sorted(
        told.index(f'<th scope="row">{name}</th>') for name in "ABC"
    )
    assert (told.count("too old"), told.count("fresh</td>")) == (2, 1)


def test_where_no_age_is_too_old_there_is_no_verdict():
    """A paper session without a rule on old prices trades on any, and doesn't say otherwise."""
    told = session_parts(replace(QUIET, staleness={"A": 9e9}))["connections"]

    assert "104,166.7 days" in told
    assert all(word not in told for word in ("Verdict", "fresh", "nothing is traded"))


def test_a_session_that_was_killed_does_not_look_well():
    """The reason is there once, and the end isn't in the colour of a good one."""
    told = session_parts(replace(QUIET, state="closed", killed="by hand", note="by hand"))["state"]

    assert told.count("by hand") == 1
    assert 'class="status fall">CLOSED' in told


def test_what_a_venue_says_is_text_wherever_it_stands():
    """No name, note, order or message becomes markup, in the parts and in the report."""
    status = LiveStatus(
        name=HOSTILE, mode=HOSTILE, state=HOSTILE, written=HOSTILE, venue=HOSTILE, currency=HOSTILE, killed=HOSTILE, note=HOSTILE,
        connections=(Connection(HOSTILE, HOSTILE, HOSTILE, note=HOSTILE),),
        staleness={HOSTILE: 1.0},
        positions=(PositionHeld(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
        orders=(OpenOrder(*[HOSTILE] * 7, sent=HOSTILE),),
        pnl=Profit(*[HOSTILE] * 6),
        limits=(LimitUse(HOSTILE, HOSTILE, HOSTILE, None, HOSTILE),),
        log=(LogLine(HOSTILE, HOSTILE, HOSTILE),),
    )  # fmt: skip

    page = render_session(status)

    assert "<script>" not in page
    assert page.count("&lt;script&gt;") >= 35


def test_the_latest_line_of_the_log_is_the_first():
    """What just happened is what one looks for."""
    log = (LogLine("1", "info", "first"), LogLine("2", "alarm", "second"))

    told = session_parts(replace(QUIET, log=log))["log"]

    assert told.index("second") < told.index("first")
    assert 'class="alarm"' in told


def test_a_report_of_a_session_is_the_same_for_the_same_status():
    """No clock: what is known is in the status."""
    assert render_session(QUIET) == render_session(QUIET)
    assert "What broke, and what became of it" in render_session(QUIET)

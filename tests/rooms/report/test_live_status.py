"""What a session says of itself: read as it was written, short, and never a reason to fail for whoever looks on."""

import json

import pytest

from runner.report.live_status import (
    LONGEST_TEXT,
    MOST_LINES,
    STATUS_FILE,
    Connection,
    LimitUse,
    LiveStatus,
    LogLine,
    OpenOrder,
    PositionHeld,
    Profit,
    leave_status,
    read_status,
)

NOW = "2026-01-05T14:30:00Z"
STATUS = LiveStatus(
    name="pressure",
    mode="paper",
    state="degraded",
    written=NOW,
    connections=(Connection("market", "open", NOW, reconnects=2, gaps=1, silent_seconds=0.25),),
    staleness={"AAPL": 0.5, "IBM": None},
    stale_after=5.0,
    positions=(PositionHeld("AAPL", "-3", "101.50", "100.00", "-300.00", "4.50"),),
    orders=(OpenOrder("R1", "AAPL", "buy", "3", "1", "99.00", "partial", is_cancel_asked=True),),
    pnl=Profit(equity="1000.00", fees="0.10"),
    limits=(LimitUse("orders a day", "3", "10", 0.3),),
    log=(LogLine(NOW, "warning", "<script>alert(1)</script>"),),
)


def test_a_status_is_read_as_it_was_written(tmp_path):
    """The session's side and the looker's side know one shape."""
    leave_status(tmp_path, STATUS)

    assert read_status(tmp_path) == STATUS


def test_the_latest_lines_are_kept_and_long_texts_are_cut():
    """A session that talks a lot doesn't grow its status."""
    lines = tuple(LogLine(NOW, "info", f"{number}" + "x" * 2 * LONGEST_TEXT) for number in range(MOST_LINES + 5))

    written = LiveStatus(name="n", mode="live", state="live", written=NOW, log=lines).to_json()

    assert len(written["log"]) == MOST_LINES
    assert written["log"][0]["text"].startswith("5x")
    assert {len(line["text"]) for line in written["log"]} == {LONGEST_TEXT}


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"state": 7},
        {"connections": {}},
        {"connections": ["market"]},
        {"connections": [{"name": "market"}]},
        {"orders": [{"id": None}]},
        {"staleness": {"AAPL": "old"}},
        {"pnl": {"equity": 1.5}},
        {"pnl": []},
    ],
)
def test_what_is_no_status_is_none(tmp_path, change):
    """A wrong type anywhere makes it nothing, rather than something that breaks a page."""
    (tmp_path / STATUS_FILE).write_text(json.dumps({**STATUS.to_json(), **change}))

    assert read_status(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_broken_file_is_none(tmp_path, text):
    """Neither is text that isn't JSON, or no mapping."""
    (tmp_path / STATUS_FILE).write_text(text)

    assert read_status(tmp_path) is None


def test_no_file_is_none(tmp_path):
    """A session that hasn't begun to speak says nothing."""
    assert read_status(tmp_path) is None


def test_unknown_keys_are_passed_over(tmp_path):
    """A session of a later Runner may say more."""
    (tmp_path / STATUS_FILE).write_text(json.dumps({**STATUS.to_json(), "mood": "good"}))

    assert read_status(tmp_path) == STATUS

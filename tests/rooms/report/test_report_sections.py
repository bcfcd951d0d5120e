"""Sections of the report about risk and data: counted by rule, symbol and check, and nothing said where there is nothing."""

import re

from runner.kinds import FolderKinds
from runner.report.quality_page import MOST_SYMBOLS, quality_section
from runner.report.risk_page import risk_section
from runner.spec import RunSpec

DAY = 86_400 * 10**9


def spec(**rules):
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
        "risk": {"rules": rules},
    }
    return RunSpec.of(values, FolderKinds())


def rows(page, caption):
    """Return the cells of the table of a caption, row by row."""
    table = next(each for each in re.findall(r"<table>.*?</table>", page, re.DOTALL) if caption in each)
    return [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    ][1:]


def test_refusals_are_counted_by_rule_and_by_symbol(ledger):
    """Stopped is nothing allowed, made smaller is something; the first and the last instant stand beside."""
    ledger.refuse(1 * DAY, "A", "risk.rules.gross", 9.0, 0.0)
    ledger.refuse(2 * DAY, "B", "risk.rules.gross", 9.0, 1.0)
    ledger.refuse(3 * DAY, "A", "risk.rules.gross", 9.0, 0.0)
    ledger.refuse(4 * DAY, "A", "risk.rules.loss", 9.0, 0.0)

    page = risk_section(spec(gross={"kind": "gross_exposure", "share": 1.0}), ledger.tables())

    assert "gross (gross_exposure)" in page
    assert rows(page, "by rule") == [
        ["risk.rules.gross", "2", "1", "1970-01-02 00:00Z", "1970-01-04 00:00Z"],
        ["risk.rules.loss", "1", "0", "1970-01-05 00:00Z", "1970-01-05 00:00Z"],
    ]
    assert rows(page, "by symbol") == [["A", "3"], ["B", "1"]]


def test_a_rule_that_closed_everything_is_told_with_its_instant(ledger):
    """It is no refused order, and says whether it was for good."""
    ledger.refuse(1 * DAY, "", "risk.rules.stop: halt", 100.0, 0.0)

    page = risk_section(spec(), ledger.tables())

    assert rows(page, "closed everything") == [["1970-01-02 00:00Z", "risk.rules.stop", "for good"]]
    assert "by rule" not in page


def test_nothing_refused_is_said(ledger):
    """So is that there were no rules at all."""
    page = risk_section(spec(), ledger.tables())

    assert "No risk rule was set" in page
    assert "No order was stopped" in page


def test_every_check_has_its_policy_and_its_count():
    """Where something was found, the symbols and the first of it are named."""
    first = [{"symbol": "A", "ts": "2020-01-01"}]
    checks = {
        "gap": {"policy": "keep", "count": 3, "symbols": {"A": 2, "B": 1}, "first": first},
        "of_tomorrow": {"policy": "error", "count": 0, "symbols": {}, "first": []},
    }
    symbols = {f"S{number}": {"rows": 10, "first": "a", "last": "b"} for number in range(MOST_SYMBOLS + 2)}
    quality = {
        "bars": {"rows_read": 13, "rows_kept": 10, "checks": checks, "symbols": symbols, "left_out": {"window": 3},
                 "notes": ["prices are adjusted"]}
    }  # fmt: skip

    page = quality_section(quality)

    assert rows(page, "Checks of the bars: 10 of 13 rows kept") == [
        [
            "Gap",
            "Bars the calendar expects and the data don&#x27;t have",
            "keep",
            "3",
            "A: 2, B: 1\nfirst: symbol A, ts 2020-01-01",
        ],
        ["Of tomorrow", "", "error", "0", "nothing found"],
    ]
    assert rows(page, "Rows of the bars that were left out") == [["Window", "3"]]
    assert len(rows(page, "Symbols of the bars, and 2 more")) == MOST_SYMBOLS
    assert "prices are adjusted" in page


def test_what_is_no_stream_is_shown_as_it_is():
    """Events, and whatever else a report may hold one day."""
    page = quality_section({"events": {"earnings": {"events": 3}}, "odd": "thing"})

    assert "earnings" in page
    assert "thing" in page
    assert "No data-quality report was given." in quality_section({})

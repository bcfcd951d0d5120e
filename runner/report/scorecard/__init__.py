"""Five mistakes that make a good backtest worthless, each judged by this very run.

| mistake | file | asks |
|---|---|---|
| fill at close | `fill_at_close` | does the profit need prices that nobody could have had? |
| time zones | `time_zones` | is every stamp known to be what it is taken for? |
| single symbol | `single_symbol` | is it the luck of one? |
| no reconnect | `no_reconnect` | what happened when the line broke? |
| bull market only | `bull_market_only` | was the market ever against it? |

A verdict is `pass`, `warn`, `fail` or `not_applicable`, and never comes without the figures it rests on. `scorecard_of`
judges a run, `session_scorecard` what a live session says of itself.
"""

from runner.report.live_status import LiveStatus
from runner.report.page import ReportInput
from runner.report.scorecard.bull_market_only import bull_market_only
from runner.report.scorecard.fill_at_close import fill_at_close
from runner.report.scorecard.no_reconnect import no_reconnect, reconnects
from runner.report.scorecard.row import FAIL, NOT_APPLICABLE, PASSED, WARN, Row, Scorecard
from runner.report.scorecard.single_symbol import single_symbol
from runner.report.scorecard.time_zones import time_zones

__all__ = ["FAIL", "NOT_APPLICABLE", "PASSED", "WARN", "Row", "Scorecard", "scorecard_of", "session_scorecard"]


def scorecard_of(run: ReportInput) -> Scorecard:
    """Return the five verdicts of a run, in the order of the table."""
    return (
        fill_at_close(run.spec, run.tables, run.sensitivity),
        time_zones(run.spec, run.quality, run.metrics),
        single_symbol(run.spec, run.symbols, run.tables, run.sensitivity),
        _reconnects(run),
        bull_market_only(run.spec, run.tape, run.sensitivity),
    )


def _reconnects(run: ReportInput) -> Row:
    status = None if run.session is None else run.session.status
    return no_reconnect(run.spec) if status is None else reconnects(status)


def session_scorecard(status: LiveStatus) -> Scorecard:
    """Return what a session can tell of the five: how often its lines broke, and what became of it."""
    return (reconnects(status),)

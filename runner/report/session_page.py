"""A live session as a page: what state it is in, its lines, prices, positions, orders, money, limits and log.

`session_parts` makes each of these out of a status; the monitor of `runner ui` puts them in place of the earlier ones while
the session runs, and `render_session` stands them below one another as a report of its own, in the look of all reports.
"""

from collections.abc import Mapping
from html import escape

from runner.report.document import document
from runner.report.live_status import LiveStatus
from runner.report.markup import section, table
from runner.report.measured import counted
from runner.report.scorecard import session_scorecard
from runner.report.scorecard_page import scorecard_section
from runner.report.wording import UNDEFINED, age_text, count, money_text, number_text, price_text

__all__ = ["STATES", "render_session", "session_parts"]

STATES: Mapping[str, str] = {
    "boot": "Starting: nothing is sent yet.",
    "reconciling": "Comparing its own books with the venue's before anything is sent.",
    "live": "Trading.",
    "degraded": "Something makes the next decision unsafe: only cancels and orders that reduce a position leave.",
    "halted": "Stopped for good: everything is being cancelled, and nothing new leaves, now or in a later session.",
    "stopping": "Ending: every order is being proved to have ended.",
    "closed": "Ended.",
}
"""State of a session → what it means."""
GOOD, BUSY = frozenset({"live", "closed"}), frozenset({"boot", "reconciling", "stopping", "degraded"})
MOST_STALE = 40
"""Symbols whose prices' ages are listed, the oldest first."""
ALARMS = frozenset({"info", "warning", "alarm"})


def session_parts(status: LiveStatus) -> dict[str, str]:
    """Return name → finished HTML of each part, in the order in which they are read."""
    return {
        "state": _state(status),
        "pnl": section("Money", _pnl(status)),
        "connections": section("Feed health", _connections(status), _staleness(status)),
        "positions": section("Positions", _positions(status)),
        "orders": section("Orders that may still fill", _orders(status)),
        "limits": section("Limits", _limits(status)),
        "log": section("Log", _log(status)),
    }


def render_session(status: LiveStatus) -> str:
    """Return the report of a session as HTML text, the same bytes for the same status."""
    about = " · ".join(filter(None, (status.mode, status.venue, f"as of {status.written}")))
    return document(
        f"{status.name} · session report",
        f'<header><h1>{escape(status.name)}</h1><p class="about">{escape(about)}</p></header>',
        *session_parts(status).values(),
        scorecard_section(session_scorecard(status), "What broke, and what became of it"),
    )


def _state(status: LiveStatus) -> str:
    kind = "done" if status.state in GOOD and status.killed is None else "status" if status.state in BUSY else "fall"
    meaning = escape(STATES.get(status.state, "Unknown to this Runner."))
    lines = [f'<p><span class="status {kind}">{escape(status.state.upper())}</span> {meaning}</p>']
    if status.killed is not None:
        lines.append(f'<p class="halted"><strong>Kill switch:</strong> {escape(status.killed)}</p>')
    if status.note and status.note != status.killed:
        lines.append(f"<p>{escape(status.note)}</p>")
    return "\n".join(lines)


def _pnl(status: LiveStatus) -> str:
    money = status.pnl
    figures = {
        "Equity": money.equity,
        "Today": money.day,
        "Realized": money.realized,
        "Unrealized": money.unrealized,
        "Fees": money.fees,
        "Peak": money.peak,
    }
    tiles = "".join(f"<div><dt>{name}</dt><dd>{escape(money_text(value))}</dd></div>" for name, value in figures.items())
    unit = f"<p>In {escape(status.currency)}.</p>" if status.currency else ""
    return f'<dl class="headline">{tiles}</dl>{unit}'


def _connections(status: LiveStatus) -> str:
    if not status.connections:
        return "<p>The session says nothing of its connections.</p>"
    rows = [
        (
            each.name,
            each.state,
            UNDEFINED if each.silent_seconds is None else f"{age_text(each.silent_seconds)} ago",
            count(each.reconnects),
            count(each.gaps),
            each.since or UNDEFINED,
            each.note,
        )
        for each in status.connections
    ]
    head = ("Connection", "State", "Last message", "Reconnects", "Gaps", "Since", "Note")
    return table("Connections", head, rows, numeric=(3, 4))


def _staleness(status: LiveStatus) -> str:
    if not status.staleness:
        return ""
    limit = status.stale_after
    ages = sorted(status.staleness.items(), key=lambda item: (item[1] is not None, -(item[1] or 0.0), item[0]))
    rows = [
        (
            symbol,
            "never" if age is None else age_text(age),
            *([] if limit is None else ["too old" if age is None or age > limit else "fresh"]),
        )
        for symbol, age in ages[:MOST_STALE]
    ]
    told = "" if limit is None else f"; from {age_text(limit)} on nothing is traded on it"
    more = len(ages) - MOST_STALE
    rest = f", and {counted(more, 'symbol')} with fresher ones" if more > 0 else ""
    head = ("Symbol", "Age", *([] if limit is None else ["Verdict"]))
    return table(f"Age of each price, by the market's time{told}{rest}", head, rows, numeric=[1])


def _positions(status: LiveStatus) -> str:
    if not status.positions:
        return "<p>Nothing is held.</p>"
    rows = [
        (each.symbol, number_text(each.quantity), *map(price_text, (each.average_price, each.mark)),
         *map(money_text, (each.value, each.unrealized)))
        for each in status.positions
    ]  # fmt: skip
    head = ("Symbol", "Quantity", "Average price", "Mark", "Value", "Unrealized")
    return table("What is held", head, rows, numeric=range(1, 6))


def _orders(status: LiveStatus) -> str:
    if not status.orders:
        return "<p>No order may still fill.</p>"
    rows = [
        (
            each.id,
            each.symbol,
            each.side,
            number_text(each.quantity),
            number_text(each.filled),
            price_text(each.price),
            f"{each.status}, cancel asked" if each.is_cancel_asked else each.status,
            each.sent or UNDEFINED,
        )
        for each in status.orders
    ]
    head = ("Order", "Symbol", "Side", "Quantity", "Filled", "Limit", "Status", "Sent")
    return table("Orders", head, rows, numeric=(3, 4, 5))


def _limits(status: LiveStatus) -> str:
    if not status.limits and status.mode == "paper":
        return (
            "<p>None: the run has no risk rule, and on paper no order leaves that the session's own limits could hold.</p>"
        )
    if not status.limits:
        return "<p>The session says nothing of its limits.</p>"
    rows = [
        (
            each.name,
            number_text(each.used),
            number_text(each.limit),
            UNDEFINED if each.share is None else f"{100 * each.share:.0f}\N{NO-BREAK SPACE}%",
            each.note,
        )
        for each in status.limits
    ]
    return table("How much of each limit is used", ("Limit", "Used", "Of", "Share", "Note"), rows, numeric=(1, 2, 3))


def _log(status: LiveStatus) -> str:
    if not status.log:
        return "<p>Nothing was said yet.</p>"
    lines = "".join(
        f'<li class="{line.level if line.level in ALARMS else "info"}"><time>{escape(line.at)}</time>'
        f" {escape(line.level)}: {escape(line.text)}</li>"
        for line in reversed(status.log)
    )
    return f'<ul class="lines">{lines}</ul>'

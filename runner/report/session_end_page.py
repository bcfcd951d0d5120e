"""The report's section on a live session: how it went, and what it earned against the backtest of the same hours."""

from runner.report.markup import section, table
from runner.report.session_end import SessionEnd, gap_rows, session_facts
from runner.report.session_page import session_parts

__all__ = ["session_section"]

SHOWN = ("connections", "positions", "orders", "limits", "log")
"""Parts of the last status that are shown."""


def session_section(end: SessionEnd) -> str:
    """Return the report's section on the session."""
    gap = table("From the backtest to the session", ("Step", "Amount", "What it is"), gap_rows(end.gap), numeric=[1])
    parts = [] if end.status is None else [session_parts(end.status)[name] for name in SHOWN]
    said = table("What it came to", ("Item", "Value"), list(session_facts(end).items()))
    return "\n".join([section("Session", said, gap), *parts])

"""The end of a session: what it came to, for the terminal and for the report, out of what its run directory holds."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from runner.report.live_status import LiveStatus
from runner.report.wording import count, grouped

__all__ = ["SessionEnd", "gap_rows", "gap_table", "session_end", "session_facts", "session_lines"]

FILES = {"told": "session.json", "certificate": "certificate.json", "gap": "gap.json"}
STEPS = {
    "data": "rows that the feed gave differently than history",
    "decisions": "orders that only one of the two sent",
    "rejections": "orders that the venue didn't fill, or not wholly",
    "latency": "the market's way until the venue filled",
    "fills": "prices of the fills against those of the model",
    "fees": "fees of the venue against those of the model",
}
"""Step of the gap → what it is."""


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """What is known of a session that is over; all of it plain JSON values as they are in its directory."""

    told: Mapping[str, Any]
    """`session.json`."""
    certificate: Mapping[str, Any]
    gap: Mapping[str, Any]
    status: LiveStatus | None
    """The last."""


def session_end(folder: Path, status: LiveStatus | None) -> SessionEnd | None:
    """Return how a session ended; None of a run directory that isn't a session's."""
    if not all((folder / name).is_file() for name in FILES.values()):
        return None
    return SessionEnd(**{key: json.loads((folder / name).read_text("utf-8")) for key, name in FILES.items()}, status=status)


def session_facts(end: SessionEnd) -> dict[str, str]:
    """Return what the session came to, name → words."""
    told, counts = end.told, end.told["counts"]
    feed = told["feed"]
    again = max(int(feed["openings"]) - 1, 0)
    found = {
        "ended": f"{told['ended'] or 'asked to stop'}, exit code {told['exit_code']}",
        "processes": count(told["processes"]),
        "instants": f"{count(counts['instants'])}, {count(counts['gapped'])} of them with something missing",
        "orders": f"{count(counts['orders'])} decided, {count(counts['fills'])} fills, {count(counts['refusals'])} refusals",
        "feed": f"opened again {count(again)} times{_noted(feed['counts'])}",
        "certificate": certificate_words(end.certificate),
    }
    refused = {str(reason): int(times) for reason, times in told["refused_at_the_gate"].items()}
    for reason, times in sorted(refused.items(), key=lambda item: -item[1]):
        found[f"refused at the gate ({count(times)})"] = reason
    return found


def certificate_words(certificate: Mapping[str, Any]) -> str:
    """Return in words whether a session's decisions came out again."""
    if certificate["equal"]:
        answers, instants = count(certificate["answers"]), count(certificate["instants"])
        return f"{answers} answers to {instants} instants came out again, to the bit"
    divergence = certificate["divergence"]
    return f"DIFFERS at line {divergence['line']} of the decisions: {divergence['what']}"


def session_lines(end: SessionEnd) -> list[Text]:
    """Return what the session came to, a line each, for a terminal."""
    return [Text(f"{name:<12}{words}") for name, words in session_facts(end).items()]


def gap_table(end: SessionEnd) -> Table:
    """Return the difference to the backtest, step by step, for a terminal."""
    found = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    found.add_column(style="dim")
    found.add_column(justify="right")
    found.add_column(style="dim")
    for name, number, words in gap_rows(end.gap):
        found.add_row(name, number, words)
    return found


def gap_rows(gap: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return name, amount and meaning of each step, in the currency of the prices."""
    rows = [("backtest", _amount(gap["backtest"]), "profit of the same hours")]
    rows += [(f"+ {name}", _amount(gap["steps"][name]), words) for name, words in STEPS.items()]
    return [*rows, ("= session", _amount(gap["session"]), "profit of the session")]


def _noted(counts: Mapping[str, Any]) -> str:
    found = [f"{name}: {count(number)}" for name, number in counts.items() if number]
    return f"; {', '.join(found)}" if found else ""


def _amount(number: float) -> str:
    # Steps that are nothing but rounding are nothing.
    return grouped(0.0 if abs(number) < 5e-7 else number, digits=2)

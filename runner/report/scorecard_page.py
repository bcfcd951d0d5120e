"""The scorecard as a section: five questions, each with its answer and what it rests on."""

from html import escape

from runner.report.markup import section
from runner.report.scorecard.row import FAIL, NOT_APPLICABLE, PASSED, WARN, Scorecard, Verdict

__all__ = ["WORDS", "scorecard_section"]

WORDS: dict[Verdict, str] = {PASSED: "✓ pass", WARN: "! look", FAIL: "✕ fail", NOT_APPLICABLE: "– not here"}
"""Verdict → sign and word: nobody needs to tell colours apart."""


def scorecard_section(card: Scorecard, heading: str = "Five classic mistakes") -> str:
    """Return the section as finished HTML."""
    rows = [
        f'<tr><th scope="row">{escape(row.mistake.capitalize())}<span class="question">{escape(row.question)}</span></th>'
        f'<td class="verdict {row.verdict}">{WORDS[row.verdict]}</td>'
        f'<td class="meaning">{"<br>".join(map(escape, row.evidence))}</td></tr>'
        for row in card
    ]
    head = '<tr><th scope="col">Mistake</th><th scope="col">Verdict</th><th scope="col">Evidence from this run</th></tr>'
    caption = "<caption>Each verdict rests on figures of this very run</caption>"
    return section(
        heading,
        f'<table class="results scorecard">{caption}<thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>',
    )

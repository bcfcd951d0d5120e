"""One line of the scorecard."""

from dataclasses import dataclass
from typing import Any, Final, Literal

__all__ = ["FAIL", "NOT_APPLICABLE", "PASSED", "WARN", "Row", "Scorecard", "Verdict", "as_json"]

Verdict = Literal["pass", "warn", "fail", "not_applicable"]

PASSED: Final = "pass"
WARN: Final = "warn"
FAIL: Final = "fail"
NOT_APPLICABLE: Final = "not_applicable"


@dataclass(frozen=True, slots=True)
class Row:
    """What is to be said of one mistake."""

    mistake: str
    """Its name, as the package's table has it."""
    question: str
    verdict: Verdict
    evidence: tuple[str, ...]
    """Whole sentences with figures of the run; text from outside may be in them."""


Scorecard = tuple[Row, ...]


def as_json(card: Scorecard) -> dict[str, dict[str, Any]]:
    """Return what `scorecard.json` holds: mistake → question, verdict and evidence."""
    return {row.mistake: {"question": row.question, "verdict": row.verdict, "evidence": list(row.evidence)} for row in card}

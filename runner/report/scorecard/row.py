"""One line of the scorecard."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from runner.spec.run import RunSpec

__all__ = ["FAIL", "NOT_APPLICABLE", "PASSED", "WARN", "Row", "Scorecard", "Verdict", "as_json", "without_sensitivity"]

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


def without_sensitivity(spec: RunSpec) -> str:
    """Return why a run has no sensitivity, and what to write to have one: only backtests by Runner's own engine do."""
    if spec.mode.kind != "backtest":
        return f"mode={spec.mode.kind} goes through once; a backtest of the same file says it"
    if spec.engine.kind != "native":
        return f"engine={spec.engine.kind} goes through once; engine=native says it"
    return "write report.sensitivity: true"

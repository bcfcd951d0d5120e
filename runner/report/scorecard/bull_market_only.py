"""Bull market only: what was never against the strategy can't say what it does then.

- fail: no session of a bear market was measured.
- warn: the market turned fewer than two times, so that no full cycle was seen; or fewer than a tenth of the sessions were
  bear market; or the strategy lost in one market more than it earned in the other.
- pass: none of these.

Bull and bear are those of `regimes`.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from runner.market.tape import Tape
from runner.report.measured import counted
from runner.report.regimes import market_of
from runner.report.robustness import LEAST_TURNS
from runner.report.scorecard.row import FAIL, PASSED, WARN, Row, Verdict, without_sensitivity
from runner.report.sensitivity import Sensitivity
from runner.report.wording import amount, change, count
from runner.spec.run import RunSpec

__all__ = ["bull_market_only"]

MISTAKE = "bull market only"
QUESTION = "Was the market ever against it?"
LEAST_BEAR = 0.1
"""Share of the sessions that must be bear market."""


def bull_market_only(spec: RunSpec, tape: Tape, found: Sensitivity | None) -> Row:
    """Return the verdict on the markets that were measured, or without a sensitivity those of the data."""
    if found is None:
        return _of_data(spec, tape)
    parts = {row["market"]: row for row in found["regimes"]}
    bull, bear = parts.get("bull"), parts.get("bear")
    if bull is None or bear is None:
        return Row(MISTAKE, QUESTION, FAIL, ("No session was measured.",))
    evidence = [_told("bull", bull), _told("bear", bear), f"The market turned {counted(found['turns'], 'time')} by a fifth."]
    doubts = list(_doubts(bull, bear, found["turns"]))
    verdict: Verdict = FAIL if not bear["sessions"] else WARN if doubts else PASSED
    return Row(MISTAKE, QUESTION, verdict, (*evidence, *doubts))


def _told(name: str, part: dict[str, Any]) -> str:
    sessions = counted(part["sessions"], "session")
    if not part["sessions"]:
        return f"No session of a {name} market was measured."
    return (
        f"{name.capitalize()} market: {sessions}, return {change(part['total_return'])} while its symbols' mean made"
        f" {change(part['market_return'])}, profit {amount(part['profit'])}."
    )


def _doubts(bull: dict[str, Any], bear: dict[str, Any], turns: int) -> Iterator[str]:
    sessions = bull["sessions"] + bear["sessions"]
    if turns < LEAST_TURNS:
        yield f"A full cycle has {LEAST_TURNS} turns."
    if sessions and 0 < bear["sessions"] < LEAST_BEAR * sessions:
        yield f"Fewer than {LEAST_BEAR:.0%} of the sessions were bear market."
    if bear["profit"] < 0 < bull["profit"] < -bear["profit"]:
        yield "It lost more in bear markets than it earned in bull markets."


def _of_data(spec: RunSpec, tape: Tape) -> Row:
    bear = market_of(tape).bear if tape.rows else np.zeros(0, np.bool_)
    told = f"{count(int(bear.sum()))} of {counted(int(bear.size), 'session')} of the data lie in a bear market."
    verdict: Verdict = WARN if bear.any() else FAIL
    return Row(MISTAKE, QUESTION, verdict, (told, f"Results by market weren't looked at: {without_sensitivity(spec)}."))

"""Single symbol: one instrument that did well proves nothing about a rule.

- fail: one symbol was tested.
- warn: fewer than twenty were, or more than half of all profits came from one.
- pass: neither.

Profit by symbol comes from the sensitivity; without that the number of symbols is all there is to say.
"""

from collections.abc import Sequence

import numpy as np

from runner.report.columns import words
from runner.report.measured import counted
from runner.report.robustness import LEAST_SYMBOLS
from runner.report.scorecard.row import FAIL, PASSED, WARN, Row, Verdict, without_sensitivity
from runner.report.sensitivity import Sensitivity
from runner.report.wording import amount, count, percent
from runner.spec.run import RunSpec
from runner.tables import Tables

__all__ = ["single_symbol"]

MISTAKE = "single symbol"
QUESTION = "Is it the luck of one?"
MOST_OF_ONE = 0.5
"""Share of all profits that one symbol may have brought."""


def single_symbol(spec: RunSpec, symbols: Sequence[str], tables: Tables, found: Sensitivity | None) -> Row:
    """Return the verdict on how many symbols there were, and on how much came from one of them."""
    traded = np.unique(words(tables.fills, "symbol")).size
    number = max(len(symbols), 1)
    evidence = [f"{counted(number, 'symbol')} tested, {count(traded)} traded; with fewer than {LEAST_SYMBOLS} luck decides."]
    share, told = _concentration(spec, found)
    evidence += told
    verdict: Verdict = PASSED
    if len(symbols) <= 1:
        verdict = FAIL
    elif len(symbols) < LEAST_SYMBOLS or share > MOST_OF_ONE:
        verdict = WARN
    return Row(MISTAKE, QUESTION, verdict, tuple(evidence))


def _concentration(spec: RunSpec, found: Sensitivity | None) -> tuple[float, list[str]]:
    """Return which share of all profits the best symbol brought, and sentences about it."""
    if found is None:
        return 0.0, [f"Profit by symbol wasn't looked at: {without_sensitivity(spec)}."]
    rows = found["symbols"]
    gains = sum(row["profit"] for row in rows if row["profit"] > 0)
    if gains <= 0 or len(rows) <= 1:
        return 0.0, []
    best = max(rows, key=lambda row: row["profit"])
    share, rest = best["profit"] / gains, sum(row["profit"] for row in rows) - best["profit"]
    winners = sum(row["profit"] > 0 for row in rows)
    told = f"{count(winners)} of {count(len(rows))} made a profit; {best['symbol']} brought {percent(share)} of all profits"
    return share, [f"{told}, and without it {amount(rest)} would be left."]

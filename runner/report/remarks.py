"""What a reader must know beside the figures: orders that didn't happen, positions marked at prices that went stale.

A table of good figures can hide that most orders were refused. Each remark is one sentence with its numbers.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from runner.market.tape import Tape
from runner.report.columns import numbers, words
from runner.tables import Tables

__all__ = ["remarks"]


NOTABLE = frozenset({"coarse", "duplicate_equal", "split", "unit", "outlier", "reuse", "spread"})
"""Checks whose kept rows may have made or unmade a trade."""


def remarks(tables: Tables, tape: Tape, quality: Mapping[str, Any]) -> list[str]:
    """Return the remarks of a run, none if there is nothing to say.

    Args:
        tables: The run's tables.
        tape: The bars it ran on.
        quality: What `quality.json` holds: stream → what the quality gate found, and what was read of events.
    """
    return [*_judged(quality), *_rejected(tables), *_refused(tables), *_unfilled(tables), *_stale(tables, tape)]


def _judged(quality: Mapping[str, Any]) -> Iterator[str]:
    """Say which rows were changed or left out, and which were kept though they look wrong."""
    for stream, report in quality.items():
        for name, check in report.get("checks", {}).items():
            policy, count = check["policy"], check["count"]
            if count and (policy in {"drop", "repair"} or (policy == "keep" and name in NOTABLE)):
                done = {"drop": "left out", "repair": "repaired", "keep": "kept"}[policy]
                yield f"{count:,} of the {stream} {'was' if count == 1 else 'were'} {done}: {name}."


def _rejected(tables: Tables) -> Iterator[str]:
    reasons = words(tables.orders, "refusal")
    total = reasons.size
    for reason in np.unique(reasons[reasons != ""]).tolist():
        yield f"{int(np.sum(reasons == reason)):,} of {total:,} orders were rejected: {reason}."


def _refused(tables: Tables) -> Iterator[str]:
    rules, allowed = words(tables.refusals, "rule"), numbers(tables.refusals, "allowed")
    for rule in np.unique(rules).tolist():
        stopped = int(np.sum((rules == rule) & (allowed == 0)))
        reduced = int(np.sum((rules == rule) & (allowed != 0)))
        parts = [f"stopped {stopped:,}" if stopped else "", f"reduced {reduced:,}" if reduced else ""]
        yield f"{rule} {' and '.join(part for part in parts if part)} orders before they were sent."


def _unfilled(tables: Tables) -> Iterator[str]:
    count = int(np.sum(words(tables.orders, "status") == "unfilled"))
    if count:
        yield f"{count:,} order{'s were' if count > 1 else ' was'} still waiting when the data ended."


def _stale(tables: Tables, tape: Tape) -> Iterator[str]:
    """Name symbols still held whose data end before the last session."""
    if tape.rows == 0:
        return
    end = int(tape.session.max())
    held = words(tables.positions, "symbol")
    for code, symbol in enumerate(tape.symbols):
        changes = np.flatnonzero(held == symbol)
        rows = tape.session[tape.offsets[code] : tape.offsets[code + 1]]
        if changes.size and rows.size and numbers(tables.positions, "quantity")[changes[-1]] != 0 and rows[-1] < end:
            last = np.datetime64(int(rows[-1]), "D")
            yield f"{symbol} is still held though its data end on {last}: it is marked at its last price from then on."

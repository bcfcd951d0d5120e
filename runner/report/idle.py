"""A run in which nothing was traded: why, as far as its own tables and rules tell."""

from collections import Counter
from collections.abc import Iterator

from runner.engine.idle import Idle
from runner.report.columns import words
from runner.report.measured import counted
from runner.report.wording import count
from runner.tables import Tables

__all__ = ["idle_remarks", "is_idle"]

_NAMED = 3
"""Symbols named that never got past their warm-up."""


def is_idle(tables: Tables) -> bool:
    """Return whether nothing was traded."""
    return tables.fills["ts"].size == 0


def idle_remarks(tables: Tables, idle: Idle | None, strategy: str = "") -> Iterator[str]:
    """Say of a run without a trade why there is none.

    Args:
        tables: The tables of a run without fills.
        idle: What its rules came to; None where a strategy of the user's decided.
        strategy: That strategy's name.
    """
    sent = tables.orders["ts"].size
    if sent:
        ends = Counter(words(tables.orders, "status").tolist())
        was = ", ".join(f"{count(number)} {status}" for status, number in sorted(ends.items()))
        yield f"Nothing was traded: of {counted(sent, 'order')} none was filled ({was})."
    elif idle is None:
        yield f"Nothing was traded: {strategy} sent no order."
    else:
        parts = [*_rules(idle), *_refused(tables)]
        yield f"Nothing was traded: {'; '.join(parts)}. runner explain shows what the rules are made of, and their values."
    if idle is not None and idle.never_ready:
        yield f"{_symbols(idle.never_ready)} never got past the warm-up, so nothing was decided there."


def _rules(idle: Idle) -> Iterator[str]:
    """Yield what each rule came to: true at no decision, or at so many."""
    for rule, held in idle.held.items():
        at = f"{count(held) if held else 'none'} of {counted(idle.decisions, 'decision')}"
        yield f"{rule} {'asked for a position' if rule == 'target' else 'was true'} at {at}"
    if not idle.held:
        yield "no rule was ever defined"


def _refused(tables: Tables) -> Iterator[str]:
    """Yield who refused what the rules asked for."""
    for rule, number in sorted(Counter(words(tables.refusals, "rule").tolist()).items()):
        yield f"{rule} refused {count(number)}"


def _symbols(names: tuple[str, ...]) -> str:
    more = len(names) - _NAMED
    others = f" and {counted(more, 'other')}" if more > 0 else ""
    return f"{', '.join(names[:_NAMED])}{others}"

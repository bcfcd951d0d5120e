"""Limits of which a rule needs at least one, as the row functions take them."""

from math import inf
from typing import TypeVar

from pydantic_core import PydanticCustomError

from runner.trading.risk import RiskRule

__all__ = ["given", "number"]


Rule = TypeVar("Rule", bound=RiskRule)


def given(rule: Rule, *names: str) -> Rule:
    """Return a rule that has at least one of the fields; raise pydantic's error for one without a limit."""
    if all(getattr(rule, name) is None for name in names):
        listed = f"{', '.join(names[:-1])} or {names[-1]}"
        raise PydanticCustomError("no_limit", "must limit something", {"hint": f"Write a number for {listed}."})
    return rule


def number(limit: float | None) -> float:
    """Return a limit as a number: what isn't limited is infinite."""
    return inf if limit is None else float(limit)

"""What to say after an unknown name: the nearest one, whatever its case, and a list that stays readable."""

from collections.abc import Iterable
from difflib import get_close_matches

from runner.errors import did_you_mean

__all__ = ["suggest"]

LISTED = 40
"""Longer lists than this are cut to the nearest names: files with thousands of symbols exist."""


def suggest(word: str, known: Iterable[str]) -> str:
    """Return `did_you_mean`'s sentences, ignoring case when looking for the nearest name, and listing at most 40 names."""
    names = sorted(set(known))
    by_lower = {name.lower(): name for name in reversed(names)}
    wanted = by_lower.get(word.lower(), word)
    if len(names) <= LISTED:
        return did_you_mean(wanted, names)
    near = get_close_matches(wanted, names, n=5, cutoff=0.6)
    hint = f"Did you mean {near[0]}? " if near else ""
    return f"{hint}{len(names)} are known, from {names[0]} to {names[-1]}."

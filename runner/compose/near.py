"""Key paths a user may have meant: those that end in the same word, or in one that looks like it."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["nearest_keys"]

_MOST = 3


def nearest_keys(word: str, keys: Iterable[str]) -> list[str]:
    """Return at most three of the key paths whose last key is the word's last key or looks like it."""
    ends: dict[str, list[str]] = {}
    for key in sorted(set(keys)):
        ends.setdefault(key.rpartition(".")[2], []).append(key)
    near = get_close_matches(word.rpartition(".")[2], ends, n=1, cutoff=0.75)
    return ends[near[0]][:_MOST] if near else []

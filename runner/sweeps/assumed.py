"""What a lane assumes of what filling and holding come to: not the strategy's to choose, and no merit of a lane's."""

from collections.abc import Iterable

__all__ = ["ASSUMED", "assumed_by"]

ASSUMED = ("fees", "fill", "financing", "scenario", "slippage")
"""Sections of a spec that say it."""
_PREFIXES = tuple(f'"{name}":' for name in ASSUMED)


def assumed_by(sections: Iterable[str]) -> str:
    """Return what a lane assumes, as text that is the same for the same.

    Args:
        sections: Canonical JSON of each section of its spec, with its name.
    """
    return ",".join(section for section in sections if section.startswith(_PREFIXES))

"""What must never be false, checked in production too: an `assert` would vanish under `python -O`."""

__all__ = ["Broken", "invariant"]


class Broken(Exception):  # noqa: N818 - it says what is true of our own state
    """An edge that no state machine has, or two books that disagree: a bug of ours. Whoever catches it halts the session."""


def invariant(holds: bool, sentence: str) -> None:  # noqa: FBT001 - reads like an assert
    """Raise `Broken` with the sentence unless it holds."""
    if not holds:
        raise Broken(sentence)

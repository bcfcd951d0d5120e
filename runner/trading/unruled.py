"""What stands in for the row function that a risk rule doesn't have."""

__all__ = ["anything", "nothing"]


def anything(p, state, wanted, position, s, ts, account, book, times):
    """Allow all that is wanted."""
    return wanted


def nothing(p, state, ts, session, account, book, times):
    """Ask for nothing."""
    return 0.0

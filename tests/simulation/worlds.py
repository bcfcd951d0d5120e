"""What every test of whole worlds says when one breaks."""


def told(outcomes):
    """Return a line for every world that broke a promise: where it was, and what it broke."""
    return [f"{where}: {outcome.breach}" for where, outcome in outcomes if outcome.breach is not None]

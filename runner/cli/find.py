"""`runner find EXPRESSION [flags of runner list]`: runs by their figures, e.g. `sharpe > 1 and max_drawdown > -0.2`."""

from runner.cli.list import show_found

__all__ = ["run"]


def run(words: list[str]) -> int:
    """Print the runs for which the expression holds, the latest first."""
    return show_found("find", words)

"""Correlation of each symbol to the universe."""

from runner.signal.operator import Window, formula

__all__ = ["universe_correlation"]

universe_correlation = formula(
    "universe_correlation",
    "x",
    parameters=(Window(least=2),),
    expression="correlation(x, mean_across(x), lookback)",
    description="""\
correlation(x, mean_across(x), lookback): how a symbol moves with the mean of all known at the same instants, -1 to 1.

The mean has the symbol itself in it, which lifts the correlation of small universes. Meant for returns, not for prices.""",
)

"""How far and how straight a series has gone."""

from runner.signal.operator import Rows, formula

__all__ = ["efficiency_ratio", "rate_of_change"]

rate_of_change = formula(
    "rate_of_change",
    "x",
    parameters=(Rows("rows"),),
    expression="100 * returns(x, rows)",
    description="Rate of change over `rows` rows, in hundredths: 100 × (x[t] / x[t−rows] − 1).",
)

efficiency_ratio = formula(
    "efficiency_ratio",
    "x",
    parameters=(Rows("rows"),),
    expression="abs(diff(x, rows)) / sum(abs(diff(x, 1)), rows)",
    description=(
        "Efficiency ratio (Kaufman 1995), 0 to 1: the distance covered over the way gone, |x[t] − x[t−rows]| / sum of"
        " |x[i] − x[i−1]| over `rows` rows. Undefined where x hasn't moved."
    ),
)

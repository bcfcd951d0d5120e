"""The sets of parameters every witness and Runner are compared on, over sample prices."""

from dataclasses import dataclass

from tests.oracle.outcome import Rules
from tests.oracle.sample_prices import SYMBOLS


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    rules: Rules
    adjust: str = "total"

    def __str__(self):
        return self.name


CASES = (
    Case("defaults", Rules(units=1)),
    Case("short_lookback_raw_prices", Rules(lookback=10, units=1), adjust="none"),
    Case("wide_thresholds_dear_fills", Rules(lookback=5, buy_below=0.5, sell_above=2.0, bps=10, units=30)),
    Case("one_bar_no_slippage", Rules(lookback=1, buy_below=0.2, sell_above=3.0, bps=0, units=100), adjust="none"),
    Case("more_than_cash_can_pay", Rules(lookback=50, units=400)),
    Case("fractions_of_a_unit", Rules(lookback=30, buy_below=0.75, sell_above=1.3, bps=1.25, units=0.5)),
    Case("fifth_of_equity", Rules(lookback=3, share=0.2)),
    Case("half_of_equity_raw_prices", Rules(lookback=14, buy_below=0.9, sell_above=1.1, bps=5, share=0.5), adjust="none"),
)

UNIVERSES = (*((symbol,) for symbol in SYMBOLS), SYMBOLS)
"""Each symbol alone, then all five together: they start in 2000, 2004 and 2012."""


def universe_name(symbols):
    """Return how a universe is called in a test's name."""
    return symbols[0] if len(symbols) == 1 else "all"


def overrides(rules, symbols):
    """Return the words that make Runner trade these rules on these symbols."""
    sizing = (
        ["sizing=units", f"sizing.units={rules.units}"]
        if rules.share is None
        else ["sizing=equity_share", f"sizing.share={rules.share}", "sizing.lot=1"]
    )
    return [
        f"universe.symbols=[{','.join(symbols)}]",
        f"signal.params.lookback={rules.lookback}",
        f"signal.params.buy_below={rules.buy_below}",
        f"signal.params.sell_above={rules.sell_above}",
        "slippage=fixed_bps",
        f"slippage.bps={float(rules.bps)}",
        "fill=next_open",
        "fees=none",
        "risk=none",
        f"capital={rules.capital}",
        *sizing,
    ]

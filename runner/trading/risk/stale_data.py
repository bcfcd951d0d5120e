"""Nothing is opened on prices that are too old."""

from typing import Literal

from runner.duration import nanoseconds
from runner.trading.kernel.layout import MARKED, POSITION
from runner.trading.risk import RiskRule
from runner.units import Duration

__all__ = ["StaleData"]


def _allowed(p, state, wanted, position, s, ts, account, book, times):
    oldest = int(p[0])
    if ts - times[MARKED, s] > oldest:
        return 0.0
    if p[1] == 1.0:
        for k in range(book.shape[1]):
            if book[POSITION, k] != 0.0 and ts - times[MARKED, k] > oldest:
                return 0.0
    return wanted


class StaleData(RiskRule):
    """Nothing is opened in a symbol whose last price is older than `max_age` at the decision.

    A row without a price, such as a quote of one side, makes no price younger. Nor is anything opened while the last price
    of a held symbol is older: then nobody knows what the account is worth. Nights and weekends count as time.
    """

    kind: Literal["stale_data"] = "stale_data"
    max_age: Duration = "5d"
    """Largest age of a price, which itself passes."""
    held: bool = True
    """Whether the prices of what is held count as well."""

    allowed = staticmethod(_allowed)

    def numbers(self) -> tuple[float, ...]:
        """Return the largest age in nanoseconds, and one if what is held counts."""
        return (float(min(nanoseconds(self.max_age), 2**62)), float(self.held))

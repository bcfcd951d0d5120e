"""No second position that is the first one again."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from runner.compiler import part_of_kernel
from runner.trading.kernel.layout import LAST, MARKED, POSITION, WANTED
from runner.trading.risk import RiskRule
from runner.trading.risk._room import SLACK

__all__ = ["Correlation"]

# state: session, sessions done; then per symbol the last price of the session before, that of this one so far (NaN while
# there is none), and a ring of returns from session to session
BEFORE = 0
NOW = 1
RETURNS = 2


def _watch(p, state, ts, session, account, book, times):
    symbols, lookback = book.shape[1], int(p[1])
    if np.isnan(state[0]):
        state[0], state[1] = session, 0.0
    for s in range(symbols):
        own = state[2 + s * (RETURNS + lookback) : 2 + (s + 1) * (RETURNS + lookback)]
        if state[0] != session:
            is_known = own[BEFORE] > 0.0 and own[NOW] > 0.0
            own[RETURNS + int(state[1]) % lookback] = own[NOW] / own[BEFORE] - 1.0 if is_known else np.nan
            own[BEFORE], own[NOW] = own[NOW], np.nan
        if times[MARKED, s] == ts:
            own[NOW] = book[LAST, s]
    if state[0] != session:
        state[0], state[1] = session, state[1] + 1.0
    return 0.0


@part_of_kernel
def _correlation(a, b):
    """Return the correlation of two rows of returns over the sessions that both have; NaN where there are too few."""
    n, mean_a, mean_b = 0, 0.0, 0.0
    for i in range(a.shape[0]):
        if np.isfinite(a[i] + b[i]):
            n += 1
            mean_a += a[i]
            mean_b += b[i]
    if n < max(3, (a.shape[0] + 1) // 2):
        return np.nan
    mean_a, mean_b = mean_a / n, mean_b / n
    var_a, var_b, both = 0.0, 0.0, 0.0
    for i in range(a.shape[0]):
        if np.isfinite(a[i] + b[i]):
            var_a += (a[i] - mean_a) ** 2
            var_b += (b[i] - mean_b) ** 2
            both += (a[i] - mean_a) * (b[i] - mean_b)
    if not (var_a > 0.0 and var_b > 0.0):
        return np.nan
    return min(max(both / np.sqrt(var_a) / np.sqrt(var_b), -1.0), 1.0)


def _allowed(p, state, wanted, position, s, ts, account, book, times):
    if position != 0.0:
        return wanted
    lookback = int(p[1])
    width = RETURNS + lookback
    side = 1.0 if wanted > 0.0 else -1.0
    own = state[2 + s * width + RETURNS : 2 + (s + 1) * width]
    for k in range(book.shape[1]):
        held, after = book[POSITION, k], book[POSITION, k] + book[WANTED, k]
        if k == s or (held == 0.0 and after == 0.0):
            continue
        found = side * _correlation(own, state[2 + k * width + RETURNS : 2 + (k + 1) * width])
        if np.isnan(found):
            if p[2] == 0.0:
                return 0.0
        elif held * found > abs(held) * (p[0] + SLACK) or after * found > abs(after) * (p[0] + SLACK):
            return 0.0
    return wanted


class Correlation(RiskRule):
    """No new position in a symbol that moves with one that is held, or ordered, on the same side.

        correlation of returns from session to session over the last `lookback` sessions ≤ limit

    with the last prices of finished sessions, so that the session of the decision doesn't count. Symbols on opposite sides
    are one bet if they move against each other: there the correlation counts with its sign turned. It is taken over the
    sessions in which both symbols have a return; they must be at least half of the lookback, and three. With fewer, or where
    a price never moves, it is undefined.
    """

    kind: Literal["correlation"] = "correlation"
    limit: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.8
    """Largest correlation, which itself passes; 1 refuses only what is undefined."""
    lookback: Annotated[int, Field(ge=3, le=2520)] = 60
    """Sessions that count."""
    undefined: Literal["block", "allow"] = "block"
    """What happens where a correlation is undefined, as at the beginning of a run: with `block` a second position waits
    until half of the lookback is known."""

    allowed = staticmethod(_allowed)
    watch = staticmethod(_watch)

    def numbers(self) -> tuple[float, ...]:
        """Return limit, lookback, and one if what is undefined is allowed."""
        return (self.limit, float(self.lookback), float(self.undefined == "allow"))

    def state(self, symbols: int) -> int:
        """Return session and count, and per symbol two prices and the returns."""
        return 2 + symbols * (RETURNS + self.lookback)

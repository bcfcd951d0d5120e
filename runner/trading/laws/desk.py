"""A desk at which a risk rule is asked: some symbols whose prices move, an account, orders that fill an instant later.

It isn't the kernel: it makes up what a rule sees, such as prices and positions that belong together, and obeys nothing. What
it makes up depends on the seed alone, so that two histories can differ in one thing.
"""

import numpy as np
from numpy.random import PCG64, Generator

from runner.trading.kernel import layout

__all__ = ["CAPITAL", "Desk"]

CAPITAL = 1e5
DAY = 86_400_000_000_000
MINUTE = 60_000_000_000
PER_SESSION = 12
"""Instants of a session."""
FIRST = 15_000
"""Date of the first session."""


class Desk:
    """What a rule sees, from instant to instant."""

    def __init__(self, seed: int, symbols: int) -> None:
        """Begin without a position, before the first instant."""
        self.rng = Generator(PCG64(seed))
        self.account = np.zeros(layout.ACCOUNT_FIELDS)
        self.account[[layout.CASH, layout.EQUITY, layout.PEAK]] = CAPITAL
        self.account[layout.SESSION] = -1
        self.book = np.zeros((layout.BOOK_FIELDS, symbols))
        self.book[[layout.LAST, layout.AVERAGE, layout.STOP_AT, layout.TAKE_AT, layout.OUTCOME]] = np.nan
        self.times = np.zeros((layout.TIME_FIELDS, symbols), np.int64)
        self.times[layout.SEEN] = -1
        self.times[[layout.MARKED, layout.LEFT]] = layout.LONG_AGO
        self.ts = 0
        self.session = FIRST
        self._instants = 0

    def go_on(self, gain: float = 0.0) -> None:
        """Come to the next instant: orders fill, some prices move, the account gains or loses besides."""
        place = self._instants % PER_SESSION
        self.session = FIRST + self._instants // PER_SESSION
        self.ts = self.session * DAY + 14 * 60 * MINUTE + place * 30 * MINUTE + int(self.rng.integers(MINUTE))
        self._instants += 1
        for s in range(self.book.shape[1]):
            self._fill(s)
            if self._instants == 1 or self.rng.random() < 0.8:
                self._mark(s)
        self.account[layout.CASH] += gain
        self._value()

    def send(self, s: int, quantity: float) -> None:
        """Have an order of a symbol sent at this instant."""
        value = abs(quantity) * self.book[layout.LAST, s]
        self.account[layout.ORDERS] += 1
        self.account[layout.FLIGHT_GROSS] += value
        self.account[layout.FLIGHT_NET] += np.sign(quantity) * value
        self.book[[layout.WANTED, layout.ORDER, layout.KIND, layout.FLIGHT], s] = (
            quantity, self.account[layout.ORDERS], layout.MARKET, value,
        )  # fmt: skip
        self.times[layout.SENT, s] += 1
        self.times[layout.SENT_AT, s] = self.times[layout.FROM, s] = self.ts

    def _fill(self, s: int) -> None:
        """Fill a symbol's order at its last price."""
        wanted, position, price = self.book[[layout.WANTED, layout.POSITION, layout.LAST], s]
        if wanted == 0.0:
            return
        value = self.book[layout.FLIGHT, s]
        self.account[layout.FLIGHT_GROSS] -= value
        self.account[layout.FLIGHT_NET] -= np.sign(wanted) * value
        self.account[layout.CASH] -= wanted * price
        self.book[[layout.WANTED, layout.KIND, layout.FLIGHT], s] = 0.0
        after = position + wanted
        self.book[layout.POSITION, s] = after
        if position != 0.0 and after * position <= 0.0:
            self.book[layout.OUTCOME, s] = position * (price - self.book[layout.AVERAGE, s])
            self.book[layout.REALISED, s] += self.book[layout.OUTCOME, s]
            self.times[layout.LEFT, s] = self.ts
        if after == 0.0:
            self.book[layout.AVERAGE, s] = np.nan
        elif position * after <= 0.0:
            self.book[[layout.AVERAGE, layout.BEST], s] = price
            self.times[layout.ENTERED, s], self.times[layout.SESSION_IN, s] = self.ts, self.session

    def _mark(self, s: int) -> None:
        """Move a symbol's price."""
        last = self.book[layout.LAST, s]
        last = 100.0 * (s + 1) if np.isnan(last) else last
        self.book[layout.LAST, s] = last * np.exp(self.rng.normal(0.0, 0.02))
        self.times[layout.MARKED, s] = self.ts
        self.times[layout.TRADES_IN, s] = self.session
        self.times[layout.SEEN, s] += 1

    def _value(self) -> None:
        """Work out what the account is worth."""
        value = self.book[layout.POSITION] * self.book[layout.LAST]
        self.account[layout.EQUITY] = self.account[layout.CASH] + value.sum()
        self.account[layout.GROSS], self.account[layout.NET] = abs(value).sum(), value.sum()
        self.account[layout.PEAK] = max(self.account[layout.PEAK], self.account[layout.EQUITY])
        self.account[layout.SESSION] = self.session

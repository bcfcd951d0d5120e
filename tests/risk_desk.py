"""A desk at which one risk rule is asked: accounts and books written down by hand, the rule's machine code held to its arrays."""

import numpy as np

from runner.compiler import row_function
from runner.trading.kernel import layout
from runner.trading.risk import ALLOWED, WATCH, RiskRule

MINUTE = 60_000_000_000


class Desk:
    """One rule, and all it sees. Symbols have a price of 10 from the start; the account has 1,000."""

    def __init__(self, rule: RiskRule, symbols: int = 1, equity: float = 1000.0):
        self.rule = rule
        self.p = np.array(rule.numbers())
        self.own = np.full(rule.state(symbols), np.nan)
        self.account = np.zeros(layout.ACCOUNT_FIELDS)
        self.account[[layout.CASH, layout.EQUITY, layout.PEAK]] = equity
        self.book = np.zeros((layout.BOOK_FIELDS, symbols))
        self.book[layout.LAST] = 10.0
        self.book[[layout.AVERAGE, layout.OUTCOME]] = np.nan
        self.times = np.zeros((layout.TIME_FIELDS, symbols), np.int64)
        self.times[[layout.MARKED, layout.LEFT]] = layout.LONG_AGO
        self.ts = 0

    def hold(self, s, position, *, wanted=0.0, price=None):
        """Hold so much of a symbol, and have so much ordered that isn't filled yet."""
        self.book[layout.POSITION, s], self.book[layout.WANTED, s] = position, wanted
        if price is not None:
            self.book[layout.LAST, s] = price
        return self

    def watch(self, ts=None, *, session=0, equity=None, prices=(), sessions=None):
        """Come to an instant, at which the first symbols show prices; return what the rule asks for.

        Sessions are those of the symbols' own calendars, that of the account unless they are given.
        """
        self.ts = self.ts if ts is None else ts
        if equity is not None:
            self.account[layout.EQUITY] = equity
            self.account[layout.PEAK] = np.fmax(self.account[layout.PEAK], equity)
        for s, price in enumerate(prices):
            if price is not None:
                self.book[layout.LAST, s], self.times[layout.MARKED, s] = price, self.ts
                self.times[layout.TRADES_IN, s] = session if sessions is None else sessions[s]
        watch = row_function(self.rule.watch, WATCH, is_checked=True)
        return watch(self.p, self.own, self.ts, session, self.account, self.book, self.times)

    def send(self, s, ts):
        """Have an order of a symbol sent at an instant."""
        self.account[layout.ORDERS] += 1
        self.times[layout.SENT, s] += 1
        self.times[layout.SENT_AT, s] = ts

    def allowed(self, wanted, s=0, *, ts=None, turns=False):
        """Return how much of an order beyond the position the rule allows; of one that turns it round, beyond zero."""
        position = 0.0 if turns else float(self.book[layout.POSITION, s])
        allowed = row_function(self.rule.allowed, ALLOWED, is_checked=True)
        at = self.ts if ts is None else ts
        return allowed(self.p, self.own, float(wanted), position, s, at, self.account, self.book, self.times)

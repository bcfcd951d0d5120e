"""Bugs about limits, stale data and the kill."""

from dataclasses import replace

from runner.live import gate, session
from runner.live.gate import Gate
from runner.live.model import BUY, SELL, Status
from runner.live.orders import Orders
from runner.live.session import Session
from tests.simulation.mutants.mutant import mutant


def _counting(counts):
    def make(_):
        def worst_positions(state, symbol):
            low = high = state.position(symbol)
            for order in state.live_of(symbol):
                if counts(order):
                    high += order.remaining if order.side == BUY else 0
                    low -= order.remaining if order.side == SELL else 0
            return low, high

        return worst_positions

    return make


unknown_is_free = mutant(
    "an order that nobody has confirmed doesn't count",
    (gate, "worst_positions", _counting(lambda order: order.status is not Status.UNKNOWN)),
)
cancelling_is_free = mutant(
    "an order that is being cancelled doesn't count",
    (gate, "worst_positions", _counting(lambda order: not order.is_cancel_asked)),
)
working_is_free = mutant("a position is what was filled", (gate, "worst_positions", _counting(lambda order: order is None)))


def _replaced_is_free(original):
    def range_of(self, asked, symbol):
        low, high = original(self, asked, symbol)
        old = asked.state.live.get(asked.wanted.replaces or "")
        if old is not None and old.symbol == symbol:
            low += old.remaining if old.side == SELL else 0
            high -= old.remaining if old.side == BUY else 0
        return low, high

    return range_of


replaced_is_free = mutant("a replacement takes the room of what it replaces", (Gate, "_range", _replaced_is_free))


def _one_more(original):
    def worst(self, asked, symbol):
        return original(self, asked, symbol) - 1

    return worst


limit_off_by_one = mutant("one lot more than the limit", (Gate, "_worst", _one_more))


def _one_order_more(_):
    def message_rate(self, asked):
        recent = [sent for sent in asked.state.recent if asked.venue_ns - sent.sent_at_ns < self.limits.rate_ns]
        return None if len(recent) <= self.limits.rate_orders else "too many"

    return message_rate


rate_off_by_one = mutant("one order more than the rate", (Gate, "message_rate", _one_order_more))


def _never(_):
    def check(self, asked):
        del self, asked

    return check


stale_data_allowed = mutant("a quote is a quote", (Gate, "stale_data", _never))


def _believe(original):
    def on_quote(self, quote):
        original(self, replace(quote, is_valid=True))

    return on_quote


gap_ignored = mutant("a gap in the book closes by itself", (Session, "on_quote", _believe))


def _refresh(original):
    async def pulse_turn(self):
        await original(self)
        for symbol, quote in list(self.quotes.items()):
            if self.listener.connected_ns is not None:
                self.quotes[symbol] = replace(quote, mono_ns=max(quote.mono_ns, self.listener.heard_ns))

    return pulse_turn


heartbeat_is_data = mutant("the stream is alive, so its data are fresh", (Session, "_pulse_turn", _refresh))


def _always(_):
    def may_leave(self, order):
        del self, order
        return True

    return may_leave


sent_after_kill = mutant("what was allowed may be sent", (Orders, "may_leave", _always))


def _shrug(_):
    def latch(self, reason):
        self.ports.alarm.ring("KILL", reason)

    return latch


kill_not_latched = mutant("an alarm is enough", (Session, "latch", _shrug))


def _fresh(original):
    def restore(*args, **kwargs):
        state, seq, last = original(*args, **kwargs)
        state.killed = None
        return state, seq, last

    return restore


kill_forgotten_at_restart = mutant("a new process is a new beginning", (session, "restore", _fresh))

"""Bugs about what proves that an order has ended."""

from runner.live.book import Book
from runner.live.brokers.plain import PlainContract
from runner.live.contract import End, NotOpen, Rejected
from runner.live.events import Canceled, NotPlaced
from runner.live.line import Silent
from runner.live.model import Status
from runner.live.orders import Orders
from runner.live.resolver import Resolver
from tests.simulation.mutants.mutant import mutant


def _silence_rejects(original):
    def not_answered(self, order, answer):
        if isinstance(answer, Silent):
            self._doors.book.reject(order, "timeout")
        else:
            original(self, order, answer)

    return not_answered


timeout_rejects = mutant("no answer within two seconds: it was rejected", (Orders, "_not_answered", _silence_rejects))


def _rejecting(is_rejection):
    def make(original):
        def read_place(self, response):
            return Rejected("error") if is_rejection(response.status) else original(self, response)

        return read_place

    return make


server_error_rejects = mutant(
    "a server error means that it didn't work", (PlainContract, "read_place", _rejecting(lambda status: status >= 500))
)
every_400_rejects = mutant(
    "a bad request was not carried out", (PlainContract, "read_place", _rejecting(lambda status: status == 400))
)


def _believe_at_once(_):
    def not_found(self, order, asked_ns):
        del asked_ns
        if order.status is Status.UNKNOWN and not order.is_acked:
            self._doors.journal.append(NotPlaced(order.coid, "bounded"))

    return not_found


early_not_found = mutant("the venue doesn't know it, so it isn't there", (Resolver, "not_found", _believe_at_once))


def _end_at_once(original):
    def cancel(self, coid, why):
        is_asked = original(self, coid, why)
        order = self._doors.state.live.get(coid)
        if order is not None:
            self._doors.journal.append(Canceled(coid, End.CANCELED, order.filled))
        return is_asked

    return cancel


cancel_is_proof = mutant("whoever cancels an order can forget it", (Orders, "cancel", _end_at_once))


def _not_open_is_canceled(original):
    def cancelled(self, order, said):
        original(self, order, said)
        if isinstance(said, NotOpen) and order.status.is_live:
            self._doors.journal.append(Canceled(order.coid, End.CANCELED, order.filled))

    return cancelled


not_open_is_canceled = mutant("not open any more: cancelled", (Orders, "_cancelled", _not_open_is_canceled))


def _end_without_fills(_):
    def try_to_end(self, order):
        ends = [self._ends[venue_id] for venue_id in order.venue_ids if venue_id in self._ends]
        if ends:
            self._journal.append(Canceled(order.coid, End.CANCELED, order.filled))

    return try_to_end


cancel_before_fills = mutant("the venue says it has ended, so it has", (Book, "_try_to_end", _end_without_fills))


def _absent_is_closed(original):
    async def sweep_open(self):
        is_whole = await original(self)
        for coid in sorted(self.doubtful & self._doors.state.live.keys()):
            order = self._doors.state.live[coid]
            self._doors.journal.append(Canceled(coid, End.CANCELED, order.filled))
        return is_whole

    return sweep_open


absent_is_closed = mutant("it isn't among the open orders, so it was cancelled", (Resolver, "sweep_open", _absent_is_closed))


def _cancel_once(original):
    def due(self):
        sent = self.__dict__.setdefault("_sent_once", set())
        found = [order for order in original(self) if order.coid not in sent]
        sent.update(order.coid for order in found)
        return found

    return due


cancel_sent_once = mutant("a cancel that was sent has arrived", (Orders, "_due", _cancel_once))


def _never_ask(_):
    def needs_asking(self, order):
        del self, order
        return False

    return needs_asking


unknown_never_asked = mutant("the stream will say what became of it", (Resolver, "needs_asking", _never_ask))

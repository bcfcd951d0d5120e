"""Bugs about executions, positions and cash."""

from decimal import Decimal

from runner.live import compare, fold, journal, pages, resolver
from runner.live.book import Book
from runner.live.brokers import plain
from runner.live.contract import Page
from runner.live.line import Answered
from runner.live.model import Position
from runner.live.resolver import Resolver
from tests.simulation.mutants.mutant import mutant


def _forget_first(original):
    def fill(self, report):
        self._state.executions.pop(report.exec_id, None)
        original(self, report)

    return fill


fills_counted_twice = mutant("every report of an execution is an execution", (Book, "fill", _forget_first))


def _sweep_nothing(_):
    async def sweep_fills(self):
        self.swept_fills_ns = self._doors.ports.clock.mono_ns()
        self.swept_to_ns = self._doors.venue_clock.now_ns()
        return True

    return sweep_fills


stream_alone = mutant("the stream is healthy, so nothing was lost", (Resolver, "sweep_fills", _sweep_nothing))


def _swept_to_now(original):
    async def sweep_fills(self):
        is_whole = await original(self)
        self.swept_to_ns = self._doors.venue_clock.now_ns()
        return is_whole

    return sweep_fills


def _since_the_last(_):
    def since(self):
        return self.swept_to_ns

    return since


sweeps_without_overlap = mutant(
    "what was asked for until now is known until now",
    (Resolver, "sweep_fills", _swept_to_now),
    (Resolver, "_since", _since_the_last),
)


def _through_float(_):
    def product_of(price, lot):
        return int(float(price) * float(lot) * 1e18)

    return product_of


float_money = mutant("a double is precise enough", (plain, "product_of", _through_float))


def _one_page(_):
    async def all_pages(line, ask, read):
        answer = await line.call(ask(None))
        page = read(answer.response, None) if isinstance(answer, Answered) else None
        return list(page.items) if isinstance(page, Page) else None

    return all_pages


first_page_alone = mutant(
    "lists are short",
    (resolver, "all_pages", _one_page),
    (compare, "all_pages", _one_page),
    (pages, "all_pages", _one_page),
)


def _drop_late(original):
    def own_fill(self, report, order):
        if order.status.is_live:
            original(self, report, order)

    return own_fill


late_fill_dropped = mutant("an order that has ended can't fill", (Book, "_own_fill", _drop_late))


def _free(_):
    def charge(state, currency, fee):
        del state, currency, fee

    return charge


fee_forgotten = mutant("fees are small", (fold, "_charge", _free))


def _not_mine(_):
    def foreign_fill(self, report, *, is_ours):
        del self, report, is_ours

    return foreign_fill


foreign_fill_ignored = mutant("what isn't ours is none of our business", (Book, "_foreign_fill", _not_mine))


def _without(**emptied):
    def make(original):
        def parse(body, instruments):
            state = original(body, instruments)
            for name, value in emptied.items():
                setattr(state, name, type(getattr(state, name))() if value is None else value)
            return state

        return parse

    return make


snapshot_without_executions = mutant(
    "executions are old once the state is saved", (journal, "parse", _without(executions=None))
)
snapshot_without_living_orders = mutant("the venue knows what is open", (journal, "parse", _without(live=None)))


def _merged(original):
    def parse(body, instruments):
        state = original(body, instruments)
        for symbol, position in list(state.positions.items()):
            state.positions[symbol] = Position(2 * position.lots, position.cost)
        return state

    return parse


snapshot_merged = mutant("a snapshot is added to what is there", (journal, "parse", _merged))


def _rounded(original):
    def money_of(value):
        return original(value.quantize(Decimal("0.01")))

    return money_of


fee_rounded_to_cents = mutant("money has two decimals", (plain, "money_of", _rounded))

"""A broker's own parts (contract, signer, profile) face to face with the fake venue that it speaks to, without a network."""

from decimal import Decimal

from runner.kinds import FolderKinds
from runner.live.edge.doors import _secrets, _signer
from runner.live.model import Instrument, Order
from runner.live.ports import Response
from tests.fake_venues.all_venues import VENUES
from tests.fake_venues.wire import asked

SECOND = 1_000_000_000
NOW = 1_900_000_000 * SECOND


class Stopped:
    """A clock that a test moves by hand."""

    def __init__(self, now_ns=NOW):
        self.now_ns = now_ns

    def utc_ns(self):
        return self.now_ns

    def mono_ns(self):
        return self.now_ns - NOW

    async def sleep(self, duration_ns):
        self.now_ns += duration_ns


def broker_of(kind, **options):
    """Return a broker of a kind with the options of its fake."""
    found = FolderKinds().find("broker", kind)
    return found.model_validate({"kind": kind, **VENUES[kind].options, **options})


def instruments_of(venue):
    """Return what a fake venue trades, in the session's words."""
    quote = venue.account.quote
    return {name: Instrument(name, tick, lot, quote) for name, (tick, lot) in venue.account.steps.items()}


class Speaking:
    """One conversation."""

    def __init__(self, kind):
        self.clock = Stopped()
        self.venue = VENUES[kind](lambda: self.clock.now_ns)
        self.account = self.venue.account
        self.broker = broker_of(kind)
        self.contract = self.broker.contract(instruments_of(self.venue))
        self.profile = self.broker.profile()
        credentials = self.broker.service().credentials
        self.signer = _signer(credentials.scheme, _secrets(credentials, self.venue.environment), self.clock)
        self.heard = []
        """Frames of everything that happened."""
        self.account.told.append(lambda what, order, fill: self.heard.extend(self.venue.frames(what, order, fill)))
        self.count = 0

    @property
    def symbol(self):
        return self.venue.symbols[0]

    def send(self, request):
        """Return what the venue answers."""
        signed = self.signer.sign(request)
        told = self.venue.answer(asked(request.method, signed.target, signed.headers, signed.body))
        return Response(told.status, told.body, told.headers)

    def order(self, lots=10, ticks=2_000, *, side=1, rests=True, coid=None, symbol=None):
        """Return an order of ours that the venue hasn't seen."""
        self.count += 1
        coid = coid or f"qabcdef-{self.count:07d}"
        return Order(
            coid, self.count, symbol or self.symbol, side, lots, ticks, rests=rests, sent_at_ns=self.clock.now_ns, signal=1
        )

    def placed(self, *lots_and_ticks, **more):
        """Place an order that is taken; return it as the session then knows it, and the venue's side of it."""
        order = self.order(*lots_and_ticks, **more)
        said = self.contract.read_place(self.send(self.contract.place(order, self.profile.valid_ns)))
        order.venue_ids = (said.report.venue_id,)
        return order, self.account.by_coid(order.coid)

    def asked(self, order):
        """Return what the venue says about an order."""
        return self.contract.read_query(self.send(self.contract.query(order)))

    def all(self, ask, read):
        """Return a whole list, and how many pages it had."""
        found, page, pages = [], None, 0
        while True:
            got = read(self.send(ask(page)), page)
            found.extend(got.items)
            pages += 1
            if got.next is None:
                return found, pages
            assert pages < 100
            page = got.next

    def fills(self, since_ns=0):
        contract = self.contract
        return self.all(
            lambda page: contract.fills(since_ns, page), lambda answer, page: contract.read_fills(answer, since_ns, page)
        )

    def lots(self, count, symbol=None):
        """Return so many lots as the venue's quantity."""
        return Decimal(count) * self.account.steps[symbol or self.symbol][1]

    def price(self, ticks, symbol=None):
        return Decimal(ticks) * self.account.steps[symbol or self.symbol][0]

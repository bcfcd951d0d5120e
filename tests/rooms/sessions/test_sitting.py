"""Whatever breaks while a session sits, what it has at its venue is cancelled and proved before anybody hears of it."""

import asyncio
from decimal import Decimal
from types import SimpleNamespace

import pytest

from runner.errors import DataError, Fault, RunError
from runner.live.feed.instant import Instant, Touch
from runner.live.feed.verdict import FeedFailed
from runner.live.model import Instrument, SessionState
from runner.live.session import EXIT_HALTED, EXIT_OK
from runner.live.trading.kept import KeptRows
from runner.sessions.sitting import Live, Sitting
from runner.trading.kernel import layout

SECOND = 1_000_000_000


class Clock:
    """A second of it is a millisecond."""

    def __init__(self):
        self.now = 0

    def utc_ns(self):
        return self.now

    def mono_ns(self):
        return self.now

    async def sleep(self, duration_ns):
        self.now += duration_ns
        await asyncio.sleep(duration_ns / SECOND / 1_000)


class Feed:
    """Hands on what it is given: instants, and in the end an error or nothing."""

    def __init__(self, *given):
        self.given = list(given)
        self._nudged = asyncio.Event()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        """Be closed."""

    @property
    def waiting(self):
        return sum(isinstance(each, Instant) for each in self.given)

    def at_hand(self, most):
        found = [each for each in self.given[:most] if isinstance(each, Instant)]
        del self.given[: len(found)]
        return found

    async def coming(self):
        if self.given and not self.waiting:
            raise self.given.pop(0)
        if not self.given:
            self._nudged.clear()
            await self._nudged.wait()

    def nudge(self):
        self._nudged.set()

    def health(self):
        return SimpleNamespace(symbols=[])


class Trader:
    """Decides nothing, or breaks."""

    def __init__(self, breaks=None):
        self.ts = layout.LONG_AGO
        self.executions = set()
        self.breaks = breaks
        self.arriving = SimpleNamespace(position=lambda _: 0.0)

    def instant(self, ts, *_):
        return self.instants([Instant(ts, ())])

    def instants(self, several):
        self.ts = several[-1].ts
        if self.breaks is not None:
            raise self.breaks
        return []


class Session:
    """Writes down what is asked of it; one that is latched takes a moment to prove that nothing is left."""

    def __init__(self):
        self.asked = []
        self.journal = object()
        self.state = SimpleNamespace(session=SessionState.LIVE, day_open=1, killed=None)
        self.setup = SimpleNamespace(mark_ns=SECOND)
        self.venue_clock = SimpleNamespace(is_known=False)
        self.orders = SimpleNamespace(sending=set())
        self.quotes = {}
        self._over = asyncio.Event()

    async def run(self):
        await self._over.wait()
        await asyncio.sleep(0.01)
        self.asked.append("proved")
        return EXIT_HALTED if any(each.startswith("latch") for each in self.asked) else EXIT_OK

    def latch(self, reason):
        self.asked.append(f"latch: {reason}")
        self.state.killed = reason
        self._over.set()

    def stop(self, *, fast=False):
        self.asked.append("hurry" if fast else "stop")
        self._over.set()

    def consult(self):
        """Want nothing."""


class Log:
    def __init__(self):
        self.failure = None

    def flush(self, **_):
        if self.failure is not None:
            raise self.failure


def sitting(feed, *, trader=None, live=None, **more):
    async def begin():
        """Join at once."""

    kill = SimpleNamespace(beat=lambda: None, asked=lambda: None)
    router = SimpleNamespace(
        begin_instant=lambda: None, answered=lambda *_: None, reports=lambda *_: [], refused={}, wishes={}
    )
    return Sitting(
        symbols=("A",),
        columns={},
        trader=trader or Trader(),
        log=more.pop("log", Log()),
        kept=KeptRows(("A",), {}),
        clock=Clock(),
        kill=kill,
        feed=feed,
        begin=more.pop("begin", begin),
        is_over=lambda: False,
        dates=lambda _: 0,
        live=None if live is None else Live(live, router, {}),
        **more,
    )


def sat(make):
    """Sit until it is over; return the exit code, or what was raised."""

    async def run():
        made = make()
        return made, await asyncio.gather(made.run(), return_exceptions=True)

    made, (ended,) = asyncio.run(asyncio.wait_for(run(), 10))
    return made, ended


ONE = Instant(60, ())


@pytest.mark.parametrize(("is_real_time", "age"), [(True, 7), (False, 0)])
def test_a_price_is_as_old_as_its_instant_is_late(is_real_time, age):
    """What waited while the process stood still is no word of now; a market that waits for us has its own time."""
    session, told = [], Instant(3 * SECOND, (), (Touch(0, 3 * SECOND, 99.0, 1.0, 101.0, 1.0),))

    def late():
        made = sitting(Feed(told), live=session.append(Session()) or session[0], is_real_time=is_real_time)
        made.live.instruments["A"] = Instrument("A", Decimal("0.01"), Decimal(1), "USD")
        made.clock.now = 10 * SECOND
        made.clock.sleep = lambda _: asyncio.sleep(0.001)
        asyncio.get_running_loop().call_later(0.3, made.stop, "asked to stop")
        return made

    _, code = sat(late)

    quote = session[0].quotes["A"]
    assert (code, quote.bid, quote.ask) == (EXIT_OK, 9_900, 10_100)
    assert 10 * SECOND - quote.mono_ns == age * SECOND


def test_what_was_missed_is_no_stuck_loop():
    """However much history gives, the watch over the loop is told with every instant that somebody is alive."""
    beats = []

    async def catch_up():
        made = sitting(Feed())
        made.kill.beat = lambda: beats.append(made.counts.missed)
        made.trader.executions = set()
        made.take_missed((ts, ()) for ts in range(1, 101))
        return made.counts.missed

    assert asyncio.run(catch_up()) == len(beats) == 100


@pytest.mark.parametrize(("until", "instants"), [(59, 0), (60, 1), (61, 1)])
def test_a_session_whose_time_is_over_takes_nothing_later(until, instants):
    """Also where all that waits is later: it ends in order, with what it has done."""
    made, code = sat(lambda: sitting(Feed(ONE, Instant(70, ())), until_ns=until))

    assert (code, made.why, made.counts.instants) == (EXIT_OK, "its time is over", instants)


GONE = FeedFailed("the venue refused the connection (status 403)")


def test_c3_a_feed_that_ends_for_good_latches_a_session_with_a_broker():
    """Blind, it may do nothing but cancel; it ends like any session that was halted."""
    session = []
    made, code = sat(lambda: sitting(Feed(ONE, GONE), live=session.append(Session()) or session[0]))

    assert code == EXIT_HALTED
    assert session[0].asked == [f"latch: the feed is over: {GONE}", "proved"]
    assert made.why == f"the feed is over: {GONE}"


def test_a_feed_that_ends_for_good_ends_a_paper_session():
    """With what it has done until then."""
    made, code = sat(lambda: sitting(Feed(ONE, GONE)))

    assert (code, made.counts.instants) == (EXIT_HALTED, 1)


@pytest.mark.parametrize("is_live", [True, False], ids=["live", "paper"])
def test_c3_a_feed_that_is_refused_at_once_is_a_fault(is_live):
    """Nothing has begun: the key or the address is wrong, and nobody has to take a latch off."""
    session = []
    _, error = sat(lambda: sitting(Feed(GONE), live=session.append(Session()) or session[0] if is_live else None))

    assert isinstance(error, RunError)
    assert error.exit_code == 2
    assert "status 403" in str(error)
    assert not is_live or session[0].asked == ["stop", "proved"]


def test_f11_an_error_that_nobody_expected_is_told_after_everything_is_cancelled():
    """A strategy's own operator that raises, say: latched, proved, and then raised, without a word of its text at the venue."""
    session, broken = [], ZeroDivisionError("a secret of the strategy")
    trader = Trader(broken)
    _, error = sat(lambda: sitting(Feed(ONE), trader=trader, live=session.append(Session()) or session[0]))

    assert error is broken
    assert session[0].asked == ["latch: an error that nobody expected (ZeroDivisionError)", "proved"]


@pytest.mark.parametrize("is_live", [True, False], ids=["live", "paper"])
def test_f6_a_pulse_that_fails_ends_the_session(is_live):
    """The disk takes no more lines: without them nothing may be decided, and without a pulse nobody looks at the kill switch."""
    session, log = [], Log()
    log.failure = OSError(28, "no space left on device")
    _, error = sat(lambda: sitting(Feed(), log=log, live=session.append(Session()) or session[0] if is_live else None))

    assert error is log.failure
    assert not is_live or session[0].asked == ["latch: an error that nobody expected (OSError)", "proved"]


def test_history_that_doesn_t_join_ends_a_session_in_order():
    """It hasn't begun, so it isn't halted."""
    session, fault = [], DataError(Fault("data", "must join the stream", "a hole"))

    async def begin():
        raise fault

    _, error = sat(lambda: sitting(Feed(), begin=begin, live=session.append(Session()) or session[0]))

    assert error is fault
    assert session[0].asked == ["stop", "proved"]


@pytest.mark.parametrize("is_live", [True, False], ids=["live", "paper"])
def test_f9_whoever_waits_for_the_market_can_be_stopped(is_live):
    """Nothing is heard yet, and history is asked for: an interrupt ends it all the same, and in order."""
    session = []

    async def begin():
        await asyncio.Event().wait()

    def waiting():
        made = sitting(Feed(), begin=begin, live=session.append(Session()) or session[0] if is_live else None)
        asyncio.get_running_loop().call_later(0.05, made.stop, "asked to stop")
        return made

    made, code = sat(waiting)

    assert (code, made.why) == (EXIT_OK, "asked to stop")
    assert not is_live or session[0].asked == ["stop", "proved"]


def test_an_interrupt_after_a_latch_ends_it_in_order_and_another_one_hurries():
    """What is halted goes on trying to cancel for long; the operator may know better."""
    session = []

    class Stubborn(Session):
        def latch(self, _):
            self.asked.append("latch")

        def stop(self, *, fast=False):
            self.asked.append("hurry" if fast or "stop" in self.asked else "stop")
            if self.asked[-1] == "hurry":
                self._over.set()

    def interrupted():
        made = sitting(Feed(ONE, GONE), live=session.append(Stubborn()) or session[0])
        for at in (0.1, 0.2):
            asyncio.get_running_loop().call_later(at, made.stop, "asked to stop")
        return made

    _, _ = sat(interrupted)

    assert session[0].asked == ["latch", "stop", "hurry", "proved"]


class Slow(Trader):
    """Needs so long for each instant."""

    def __init__(self, each_ns):
        super().__init__()
        self.each_ns = each_ns
        self.clock = None
        self.taken = []

    def instants(self, several):
        self.taken.append(len(several))
        self.clock.now += self.each_ns * len(several)
        return super().instants(several)


@pytest.mark.parametrize(("each_ns", "most"), [(SECOND, 1), (SECOND // 500, 5), (1_000, 256)])
def test_j2_no_more_is_taken_at_once_than_is_decided_on_soon(each_ns, most):
    """What is in hand can't be superseded any more, and meanwhile nobody else gets a turn."""

    def waits():
        trader = Slow(each_ns)
        made = sitting(Feed(*(Instant(ts, ()) for ts in range(1, 1_001)), GONE), trader=trader)
        trader.clock = made.clock
        return made

    made, _ = sat(waits)

    assert (sum(made.trader.taken), max(made.trader.taken)) == (1_000, most)

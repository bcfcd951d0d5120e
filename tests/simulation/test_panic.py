"""Panic in whole worlds: a process is killed at some step, and what comes after it has its journal and a faulty network alone."""

import pytest

from runner.live.brokers.plain import PlainContract
from runner.live.ids import prefix_of
from runner.live.journal import restore
from runner.live.line import Line
from runner.live.panic import Panic, latch_journal
from runner.live.ports import DiskFailed
from runner.venue.disk import SimDisk
from runner.venue.loop import SimLoop
from runner.venue.network import FarEnd, SimRest
from runner.venue.process import Life, SimClock, SimRandomness
from runner.venue.seat import instruments, setup_of
from runner.venue.simulation import Shape, Simulation
from runner.venue.world import SECOND
from tests.long import many

EACH = 10
SEEDS = many(30, 1_000)


class Panicked:
    """One world whose session is dead, and what panic made of it."""

    def __init__(self, seed):
        self.world = Simulation(seed, Shape(dies_at=(1_500 + 100 * (seed % 50),)))
        self.world.exchange.open(600 * SECOND)
        self.world.weather.quote = self.world._quote
        self.world.weather.begin(60 * SECOND)
        self.world._live(0)
        self.had_open = bool(self.open_ones())
        self.left = self._lives()
        self.open_then = self.open_ones()
        self.world.plan.calm()
        self.again = self._lives()

    def _lives(self):
        life = Life(self.world.world, 9)
        loop = SimLoop(self.world.world, in_order=True, step_cost=0, dies_at=None)
        try:
            return loop.run_process(self._panic(life))
        finally:
            loop.close()

    async def _panic(self, life):
        world, setup = self.world, setup_of(self.world.profile)
        clock = SimClock(life, world.wall)
        disk = SimDisk(world.world, life, world.platter, world.plan)
        if not disk.head():
            return ()
        try:
            state = await latch_journal(disk, clock, instruments(), "panic")
        except DiskFailed:
            state = restore(disk, instruments())[0]
        finally:
            disk.close()
        far_end = FarEnd(world.wire.answer, lambda _: None, lambda _: None)
        rest = SimRest(world.world, life, world.plan, far_end, secret="canary")
        contract = PlainContract(instruments())
        line = Line(rest, clock, SimRandomness(life), contract, world.profile)
        return await Panic(line, clock, contract, state, prefix_of(setup.account, setup.run)).run(60 * SECOND)

    def open_ones(self):
        """Return the orders of the session that are open at the exchange."""
        return {order.client_id for order in self.world.exchange.open_orders() if order.client_id is not None}


@pytest.mark.parametrize("first", range(0, SEEDS, EACH))
def test_what_is_not_told_to_be_left_is_not_open(first):
    """Under faults every order that is open is told; once they are over nothing is open, and nobody says that it is."""
    for seed in range(first, first + EACH):
        panicked = Panicked(seed)
        told = {each.coid for each in panicked.left}

        assert panicked.open_then <= told or "?" in told, seed
        assert panicked.open_ones() == set(), seed
        assert {each.why for each in panicked.again} <= {"the venue doesn't show it"}, seed


def test_the_worlds_have_something_to_cancel():
    """Of ten processes most had placed orders when they died, and some left orders that were open."""
    worlds = [Panicked(seed) for seed in range(10)]

    assert sum(bool(each.world.exchange.placements) for each in worlds) >= 5
    assert any(each.had_open for each in worlds)

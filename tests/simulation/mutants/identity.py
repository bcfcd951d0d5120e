"""Bugs about which order is which, and how often it is sent."""

from dataclasses import replace

from runner.live import orders
from runner.live.model import Status
from runner.live.orders import Orders
from runner.live.session import Session
from tests.simulation.mutants.mutant import mutant


def _send_again(original):
    async def place(self, order, seq):
        await original(self, order, seq)
        if order.status is Status.UNKNOWN and not order.is_acked:
            await original(self, order, seq)

    return place


same_id_again = mutant("no answer: send it again, the id will keep it from being doubled", (Orders, "_place", _send_again))


def _send_another(original):
    async def place(self, order, seq):
        await original(self, order, seq)
        if order.status is Status.UNKNOWN and not order.is_acked:
            again = replace(order, coid=f"{order.coid}r")
            await self._doors.line.call(self._doors.contract.place(again, self._doors.setup.profile.valid_ns))

    return place


new_id_again = mutant("no answer: it failed, so try with a fresh id", (Orders, "_place", _send_another))

counter = {"count": 0}
current = {}


def _start_counting(original):
    def begin(self, *args):
        original(self, *args)
        counter["count"] = 0
        current["session"] = self

    return begin


def _count(original):
    def coid_of(prefix, number):
        del number
        counter["count"] += 1
        return original(prefix, counter["count"])

    return coid_of


counter_of_the_process = mutant(
    "ids are counted from when the process began", (Session, "__init__", _start_counting), (orders, "coid_of", _count)
)


def _lowest_free(original):
    def coid_of(prefix, number):
        taken = current["session"].state.live
        return next(coid for each in range(1, number + 1) if (coid := original(prefix, each)) not in taken)

    return coid_of


ids_used_again = mutant(
    "an id is free once its order has ended", (Session, "__init__", _start_counting), (orders, "coid_of", _lowest_free)
)

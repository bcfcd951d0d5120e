"""Bugs about the journal, the venue's patience, secrets and clocks."""

from dataclasses import replace

from runner.live.journal import Journal
from runner.live.limiter import Limiter
from runner.live.listener import Listener
from runner.live.orders import Orders
from runner.live.ports import NoAnswer
from runner.live.session import Session
from runner.live.venue_clock import VenueClock
from tests.simulation.mutants.mutant import mutant


def _do_not_wait(_):
    async def is_durable(self, order, seq):
        del self, order, seq
        return True

    return is_durable


sent_before_durable = mutant("the intent will be written soon enough", (Orders, "_is_durable", _do_not_wait))


def _do_not_commit(_):
    async def commit(self):
        rows, self._line = self._line, []
        if rows:
            self.committed = rows[-1].seq
        self._moved.set()

    return commit


sync_skipped = mutant("the system writes by itself", (Journal, "_commit", _do_not_commit))


def _do_nothing(_):
    def nothing(*args):
        del args

    return nothing


retry_after_ignored = mutant("the venue will have room again", (Limiter, "shut", _do_nothing))


def _do_not_end(_):
    async def end_tasks(self, *_, **__):
        await self.ports.stream.close()

    return end_tasks


tasks_left_running = mutant("the process ends anyway", (Session, "_end_tasks", _do_not_end))


def _room_for_all(_):
    def has_room(self, lane, weight, now):
        del lane, weight
        return now >= self._shut_until

    return has_room


no_limiter = mutant("the venue counts for us", (Limiter, "_has_room", _room_for_all))


class LoudRest:
    """Tells the operator what went wrong, in the words of the library."""

    def __init__(self, rest, alarm):
        self._rest = rest
        self._alarm = alarm

    async def send(self, request, *, timeout_ns):
        try:
            return await self._rest.send(request, timeout_ns=timeout_ns)
        except NoAnswer as problem:
            self._alarm.ring("NETWORK", str(problem))
            raise


def _be_loud(original):
    def begin(self, ports, setup, contract, desk):
        original(self, replace(ports, rest=LoudRest(ports.rest, ports.alarm)), setup, contract, desk)

    return begin


key_in_an_exception = mutant("the operator wants to know what happened", (Session, "__init__", _be_loud))


class TrustingRest:
    """Goes wherever an answer points."""

    def __init__(self, rest):
        self._rest = rest

    async def send(self, request, *, timeout_ns):
        answer = await self._rest.send(request, timeout_ns=timeout_ns)
        to = dict(answer.headers).get("location")
        return answer if to is None else await self._rest.send(replace(request, path=to), timeout_ns=timeout_ns)


def _be_trusting(original):
    def begin(self, ports, setup, contract, desk):
        original(self, replace(ports, rest=TrustingRest(ports.rest)), setup, contract, desk)

    return begin


redirect_followed = mutant("the venue has moved", (Session, "__init__", _be_trusting))


def _no_bound(_):
    def put(self, frame):
        self.heard_ns = self._ports.clock.mono_ns()
        self.frames.append(frame)
        self.arrived.set()

    return put


unbounded_queue = mutant("memory is cheap", (Listener, "_put", _no_bound))


def _wall(_):
    def now_ns(self):
        return self._clock.utc_ns()

    return now_ns


wall_clock = mutant("this machine knows what time it is", (VenueClock, "now_ns", _wall))


def _forget_flag(original):
    async def cancel_round(self):
        await self._doors.journal.flush()
        for coid in list(self._doors.state.live):
            self._doors.state.live[coid].is_cancel_asked = False
        return await original(self)

    return cancel_round


cancel_flag_lost = mutant("it was asked for, that is enough", (Orders, "cancel_round", _forget_flag))

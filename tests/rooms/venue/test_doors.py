"""The doors of a simulated process: network, private stream and disk, each with what can go wrong in it."""

import asyncio

import pytest

from runner.live.ports import Action, DiskFailed, NoAnswer, Request, Response, Row, StreamClosed, StreamRefused
from runner.venue.disk import Platter, SimDisk
from runner.venue.faults import KINDS, LATER, MANY, PHASES, SELDOM, Fault, FaultPlan, Phase, all_pairs
from runner.venue.loop import Killed, SimLoop
from runner.venue.network import FarEnd, SimRest
from runner.venue.private_stream import SimStream
from runner.venue.process import Life, SimAlarm, SimClock, SimKill, WallClock
from runner.venue.world import SECOND, World

QUERY = Request(Action.QUERY, "GET", "/v1/orders/by_id", (("client_order_id", "a"),))
PLACE = Request(Action.PLACE, "POST", "/v1/orders", (("client_order_id", "a"),))
TIMEOUT = 2 * SECOND


class Process:
    """A process with doors, in a world where the named faults happen always."""

    def __init__(self, *faults, seed=1):
        self.world = World(seed)
        self.plan = FaultPlan(self.world, dict.fromkeys(faults, 1.0), 0)
        self.life = Life(self.world, 0)
        self.arrived = []
        self.left = []
        self.heard = []
        far_end = FarEnd(self._answer, self.left.append, self.heard.append)
        self.rest = SimRest(self.world, self.life, self.plan, far_end, secret="hush")
        self.stream = SimStream(self.world, self.life, self.plan, lambda: b"beat")
        self.platter = Platter()

    def _answer(self, _):
        self.arrived.append(self.world.now)
        return Response(200, b'{"orders": []}')

    def disk(self):
        return SimDisk(self.world, self.life, self.platter, self.plan)

    def run(self, main, **changes):
        loop = SimLoop(self.world, **{"in_order": True, "step_cost": 0, "dies_at": None, **changes})
        try:
            return loop.run_process(main)
        finally:
            loop.bury()


def row(seq, kind="ACK", coid=None):
    """Return a row; the disk doesn't look at hashes."""
    return Row(seq, 0, 0, kind, coid, None, "{}", b"", b"")


def test_a_request_is_answered():
    """Without faults the venue's answer comes back, later than it was asked for."""
    process = Process()

    answer = process.run(process.rest.send(QUERY, timeout_ns=TIMEOUT))

    assert answer.status == 200
    assert process.left == [QUERY]
    assert process.heard == [answer]
    assert 0 < process.arrived[0] < process.world.now < TIMEOUT


@pytest.mark.parametrize(
    ("fault", "arrives", "status"),
    [
        (Fault.DROP_REQUEST, 0, None),
        (Fault.DROP_RESPONSE, 1, None),
        (Fault.ERROR_BEFORE, 0, {503}),
        (Fault.ERROR_AFTER, 1, {500, 502}),
        (Fault.TOO_MANY, 0, {429}),
        (Fault.BAN, 0, {403, 418}),
        (Fault.TRUNCATED, 1, {200}),
        (Fault.LYING_400, 1, {400}),
    ],
)
def test_each_fault_of_the_network(fault, arrives, status):
    """What reaches the venue and what reaches the caller are two different things."""
    process = Process(fault)

    async def ask():
        try:
            return await process.rest.send(PLACE, timeout_ns=TIMEOUT)
        except NoAnswer:
            return None

    answer = process.run(ask())

    assert len(process.arrived) == arrives
    assert (answer is None) == (status is None)
    assert answer is None or answer.status in status
    if fault is Fault.TRUNCATED:
        assert len(answer.body) < len(b'{"orders": []}')
    if fault in {Fault.TOO_MANY, Fault.BAN}:
        assert int(answer.header("retry-after")) > 0


def test_a_request_arrives_after_its_caller_gave_up():
    """Nobody hears the answer, and the venue has acted all the same."""
    process = Process(Fault.SLOW, seed=4)

    async def ask():
        with pytest.raises(NoAnswer):
            await process.rest.send(PLACE, timeout_ns=SECOND // 2)

    process.run(ask())
    gave_up_at = process.world.now
    process.world.run_until(10 * SECOND)

    assert len(process.arrived) == 1
    assert process.arrived[0] > gave_up_at


def test_a_request_outlives_its_process():
    """A process that dies while a request is under way doesn't take it back."""
    process = Process()

    with pytest.raises(Killed):
        process.run(process.rest.send(PLACE, timeout_ns=TIMEOUT), dies_at=1)
    process.life.alive = False
    process.world.run_until(SECOND)

    assert len(process.arrived) == 1


def test_dead_doors_open_for_nobody():
    """After the kill no door does anything."""
    process = Process()
    disk = process.disk()
    alarm, kill = SimAlarm(process.world), SimKill(process.world)
    alarm.life = kill.life = process.life
    process.life.alive = False

    for door in (
        lambda: process.rest.send(PLACE, timeout_ns=TIMEOUT),
        process.stream.connect,
        process.stream.receive,
        lambda: disk.commit([row(1)]),
        lambda: disk.found({}),
        lambda: SimClock(process.life, WallClock(process.world)).sleep(1),
    ):
        with pytest.raises(Killed):
            process.run(door())
    alarm.ring("LATE", "nobody hears")
    kill.latch("late")

    assert (process.left, process.platter.rows, alarm.rung, kill.reason) == ([], [], [], None)


def received(process, frames, count):
    """Open the stream, let the venue tell frames, and return what was received, heartbeats aside."""

    async def listen():
        await process.stream.connect()
        for frame in frames:
            process.stream.tell(frame)
        found = []
        while len(found) < count:
            frame = await process.stream.receive()
            if frame != b"beat":
                found.append(frame)
        return found

    return process.run(listen())


def test_frames_arrive_in_order():
    """Without faults the stream is a stream."""
    assert received(Process(), [b"1", b"2", b"3"], 3) == [b"1", b"2", b"3"]


def test_a_frame_may_arrive_twice():
    """The second time it may come after younger ones."""
    assert sorted(received(Process(Fault.FRAME_TWICE), [b"1", b"2"], 4)) == [b"1", b"1", b"2", b"2"]


def test_late_frames_change_places():
    """Some seed delivers the younger frame first."""
    orders = {tuple(received(Process(Fault.FRAME_LATE, seed=seed), [b"1", b"2"], 2)) for seed in range(8)}

    assert orders == {(b"1", b"2"), (b"2", b"1")}


def test_a_stream_that_loses_frames_still_beats():
    """Heartbeats go on: a healthy stream proves nothing about its contents."""
    process = Process(Fault.FRAME_DROP)

    async def listen():
        await process.stream.connect()
        process.stream.tell(b"1")
        return [await process.stream.receive() for _ in range(3)]

    assert process.run(listen()) == [b"beat"] * 3


def test_a_broken_stream_ends():
    """It is closed for its reader, and opens again on request."""
    process = Process(Fault.DISCONNECT)

    async def listen():
        await process.stream.connect()
        assert await process.stream.receive() == b"beat"
        process.stream.tell(b"1")
        with pytest.raises(StreamClosed):
            await process.stream.receive()
        await process.stream.connect()
        return await process.stream.receive()

    assert process.run(listen()) == b"beat"


def test_a_stream_may_be_refused():
    """Opening fails in one of the ways the port names."""
    outcomes = set()
    for seed in range(20):
        process = Process(Fault.HANDSHAKE, seed=seed)

        async def listen(process=process):
            try:
                await process.stream.connect()
            except (NoAnswer, StreamRefused) as refusal:
                return getattr(refusal, "status", None)

        outcomes.add(process.run(listen()))

    assert outcomes == {None, 429, 503}


def test_committed_rows_stay():
    """What a commit has returned for is there for the next process."""
    process = Process()

    process.run(process.disk().commit([row(1), row(2)]))

    assert [each.seq for each in process.platter.rows] == [1, 2]


@pytest.mark.parametrize("lost", [True, False])
def test_a_commit_under_way_is_whole_or_gone(lost):
    """A process that dies during a commit leaves all of its rows or none."""
    process = Process(*([Fault.LOST_COMMIT] if lost else []))

    with pytest.raises(Killed):
        process.run(process.disk().commit([row(1), row(2)]), dies_at=1)
    process.life.alive = False
    process.platter.crash(process.plan)
    process.world.run_until(10 * SECOND)

    assert len(process.platter.rows) == (0 if lost else 2)


@pytest.mark.parametrize("fault", [Fault.DISK_FULL, Fault.DISK_ERROR])
def test_a_failed_commit_is_final(fault):
    """The commit raises, and so does every one after it in this life."""
    process = Process(fault)

    async def write():
        disk = process.disk()
        for _ in range(2):
            with pytest.raises(DiskFailed):
                await disk.commit([row(1)])
            process.plan.calm()

    process.run(write())

    assert len(process.platter.rows) <= (fault is Fault.DISK_ERROR)


def test_two_commits_at_once_are_refused():
    """The rows of the second could be durable before those of the first."""
    process = Process()

    async def write():
        disk = process.disk()
        first = asyncio.get_running_loop().create_task(disk.commit([row(1)]))
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="two commits"):
            await disk.commit([row(2)])
        await first

    process.run(write())


def test_a_journal_has_one_owner():
    """A second process can't open what a living one holds, and can once that is dead."""
    process = Process()
    process.disk()

    with pytest.raises(DiskFailed):
        process.disk()
    process.life.alive = False

    SimDisk(process.world, Life(process.world, 1), process.platter, process.plan)


def test_an_aimed_fault_strikes_once_after_its_phase():
    """Before the phase it doesn't, and afterwards it never does again."""
    plan = FaultPlan.aimed(World(1), [(Fault.SLOW, Phase.RESTING)])

    before = plan.strikes(Fault.SLOW)
    plan.reach(Phase.RESTING)
    after = [plan.strikes(Fault.SLOW) for _ in range(3)]
    plan.reach(Phase.RESTING)

    assert (before, after, plan.strikes(Fault.SLOW)) == (False, [True, False, False], False)


def test_nothing_strikes_in_a_calm_world():
    """Neither intensity nor aim survives the calm."""
    world = World(1)
    plan = FaultPlan(world, dict.fromkeys(KINDS, 1.0), 3, [(Fault.SLOW, Phase.RESTING)])

    plan.calm()
    plan.reach(Phase.RESTING)

    assert not any(plan.strikes(kind) for kind in KINDS)
    assert plan.crashes == 0


def test_every_kind_can_be_drawn():
    """A kind that no seed could have would be tested by nobody; a kill is drawn by number, not by intensity."""
    drawn = [*MANY, *SELDOM, *LATER]

    assert set(KINDS) - {Fault.CRASH} == set(drawn)
    assert len(set(drawn)) == len(drawn)


def test_seeds_differ_in_what_goes_wrong():
    """Some seeds have a fault and some don't, for every fault that isn't rare."""
    plans = [FaultPlan.swarm(World(seed)) for seed in range(200)]

    for kind in MANY:
        shares = [bool(plan.intensities[kind]) for plan in plans]
        assert any(shares), kind
        assert not all(shares), kind


def test_the_matrix_has_every_pair_in_every_phase():
    """At least 26 kinds and 14 phases, alone and in pairs."""
    aims = all_pairs()
    kinds, phases = len(KINDS), len(PHASES)

    assert kinds >= 26
    assert phases == 14
    assert len(aims) == phases * (kinds + kinds * (kinds - 1) // 2)
    assert len(set(aims)) == len(aims)

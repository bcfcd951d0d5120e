"""One world, from its first order to the last proof.

1. *Safety*: for `SAFETY` of virtual time the adversary trades while faults strike, the process is killed and started again.
2. *Convergence*: the faults end and nothing new is wanted; within `CONVERGENCE` everything has to become known and live.
3. The session is stopped politely, and what it believes is compared with what is true.

`simulate(seed)` is a pure function of its arguments: the same seed gives the same digest, whatever the hash seed.
"""

import asyncio
import gc
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from runner.live.brokers.plain import PlainContract
from runner.live.model import Quote, SessionState, State
from runner.live.ports import Ports
from runner.live.session import Session
from runner.live.setup import Setup
from runner.venue.adversary import Adversary
from runner.venue.auditor import Auditor
from runner.venue.book import VenueFill, VenueOrder
from runner.venue.disk import Platter, SimDisk
from runner.venue.exchange import Exchange, Happening
from runner.venue.faults import Fault, FaultPlan, Phase
from runner.venue.guard import forbidding
from runner.venue.loop import Killed, SimLoop, StuckError
from runner.venue.network import FarEnd, SimRest
from runner.venue.outcome import Outcome
from runner.venue.private_stream import SimStream
from runner.venue.process import Life, SimAlarm, SimClock, SimKill, SimRandomness, WallClock
from runner.venue.rules import VENUES
from runner.venue.seat import bounds_of, instruments, profile_of, setup_of
from runner.venue.verdict import judge
from runner.venue.weather import Tick, Weather
from runner.venue.wire import Wire
from runner.venue.world import MS, SECOND, US, World

__all__ = ["CONVERGENCE", "SAFETY", "Blow", "Shape", "simulate"]

SAFETY = 40 * SECOND
CONVERGENCE = 150 * SECOND
PATIENCE = 120 * SECOND
"""How long a polite stop may take, and the last life before it."""
STEP_COSTS = (0, 0, 20 * US, 2 * MS)
"""What one step of the scheduler may take."""
MANY_STEPS = 2_000
"""As many steps as a life of some seconds takes."""
NAP = 20 * SECOND
TO_CANCEL = 20 * SECOND
"""How long a cancel may take where nothing goes wrong."""
GLANCE = SECOND
"""How often it is asked whether everything is known already."""
SECRET = "c4n4ry-5ecret-0f-the-4ccount"  # noqa: S105 - it is looked for, nobody is let in by it
TAIL = 200


class Blow(StrEnum):
    """What may befall a process at one step."""

    KILL_SWITCH = "kill_switch"
    """Somebody asks for the kill."""
    CANCEL = "cancel"
    """Its main task is cancelled, as an interrupt does it."""
    STOP = "stop"
    """Somebody asks it to stop."""
    HURRY = "hurry"
    """Somebody asks it to stop without waiting for proof."""
    SLEEP = "sleep"
    """The machine sleeps for `NAP`, and the world goes on."""
    COLLECT = "collect"
    """Everything that nobody holds is collected as garbage."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is chosen about a world rather than drawn."""

    dies_at: tuple[int, ...] = ()
    """Scheduler steps before which the process is killed."""
    blow: tuple[int, Blow] | None = None
    """A scheduler step, and what befalls the process before it."""
    aims: tuple[tuple[Fault, Phase], ...] | None = None
    """Faults aimed at phases; None draws a swarm."""
    venue: str | None = None
    """Name of the exchange; None draws one."""
    safety: int = SAFETY
    """Nanoseconds for which it trades while faults strike."""


def simulate(seed: int, shape: Shape | None = None) -> Outcome:
    """Run one world to its end and return what came of it."""
    with forbidding():
        return Simulation(seed, shape or Shape()).run()


class Simulation:
    """One world and the processes that live in it, one after the other."""

    def __init__(self, seed: int, shape: Shape) -> None:
        """Draw everything that isn't chosen."""
        world = self.world = World(seed)
        draw = world.chance("shape")
        names = sorted(VENUES)
        drawn = names[int(draw.random() * len(names))]
        self.shape = shape
        self.rules = VENUES[shape.venue or drawn]
        self.plan = FaultPlan.swarm(world) if shape.aims is None else FaultPlan.aimed(world, shape.aims)
        self.in_order = draw.random() < 0.5
        self.step_cost = STEP_COSTS[int(draw.random() * len(STEP_COSTS))]
        self.exchange = Exchange(world, self.rules, self.plan)
        self.wire = Wire(self.exchange)
        self.platter = Platter((2, 2, 20, 100)[int(draw.random() * 4)])
        self.wall = WallClock(world)
        self.alarm = SimAlarm(world)
        self.kill = SimKill(world)
        self.weather = Weather(world, self.exchange, self.plan, self.wall, self.kill)
        self.desk = Adversary(world, has_replace=draw.random() < 0.7)
        self.profile = profile_of(self.rules, has_replace=self.desk.has_replace)
        self.auditor = Auditor(world, self.exchange, self.platter, self.plan, bounds_of(self.profile), SECRET)
        self.desk.decided = self.auditor.decisions.__setitem__
        self._far_end = FarEnd(self.wire.answer, self.auditor.on_leave, self.auditor.on_hear)
        self.exchange.tell = self._tell
        self.plan.on_crash = self._crash
        self._crashes = sorted(int(draw.random() * shape.safety) for _ in range(self.plan.crashes))
        self._steps_to_die = sorted(shape.dies_at)
        self._chosen_step: int | None = None
        self._life: Life | None = None
        self._loop: SimLoop | None = None
        self._stream: SimStream | None = None
        self.session: Session | None = None
        """The last one that has begun."""
        self.state_at_end: SessionState | None = None
        """Where the session was when it was asked to end; None if no process lived then."""
        self._untold: dict[str, VenueFill] = {}
        """Executions that were taken back and that the session still believes in."""
        self._open_since: int | None = None
        """Since when the session has been open for trading, once the faults were over."""
        self._stopped: Session | None = None
        """The session that was asked to stop."""
        self.is_killed_late = False
        """Whether somebody asked for the kill while it was stopping anyway."""
        self._is_ending = False
        self._is_resumed = False

    def run(self) -> Outcome:
        """Live, die and live again until the end, then compare."""
        world = self.world
        until = self.shape.safety + CONVERGENCE + PATIENCE
        self.exchange.open(until)
        self.weather.quote = self._quote
        self.weather.stop = self._stop
        self.weather.begin(until)
        world.at(self.shape.safety, self._calm)
        world.at(self.shape.safety + CONVERGENCE, self._end)
        world.at(until, lambda: self.auditor.fail("L1", "it doesn't stop when it is asked to"))
        exit_code: int | None = None
        lives = 0
        while self.auditor.breach is None and not (self._is_ending and exit_code is not None):
            exit_code = self._live(lives)
            lives += 1
            if not self._is_ending:
                world.run_until(world.now + int((0.1 + world.chance("downtime").random() * 7.9) * SECOND))
        if self.auditor.breach is None and self.session is not None:
            judge(self, exit_code)
        return self._outcome(lives, exit_code)

    def _live(self, number: int) -> int | None:
        """Run one process until it ends or is killed; return its exit code, None of one that was killed."""
        world = self.world
        life = self._life = Life(world, number)
        loop = self._loop = SimLoop(world, in_order=self.in_order, step_cost=self.step_cost)
        self._plan_death(loop)
        self.alarm.life = self.kill.life = life
        self.auditor.begin(life, self.kill)
        world.note(f"life {number}")
        self.plan.reach(Phase.RECOVERING)
        exit_code: int | None = None
        try:
            exit_code = loop.run_process(self._process(life))
        except Killed:
            world.note("killed")
        except asyncio.CancelledError:
            world.note("cancelled")
        except StuckError as stuck:
            self.auditor.fail("L1", f"it got stuck: {stuck}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            self.auditor.fail("L5", f"it ended by {type(error).__name__}: {error}")
        else:
            world.note(f"exit {exit_code}")
        self._check_leaks(loop, is_over=exit_code is not None)
        life.alive = False
        self.platter.crash(self.plan)
        loop.bury()
        return exit_code

    def _plan_death(self, loop: SimLoop) -> None:
        """Decide when this life ends, if it doesn't end by itself: at a step that was chosen, at a time, or at a step."""
        if self.shape.blow is not None:
            loop.blow_at = self.shape.blow[0]
            loop.blow = self._blow
        self._chosen_step = loop.dies_at = self._steps_to_die.pop(0) if self._steps_to_die else None
        self._crashes = [when for when in self._crashes if when > self.world.now]
        if self._crashes:
            draw = self.world.chance("death")
            if draw.random() < 0.5:
                loop.doom = self._crashes[0]
            else:  # by step, because steps crowd where something happens
                loop.dies_at = loop.dies_at or self.world.steps + int(draw.random() * MANY_STEPS)
                self._crashes.pop(0)

    @property
    def last_state(self) -> State | None:
        """Return what the last session knew."""
        return self.session.state if self.session is not None and hasattr(self.session, "journal") else None

    async def _process(self, life: Life) -> int:
        """Be the process: open the doors, run a session."""
        world, plan = self.world, self.plan
        self._stream = SimStream(world, life, plan, self.wire.heartbeat_frame)
        ports = Ports(
            clock=SimClock(life, self.wall),
            randomness=SimRandomness(life),
            rest=SimRest(world, life, plan, self._far_end, secret=SECRET),
            stream=self._stream,
            disk=SimDisk(world, life, self.platter, plan),
            alarm=self.alarm,
            kill=self.kill,
        )
        session = Session(ports, self._setup(), PlainContract(instruments()), self.desk)
        self.session = self.auditor.session = session
        self._stream.watch = lambda: self.auditor.on_line(len(session.listener.frames))
        if self._is_ending:
            world.after(CONVERGENCE, self._stop)
        return await session.run()

    def _setup(self) -> Setup:
        """Return what this life is told; where the last one halted, perhaps that the operator has looked into it."""
        setup = setup_of(self.profile)
        state = self.last_state
        self._is_resumed = False
        if state is None or not (state.killed or state.frozen or self.kill.reason):
            return setup
        if not self.plan.is_calm and self.world.chance("operator").random() < 0.5:
            return setup
        self.kill.reason = None
        self.wall.offset = 0
        self.exchange.cancel_foreign()
        self._is_resumed = self.plan.is_calm
        self.world.note("the operator resumes")
        absent = frozenset(coid for coid in self.platter.intents if not self.exchange.ever_under_client_id(coid))
        is_known = self.plan.is_calm  # before that, what is on its way may still arrive
        return replace(
            setup,
            resume="the operator has looked into it",
            resume_adjusts=bool(self.plan.struck[Fault.BUST]),
            resume_absent=absent if is_known else frozenset(),
        )

    def _quote(self, tick: Tick) -> None:
        """Bring a quote to the session that lives."""
        if self._life is not None and self._life.alive and self.session is not None:
            mono = self.world.now + self._life.boot
            self._soon(lambda: self._deliver(tick, mono))

    def _deliver(self, tick: Tick, mono: int) -> None:
        if self.session is not None:
            self.desk.hear(tick)
            self.session.on_quote(Quote(tick.symbol, tick.bid, tick.ask, mono, tick.is_valid))

    def _soon(self, happen: Callable[[], None]) -> None:
        """Let something happen in the process, as a step of its own."""
        if self._loop is not None and self._life is not None and self._life.alive:
            self._loop.call_soon(happen)

    def _stop(self) -> None:
        """Ask the process politely to stop, once: asked again, it wouldn't wait for proof any more."""
        session = self.session
        if session is not None and session is not self._stopped:
            self._stopped = session
            self._soon(session.stop)

    def _crash(self) -> None:
        """Kill the process at this very step."""
        if self._life is not None and self._loop is not None:
            self._life.alive = False
            self._loop.dies_at = self.world.steps

    def _blow(self) -> None:
        """Let what was chosen befall the process."""
        what = self.shape.blow[1] if self.shape.blow is not None else None
        self.world.note(f"blow {what}")
        match what:
            case Blow.KILL_SWITCH:
                self.is_killed_late = self._is_ending
                self.kill.ask("somebody asks for it")
            case Blow.CANCEL if self._loop is not None and self._loop.main is not None:
                self._loop.main.cancel()
            case Blow.STOP:
                self._stop()
            case Blow.HURRY if self.session is not None and not self._is_ending:
                self._soon(lambda session=self.session: session.stop(fast=True))  # type: ignore[misc]
            case Blow.SLEEP:
                self.world.run_until(self.world.now + NAP)
            case _:
                gc.collect()

    def _calm(self) -> None:
        """End the faults: from now on everything has to become known."""
        self.world.note("calm")
        self.plan.calm()
        self.weather.clear()
        self.desk.is_quiet = True
        self._crashes = []
        if self._loop is not None:
            self._loop.doom = 0
            self._loop.dies_at = self._chosen_step
        self.world.after(GLANCE, self._glance)

    def _glance(self) -> None:
        """End early where everything has become known: the rest of the time would show nothing new."""
        if self._is_ending:
            return
        if self._is_known():
            self._end()
            return
        self._expect_cancels()
        state = self.last_state
        is_alive = self._life is not None and self._life.alive
        if state is not None and state.frozen and is_alive and not self._is_resumed:
            self._stop()  # an operator stops it, finds out, and resumes
        self.world.after(GLANCE, self._glance)

    def _expect_cancels(self) -> None:
        """Expect that a session which has been open for trading for a while has brought its cancels to an end."""
        state = self.last_state
        is_alive = self._life is not None and self._life.alive
        if state is None or not is_alive or state.session is not SessionState.LIVE:
            self._open_since = None
            return
        self._open_since = self.world.now if self._open_since is None else self._open_since
        if self.world.now - self._open_since < TO_CANCEL:
            return
        for order in self.exchange.open_orders():
            known = state.live.get(order.client_id or "")
            if known is not None and known.is_cancel_asked:
                self.auditor.fail("L1", f"{order.client_id} is open long after its cancel, and nothing was wrong any more")

    def _is_known(self) -> bool:
        """Return whether the session that lives is open for trading and believes what is true."""
        if self.session is None or self._life is None or not self._life.alive or self._untold:
            return False
        state = self.session.state
        is_clear = all(order.is_acked and not order.is_cancel_asked for order in state.live.values())
        is_open = state.session is SessionState.LIVE and not state.frozen and self.kill.reason is None
        return (
            is_open and is_clear and all(state.position(symbol) == lots for symbol, lots in self.exchange.positions.items())
        )

    def _end(self) -> None:
        """Ask for the end."""
        if self._is_ending:
            return
        self._is_ending = True
        self.world.note("end")
        if self.session is not None and self._life is not None and self._life.alive:
            self.state_at_end = self.session.state.session
        self._stop()

    def _tell(self, what: Happening, order: VenueOrder, fill: VenueFill | None) -> None:
        """Tell the private stream what happened at the exchange."""
        if self._stream is None:
            return
        if fill is None:
            self._stream.tell(self.wire.order_frame(order))
        elif what == "fill":
            self._stream.tell(self.wire.fill_frame(fill))
        else:
            self._insist(fill)

    def _insist(self, fill: VenueFill) -> None:
        """Tell that an execution was taken back until it is known: no list of the venue would ever say so."""
        state = self.last_state
        if state is not None and fill.execution_id in state.busted:
            self._untold.pop(fill.execution_id, None)
            return
        self._untold[fill.execution_id] = fill
        if self._stream is not None:
            self._stream.tell(self.wire.bust_frame(fill))
        self.world.after(SECOND, lambda: self._insist(fill))

    def _check_leaks(self, loop: SimLoop, *, is_over: bool) -> None:
        """Look for exceptions nobody saw and tasks nobody ended."""
        self.auditor.on_alarms(self.alarm)
        if loop.unobserved:
            self.auditor.fail("L5", f"an exception was not observed: {loop.unobserved[0]}")
        left = sorted(task.get_name() for task in asyncio.all_tasks(loop)) if is_over else []
        if left:
            self.auditor.fail("L5", f"tasks are left when it has ended: {left}")

    def _outcome(self, lives: int, exit_code: int | None) -> Outcome:
        breach = self.auditor.breach
        return Outcome(
            seed=self.world.seed,
            breach=breach,
            digest=self.world.digest(),
            steps=self.world.steps,
            lives=lives,
            exit_code=exit_code,
            orders=len(self.exchange.placements),
            fills=len(self.exchange.fills),
            struck=self.plan.struck,
            tail=self.world.tail(TAIL) if breach is not None else (),
        )

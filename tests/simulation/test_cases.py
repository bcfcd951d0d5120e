"""Single cases of the catalogue that only a whole world can show: at every step, over several lives, with everything in flight."""

import gc

import pytest

from runner.live.model import SessionState
from runner.venue.faults import Fault, Phase
from runner.venue.rules import VENUES
from runner.venue.simulation import Blow, Shape, Simulation, simulate
from runner.venue.sweeps import BRIEF
from runner.venue.world import SECOND
from tests.long import many
from tests.simulation.worlds import told

PLACES = many(40, 10**9)
"""Steps of a world at which something befalls it."""


def at_steps(seed, blow, places=PLACES):
    """Return what came of a brief world for each step at which something befalls the process."""
    steps = simulate(seed, Shape(safety=BRIEF)).steps
    return [
        (f"seed {seed}, {blow} at step {step}", simulate(seed, Shape(safety=BRIEF, blow=(step, blow))))
        for step in range(0, steps, max(steps // places, 1))
    ]


def aimed(seed, *aims, venue=None):
    """Run a world in which only the aimed faults strike; return the simulation and what came of it."""
    simulation = Simulation(seed, Shape(safety=BRIEF, aims=tuple(aims), venue=venue))
    return simulation, simulation.run()


@pytest.mark.parametrize("phase", [Phase.INTENT_COMMITTING, Phase.PLACE_LEAVING, Phase.PLACE_LANDED, Phase.PLACE_ANSWERED])
@pytest.mark.parametrize("seed", range(6))
def test_f2_killed_between_intent_and_acknowledgement(seed, phase):
    """Killed while the intent is written, before the first byte, at the venue, or before the answer is read: one order or none."""
    simulation, outcome = aimed(seed, (Fault.CRASH, phase))

    assert outcome.breach is None
    assert outcome.lives >= 2
    assert outcome.struck[Fault.CRASH] == 1
    intents = [placed.intent for placed in simulation.exchange.placements]
    assert len(set(intents)) == len(intents)


@pytest.mark.parametrize("seed", range(many(2, 40)))
def test_f3_killed_again_and_again_while_it_recovers(seed):
    """Three processes die during their recovery, each a little further on; the fourth recovers all the same."""
    first = simulate(seed, Shape(safety=BRIEF)).steps // 2
    outcomes = [
        (f"seed {seed} killed at {first}, then every {gap} steps", simulate(seed, Shape(safety=BRIEF, dies_at=deaths)))
        for gap in (1, 7, 40, 150)
        for deaths in [(first, first + gap, first + 2 * gap, first + 3 * gap)]
    ]

    assert told(outcomes) == []
    assert all(outcome.lives >= 3 for _, outcome in outcomes)


@pytest.mark.parametrize("seed", range(2))
def test_f7_no_task_is_lost_to_the_collector(seed):
    """Whatever nobody holds is collected at some step, and nothing that runs is among it."""
    gc.freeze()  # what other tests have left in memory needn't be gone through every time
    try:
        assert told(at_steps(seed, Blow.COLLECT, places=40)) == []
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("seed", range(many(2, 20)))
def test_f8_cancelled_at_any_step_nothing_is_torn(seed):
    """An interrupt that unwinds the session between any two steps leaves what the next one can recover from."""
    assert told(at_steps(seed, Blow.CANCEL)) == []


@pytest.mark.parametrize("seed", range(many(2, 20)))
def test_f9_stopped_at_any_step_it_ends_in_order(seed):
    """A polite stop, whenever it comes, drains what is on its way."""
    assert told(at_steps(seed, Blow.STOP)) == []


@pytest.mark.parametrize("seed", range(many(2, 20)))
def test_f9_stopped_without_patience_it_recovers(seed):
    """A second interrupt ends it at once; what was unclear then is found out by the next process."""
    assert told(at_steps(seed, Blow.HURRY)) == []


@pytest.mark.parametrize("seed", range(many(3, 20)))
def test_e11_killed_by_its_switch_at_any_step_nothing_new_leaves(seed):
    """Whatever is in flight when the switch is thrown: nothing new leaves, and every order is proved to have ended."""
    assert told(at_steps(seed, Blow.KILL_SWITCH)) == []


def test_e2_exposure_is_within_its_limit_at_the_venue():
    """The limit is reached again and again, with unknown orders and cancels under way, and is never passed."""
    reached = 0
    for seed in range(30):
        simulation = Simulation(seed, Shape())
        bound = simulation.auditor.bounds.position
        most = dict.fromkeys(bound, 0)
        judge = simulation.exchange.watch

        def watch(exchange=simulation.exchange, most=most, judge=judge):
            judge()
            for symbol, book in exchange.books.items():
                for side in (1, -1):
                    still_open = sum(order.remaining for order in book.resting if order.side == side)
                    most[symbol] = max(most[symbol], exchange.positions[symbol] * side + still_open)

        simulation.exchange.watch = watch

        assert simulation.run().breach is None
        if not {Fault.FOREIGN, Fault.OVERFILL, Fault.LATE_FILL} & set(simulation.plan.struck):
            assert all(most[symbol] <= bound[symbol] for symbol in bound)
            reached += sum(most[symbol] == bound[symbol] for symbol in bound)

    assert reached >= 2


def test_e12_a_latch_outlives_the_process():
    """A session that was latched and killed begins halted, and its successors too, until an operator resumes."""
    simulation = Simulation(3, Shape(safety=2 * BRIEF, aims=((Fault.KILL_SWITCH, Phase.IDLE), (Fault.CRASH, Phase.RESTING))))
    simulation.world.chance("operator").random = lambda: 0.0  # before the faults are over, nobody resumes

    outcome = simulation.run()

    states = [line.partition(" ")[2] for line in simulation.world.tail(10_000)]
    assert outcome.breach is None
    assert states.index("calm") < states.index("the operator resumes")
    latched_at = next(number for number, line in enumerate(states) if line.startswith("kill asked for"))
    resumed_at = states.index("the operator resumes")
    assert not any(line.startswith("send place") for line in states[latched_at:resumed_at])


def without_network_once_killed(seed):
    """Run a world whose network fails for good when the switch is thrown; return it, its trace from then on, and the outcome."""
    simulation = Simulation(seed, Shape(safety=40 * SECOND, aims=(), venue="open_only"))
    world, plan = simulation.world, simulation.plan

    def cut():
        if simulation.exchange.open_orders() and simulation.session.state.session is SessionState.LIVE:
            plan.intensities |= {Fault.DROP_REQUEST: 1.0, Fault.FRAME_DROP: 1.0}
            simulation.kill.ask("somebody asks for it")
        else:
            world.after(SECOND // 10, cut)

    world.after(5 * SECOND, cut)
    outcome = simulation.run()
    lines = [line.partition(" ")[2] for line in world.tail(10_000)]
    return simulation, lines[lines.index("kill asked for: somebody asks for it") :], outcome


@pytest.mark.parametrize("seed", range(4))
def test_e13_a_kill_without_a_network_keeps_trying_and_tells_what_is_left(seed):
    """While no request arrives the session goes on trying; it ends with code 3 and a list of what may still fill."""
    simulation, lines, outcome = without_network_once_killed(seed)

    before_exit = lines[: lines.index("exit 3")]
    assert outcome.breach is None
    assert sum(line.startswith("send cancel") for line in before_exit) > 5
    assert not any(line.startswith("send place") for line in before_exit)
    assert any(code == "LEFT" and "q" in detail for code, detail in simulation.alarm.rung)


@pytest.mark.parametrize("seed", range(many(8, 200)))
def test_h1_a_wall_clock_that_jumps_changes_nothing(seed):
    """With a clock that is set by an hour again and again, every promise holds."""
    simulation = Simulation(seed, Shape(safety=2 * BRIEF, aims=()))
    simulation.plan.intensities[Fault.CLOCK_STEP] = 0.2

    outcome = simulation.run()

    assert outcome.breach is None
    assert outcome.struck[Fault.CLOCK_STEP] > 0


@pytest.mark.parametrize("seed", range(many(2, 20)))
def test_h3_a_machine_that_slept_asks_before_it_trades(seed):
    """After a sleep at any step nothing is decided on what was known before it."""
    assert told(at_steps(seed, Blow.SLEEP)) == []


@pytest.mark.parametrize("venue", sorted(VENUES))
@pytest.mark.parametrize("fault", [Fault.DROP_REQUEST, Fault.DROP_RESPONSE, Fault.SLOW, Fault.LYING_400, Fault.HTML])
def test_one_lost_order_is_found_out_at_every_venue(venue, fault):
    """One order whose fate is unclear is found out, whatever a client order id is worth; once by proof, once by an operator."""
    outcomes = [(f"seed {seed}", aimed(seed, (fault, Phase.PLACE_LEAVING), venue=venue)[1]) for seed in range(6)]

    assert told(outcomes) == []
    assert all(outcome.struck[fault] == 1 for _, outcome in outcomes)

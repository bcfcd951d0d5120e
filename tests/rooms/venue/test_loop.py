"""The event loop of a simulated process."""

import asyncio

import pytest

from runner.venue.loop import Killed, SimLoop, StuckError
from runner.venue.world import SECOND, World


def loop_of(world, **changes):
    """Return a loop that keeps asyncio's order and takes no time."""
    return SimLoop(world, **{"in_order": True, "step_cost": 0, "dies_at": None, **changes})


async def three_sleepers(seen):
    """Let three tasks note that they woke, thrice each."""

    async def sleeper(name):
        for turn in range(3):
            await asyncio.sleep(0.5)
            seen.append((name, turn))

    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(sleeper(name))


def test_sleeping_takes_no_real_time():
    """An hour of sleep is a jump of the world's clock by an hour."""
    world = World(1)
    loop = loop_of(world)

    loop.run_process(asyncio.sleep(3_600))
    loop.close()

    assert world.now == 3_600 * SECOND


def test_callbacks_keep_asyncios_order():
    """In order, what was asked for first runs first."""
    seen = []
    loop = loop_of(World(1))

    loop.run_process(three_sleepers(seen))
    loop.close()

    assert seen == [(name, turn) for turn in range(3) for name in "abc"]


def test_any_ready_callback_may_run_next():
    """Out of order, some seed runs them differently, and the same seed always the same."""
    orders = []
    for seed in (1, 1, 2, 3, 4):
        seen = []
        loop = loop_of(World(seed), in_order=False)
        loop.run_process(three_sleepers(seen))
        loop.close()
        orders.append(tuple(seen))

    assert orders[0] == orders[1]
    assert len(set(orders)) > 1


def test_timers_and_the_world_share_one_time():
    """What happens in the world between two timers happens between them."""
    world = World(1)
    seen = []
    loop = loop_of(world)

    async def main():
        await asyncio.sleep(1)
        seen.append("first timer")
        await asyncio.sleep(1)
        seen.append("second timer")

    world.at(3 * SECOND // 2, lambda: seen.append("world"))
    loop.run_process(main())
    loop.close()

    assert seen == ["first timer", "world", "second timer"]


def test_a_step_that_takes_time_lets_the_world_go_on():
    """While a process is busy, the world happens."""
    world = World(1)
    seen = []
    loop = loop_of(world, step_cost=SECOND)
    world.at(SECOND // 2, lambda: seen.append(world.now))

    async def main():
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    loop.run_process(main())
    loop.close()

    assert seen == [SECOND // 2]


def test_every_step_is_a_place_to_die():
    """Killed before step n, a process has taken exactly n steps, and its tasks say nothing more."""
    whole = World(1)
    loop = loop_of(whole)
    loop.run_process(three_sleepers([]))
    loop.close()

    for step in range(whole.steps):
        world = World(1)
        loop = loop_of(world, dies_at=step)
        with pytest.raises(Killed):
            loop.run_process(three_sleepers([]))
        loop.bury()

        assert world.steps == step


def test_a_task_that_was_never_started_is_buried_in_silence():
    """No coroutine of a killed process is reported as never awaited."""
    loop = loop_of(World(1), dies_at=1)

    async def main():
        loop.create_task(three_sleepers([]))
        await asyncio.sleep(1)

    with pytest.raises(Killed):
        loop.run_process(main())
    loop.bury()

    assert loop.unobserved == []


def test_an_exception_nobody_looks_at_is_kept():
    """A task that fails unseen is a finding."""
    loop = loop_of(World(1))

    async def fails():
        raise ValueError("unseen")

    async def main():
        task = loop.create_task(fails())
        await asyncio.sleep(1)
        del task

    loop.run_process(main())
    loop.close()

    assert ["unseen" in line for line in loop.unobserved] == [True]


def test_waiting_for_nothing_is_found():
    """A process that waits for what never comes doesn't hang the simulation."""
    loop = loop_of(World(1))

    async def main():
        await loop.create_future()

    with pytest.raises(StuckError):
        loop.run_process(main())
    loop.bury()


def test_there_are_no_threads():
    """What a thread does can't be repeated, so asking for one fails."""
    loop = loop_of(World(1))

    async def main():
        await asyncio.to_thread(len, "")

    with pytest.raises(RuntimeError, match="thread"):
        loop.run_process(main())
    loop.close()

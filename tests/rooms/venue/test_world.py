"""Time and chance of a simulated world."""

import subprocess
import sys

from runner.venue.world import World


def test_things_happen_in_the_order_of_their_times():
    """What is due earlier happens earlier, and what is due together in the order it was asked for."""
    world = World(1)
    seen = []

    for when, name in ((30, "c"), (10, "a"), (30, "d"), (20, "b")):
        world.at(when, lambda name=name: seen.append((world.now, name)))
    world.run_until(100)

    assert seen == [(10, "a"), (20, "b"), (30, "c"), (30, "d")]
    assert world.now == 100


def test_nothing_happens_before_now():
    """What is asked for in the past happens at once, and time doesn't go back."""
    world = World(1)
    world.run_until(50)
    seen = []

    world.at(10, lambda: seen.append(world.now))
    world.happen_next()

    assert seen == [50]


def test_what_happens_may_ask_for_more():
    """A happening before the end that asks for another one before the end gets it."""
    world = World(1)
    seen = []

    world.at(10, lambda: world.after(5, lambda: seen.append(world.now)))
    world.run_until(20)

    assert seen == [15]


def test_a_stream_of_chance_is_its_own():
    """One draw more in one stream shifts no other."""
    quiet, busy = World(7), World(7)

    busy.chance("net").random()

    assert quiet.chance("market").random() == busy.chance("market").random()
    assert World(7).chance("market").random() != World(8).chance("market").random()


def test_chance_does_not_depend_on_the_hash_seed():
    """Another process with another hash seed draws the same numbers."""
    program = "from runner.venue.world import World; w = World(3); w.note('x'); print(w.chance('net').random(), w.digest())"

    drawn = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            cwd=".",
        ).stdout
        for seed in ("0", "1")
    }

    assert len(drawn) == 1


def test_the_digest_is_of_every_line_and_its_time():
    """Two traces differ as soon as a word or a moment does."""
    traces = []
    for word, when in (("a", 1), ("b", 1), ("a", 2)):
        world = World(1)
        world.run_until(when)
        world.note(word)
        traces.append(world.digest())

    assert len(set(traces)) == 3


def test_the_tail_is_the_end_of_the_trace():
    """The last lines are kept however long the trace was."""
    world = World(1)

    for number in range(5_000):
        world.note(str(number))

    assert world.tail(2) == ("0 4998", "0 4999")

"""The runtime guard against ways around the doors."""

import os
import random
import threading
import time
import uuid

import pytest

from runner.venue.guard import FORBIDDEN, EscapedError, forbidding


@pytest.mark.parametrize(
    "escape",
    [time.time, time.monotonic, time.time_ns, random.random, uuid.uuid4],
    ids=["time", "monotonic", "time_ns", "random", "uuid4"],
)
def test_escapes_raise(escape):
    """A call to the machine's clock or chance fails while a simulation runs."""
    owner, name = next((owner, name) for owner, name in FORBIDDEN if getattr(owner, name) == escape)

    with forbidding(), pytest.raises(EscapedError, match=name):
        getattr(owner, name)()


def test_threads_and_entropy_are_forbidden():
    """No thread begins and no entropy is read."""
    with forbidding():
        with pytest.raises(EscapedError):
            os.urandom(1)
        with pytest.raises(EscapedError):
            threading.Thread(target=len).start()


def test_everything_is_as_before_afterwards():
    """Also after an exception every function is the real one again."""
    before = [getattr(owner, name) for owner, name in FORBIDDEN]

    with pytest.raises(ValueError, match="inside"), forbidding():
        raise ValueError("inside")

    assert before == [getattr(owner, name) for owner, name in FORBIDDEN]


def test_other_threads_go_on():
    """A test runner's own threads aren't the code under test."""
    told = []
    enter, leave = threading.Event(), threading.Event()

    def other():
        enter.wait()
        told.append(time.monotonic())
        leave.set()

    thread = threading.Thread(target=other)
    thread.start()
    with forbidding():
        enter.set()
        leave.wait()
    thread.join()

    assert len(told) == 1

"""Requests to stop wait where they would be lost."""

import os
import signal

import pytest

from runner.archive.shield import shielded


@pytest.fixture(autouse=True)
def _listening():
    """Python's own handler of Ctrl-C, also where the tests were started in the background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def ask(number=signal.SIGINT):
    os.kill(os.getpid(), number)


def test_a_request_arrives_when_the_stretch_is_done():
    """What stands after the request in the stretch is still done."""
    done = []

    with pytest.raises(KeyboardInterrupt), shielded():  # noqa: PT012 - the stretch is the test
        ask()
        done.append(1)

    assert done == [1]


def test_a_request_arrives_where_it_is_asked_for_and_only_once():
    """The function the context yields lets it through; the end of the context doesn't repeat it."""
    done = []

    with shielded() as deliver:
        deliver()
        ask()
        with pytest.raises(KeyboardInterrupt):
            deliver()
        done.append(1)
        deliver()

    assert done == [1]


def test_an_error_of_the_stretch_comes_before_a_request():
    """The stretch fails by itself: that is what is told."""
    with pytest.raises(ValueError, match="own"), shielded():  # noqa: PT012 - the stretch is the test
        ask()
        raise ValueError("own")


def test_handlers_are_as_they_were_and_ignored_signals_stay_ignored():
    """A process started in the background ignores Ctrl-C, and goes on to."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with shielded():
            ask()
            held = signal.getsignal(signal.SIGINT)
        after = signal.getsignal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)

    assert (held, after) == (signal.SIG_IGN, signal.SIG_IGN)

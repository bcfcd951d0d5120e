"""The rate limit over all conversations under one key."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.market.tickdb.edge import pace_of
from runner.market.tickdb.pace import Pace
from tests.rooms.market.tickdb.conftest import talk
from tests.rooms.market.tickdb.service import MINUTE, Manners, Service, klines, ms

START = ms("2024-03-04")
BARS = klines(START + MINUTE * n for n in range(50))


class Clock:
    """Moves when somebody rests, or is told to."""

    def __init__(self):
        self.now = 0.0

    def elapsed(self):
        return self.now

    def sleep(self, seconds):
        assert seconds > 0
        self.now += seconds


def test_a_second_conversation_goes_on_with_the_pace_of_the_first(time):
    """Four requests in two conversations at two a minute: nobody starts a minute of its own."""
    service = Service({"BTCUSDT": BARS}, Manners(cap=50))
    ports = time.ports()
    pace = Pace(ports.elapsed, ports.sleep)

    for first in (0, 10, 20, 30):
        talk(service, time=time, rate=2, pace=pace).window(
            "BTCUSDT", (START + first * MINUTE, START + (first + 10) * MINUTE), lambda _: None
        )

    assert len(service.asked) == 4
    assert time.rests == [60.0]


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 90)), min_size=1, max_size=40))
def test_no_minute_holds_more_than_the_rate(requests):
    """Whatever the pauses: at the moment of a request, the 60 seconds before it hold fewer than its own rate allows."""
    clock = Clock()
    pace = Pace(clock.elapsed, clock.sleep)
    made = []

    for rate, idle in requests:
        clock.now += idle
        pace.take(rate)
        made.append((clock.now, rate))

    for number, (now, rate) in enumerate(made):
        assert sum(now - before < 60 for before, _ in made[:number]) < rate


def test_nobody_waits_longer_than_needed():
    """At one a minute requests come exactly a minute apart."""
    clock = Clock()
    pace = Pace(clock.elapsed, clock.sleep)
    made = []

    for _ in range(4):
        pace.take(1)
        made.append(clock.now)

    assert [later - earlier for earlier, later in itertools.pairwise(made)] == [60.0, 60.0, 60.0]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (("http://127.0.0.1:1", "KEY_A"), ("http://127.0.0.1:1", "KEY_A"), True),
        (("http://127.0.0.1:1", "KEY_A"), ("http://127.0.0.1:1", "KEY_B"), False),
        (("http://127.0.0.1:1", "KEY_A"), ("http://127.0.0.1:2", "KEY_A"), False),
    ],
)
def test_a_process_has_one_pace_per_service_and_key(one, other, is_same):
    """Two sources under one key share its limit; another key or service has its own."""
    assert (pace_of(*one) is pace_of(*other)) == is_same

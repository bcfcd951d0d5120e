"""Conversations with the test service without a socket and without waiting."""

from dataclasses import dataclass, field

import pytest

from runner.market.tickdb.client import Client
from runner.market.tickdb.pace import Pace
from runner.market.tickdb.ports import Ports
from runner.market.tickdb.reader import Reader
from runner.market.tickdb.secret import Secret
from runner.market.tickdb.settings import Series, Service
from runner.market.tickdb.transport import Reply
from tests.rooms.market.tickdb.service import KEY, ms


@dataclass
class Time:
    """A clock that moves only when somebody rests."""

    began: int = ms("2030-01-01")
    rests: list = field(default_factory=list)
    chance: float = 0.5

    def ports(self):
        return Ports(now=self.now, elapsed=self.elapsed, sleep=self.rests.append, chance=lambda: self.chance)

    def elapsed(self):
        return sum(self.rests)

    def now(self):
        return self.began * 1_000_000 + round(sum(self.rests) * 1e9)


class Wire:
    """Carries requests to the test service by calling it."""

    def __init__(self, service):
        self.service = service

    def send(self, request):
        headers = {"X-API-Key": KEY}
        status, said, body = self.service.answer(request.path, dict(request.params), headers)
        return Reply(status, body, said.get("Retry-After"))


def talk(
    service, *, time=None, dialect="tickdb_v1", interval="1m", adjust="none", limit=1_000, retries=3, rate=100_000, pace=None
):
    """Return a reader that talks to the test service; conversations with one pace share it."""
    settings = Service("http://127.0.0.1", dialect, 1.0, 1.0, retries, rate)
    ports = (time or Time()).ports()
    pace = pace or Pace(ports.elapsed, ports.sleep)
    client = Client(settings, Wire(service), ports, Secret(KEY), key_env="TEST_KEY", pace=pace)
    return Reader(client, dialect, Series(interval, adjust, None, limit))


def truth(bars):
    """Return what a reader must give for these bars: stamps in ns and prices as Python reads their text."""
    return [(bar.time * 1_000_000, *(float(text) for text in (*bar.prices, bar.volume))) for bar in bars]


def held(frame):
    """Return a reader's rows in the form of `truth`."""
    return frame.with_columns(frame["timestamp"].to_physical()).drop("symbol").rows()


@pytest.fixture
def time():
    return Time()

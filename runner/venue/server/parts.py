"""What the requests of a venue are answered from, joined once when it starts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from aiohttp import web

from runner.market.tickdb.secret import Secret
from runner.venue.server.broker import Broker, Clocks
from runner.venue.server.clock import MarketClock
from runner.venue.server.conductor import Conductor
from runner.venue.server.edge import Machine
from runner.venue.server.fault_plan import Chances
from runner.venue.server.hub import Hub
from runner.venue.server.private import Private
from runner.venue.server.settings import Settings
from runner.venue.server.stage import Stage
from runner.venue.server.steps import Steps

__all__ = ["Parts"]


@dataclass(slots=True)
class Parts:
    """All parts of one venue."""

    KEY: ClassVar["web.AppKey[Parts]"]

    settings: Settings
    key: Secret
    machine: Machine
    clock: MarketClock
    clocks: Clocks
    chances: Chances
    stage: Stage
    broker: Broker
    steps: Steps
    hub: Hub
    private: Private
    conductor: Conductor
    data_latency: Callable[[], float]
    """Draws the seconds that a message of market data is under way."""
    order_latency: Callable[[], float]
    sent_ns: list[int] = field(default_factory=list)
    """When the latest requests came, by the machine's clock."""
    is_over: bool = False
    """Whether the tape has been played."""


Parts.KEY = web.AppKey("parts", Parts)

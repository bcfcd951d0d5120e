"""The whole run as one frozen value, and its hash."""

import hashlib
import json
from typing import Annotated, Any

from pydantic import Field, SerializeAsAny, SerializerFunctionWrapHandler, model_serializer

from runner.spec.engine import Engine
from runner.spec.events import EventFile
from runner.spec.exits import Exits
from runner.spec.financing import Financing
from runner.spec.kind import Kind, Kinds, OfFamily, Spec
from runner.spec.mode import Mode
from runner.spec.order import Order
from runner.spec.quality import Quality
from runner.spec.report import Report
from runner.spec.risk import Risk
from runner.spec.scenario import Scenario
from runner.spec.session import Session
from runner.spec.signal import NodeName, Signal
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window
from runner.units import Name, Positive

__all__ = ["LIVE_ALONE", "RunSpec", "canonical_json"]

LIVE_ALONE = ("feed", "broker", "session")
"""Sections that only the modes `paper` and `live` have."""


class RunSpec(Spec):
    """Everything that decides a run's result, every default written out.

    Build one from plain values with `RunSpec.of(values, kinds)`; the field of a family takes any kind of that family.
    """

    name: Name = "run"
    """Folder under `runs/` that collects the runs of one idea."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Seed of everything that is drawn at random."""
    capital: Positive = 100_000.0
    """Cash at the start, in the currency of the prices."""
    window: Window = Window()
    """The dates that are read."""
    data: Annotated[SerializeAsAny[Kind], OfFamily("data")]
    """Where market data come from."""
    universe: Universe
    """What is traded."""
    timezone: Timezone
    """What stamps mean."""
    quality: Quality = Quality()
    """What happens to faulty data."""
    events: dict[NodeName, EventFile] = Field(default={})
    """Name that expressions use → the file its events are in."""
    signal: Signal
    """What decides."""
    sizing: Annotated[SerializeAsAny[Kind], OfFamily("sizing")]
    """How much is ordered."""
    order: Order = Order()
    """What opens positions at the venue."""
    exits: Exits = Exits()
    """When positions are closed whatever the rules say."""
    fill: Annotated[SerializeAsAny[Kind], OfFamily("fill")]
    """When and at which price orders fill."""
    slippage: Annotated[SerializeAsAny[Kind], OfFamily("slippage")]
    """What filling costs beyond that price."""
    fees: Annotated[SerializeAsAny[Kind], OfFamily("fees")]
    """What broker and venue charge."""
    financing: Financing = Financing()
    """What holding costs."""
    scenario: Scenario = Scenario()
    """What goes wrong between a decision and its fill."""
    risk: Risk = Risk()
    """What an order must pass."""
    mode: Mode
    """Backtest, replay, paper or live."""
    engine: Engine = Engine()
    """What computes a backtest."""
    report: Report = Report()
    """What is written beyond the results."""
    feed: Annotated[SerializeAsAny[Kind | None], OfFamily("feed", is_optional=True)] = None
    """Where live market data come from; null unless the mode is paper or live."""
    broker: Annotated[SerializeAsAny[Kind | None], OfFamily("broker", is_optional=True)] = None
    """Where orders go; null unless the mode is live."""
    session: Session | None = None
    """The live session; null unless the mode is paper or live."""

    @model_serializer(mode="wrap")
    def _without_what_is_live(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what is live where nothing is: a backtest is the same run, whatever lives beside it."""
        found: dict[str, Any] = handler(self)
        return {name: value for name, value in found.items() if value is not None or name not in LIVE_ALONE}

    @classmethod
    def of(cls, values: dict[str, Any], kinds: Kinds) -> "RunSpec":
        """Validate plain values, looking kinds up in `kinds`; raises pydantic's `ValidationError`."""
        return cls.model_validate(values, context=kinds)

    @property
    def hash(self) -> str:
        """SHA-256 over the canonical JSON of every field, as 64 hex digits."""
        return hashlib.sha256(canonical_json(self.model_dump(mode="json")).encode()).hexdigest()


def canonical_json(value: object) -> str:
    """Return the one JSON text a value has: sorted keys, no spaces, ASCII, shortest float that reads back equal.

    Raises ValueError for NaN and infinity, which JSON can't say.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True)

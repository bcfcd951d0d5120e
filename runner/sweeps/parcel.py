"""Batches of lanes as other processes take them: plain values, from which each makes the lanes again.

1. `parcelled` takes a batch apart: every section of a spec that lanes share is there once, as the text that is hashed.
2. A `Bench`, one per process, makes the lanes again and runs them. It compares Runner's code and the user's own files with
   those the batch comes from before it makes anything: a lane must come to the same wherever it is run.

The rows of the market go another way, since they are large and all batches have them in common.
"""

import hashlib
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from runner.archive.provenance import code_of, environment_of
from runner.compose import Composed
from runner.compose.sections import Sections
from runner.engine.surroundings import surroundings_of
from runner.errors import Fault, RunError
from runner.market.load import MarketData
from runner.once import Once
from runner.plugins.files import default_folders, files_of
from runner.prepare import Prepared, known_kinds, prepare_again
from runner.signal.vocabulary import Vocabulary
from runner.spec.run import LIVE_ALONE, RunSpec, canonical_json
from runner.sweeps.markets import Market
from runner.sweeps.results import Results
from runner.sweeps.survey import Known
from runner.sweeps.work import Batch, Worker
from runner.trading.kernel.advance import compiled_advance

__all__ = ["Bench", "Parcel", "Place", "market_name", "parcelled", "place_of"]

DECIDING = ("numba", "numpy", "llvmlite")
"""Packages whose version decides what the last bit of a number is."""
MOST_KEPT = 16_384
"""Sections and vocabularies that a bench keeps; beyond that it begins anew."""


@dataclass(frozen=True, slots=True)
class Place:
    """What must be the same wherever lanes of one sweep are run."""

    code: str
    """Digest of Runner's code."""
    machine: str
    """Kind of processor."""
    packages: Mapping[str, str]
    """Package of `DECIDING` → its version."""


def place_of() -> Place:
    """Return what this process has."""
    found = environment_of()
    return Place(code_of()["digest"], found["machine"], {name: found["packages"].get(name, "") for name in DECIDING})


@dataclass(frozen=True, slots=True)
class _Posted:
    """One lane."""

    number: int
    trial: str
    start: int
    sections: tuple[int, ...]
    """Places of its sections among those of the parcel."""
    words: int
    """Place of its vocabulary."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A batch of lanes without its market."""

    market: str
    """Tells its market from others: a digest of its rows and events, and one of what says which are read."""
    clock: str
    every: str | None
    shares: bool
    sections: tuple[str, ...]
    """Canonical JSON of each distinct section, its name included: `"seed":0`."""
    words: tuple[Vocabulary, ...]
    """What the lanes' expressions may speak of, without operators."""
    files: Mapping[str, str]
    """Name of each of the user's own files that the lanes run → SHA-256 of it."""
    lanes: tuple[_Posted, ...]


def market_name(batch: Batch) -> str:
    """Return what tells the market of a batch from others: the same rows may be grouped in several ways."""
    read = hashlib.sha256("\n".join(batch.lanes[0][0].market).encode()).hexdigest()
    return f"{batch.market.digest}-{read[:16]}"


def parcelled(batch: Batch) -> Parcel:
    """Return a batch as other processes take it."""
    sections: dict[str, int] = {}
    known: dict[tuple[str, int], int] = {}
    words: dict[int, int] = {}
    spoken: list[Vocabulary] = []
    lanes = []
    for lane, prepared in batch.lanes:
        places = []
        for name in RunSpec.model_fields:
            if name in LIVE_ALONE:
                continue
            key = name, id(getattr(prepared.spec, name))  # the batch holds all specs: no other value has this identity
            if key not in known:
                known[key] = sections.setdefault(_text(name, prepared.spec), len(sections))
            places.append(known[key])
        vocabulary = prepared.vocabulary
        if id(vocabulary) not in words:
            words[id(vocabulary)] = len(spoken)
            spoken.append(replace(vocabulary, operators={}, elsewhere={}))
        lanes.append(_Posted(lane.number, lane.trial, lane.start, tuple(places), words[id(vocabulary)]))
    files = {file.name: file.digest for _, prepared in batch.lanes for file in prepared.plugins}
    return Parcel(
        market_name(batch), batch.clock, batch.every, batch.shares, tuple(sections), tuple(spoken), files, tuple(lanes)
    )


@dataclass(slots=True)
class Bench:
    """Runs parcels in one process, whose threads may share it."""

    origin: Place
    """What the process has that the parcels come from."""
    shown: str
    """What messages call this process's machine."""
    _guard: Lock = field(default_factory=Lock)
    _once: Once = field(default_factory=Once)
    _floor: "_Floor | None" = None
    _sections: dict[str, Any] = field(default_factory=dict)
    _words: dict[str, Vocabulary] = field(default_factory=dict)
    _is_sound: bool = False

    def run(self, parcel: Parcel, data: MarketData) -> Results:
        """Run a parcel of lanes on its market.

        Raises:
            RunError: If Runner, or a file of the user's, isn't here as it is where the parcel comes from.
        """
        with self._guard:
            self._check(parcel)
            floor, batch = self._batch(parcel, data)
            worker = floor.idle.pop() if floor.idle else Worker()
        try:
            return worker.run(batch)
        finally:
            floor.idle.append(worker)

    def _check(self, parcel: Parcel) -> None:
        if not self._is_sound:
            _check_place(self.origin, place_of(), self.shown)
            compiled_advance()
            self._is_sound = True
        own = {file.name: file.digest for file in files_of(default_folders())} if parcel.files else {}
        faults = [
            Fault(
                f"strategies/{name}",
                f"must be on {self.shown} as it is here",
                "another file" if name in own else "missing",
                "Copy the folder strategies/ to where that worker was started, and start it again.",
            )
            for name, digest in parcel.files.items()
            if own.get(name) != digest
        ]
        if faults:
            raise RunError(faults)

    def _batch(self, parcel: Parcel, data: MarketData) -> "tuple[_Floor, Batch]":
        if len(self._sections) > MOST_KEPT or len(self._words) > MOST_KEPT:
            self._sections.clear()
            self._words.clear()
            self._once = Once()
        kinds = known_kinds(self._once)
        validator = Sections(kinds)
        sections = [self._section(text, validator) for text in parcel.sections]
        words = [self._words.setdefault(repr(each), each) for each in parcel.words]
        lanes = []
        for posted in parcel.lanes:
            spec = RunSpec.of(dict(sections[place] for place in posted.sections), kinds)
            prepared = prepare_again(spec, words[posted.words], self._once)
            key = (parcel.market,)
            known = Known(posted.number, posted.trial, key, parcel.clock, parcel.every, parcel.shares, posted.start)
            lanes.append((known, prepared))
        floor = self._on(parcel, data, lanes[0][1])
        return floor, Batch(floor.market, parcel.clock, parcel.every, lanes, parcel.shares)

    def _section(self, text: str, validator: Sections) -> tuple[str, Any]:
        """Return the name of a section, and what a run has for it."""
        found = self._sections.get(text)
        if found is None:
            ((name, value),) = json.loads(f"{{{text}}}").items()
            made = validator.validated(name, value, Composed({name: value}))
            if isinstance(made, list):
                raise RunError(made)
            found = self._sections[text] = name, made
        return found

    def _on(self, parcel: Parcel, data: MarketData, first: Prepared) -> "_Floor":
        if self._floor is None or self._floor.name != parcel.market:  # batches come market by market
            digest = parcel.market.partition("-")[0]
            self._floor = _Floor(parcel.market, Market(data, digest, surroundings_of(first.spec, data)))
        return self._floor


@dataclass(frozen=True, slots=True)
class _Floor:
    """A market, with the workers that know it."""

    name: str
    market: Market
    idle: deque[Worker] = field(default_factory=deque)


def _check_place(origin: Place, here: Place, shown: str) -> None:
    """Refuse to run lanes where they could come to something else."""
    wanted = {"Runner": origin.code[:16], "processor": origin.machine, **origin.packages}
    has = {"Runner": here.code[:16], "processor": here.machine, **here.packages}
    faults = [
        Fault(
            "sweep.scheduler",
            f"must lead to workers with the same {name}, {each}",
            f"{has[name] or 'none'} on {shown}",
            _MEND,
        )
        for name, each in wanted.items()
        if has[name] != each
    ]
    if faults:
        raise RunError(faults)


_MEND = "Install there what is installed here; lanes would else differ in their last digits."


def _text(name: str, spec: RunSpec) -> str:
    return canonical_json(spec.model_dump(mode="json", include={name}))[1:-1]

"""What a feed writes down, and what is made of it again.

A recording is files of inputs (`inputs`). Each begins with a head that says what was asked for and, counted from 1, which
part of a session it is; a first part begins a session anew, as after a restart in the same folder. A file that ends within a
record was written to when its process died: the rest is told as `Torn` and not believed, and what was dealt with until then
is all there.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, Protocol, runtime_checkable

from runner.errors import Fault, RunError
from runner.live.feed.dialect import Dialect
from runner.live.feed.inputs import DROPPED, HEAD, Input, Torn, packed, unpacked
from runner.live.feed.instant import Instant
from runner.live.feed.machine import Machine
from runner.live.feed.outbox import kept
from runner.live.feed.plan import Plan

__all__ = ["Recorder", "Recording", "head", "plan_text", "replayed"]

VERSION = 1


@runtime_checkable
class Recorder(Protocol):
    """Where records go; raises `DiskFailed` when they can't be kept."""

    def put(self, records: bytes) -> None:
        """Take a record, or some that came at once; they may wait in memory until `flush`."""

    def flush(self) -> None:
        """Hand everything to the operating system: from now on it survives the process."""

    def close(self) -> None:
        """Flush, and write no more."""


def plan_text(plan: Plan) -> str:
    """Return what was asked for as canonical JSON."""
    told: dict[str, Any] = asdict(plan)
    for name in ("bars", "events"):
        policy = getattr(plan, name)
        told[name] = None if policy is None else policy.model_dump(mode="json")
    return json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False)


def head(plan: Plan, part: int, life: int = 1) -> bytes:
    """Return the record that a file begins with.

    Args:
        plan: What was asked for.
        part: Which part of a session the file is, counted from 1.
        life: Number of the process: one that died before it opened a recording has none.
    """
    told = {"life": life, "part": part, "plan": json.loads(plan_text(plan)), "version": VERSION}
    return packed(Input(HEAD, 0, 0, 0, json.dumps(told, sort_keys=True, separators=(",", ":")).encode()))


@dataclass(frozen=True, slots=True)
class Recording:
    """One session of a recording."""

    inputs: tuple[Input, ...]
    """Without heads."""
    torn: tuple[Torn, ...]
    plan: str
    """Canonical JSON."""
    life: int = 1
    """Number of the process that wrote it."""

    @classmethod
    def read(cls, files: Iterable[bytes]) -> "Iterator[Recording]":
        """Yield the sessions of files, in their order; raises RunError if a file isn't of a recording, or one is missing."""
        inputs: list[Input] = []
        torn: list[Torn] = []
        plan, part, life = "", 0, 1
        for number, data in enumerate(files, start=1):
            records = unpacked(data)
            first = next(records, Torn(0, 0))
            if isinstance(first, Torn):
                torn.append(first)
                continue
            told = _told(first, number)
            if told["part"] == 1 and part:
                yield cls(tuple(inputs), tuple(torn), plan, life)
                inputs, torn = [], []
            elif told["part"] != part + 1:
                write = "Bring back the files of the recording that are missing."
                raise RunError(Fault(f"feed file {number}", f"must be part {part + 1}", str(told["part"]), write))
            part, life = told["part"], told.get("life", 1)
            plan = json.dumps(told["plan"], sort_keys=True, separators=(",", ":"))
            for record in records:
                if isinstance(record, Torn):
                    torn.append(record)
                else:
                    inputs.append(record)
        if part:
            yield cls(tuple(inputs), tuple(torn), plan, life)

    @property
    def dropped(self) -> frozenset[int]:
        """Numbers of the instants that were not handed on."""
        found = (json.loads(each.body) for each in self.inputs if each.kind == DROPPED)
        return frozenset(chain.from_iterable(found))


def replayed(recording: Recording, plan: Plan, dialect: Dialect) -> Iterator[Instant]:
    """Yield the instants of a session again, as they were handed on.

    Those that waited to be taken when the process died come last.

    Raises:
        RunError: The recording is of another plan.
    """
    if plan_text(plan) != recording.plan:
        write = "Play it with the configuration of its own run."
        raise RunError(Fault("feed", "must have been recorded with the same symbols, streams and waits", "", write))
    machine = Machine(plan, dialect)
    made = chain.from_iterable(machine.take(each) for each in recording.inputs)
    yield from kept(made, recording.dropped)


def _told(first: Input, number: int) -> dict[str, Any]:
    told: Any = json.loads(first.body) if first.kind == HEAD else None
    if not isinstance(told, dict) or told.get("version") != VERSION:
        write = "It isn't a file of a recorded feed, or one of another version."
        raise RunError(Fault(f"feed file {number}", "must begin with the head of a recording", "", write))
    return told

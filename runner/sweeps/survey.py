"""What is known of every lane before any runs: which market it reads, from when on all are measured, and which trial it is.

1. Each lane's market is read, and the first instant is found at which its rules may decide: once for all lanes that read the
   same and wait for the same (`look.py`).
2. Lanes on one market are measured from one instant on: the latest of those firsts. A lane with a short warm-up would else
   be compared over other days than one with a long one.
3. A trial is what a spec does on some rows by some code, measured from some instant by some lines: these give its name.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from runner.archive.provenance import code_of
from runner.engine.lanes import warm_ups
from runner.errors import ConfigError, Fault, RunnerError
from runner.launch.too_short import too_short
from runner.launch.written import instant_text
from runner.prepare import Prepared
from runner.sweeps.asking import Planned
from runner.sweeps.lanes import LaneSpec
from runner.sweeps.look import Look
from runner.sweeps.markets import Market, Markets
from runner.sweeps.trial import code_digest, trial_of

__all__ = ["Known", "Survey", "check_can_share", "surveyed", "surveyed_too"]

SLICE = 1_024
"""Lanes that are looked at together."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a lane that can run."""

    number: int
    trial: str
    market: tuple[str, ...]
    """What tells its market from others; see `Markets`."""
    clock: str
    every: str | None
    """Length of time whose instants share a line of equity."""
    shares: bool
    """Whether it can share what it has in common with others: a backtest of the native engine."""
    start: int
    """First instant that counts, in UTC nanoseconds."""
    assumed: str = ""
    """What it assumes of fills and costs; see `assumed.py`."""


@dataclass(slots=True)
class Survey:
    """What is known of a sweep's lanes before any runs."""

    markets: Markets
    lanes: list[Known] = field(default_factory=list)
    """Those that can run, in their order."""
    failed: dict[int, str] = field(default_factory=dict)
    """Number of a lane that can't → why, in one line."""
    starts: dict[tuple[str, ...], int] = field(default_factory=dict)
    """Market → instant that lanes on it are measured from, in UTC nanoseconds."""


@dataclass(slots=True)
class _Seen:
    """Lanes that can run; of a million of them in a few words each."""

    numbers: "array[int]" = field(default_factory=lambda: array("q"))
    firsts: "array[int]" = field(default_factory=lambda: array("q"))
    """First instant of each that may count, in UTC nanoseconds."""
    codes: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Digests of the user's own files → that of Runner's code and these."""


def surveyed(planned: Planned, *, now: int, on_progress: Callable[[float], None] = lambda _: None) -> Survey:
    """Look at every lane.

    Args:
        planned: The sweep.
        now: UTC nanoseconds after which bars of files count as still forming.
        on_progress: Is told the share of lanes that were looked at.
    """
    found = Survey(Markets(now), failed={number: one_line(error) for number, error in planned.checked.failed.items()})
    seen = _looked_at(planned, range(len(planned.lanes)), found, on_progress)
    for number, first in zip(seen.numbers, seen.firsts, strict=True):
        market = planned.lanes.seen(number)[0].market
        found.starts[market] = max(found.starts.get(market, first), first)
    _name(planned, seen, found)
    return found


def surveyed_too(planned: Planned, numbers: Sequence[int], before: Survey) -> Survey:
    """Look at lanes that came up later, measured from the instants that were found before.

    Args:
        planned: The sweep, with these lanes.
        numbers: Theirs.
        before: Has the markets they may read. One that becomes ready after its market's start can't be compared: it fails.
    """
    failed = planned.checked.failed
    errors = {number: one_line(failed[number]) for number in numbers if number in failed}
    found = Survey(before.markets, failed=errors, starts=before.starts)
    seen = _looked_at(planned, numbers, found, lambda _: None)
    for number, first in zip(seen.numbers, seen.firsts, strict=True):
        start = before.starts.get(planned.lanes.seen(number)[0].market)
        if start is None or first > start:
            ready, needed = instant_text(first), instant_text(start)
            found.failed[number] = (
                f"report.measured_from: must be {ready} or later for this lane, which is ready no sooner, was {needed}."
                if needed
                else "its data must be those of a combination of the axes' first and last values"
            )
    _name(planned, seen, found)
    return found


def _looked_at(
    planned: Planned, numbers: Sequence[int], found: Survey, on_progress: Callable[[float], None]
) -> _Seen:  # fmt: skip
    seen, code = _Seen(), code_of()
    firsts: dict[Look, int | None] = {}
    for slice_ in _slices(planned, numbers):
        known = {number: planned.lanes.seen(number) for number in slice_}
        fresh = {look: number for number, (look, _) in reversed(known.items()) if look not in firsts}
        ready = _ready(planned, sorted(fresh.values()), found)
        firsts |= {look: ready.get(number) for look, number in fresh.items()}
        # What a look failed with says something of the lane itself.
        left = [number for number, (look, _) in known.items() if firsts[look] is None and number not in found.failed]
        again = _ready(planned, left, found)
        for number, (look, _) in known.items():
            first = firsts[look]
            first = again.get(number) if first is None else first
            if first is None:
                continue
            if look.plugins not in seen.codes:
                plugins = planned.lanes.spec(planned.lanes[number]).prepared.plugins
                seen.codes[look.plugins] = code_digest(code, plugins)
            seen.numbers.append(number)
            seen.firsts.append(first)
        on_progress(slice_[-1] / len(planned.lanes))
    return seen


def _ready(planned: Planned, numbers: Sequence[int], found: Survey) -> dict[int, int]:
    """Return the first instant that counts of each lane that can run, and tell why the others can't."""
    first: dict[int, int] = {}
    specs = [planned.lanes.spec(planned.lanes[number]) for number in numbers]
    for market, clock, lanes in _by_market(specs, found.markets, found):
        pipelines = [lane.prepared.pipeline for lane in lanes]
        for lane, at in zip(lanes, warm_ups(pipelines, market.ground(clock)), strict=True):
            if at is not None:
                first[lane.lane.number] = max(at, lane.prepared.pipeline.not_before)
                continue
            longest = int(np.diff(market.ground(clock).tape.offsets).max())
            found.failed[lane.lane.number] = one_line(too_short(lane.prepared, longest))
    return first


def _name(planned: Planned, seen: _Seen, found: Survey) -> None:
    """Give lanes that haven't failed their start and their trial."""
    for number in sorted(seen.numbers):
        if number in found.failed:
            continue
        look, strategy = planned.lanes.seen(number)
        start, digest = found.starts[look.market], found.markets.all[look.market].digest
        trial = trial_of(strategy, digest, seen.codes[look.plugins], start, look.every)
        found.lanes.append(Known(number, trial, look.market, look.clock, look.every, look.shares, start, look.assumed))


def one_line(error: RunnerError) -> str:
    """Return an error as a cell of a table says it."""
    return "; ".join(" ".join(str(fault).split()) for fault in error.faults) or " ".join(str(error).split())


def _slices(planned: Planned, numbers: Sequence[int]) -> Iterator[list[int]]:
    """Yield the numbers of lanes that can run, so many at once."""
    left = (number for number in numbers if number not in planned.checked.failed)
    while found := list(islice(left, SLICE)):
        yield found


def _by_market(
    lanes: Sequence[LaneSpec], markets: Markets, found: Survey
) -> Iterator[tuple[Market, str, list[LaneSpec]]]:  # fmt: skip
    """Yield lanes that decide on the same clock of the same market."""
    groups: dict[tuple[tuple[str, ...], str], tuple[Market, list[LaneSpec]]] = {}
    for lane in lanes:
        try:
            check_can_share(lane.prepared)
            market = markets.of(lane.prepared)
        except RunnerError as error:
            found.failed[lane.lane.number] = one_line(error)
            continue
        clock = lane.prepared.pipeline.clock
        groups.setdefault((markets.key(lane.spec), clock), (market, []))[1].append(lane)
    for (_, clock), (market, group) in groups.items():
        yield market, clock, group


def check_can_share(prepared: Prepared) -> None:
    """Raise ConfigError if a lane can't have its data in common with others."""
    if prepared.spec.engine.window is not None:
        fix = "Leave engine.window out; a sweep holds its data in memory, which all lanes share."
        raise ConfigError(Fault("engine.window", "must be null in a sweep", prepared.spec.engine.window, fix))

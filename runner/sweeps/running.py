"""Runs the lanes of a sweep, one after another, each as the run it is alone: with a run directory of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runner.archive.run import Run
from runner.compose import Configurations, composing
from runner.errors import RunnerError
from runner.launch import Launch, launch
from runner.launch.progress import Progress
from runner.prepare import known_kinds
from runner.sweeps.asking import Planned
from runner.sweeps.lanes import Lane

__all__ = ["LaneRun", "Started", "run_lanes"]


@dataclass(frozen=True, slots=True)
class Started:
    """How a sweep was started."""

    argv: tuple[str, ...]
    """The command line."""
    files: Configurations
    now: int
    """UTC nanoseconds: all lanes judge by one moment which bars are still forming."""
    progress: Progress


@dataclass(frozen=True, slots=True)
class LaneRun:
    """What became of a lane."""

    lane: Lane
    outcome: Run | RunnerError


def run_lanes(planned: Planned, started: Started) -> Iterator[LaneRun]:
    """Run the lanes in their order, and yield what became of each as soon as it is known; a fault of one stops no other."""
    with composing(started.files, known_kinds(planned.lanes.once)) as composer:
        for lane in planned.lanes:
            started.progress.stage(f"lane {lane.number + 1} of {len(planned.lanes):,}: {' '.join(lane.overrides)}")
            error = planned.checked.failed.get(lane.number)
            if error is not None:
                yield LaneRun(lane, error)
                continue
            composed = composer.composed(planned.lanes.words(lane))
            how = Launch(started.argv, composed, Path(composed.runs), started.progress, started.now)
            try:
                yield LaneRun(lane, launch(planned.lanes.spec(lane).prepared, how))
            except RunnerError as found:
                yield LaneRun(lane, found)

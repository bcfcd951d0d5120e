"""Walking forward: choose a lane by the past, trade it in what comes next, and go on.

    anchored   train: first instant … test − gap         test: [start, start + test)
    rolling    train: the `train` before test − gap      test: [start, start + test)

The first test starts `train` + gap after the first instant, each next one where the one before ends, so every row from
then on is tested once at most. The gap is span + embargo: a row teaches only if the outcome of what was decided there was
known, and the embargo has passed, before the test starts. Training never holds a row after its test, so the embargo lies
before the test instead of after it.

Source: Pardo (2008), "The Evaluation and Optimization of Trading Strategies", chapter 11 (walk-forward, anchored and
rolling); López de Prado (2018), "Advances in Financial Machine Learning", section 7.4 (purging and embargo).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.sweeps.statistics.purge import Split, check_instants

__all__ = ["WalkForward", "walk_forward"]


@dataclass(frozen=True, slots=True)
class WalkForward:
    """How to walk; all lengths of time in nanoseconds."""

    train_ns: int
    """Length of the training window; of the first one where it is anchored. Above 0."""
    test_ns: int
    """Length of each test window. Above 0."""
    is_anchored: bool = False
    """Whether training always starts at the first instant, and grows."""
    span_ns: int = 0
    """Longest time from a row to the outcome of what is decided there."""
    embargo_ns: int = 0
    """Further time between training and test."""

    def __post_init__(self) -> None:
        if self.train_ns <= 0 or self.test_ns <= 0:
            raise ValueError(f"train_ns and test_ns must be above 0, were {self.train_ns} and {self.test_ns}")


def walk_forward(instants: NDArray[np.int64], walk: WalkForward) -> list[Split]:
    """Return the splits in the order of their tests; empty where the history is too short for one.

    A window without rows to test is passed over, and so is one with fewer than two rows to train by, from which no lane
    can be chosen; the last test may be shorter than the others.

    Args:
        instants: [T] UTC nanoseconds at which each row was known, ascending.
        walk: How to walk.

    Raises:
        ValueError: the instants don't ascend, or a length of time is below zero.
    """
    check_instants(instants, span_ns=walk.span_ns, embargo_ns=walk.embargo_ns)
    gap = walk.span_ns + walk.embargo_ns
    first = int(instants[0])
    begin = first + walk.train_ns + gap
    splits = []
    for window in np.unique((instants[instants >= begin] - begin) // walk.test_ns).tolist():
        start = begin + window * walk.test_ns
        train = _rows(instants, first if walk.is_anchored else start - gap - walk.train_ns, start - gap)
        test = _rows(instants, start, start + walk.test_ns)
        if train.size >= 2:
            splits.append(Split(train, test))
    return splits


def _rows(instants: NDArray[np.int64], start: int, end: int) -> NDArray[np.intp]:
    """Return the rows known at `start` or later, and before `end`."""
    low, high = np.searchsorted(instants, (start, end))
    return np.arange(low, high)

"""Optuna, asked for points and told what they came to.

It keeps nothing: the same seed, asked and told the same in the same order, proposes the same, so that a search goes on where
it was by going through what the trial store knows.
"""

from collections.abc import Sequence

import optuna
from optuna.samplers import BaseSampler, CmaEsSampler, RandomSampler, TPESampler
from optuna.trial import Trial, TrialState

from runner.spec.sweep import Search
from runner.sweeps.dimension import Dimension

__all__ = ["OptunaGuide"]


class OptunaGuide:
    """Proposes points."""

    def __init__(self, search: Search, dimensions: Sequence[Dimension], *, maximises: bool) -> None:
        """Begin a study.

        Args:
            search: How points are proposed.
            dimensions: What a point decides, in its order.
            maximises: Whether more is better.
        """
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._dimensions = tuple(dimensions)
        self._study = optuna.create_study(
            direction="maximize" if maximises else "minimize", sampler=_sampler(search.sampler, search.seed)
        )
        self._asked: list[Trial] = []

    def ask(self) -> tuple[float, ...]:
        """Return a point: a place for each dimension of places, a number for each interval."""
        trial = self._study.ask()
        self._asked.append(trial)
        return tuple(_value(trial, each) for each in self._dimensions)

    def tell(self, number: int, value: float | None) -> None:
        """Say what the point that was asked for so many-th came to, from 0; None for nothing, which counts as worst."""
        if value is None:
            self._study.tell(self._asked[number], state=TrialState.PRUNED)
        else:
            self._study.tell(self._asked[number], value)


def _sampler(name: str, seed: int) -> BaseSampler:
    if name == "tpe":
        # A generation is asked for before any of it is told: without this all of it would be in one place.
        return TPESampler(seed=seed, constant_liar=True)
    return CmaEsSampler(seed=seed) if name == "cmaes" else RandomSampler(seed=seed)


def _value(trial: Trial, dimension: Dimension) -> float:
    name, interval = dimension.name, dimension.interval
    if interval is None:
        if dimension.is_ordered:
            return int(trial.suggest_int(name, 0, dimension.steps - 1))
        return int(trial.suggest_categorical(name, list(range(dimension.steps))))
    if interval.is_whole:
        return int(trial.suggest_int(name, int(interval.low), int(interval.high), log=interval.is_log))
    return float(trial.suggest_float(name, interval.low, interval.high, log=interval.is_log))

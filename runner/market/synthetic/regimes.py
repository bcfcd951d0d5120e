"""How the market is tempered, session by session: regimes that take turns, the same ones for every symbol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runner.market.synthetic.draws import Draws

__all__ = ["Temper", "Tempers", "tempers"]

SHOWN = 20
"""Regimes named in the notes of a run."""


@dataclass(frozen=True, slots=True)
class Temper:
    """What a regime does to prices; per year of trading."""

    volatility: float
    """Standard deviation of a year's relative move, as a fraction."""
    drift: float
    """Mean of a year's relative move, as a fraction."""
    sessions: int
    """Sessions it lasts on average; each time between half and one and a half of them."""


@dataclass(frozen=True, slots=True)
class Tempers:
    """The regime of each session."""

    volatility: NDArray[np.float64]
    """[S] per year."""
    drift: NDArray[np.float64]
    """[S] per year."""
    turns: tuple[tuple[int, str], ...]
    """First session and name of every regime in turn."""

    def note(self, dates: NDArray[np.int32]) -> str:
        """Return which regime begins when, in words; `dates` are the sessions', in days since 1970."""
        begun = [f"{name} from {np.datetime64(int(dates[first]), 'D')}" for first, name in self.turns[:SHOWN]]
        more = len(self.turns) - SHOWN
        return f"regimes: {', '.join([*begun, f'and {more} more'] if more > 0 else begun)}"


def tempers(regimes: Mapping[str, Temper], *, seed: int, sessions: int) -> Tempers:
    """Draw which regime holds when; the first named comes first, then any other follows with equal chance."""
    names, draws = list(regimes), Draws(seed, "regimes")
    turns: list[tuple[int, str]] = []
    first, name = 0, names[0]
    while first < sessions:
        turns.append((first, name))
        length, pick = draws.raw(2).tolist()
        mean = regimes[name].sessions
        first += max(1, mean // 2 + (length >> 11) * (mean + 1) // 2**53)
        name = _other(names, name, pick)
    ends = [*(start for start, _ in turns[1:]), sessions]
    lengths = [end - start for (start, _), end in zip(turns, ends, strict=True)]
    held = [regimes[name] for _, name in turns]
    return Tempers(
        np.repeat([temper.volatility for temper in held], lengths),
        np.repeat([temper.drift for temper in held], lengths),
        tuple(turns),
    )


def _other(names: Sequence[str], now: str, pick: int) -> str:
    others = [name for name in names if name != now]
    return others[pick % len(others)] if others else now

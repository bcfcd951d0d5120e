"""Symbols whose bars are longer than declared, and would be known before they close.

Of intraday bars that is a symbol with twenty distances between neighbours or more, all longer than the declared interval,
that are multiples of one longer length, or half of which are one and the same. Minutes without a trade are absent too, but
of twenty distances of a truly illiquid stock some are odd, and none is that common. One pair as close as the interval shows
that bars are as short as declared. Of daily bars (no interval) it is a symbol with twenty distances, none below four days.

If no two bars of all symbols together are closer than two intervals, all of them are coarse, however few bars each one has:
then it is the declaration that is wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import gcd

import numpy as np

from runner.duration import DAY, duration_text, nanoseconds
from runner.errors import Fault
from runner.market.session import Instants

__all__ = ["COARSE", "Coarse", "Distances", "coarse_faults", "coarse_of", "coarse_report"]

COARSE = "coarse"
ENOUGH = 20
"""Distances below which nothing is concluded: a handful of bars may well be far apart."""
LONGEST_BREAK = 4 * DAY
"""A daily bar's neighbours are never all this far apart; weekly and monthly bars' are."""
NAMED = 10
"""Symbols named in a fault; the report names all."""


@dataclass(slots=True)
class Distances:
    """What the distances between one symbol's neighbouring bars came to so far."""

    pairs: int = 0
    """How many there are."""
    nearest: int = 0
    """The shortest, in nanoseconds; 0 without any."""
    counts: dict[int, int] | None = field(default_factory=dict)
    """Distance → how often; None once one was as short as the declared length."""

    def add(self, found: Instants, interval: str | None) -> None:
        """Count distances above zero; `interval` is the declared length, None for daily bars."""
        if found.size == 0:
            return
        nearest = int(found.min())
        self.pairs += found.size
        self.nearest = min(self.nearest or nearest, nearest)
        if nearest <= _close(interval):
            self.counts = None
        if self.counts is not None:
            for distance, count in zip(*(each.tolist() for each in np.unique(found, return_counts=True)), strict=True):
                self.counts[distance] = self.counts.get(distance, 0) + count

    def is_coarse(self, interval: str | None) -> bool:
        """Return whether the bars can't be as short as declared."""
        if self.pairs < ENOUGH or self.counts is None:
            return False
        return interval is None or gcd(*self.counts) > _close(interval) or 2 * max(self.counts.values()) >= self.pairs

    @property
    def usual(self) -> int:
        """The most common distance, the longer of equally common ones; where they weren't counted the shortest."""
        counts = self.counts or {self.nearest: 1}
        return max(counts, key=lambda each: (counts[each], each))


@dataclass(frozen=True, slots=True)
class Coarse:
    """A symbol whose bars are longer than declared."""

    symbol: str
    """Whose bars they are."""
    bars: int
    """How many it has, those of one instant counted once."""
    nearest: int
    """Shortest distance of two, in nanoseconds."""
    usual: int
    """Most common distance of two, in nanoseconds: how long they seem to be."""
    declared: str | None
    """Length the policy declares; None: one session."""
    is_everyone: bool
    """Whether no other symbol has bars as short as declared either."""


def coarse_of(symbols: Mapping[str, Distances], interval: str | None) -> tuple[Coarse, ...]:
    """Return the symbols whose bars are longer than declared, in the order of their names."""
    measured = {symbol: found for symbol, found in sorted(symbols.items()) if found.pairs}
    far = LONGEST_BREAK if interval is None else 2 * nanoseconds(interval)
    is_everyone = sum(found.pairs for found in measured.values()) >= ENOUGH and all(
        found.nearest >= far for found in measured.values()
    )
    return tuple(
        Coarse(symbol, found.pairs + 1, found.nearest, found.usual, interval, is_everyone)
        for symbol, found in measured.items()
        if is_everyone or found.is_coarse(interval)
    )


def coarse_faults(coarse: tuple[Coarse, ...]) -> list[Fault]:
    """Return what the policy `error` says of the coarse symbols of one source."""
    if not coarse:
        return []
    if coarse[0].is_everyone:
        return [_declared_wrong(coarse)]
    first = coarse[0]
    named = ", ".join(f"{each.symbol} {_text(each.usual, each)}" for each in coarse[:NAMED])
    named += f", and {len(coarse) - NAMED} more symbols" if len(coarse) > NAMED else ""
    lines = "\n".join(
        f"{each.symbol}: {each.bars} bars, mostly {_text(each.usual, each)} apart, never less than"
        f" {_text(each.nearest, each)}"
        for each in coarse[:NAMED]
    )
    if first.declared is None:
        must, was = "every symbol must have one bar per session", f"bars further apart ({named})"
        write = (
            "A weekly or monthly bar isn't known at the end of the day it is stamped with; use daily bars of such symbols,"
            " or write quality.coarse: keep to let them pass."
        )
        return [Fault("quality.coarse", must, was, write, excerpt=lines)]
    write = (
        "Make such symbols a part of their own (data=combined): data.parts.NAME with"
        f' symbols: ["{first.symbol}"] and a timezone with interval: "{_text(first.usual, first)}". If the bars are as'
        " short as declared and only lie so far apart, write quality.coarse: keep."
    )
    must, was = (
        "every symbol's bars must be as long as timezone.interval",
        f'"{first.declared}" while bars are longer ({named})',
    )
    return [Fault("quality.coarse", must, was, write, excerpt=lines)]


def coarse_report(coarse: Iterable[Coarse], policy: str) -> dict[str, object]:
    """Return one more check for `quality.json`: `count` is that of the bars of coarse symbols."""
    found = tuple(coarse)
    return {
        "policy": policy,
        "count": sum(each.bars for each in found),
        "symbols": {each.symbol: each.bars for each in found},
        "first": [],
        "declared": {each.symbol: each.declared for each in found},
        "usual": {each.symbol: _text(each.usual, each) for each in found},
    }


def _close(interval: str | None) -> int:
    """Return the distance up to which two bars show that bars are as short as declared."""
    return LONGEST_BREAK - 1 if interval is None else nanoseconds(interval)


def _text(distance: int, coarse: Coarse) -> str:
    """Return a distance; of daily bars in days, whatever their clocks did in between."""
    return f"{round(distance / DAY)}d" if coarse.declared is None else duration_text(distance)


def _declared_wrong(coarse: tuple[Coarse, ...]) -> Fault:
    nearest, declared = min(each.nearest for each in coarse), coarse[0].declared
    if declared is None:
        was = f"bars at least {round(nearest / DAY)} days apart"
        write = "A weekly or monthly bar isn't known at the end of the day it is stamped with; use daily bars."
        return Fault("timezone.stamp", "session needs one bar per session", was, write)
    fullest = max(coarse, key=lambda each: each.bars)
    was = f'"{declared}" while no two bars are closer than {duration_text(nearest)}'
    write = (
        f'Write timezone.interval: "{_text(fullest.usual, fullest)}"; a bar must not be known before it closes. If the bars'
        " are as short as declared and only lie so far apart, write quality.coarse: keep."
    )
    return Fault("timezone.interval", "must be the length of one bar", was, write)

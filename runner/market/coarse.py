"""Symbols whose bars are longer than declared, and would be known before they close.

Of one symbol the distances between its bars show it (`distances`), all of them or those of a stretch. If that is so of every
symbol, the declaration is wrong. So it is if no two bars of all symbols together are closer than two intervals or four days,
however few bars each one has, unless together their distances are those of bars that are seldom there.

Bars too few to judge, all equally far apart, are noted (`few_notes`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runner.duration import DAY, duration_text, nanoseconds
from runner.errors import Fault
from runner.market.distances import ENOUGH, LONGEST_BREAK, Distances, pooled

__all__ = ["COARSE", "Coarse", "coarse_faults", "coarse_of", "coarse_report", "few_notes"]

COARSE = "coarse"
NAMED = 10
"""Symbols named in a fault or a note; the report names all."""


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
    """Most common distance of two, or that of a stretch, in nanoseconds: how long they seem to be."""
    declared: str | None
    """Length the policy declares; None: one session."""
    is_everyone: bool
    """Whether no other symbol has bars as short as declared either."""
    is_stretch: bool = False
    """Whether only a stretch of them is longer."""


def coarse_of(symbols: Mapping[str, Distances], interval: str | None) -> tuple[Coarse, ...]:
    """Return the symbols whose bars are longer than declared, in the order of their names."""
    measured = {symbol: found for symbol, found in sorted(symbols.items()) if found.pairs}
    if _is_everyone(list(measured.values()), interval):
        return tuple(
            Coarse(symbol, found.pairs + 1, found.nearest, found.common or found.usual, interval, is_everyone=True)
            for symbol, found in measured.items()
        )
    lengths = {symbol: found.length for symbol, found in measured.items()}
    return tuple(
        Coarse(
            symbol,
            found.pairs + 1,
            found.nearest,
            lengths[symbol],
            interval,
            is_everyone=False,
            is_stretch=found.common == 0,
        )
        for symbol, found in measured.items()
        if lengths[symbol]
    )


def few_notes(symbols: Mapping[str, Distances], interval: str | None) -> tuple[str, ...]:
    """Return which symbols have too few bars to judge, all equally far apart, and further than declared."""
    few = {symbol: found for symbol, found in sorted(symbols.items()) if found.few}
    if not few or _is_everyone([found for found in symbols.values() if found.pairs], interval):
        return ()
    told = [f"{symbol} ({found.pairs + 1} bars, {_text(found.few, interval)} apart)" for symbol, found in few.items()]
    named = ", ".join(told[:NAMED]) + (f" and {len(told) - NAMED} more symbols" if len(told) > NAMED else "")
    declared = "one session" if interval is None else f'timezone.interval: "{interval}"'
    return (f"bars of {named} are few and all equally far apart: are they as long as declared, {declared}?",)


def _is_everyone(measured: list[Distances], interval: str | None) -> bool:
    if measured and all(found.common for found in measured):
        return True
    far = LONGEST_BREAK if interval is None else 2 * nanoseconds(interval)
    if sum(found.pairs for found in measured) < ENOUGH or any(found.nearest < far for found in measured):
        return False
    together = pooled(measured, interval)
    return together.is_off_grid or together.common > 0


def coarse_faults(coarse: tuple[Coarse, ...]) -> list[Fault]:
    """Return what the policy `error` says of the coarse symbols of one source."""
    if not coarse:
        return []
    if coarse[0].is_everyone:
        return [_declared_wrong(coarse)]
    first = coarse[0]
    named = ", ".join(f"{each.symbol} {_text(each.usual, each.declared)}" for each in coarse[:NAMED])
    named += f", and {len(coarse) - NAMED} more symbols" if len(coarse) > NAMED else ""
    lines = "\n".join(_line(each) for each in coarse[:NAMED])
    if first.declared is None:
        must, was = "every symbol must have one bar per session", f"bars further apart ({named})"
        write = (
            "A weekly or monthly bar isn't known at the end of the day it is stamped with; use daily bars of such symbols,"
            " or write quality.coarse: keep to let them pass."
        )
        return [Fault("quality.coarse", must, was, write, excerpt=lines)]
    length = _text(first.usual, first.declared)
    write = (
        "Make such symbols a part of their own (data=combined): data.parts.NAME with"
        f' symbols: ["{first.symbol}"] and a timezone with interval: "{length}". If the bars are as'
        " short as declared and only lie so far apart, write quality.coarse: keep."
    )
    if any(each.nearest < each.usual for each in coarse):
        write += " Of a symbol whose bars have several lengths, leave those of one length only."
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
        "usual": {each.symbol: _text(each.usual, each.declared) for each in found},
    }


def _line(coarse: Coarse) -> str:
    usual, nearest = (_text(each, coarse.declared) for each in (coarse.usual, coarse.nearest))
    apart = f"a stretch of them {usual} apart" if coarse.is_stretch else f"mostly {usual} apart"
    return f"{coarse.symbol}: {coarse.bars} bars, {apart}, never less than {nearest}"


def _text(distance: int, declared: str | None) -> str:
    """Return a distance; of daily bars in days, whatever their clocks did in between."""
    return f"{round(distance / DAY)}d" if declared is None else duration_text(distance)


def _declared_wrong(coarse: tuple[Coarse, ...]) -> Fault:
    nearest, declared = min(each.nearest for each in coarse), coarse[0].declared
    fullest = max(coarse, key=lambda each: each.bars)
    length = _text(fullest.usual, declared)
    if declared is None:
        far = f"at least {round(nearest / DAY)} days" if nearest >= LONGEST_BREAK else f"mostly {length}"
        write = "A weekly or monthly bar isn't known at the end of the day it is stamped with; use daily bars."
        return Fault("timezone.stamp", "session needs one bar per session", f"bars {far} apart", write)
    if nearest >= 2 * nanoseconds(declared):
        was = f'"{declared}" while no two bars are closer than {duration_text(nearest)}'
    else:
        was = f'"{declared}" while most bars are {length} apart'
    write = (
        f'Write timezone.interval: "{length}"; a bar must not be known before it closes. If the bars'
        " are as short as declared and only lie so far apart, write quality.coarse: keep."
    )
    return Fault("timezone.interval", "must be the length of one bar", was, write)

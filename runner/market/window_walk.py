"""One window after the other: what is carried, and the steps its rows pass; see `windows`.

Frames are handed on in lists and let go, so that no step holds what the one before it made.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from runner.duration import nanoseconds
from runner.errors import DataError, Fault
from runner.market.arrange import arranged
from runner.market.batch import FORMING
from runner.market.calendar import Calendar
from runner.market.carried import CARRIED, Carried
from runner.market.checks import CHECKS
from runner.market.clock import placed
from runner.market.coarse import COARSE, coarse_faults
from runner.market.gap_windows import GapWindows
from runner.market.layout import tape_of
from runner.market.left_out import Door, accounted, hours_faults
from runner.market.lives import by_lives, tickers_of
from runner.market.lone_rows import Lone
from runner.market.origin import FILE, ROW, excerpt
from runner.market.parquet_slices import PLACE, Slices, slice_of
from runner.market.quality import Beside, Gated, gate, nothing_left
from runner.market.session_ends import session_ends
from runner.market.spacing import Spacings
from runner.market.symbols import partial_symbols
from runner.market.tape import Tape
from runner.market.ties import shared_count
from runner.market.usual_moves import AROUND
from runner.market.window import empty_window, span_of, within
from runner.market.window_totals import Beforehand, Totals
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window

__all__ = ["TapeWindow", "Walk", "walked"]

T = TypeVar("T", np.int32, np.int64)

CARRIED_ROWS = 2 * AROUND + 2
"""Rows of each symbol that are carried at least: those around one in the middle."""
NAMED = 10
"""Symbols named in a fault."""


@dataclass(frozen=True, slots=True, eq=False)
class TapeWindow:
    """The rows of one window."""

    tape: Tape
    """Laid out; it has all of the universe's symbols, in its order."""
    quality: dict[str, object]
    """What the gate found in them, as `MarketData.quality` says of one stream, without `coarse`: only the whole pass shows
    that. A gap is counted where it ends."""


@dataclass(slots=True)
class Walk:
    """What is carried from window to window."""

    slices: Slices
    universe: Universe
    timezone: Timezone
    quality: Quality
    dates: Window
    spacings: Spacings
    gaps: GapWindows
    totals: Totals
    now: int | None = None
    """UTC nanoseconds after which bars count as still forming; None lets them pass."""
    as_of: int | None = None
    """`now`, as soon as it decided something."""
    carried: pl.DataFrame | None = None
    """The last rows of every symbol so far."""
    told: Carried | None = None
    """What was found in them."""
    reached: dict[str, int] = field(default_factory=dict)
    """Ticker → place of its last row so far."""
    span: tuple[date, date] | None = None
    """First and last session date, of rows outside `dates` too."""
    calendar: Calendar | None = None
    """The sessions of the windows so far."""
    read: int = 0
    """Stretches that were read."""

    @classmethod
    def of(
        cls, slices: Slices, universe: Universe, timezone: Timezone, quality: Quality, dates: Window, now: int | None
    ) -> "Walk":
        """Return what stands before the first window."""
        symbols = universe.symbols
        totals = Totals(symbols, slices.source.stream, timezone, quality)
        gaps = GapWindows(timezone, symbols)
        return cls(slices, universe, timezone, quality, dates, Spacings(timezone), gaps, totals, now)


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """The rows of a window, with their instants and under the universe's symbols."""

    frame: pl.DataFrame
    calendar: Calendar | None
    outside: Mapping[str, int]
    strays: Mapping[str, int]
    door: Door
    lone: Mapping[str, Lone]


def walked(walk: Walk, stretches: list[tuple[int, int]]) -> Iterator[TapeWindow]:
    """Yield the windows of half-open stretches of stamps, ascending; raises DataError, behind the last one as well."""
    for stretch in stretches:
        # A list hands the window over without keeping it: it may be as large as everything else together.
        found = _windows_in(walk, stretch)
        walk.read += 1
        while found:
            yield found.pop()
    _concluded(walk)


def _windows_in(walk: Walk, stretch: tuple[int, int]) -> list[TapeWindow]:
    """Pass the rows of a stretch through every step; an empty list if nothing of them is left."""
    rows = [slice_of(walk.slices, stretch)]
    if rows[0].height == 0:
        return []
    rows.append(arranged(rows.pop(), tickers_of(walk.universe)))
    moved = _moved(walk, rows[0])
    new = _placed(walk, rows, stretch[1])
    before = _beforehand(walk, new, moved)
    walk.totals.add_before(before)
    if new.frame.height == 0:
        return []
    rows.append(new.frame)
    del new
    gated = _gated(walk, rows, before)
    walk.totals.add(gated)
    if gated.frame.height == 0:
        return []
    checks = {name: check for name, check in _mapping(gated.report["checks"]).items() if name != COARSE}
    report = {**accounted(gated.report, before.door), "checks": checks, "notes": before.notes(gated, walk.timezone)}
    return [TapeWindow(tape_of(gated.frame, walk.universe.symbols, walk.slices.source.stream), report)]


def _placed(walk: Walk, rows: list[pl.DataFrame], end: int) -> _Placed:
    """Give rows, handed over in a list, their instants and symbols; hold bars against their declared length."""
    read = Door.counted(rows[0])
    found = placed(rows.pop().drop(PLACE), walk.timezone, lambda: _following(walk, end))
    walk.calendar = _with_sessions(walk.calendar, found.calendar)
    if walk.slices.source.stream == "bars":
        walk.spacings.add(found.frame, found.calendar)
        _raise_any(walk.spacings.faults)
    lived = by_lives(found.frame, walk.universe)
    spans = [span for span in (walk.span, span_of(lived.frame)) if span is not None]
    walk.span = (min(first for first, _ in spans), max(last for _, last in spans)) if spans else None
    inside = within(lived.frame, walk.dates)
    ours = _with_forming(walk, inside.with_columns(pl.col("symbol").cast(pl.Enum(walk.universe.symbols))))
    door = Door.of(read, placed=found.frame.height, lived=lived.frame.height, inside=inside.height)
    return _Placed(ours, found.calendar, found.outside, lived.strays, door, found.lone)


def _with_sessions(held: Calendar | None, new: Calendar | None) -> Calendar | None:
    """Return the sessions of both, each day once."""
    if held is None or new is None:
        return held or new
    is_known = np.isin(new.days, held.days)
    order = np.argsort(np.concatenate([held.days, new.days[~is_known]]), kind="stable")

    def both(one: NDArray[T], other: NDArray[T]) -> NDArray[T]:
        return np.concatenate([one, other[~is_known]])[order]

    return Calendar(
        held.name,
        both(held.days, new.days),
        both(held.open_ns, new.open_ns),
        both(held.close_ns, new.close_ns),
        both(held.break_start_ns, new.break_start_ns),
        both(held.break_end_ns, new.break_end_ns),
        held.zone,
    )


def _with_forming(walk: Walk, frame: pl.DataFrame) -> pl.DataFrame:
    """Mark bars known later than now, where there are any."""
    if walk.now is None or walk.slices.source.stream != "bars" or not (frame["known"] > walk.now).any():
        return frame
    walk.as_of = walk.now
    return frame.with_columns((pl.col("known") > walk.now).alias(FORMING))


def _following(walk: Walk, end: int) -> pl.DataFrame:
    """Return the rows stamped within one interval from the end of a window."""
    rows = slice_of(walk.slices, (end, end + nanoseconds(walk.timezone.interval or "") // walk.slices.tick))
    return arranged(rows, tickers_of(walk.universe)) if rows.height else rows


def _beforehand(walk: Walk, new: _Placed, moved: Mapping[str, int]) -> Beforehand:
    stream = walk.slices.source.stream
    gaps = walk.gaps.add(new.frame, new.calendar if stream == "bars" else None)
    present = frozenset(new.frame["symbol"].unique().cast(pl.String).to_list())
    is_told = stream == "bars" and walk.quality.gap == "error"
    ends = session_ends(new.frame, walk.timezone, new.calendar) if is_told else {}
    shared = shared_count(new.frame, stream)
    return Beforehand(gaps, new.outside, new.strays, shared, moved, present, new.door, new.lone, ends)


def _gated(walk: Walk, rows: list[pl.DataFrame], before: Beforehand) -> Gated:
    """Judge rows, handed over in a list, behind those that are carried."""
    rows.append(rows.pop().with_columns(pl.lit(value=False).alias(CARRIED)))
    rows.append(rows.pop() if walk.carried is None else _concatenated(walk.carried, rows.pop()))
    rows.append(arranged(rows.pop(), walk.universe.symbols))
    walk.carried = _last_rows(rows[0], max(walk.quality.stale_rows + 3, CARRIED_ROWS))
    onward = walk.carried.select(FILE, ROW)
    walk.told = Carried(onward) if walk.told is None else walk.told.following(onward)
    return gate(
        rows.pop(),
        walk.quality,
        symbols=walk.universe.symbols,
        stream=walk.slices.source.stream,
        levels=walk.slices.levels,
        beside=Beside((before.gaps,), (), walk.told),
    )


def _concatenated(carried: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Put rows behind those that are carried; those of a frame in which none is marked as forming aren't."""
    if FORMING not in carried.columns and FORMING not in new.columns:
        return pl.concat([carried, new])
    return pl.concat([carried, new], how="diagonal").with_columns(pl.col(FORMING).fill_null(value=False))


def _last_rows(frame: pl.DataFrame, count: int) -> pl.DataFrame:
    """Return the last rows of each symbol of an arranged frame in time, marked as carried."""
    is_later = frame["known"].diff() >= 0
    begins = frame["symbol"].to_physical().diff() != 0
    is_ordered = bool((is_later | begins).fill_null(value=True).all())
    ordered = frame if is_ordered else frame.sort("symbol", "known", maintain_order=True)
    last = ordered.group_by("symbol", maintain_order=True).tail(count).select(frame.columns)
    return last.with_columns(pl.lit(value=True).alias(CARRIED)).rechunk()


def _moved(walk: Walk, rows: pl.DataFrame) -> Mapping[str, int]:
    """Count rows that stand in the files before rows of an earlier window; refuse them unless the policy is to sort."""
    spans = rows.group_by("symbol", maintain_order=True).agg(
        pl.col(PLACE).min().alias("first"), pl.col(PLACE).max().alias("last")
    )
    before = {symbol: walk.reached.get(symbol, -1) for symbol in spans["symbol"]}
    walk.reached |= {symbol: max(last, before[symbol]) for symbol, _, last in spans.iter_rows()}
    early = {symbol: before[symbol] for symbol, first, _ in spans.iter_rows() if first < before[symbol]}
    if not early:
        return {}
    stood = pl.any_horizontal((pl.col("symbol") == symbol) & (pl.col(PLACE) < place) for symbol, place in early.items())
    shown = rows.filter(stood)
    if walk.quality.unsorted != "error":
        return dict(shown["symbol"].cast(pl.String).value_counts().sort("symbol").iter_rows())
    check = next(check for check in CHECKS if check.name == "unsorted")
    was = f"rows of later files or lines that come earlier ({', '.join(sorted(early)[:NAMED])})"
    raise DataError(Fault("quality.unsorted", check.must, was, check.write, excerpt=excerpt(shown)))


def _concluded(walk: Walk) -> None:
    """Raise what only the whole shows."""
    if walk.quality.coarse == "error":
        _raise_any(coarse_faults(walk.spacings.coarse))
    totals = walk.totals
    _raise_any(hours_faults(totals.door, totals.gaps, walk.timezone))
    if totals.rows_read == 0:
        raise DataError(empty_window(walk.span, walk.dates))
    if totals.rows_kept == 0:
        raise DataError(nothing_left(totals.dropped))
    _raise_any(partial_symbols(totals.spans, walk.universe))


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r} is no mapping")
    return value


def _raise_any(faults: list[Fault]) -> None:
    if faults:
        raise DataError(faults)

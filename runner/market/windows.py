"""Data bigger than memory: parquet files as a sequence of tapes, window by window, the same rows as loading them whole.

1. `surveyed` looks at symbols and stamps once, `edges` cuts the span into windows.
2. Each window's rows pass the same steps as in `load`: `placed`, `spacing`, `by_lives`, `gate`, `tape_of`. Before them
   stand the last rows of each symbol from earlier windows, so that neighbours are neighbours across a border; they are
   taken out again behind the gate.
3. Rows that stood in the files before rows of an earlier window are found by their place (`_refuse_disorder`).

Put together again (`joined`), the tapes are the tape of `load`, bit for bit. What can't be known before the rest was read
can't decide which rows are left out: `outlier`, `stale` and `unit` can be `error` or `keep` here, and what they compare
with is the window and the rows carried, not the whole history. `gap`, `universe.late` and `universe.early` must be `keep`.

Whoever computes on windows carries state from one to the next, as live trading does from row to row: the rows of a symbol
in one tape follow those in the tape before, so an operator's state array after the one is its state before the other, and
the decision kernel goes on with its positions, pending orders and latches. No row is seen twice, none is warm-up again.

Memory: the rows of one window, in the source's columns and as a tape, and `stale_rows` rows a symbol. Files are read by
row groups: files cut along time are the fastest to go through, files cut along symbols are gone through once per window.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from runner.errors import ConfigError, DataError, Fault
from runner.market.arrange import arranged
from runner.market.checks import CHECKS
from runner.market.clock import placed
from runner.duration import nanoseconds
from runner.market.layout import tape_of
from runner.market.lives import by_lives, tickers_of
from runner.market.load import config_faults
from runner.market.origin import excerpt
from runner.market.parquet_slices import PLACE, Slices, edges, slice_of, surveyed
from runner.market.quality import gate
from runner.market.sources.parquet import Parquet
from runner.market.spacing import LONGEST_BREAK, spacing_faults
from runner.market.symbols import absent_symbols
from runner.market.tape import Tape
from runner.market.timezone import stream_faults
from runner.market.window import within
from runner.spec.quality import Quality
from runner.spec.timezone import Timezone
from runner.spec.universe import Universe
from runner.spec.window import Window
from runner.units import Duration

__all__ = ["joined", "tape_windows", "window_policy_faults"]

CARRIED = "carried"
"""Boolean column: the row was in an earlier window's tape."""
SAMPLE = 4_096
"""Rows kept to judge, at the end, whether bars are as long as declared."""
HINDSIGHT = ("outlier", "stale", "unit")
"""Checks whose answer may depend on later rows."""


def tape_windows(
    source: Parquet,
    *,
    universe: Universe,
    timezone: Timezone,
    quality: Quality,
    window: Duration | int,
    dates: Window | None = None,
) -> Iterator[Tape]:
    """Yield the universe's rows window by window, ascending in time; windows without rows are passed over.

    Args:
        source: the files.
        universe: what is read; every tape has all of its symbols, in its order.
        timezone: what stamps mean.
        quality: what happens to faulty rows; see the module for what can't be decided window by window.
        window: length of a window of stamps, such as `"1d"`, or how many rows it holds about.
        dates: session dates to keep; None keeps all.

    Raises:
        ConfigError: the configuration contradicts itself or needs the whole data at once; before the first window.
        DataError: rows can't be read or placed, or break a policy; at the window that shows it.
    """
    span = dates or Window()
    faults = [
        *config_faults(universe=universe, window=span, timezone=timezone, quality=quality),
        *stream_faults(source.stream, timezone),
        *window_policy_faults(source, universe, quality),
    ]
    if faults:
        raise ConfigError(faults)
    slices = surveyed(source, universe)
    faults = absent_symbols(universe, slices.symbols)
    if faults:
        raise DataError(faults)
    return _walked(_Walk(slices, universe, timezone, quality, span), edges(slices, window))


def joined(tapes: Sequence[Tape]) -> Tape:
    """Put windows together again: each symbol's rows in the order of the windows. Needs at least one tape."""
    first = tapes[0]
    code = np.concatenate([tape.symbol for tape in tapes])
    order = np.argsort(code, kind="stable")
    return Tape(
        symbols=first.symbols,
        ts=np.concatenate([tape.ts for tape in tapes])[order],
        opened=np.concatenate([tape.opened for tape in tapes])[order],
        session=np.concatenate([tape.session for tape in tapes])[order],
        symbol=code[order],
        columns={name: np.concatenate([tape.columns[name] for tape in tapes])[order] for name in first.columns},
        offsets=np.searchsorted(code[order], np.arange(len(first.symbols) + 1)).astype(np.int64),
        stream=first.stream,
    )


def window_policy_faults(source: Parquet, universe: Universe, quality: Quality) -> list[Fault]:
    """Return what needs the whole data at once."""
    write = "Write error or keep, or load the data whole."
    must = "must not leave rows out where data are read window by window"
    faults = [Fault(f"quality.{name}", must, "drop", write) for name in HINDSIGHT if getattr(quality, name) == "drop"]
    whole = [("quality.gap", quality.gap), ("universe.late", universe.late), ("universe.early", universe.early)]
    must = "must be keep where data are read window by window"
    faults += [Fault(where, must, value, "Write keep, or load the data whole.") for where, value in whole if value != "keep"]
    if source.adjust != "none":
        write = "Adjust the files once, or load the data whole."
        faults.append(Fault("data.adjust", "must be none where data are read window by window", source.adjust, write))
    return faults


@dataclass(slots=True)
class _Walk:
    """What is carried from window to window."""

    slices: Slices
    universe: Universe
    timezone: Timezone
    quality: Quality
    dates: Window
    carried: pl.DataFrame | None = None
    """The last rows of every symbol so far."""
    reached: dict[str, int] = field(default_factory=dict)
    """Ticker → place of its last row so far."""
    sample: pl.DataFrame | None = None
    """First rows of the data."""
    is_long_enough: bool = False
    """Whether two bars were as near to each other as the declared length asks."""


def _walked(walk: _Walk, stretches: list[tuple[int, int]]) -> Iterator[Tape]:
    for stretch in stretches:
        rows = slice_of(walk.slices, stretch)
        if rows.height:
            rows = arranged(rows, tickers_of(walk.universe))
            _refuse_disorder(walk, rows)
            tape = _taped(walk, rows.drop(PLACE))
            if tape is not None:
                yield tape
    if walk.sample is not None and not walk.is_long_enough:
        _raise_any(spacing_faults(walk.sample, walk.timezone))


def _taped(walk: _Walk, rows: pl.DataFrame) -> Tape | None:
    """Pass one window through every step; None if nothing of it is left."""
    lived = by_lives(placed(rows, walk.timezone).frame, walk.universe).frame
    fresh = within(lived, walk.dates).with_columns(pl.lit(value=False).alias(CARRIED))
    if fresh.height == 0:
        return None
    ours = fresh.with_columns(pl.col("symbol").cast(pl.Enum(walk.universe.symbols)))
    whole = arranged(ours if walk.carried is None else pl.concat([walk.carried, ours]), walk.universe.symbols)
    _check_spacing(walk, whole)
    walk.carried = _last_rows(whole, walk.quality.stale_rows + 3)
    kept = _gated(walk, whole)
    if kept is None or kept.height == 0:
        return None
    return tape_of(kept, walk.universe.symbols, walk.slices.source.stream)


def _gated(walk: _Walk, whole: pl.DataFrame) -> pl.DataFrame | None:
    """Return the rows of the window that the gate lets through; a window of which nothing is left is no fault."""
    source = walk.slices.source
    try:
        gated = gate(
            whole, walk.quality, symbols=walk.universe.symbols, stream=source.stream, levels=walk.slices.levels
        ).frame
    except DataError as error:
        if [fault.where for fault in error.faults] == ["quality"]:
            return None
        raise
    return gated.filter(~pl.col(CARRIED)).drop(CARRIED)


def _last_rows(frame: pl.DataFrame, count: int) -> pl.DataFrame:
    """Return the last rows of each symbol of an arranged frame in time, marked as carried."""
    is_later = frame["known"].diff() >= 0
    begins = frame["symbol"].to_physical().diff() != 0
    is_ordered = bool((is_later | begins).fill_null(value=True).all())
    ordered = frame if is_ordered else frame.sort("symbol", "known", maintain_order=True)
    last = ordered.group_by("symbol", maintain_order=True).tail(count).select(frame.columns)
    return last.with_columns(pl.lit(value=True).alias(CARRIED)).rechunk()


def _refuse_disorder(walk: _Walk, rows: pl.DataFrame) -> None:
    """Refuse rows that stand in the files before rows of an earlier window, unless the policy is to sort."""
    spans = rows.group_by("symbol").agg(pl.col(PLACE).min().alias("first"), pl.col(PLACE).max().alias("last"))
    early = {symbol for symbol, first, _ in spans.iter_rows() if first < walk.reached.get(symbol, -1)}
    walk.reached |= {symbol: max(last, walk.reached.get(symbol, -1)) for symbol, _, last in spans.iter_rows()}
    if not early or walk.quality.unsorted != "error":
        return
    check = next(check for check in CHECKS if check.name == "unsorted")
    shown = rows.filter(pl.col("symbol").is_in(early))
    was = f"rows of later files or lines that come earlier ({', '.join(sorted(early)[:10])})"
    raise DataError(Fault("quality.unsorted", check.must, was, check.write, excerpt=excerpt(shown)))


def _check_spacing(walk: _Walk, whole: pl.DataFrame) -> None:
    """Refuse bars that overlap; remember whether any two were as near as bars of the declared length are."""
    if walk.slices.source.stream != "bars":
        return
    apart = whole["opened"].diff()
    nearest = apart.filter((apart > 0) & (whole["symbol"].to_physical().diff() == 0)).min()
    interval = walk.timezone.interval
    enough = LONGEST_BREAK if interval is None else 2 * nanoseconds(interval)
    if isinstance(nearest, int) and nearest < enough:
        walk.is_long_enough = True
        _raise_any(spacing_faults(whole, walk.timezone))
    if walk.sample is None or walk.sample.height < SAMPLE:
        walk.sample = (whole if walk.sample is None else pl.concat([walk.sample, whole])).head(SAMPLE)


def _raise_any(faults: list[Fault]) -> None:
    if faults:
        raise DataError(faults)

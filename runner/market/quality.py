"""The quality gate: rows pass, are left out, mended or refused by the policy for each kind of fault, and all are counted.

1. `arranged` puts the rows together symbol by symbol, `doubtful_of` passes over symbols in which at a glance nothing can be
   wrong, `batches` cuts the others and puts each symbol's rows in the order of time.
2. `_clean` makes NaN and infinite values null, so that checks have one way to see that a number isn't there.
3. `_judged` runs each check of the stream over a batch and leaves out or mends what the policies say; batches are judged
   side by side. A `_Finding` counts offending rows per symbol and keeps the first.
4. `_refusals` turns findings under the policy `error` into faults, raised together.
5. The report says all of it in plain JSON values.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import polars as pl

from runner.errors import DataError, Fault
from runner.market.arrange import arranged, bounds
from runner.market.batch import BEGINS, FORMING, UNSORTED, Batch, batches
from runner.market.carried import CARRIED, Carried, own
from runner.market.checks import CHECKS, GAP, GAP_MUST, GAP_WRITE, Check, shown_columns
from runner.market.coarse import COARSE, Coarse, coarse_report
from runner.market.doubtful import doubtful_of, rejoined
from runner.market.gaps import Gap, Gaps
from runner.market.origin import FILE, ROW, SHOWN, excerpt, stamp_text
from runner.market.streams import Stream, columns_of
from runner.market.value_checks import repaired
from runner.spec.quality import Quality

__all__ = ["Beside", "Gated", "gap_report", "gate", "nothing_left", "quality_faults", "unknown_notes"]

NAMED = 10
"""Symbols named with their counts in a fault; the report names all."""
ADJUSTED = {
    "split": "The prices are adjusted (data.adjust) and step all the same, or because of it: were they adjusted already, are"
    " dates counted in another zone (data.factors_zone), or is a split not among the factors? Otherwise write quality.split:"
    " keep if the price did move so."
}
"""What to do about checks of prices that were adjusted while they were read."""
WORKING = (BEGINS, FORMING, UNSORTED, FILE, ROW, "timestamp")
"""Columns nobody needs behind the gate."""


@dataclass(frozen=True, slots=True)
class Gated:
    """What came through the gate."""

    frame: pl.DataFrame
    """Kept rows: `symbol` (Enum of the universe), `opened`, `known`, `session` and the stream's columns, null where unknown;
    by symbol in the universe's order and within it by `known`, of bars each instant once."""
    report: dict[str, object]
    """Plain JSON values: `rows_read`, `rows_kept`, `checks`, `symbols`."""
    unknown: Mapping[str, int]
    """Column → values that aren't known; columns without any are not named."""

    @property
    def notes(self) -> tuple[str, ...]:
        """How many values aren't known, in plain words."""
        return unknown_notes(self.unknown)


@dataclass(frozen=True, slots=True)
class Beside:
    """What was found beside the rows themselves."""

    gaps: tuple[Gaps, ...] = ()
    """What the calendars expected and the rows don't hold."""
    coarse: tuple[Coarse, ...] = ()
    """Symbols whose bars are longer than declared, where the policy lets them pass."""
    carried: Carried | None = None
    """What was found in rows of earlier windows, which stand among the rows as context."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """One batch after the checks."""

    frame: pl.DataFrame
    """The rows the policies let through."""
    offending: tuple[pl.DataFrame, ...]
    """The offending rows of each check of the stream."""
    unknown: Mapping[str, int]
    """Column → values that aren't known."""
    is_changed: bool
    """Whether rows were left out, mended, made unknown or put in order."""


@dataclass(slots=True)
class _Finding:
    """What one check found so far."""

    check: Check
    policy: str
    count: int = 0
    symbols: dict[str, int] = field(default_factory=dict)
    first: list[pl.DataFrame] = field(default_factory=list)
    shown: int = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Count offending rows."""
        if rows.height == 0:
            return
        self.count += rows.height
        for symbol, count in rows.group_by("symbol", maintain_order=True).len().iter_rows():
            self.symbols[symbol] = count
        if self.shown < SHOWN:
            self.first.append(rows.head(SHOWN - self.shown))
            self.shown += self.first[-1].height


def quality_faults(quality: Quality) -> list[Fault]:
    """Return what is wrong with the policies themselves: a missing price can't be kept."""
    if quality.missing != "keep":
        return []
    write = (
        "A fill could use the missing price, and there is none to use; write quality.missing: drop to leave such rows out."
    )
    return [Fault("quality.missing", "must be error or drop", "keep", write)]


def gate(
    frame: pl.DataFrame,
    quality: Quality,
    *,
    symbols: tuple[str, ...],
    stream: Stream = "bars",
    levels: int = 0,
    beside: Beside | None = None,
) -> Gated:
    """Judge rows that have their instants by the policies.

    Args:
        frame: `symbol`, `timestamp`, `opened`, `known`, `session`, `file`, `row` and the stream's columns, in the source's
            order.
        quality: the policies.
        symbols: the universe, in its order.
        stream: what a row is.
        levels: book levels per side.
        beside: what the report says that no row shows.

    Raises DataError with one fault per check that found something under the policy `error`, or if nothing is left of rows
    that aren't a window's.
    """
    beside = beside or Beside()
    findings = [_Finding(check, getattr(quality, check.name)) for check in CHECKS if stream in check.streams]
    unknown: dict[str, int] = {}
    kept = []
    is_changed = False
    judge = partial(_judged, stream=stream, levels=levels, quality=quality)
    rows = arranged(frame, symbols)
    doubtful = doubtful_of(rows, stream, [found.check.name for found in findings], quality)
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        for judged in pool.map(judge, batches(doubtful.frame)):
            kept.append(judged.frame)
            is_changed = is_changed or judged.is_changed
            for finding, marked in zip(findings, judged.offending, strict=True):
                finding.add(marked if beside.carried is None else beside.carried.news(finding.check.name, marked))
            for name, count in judged.unknown.items():
                unknown[name] = unknown.get(name, 0) + count
    faults = [*_refusals(findings, stream, is_adjusted="raw_close" in frame.columns), *_missing_bars(beside.gaps, quality)]
    if faults:
        raise DataError(faults)
    # Rows of which none was touched stay where they are: a tape takes what lies in one piece without copying it.
    left = rows.drop(WORKING, strict=False)
    whole = own(rejoined(left, doubtful, kept) if is_changed else left)
    if whole.height == 0 and beside.carried is None:
        raise DataError(nothing_left({found.check.name: found.count for found in findings if found.policy == "drop"}))
    found = {found.check.name: _finding_report(found, stream) for found in findings}
    if stream == "bars":
        found[GAP] = gap_report(beside.gaps, quality)
        found[COARSE] = coarse_report(beside.coarse, quality.coarse)
    return Gated(
        whole,
        {
            "rows_read": own(frame.select(pl.col("symbol", CARRIED) if CARRIED in frame.columns else "symbol")).height,
            "rows_kept": whole.height,
            "checks": found,
            "symbols": _symbol_report(whole, symbols),
        },
        {name: count for name, count in unknown.items() if count},
    )


def unknown_notes(unknown: Mapping[str, int]) -> tuple[str, ...]:
    """Return how many values of which column aren't known, in plain words."""
    return tuple(f"{name} is unknown (NaN) in {_rows(count)}" for name, count in unknown.items())


def _judged(rows: pl.DataFrame, *, stream: Stream, levels: int, quality: Quality) -> _Judged:
    """Run every check of the stream over a batch, and apply what the policies say."""
    batch = _clean(Batch(rows, stream, levels, quality))
    frame, offending = batch.frame, []
    dropped: pl.Series | None = None
    mend = False
    for check in CHECKS:
        if stream not in check.streams:
            continue
        mask = check.mask(batch)
        offending.append(frame.filter(mask) if mask.any() else frame.clear())
        if offending[-1].height and getattr(quality, check.name) == "drop":
            dropped = mask if dropped is None else dropped | mask
        mend = mend or (offending[-1].height > 0 and getattr(quality, check.name) == "repair")
    kept = repaired(batch) if mend else frame
    kept = kept if dropped is None else kept.filter(~dropped)
    may_miss = [name for name in columns_of(stream, min(levels, 1)) if name not in batch.prices]
    ours = own(frame.select(name for name in (*may_miss, CARRIED) if name in frame.columns))
    unknown = {name: ours[name].null_count() for name in may_miss}
    is_changed = kept is not rows or bool(rows[UNSORTED].any())
    return _Judged(kept.drop(WORKING, strict=False), tuple(offending), unknown, is_changed)


def _clean(batch: Batch) -> Batch:
    """Make what isn't a finite number null, and negative zero zero: equal rows must have equal bits."""
    frame = batch.frame
    values = [pl.col(name) for name in batch.values]
    # A sum is finite only if everything in it is; most columns never come near zero.
    odd = frame.select(~each.sum().is_finite() | ((each.min() <= 0) & (each.max() >= 0)) for each in values)
    # Adding zero would clear the sign as well, but polars takes such an addition out of the query.
    finite = [
        pl.when(pl.col(name) == 0).then(0.0).when(pl.col(name).is_finite()).then(pl.col(name)).alias(name)
        for name, is_odd in zip(batch.values, odd.row(0), strict=True)
        if is_odd
    ]
    return replace(batch, frame=frame.with_columns(finite)) if finite else batch


def _refusals(findings: list[_Finding], stream: Stream, *, is_adjusted: bool) -> list[Fault]:
    return [
        Fault(
            f"quality.{found.check.name}",
            found.check.must,
            f"not so in {_rows(found.count)} ({_by_symbol(found.symbols)})",
            ADJUSTED.get(found.check.name, found.check.write) if is_adjusted else found.check.write,
            excerpt=_excerpt(found, stream),
        )
        for found in findings
        if found.policy == "error" and found.count
    ]


def _excerpt(found: _Finding, stream: Stream) -> str:
    rows = pl.concat(found.first)
    columns = [name for name in shown_columns(stream, found.check) if name in rows.columns]
    return excerpt(rows, tuple(columns), count=found.count)


def _missing_bars(gaps: tuple[Gaps, ...], quality: Quality) -> list[Fault]:
    """Return a fault for bars the calendars expect and the data don't have, where the policy is `error`."""
    if quality.gap != "error":
        return []
    if not all(found.judged for found in gaps):
        write = "Write timezone.calendar, e.g. XNYS or 24-7, or timezone.session, or quality.gap: keep."
        was = "neither calendar nor session, or bars longer than a day"
        return [Fault("quality.gap", "error needs to know when the market is open", was, write)]
    missing = sum(found.missing for found in gaps)
    if not missing:
        return []
    by_symbol = {symbol: count for found in gaps for symbol, count in found.symbols.items()}
    listed = [gap for found in gaps for gap in found.first][:SHOWN]
    shown = "\n".join(f"{gap.symbol} {_iso(gap.start)} to {_iso(gap.end)}: {gap.missing} missing" for gap in listed)
    bars = "1 bar is" if missing == 1 else f"{missing} bars are"
    return [Fault("quality.gap", GAP_MUST, f"{bars} missing ({_by_symbol(by_symbol)})", GAP_WRITE, excerpt=shown)]


def nothing_left(dropped: Mapping[str, int]) -> Fault:
    """Return the fault of data of which policies dropped every row, given how many rows each check would drop."""
    counts = ", ".join(f"{check} {count}" for check, count in dropped.items() if count)
    write = "Repair the source; a policy that drops every row leaves nothing to trade."
    return Fault("quality", "must leave at least one row", f"none after dropping ({counts or 'nothing'})", write)


def _finding_report(found: _Finding, stream: Stream) -> dict[str, object]:
    return {
        "policy": found.policy,
        "count": found.count,
        "symbols": dict(found.symbols),
        "first": [row for rows in found.first for row in _shown(rows, stream)],
    }


def _shown(rows: pl.DataFrame, stream: Stream) -> list[dict[str, object]]:
    stamps = stamp_text(rows.schema["timestamp"]).alias("stamp")
    text = (pl.col(name).cast(pl.String) for name in (FILE, "symbol"))
    return rows.select(next(text), ROW, next(text), stamps, *shown_columns(stream)).to_dicts()


def gap_report(gaps: tuple[Gaps, ...], quality: Quality) -> dict[str, object]:
    """Return the gaps as one more check: `count` is that of missing bars."""
    return {
        "policy": quality.gap,
        "count": sum(found.missing for found in gaps),
        "symbols": {symbol: count for found in gaps for symbol, count in found.symbols.items()},
        "judged": all(found.judged for found in gaps),
        "expected": sum(found.expected for found in gaps),
        "stretches": sum(found.stretches for found in gaps),
        "first": [_told(gap) for found in gaps for gap in found.first],
        "longest": [_told(gap) for found in gaps for gap in found.longest],
    }


def _told(gap: Gap) -> dict[str, object]:
    return {"symbol": gap.symbol, "from": _iso(gap.start), "to": _iso(gap.end), "missing": gap.missing}


def _symbol_report(kept: pl.DataFrame, symbols: tuple[str, ...]) -> dict[str, object]:
    """Return rows and the first and last instant at which a row of the symbol was known, of symbols that have any."""
    starts, known = bounds(kept), kept["known"]
    return {
        symbol: {"rows": int(last - first), "first": _iso(known[int(first)]), "last": _iso(known[int(last) - 1])}
        for symbol, first, last in zip(symbols, starts[:-1], starts[1:], strict=True)
        if last > first
    }


def _iso(ns: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ns // 1_000)).isoformat().replace("+00:00", "Z")


def _by_symbol(symbols: Mapping[str, int]) -> str:
    named = [f"{symbol} {count}" for symbol, count in list(symbols.items())[:NAMED]]
    more = len(symbols) - len(named)
    return ", ".join([*named, f"and {more} more symbols"] if more else named)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"

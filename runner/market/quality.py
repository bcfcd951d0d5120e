"""The quality gate: rows pass, are left out, mended or refused by the policy for each kind of fault, and all are counted.

1. `arranged` puts the rows together symbol by symbol, `batches` cuts them and puts each symbol's in the order of time.
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
from runner.market.checks import CHECKS, GAP, GAP_MUST, GAP_WRITE, Check, shown_columns
from runner.market.gaps import Gap, Gaps
from runner.market.origin import FILE, ROW, SHOWN, excerpt, stamp_text
from runner.market.streams import Stream, columns_of
from runner.market.value_checks import repaired
from runner.spec.quality import Quality

__all__ = ["Gated", "gate", "quality_faults"]

NAMED = 10
"""Symbols named with their counts in a fault; the report names all."""
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
    notes: tuple[str, ...]
    """How many values aren't known, in plain words."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """One batch after the checks."""

    frame: pl.DataFrame
    """The rows the policies let through."""
    offending: tuple[pl.DataFrame, ...]
    """The offending rows of each check of the stream."""
    unknown: Mapping[str, int]
    """Column → values that aren't known."""


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
    gaps: tuple[Gaps, ...] = (),
) -> Gated:
    """Judge rows that have their instants by the policies.

    Args:
        frame: `symbol`, `timestamp`, `opened`, `known`, `session`, `file`, `row` and the stream's columns, in the source's
            order.
        quality: the policies.
        symbols: the universe, in its order.
        stream: what a row is.
        levels: book levels per side.
        gaps: what the calendars expected and the rows don't hold.

    Raises DataError with one fault per check that found something under the policy `error`.
    """
    findings = [_Finding(check, getattr(quality, check.name)) for check in CHECKS if stream in check.streams]
    unknown: dict[str, int] = {}
    kept = []
    judge = partial(_judged, stream=stream, levels=levels, quality=quality)
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:
        for judged in pool.map(judge, batches(arranged(frame, symbols))):
            kept.append(judged.frame)
            for finding, rows in zip(findings, judged.offending, strict=True):
                finding.add(rows)
            for name, count in judged.unknown.items():
                unknown[name] = unknown.get(name, 0) + count
    faults = [*_refusals(findings, stream), *_missing_bars(gaps, quality)]
    if faults:
        raise DataError(faults)
    whole = pl.concat(kept, rechunk=False) if kept else frame.clear()
    if whole.height == 0:
        raise DataError(_nothing_left(findings))
    counted = tuple(f"{name} is unknown (NaN) in {_rows(count)}" for name, count in unknown.items() if count)
    found = {found.check.name: _finding_report(found, stream) for found in findings}
    if stream == "bars":
        found[GAP] = _gap_report(gaps, quality)
    return Gated(
        whole,
        {
            "rows_read": frame.height,
            "rows_kept": whole.height,
            "checks": found,
            "symbols": _symbol_report(whole, symbols),
        },
        counted,
    )


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
    unknown = {name: frame[name].null_count() for name in may_miss}
    return _Judged(kept.drop(WORKING, strict=False), tuple(offending), unknown)


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


def _refusals(findings: list[_Finding], stream: Stream) -> list[Fault]:
    return [
        Fault(
            f"quality.{found.check.name}",
            found.check.must,
            f"not so in {_rows(found.count)} ({_by_symbol(found.symbols)})",
            found.check.write,
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
        return [Fault("quality.gap", "error needs to know when the market is open", "neither calendar nor session", write)]
    missing = sum(found.missing for found in gaps)
    if not missing:
        return []
    by_symbol = {symbol: count for found in gaps for symbol, count in found.symbols.items()}
    listed = [gap for found in gaps for gap in found.first][:SHOWN]
    shown = "\n".join(f"{gap.symbol} {_iso(gap.start)} to {_iso(gap.end)}: {gap.missing} missing" for gap in listed)
    bars = "1 bar is" if missing == 1 else f"{missing} bars are"
    return [Fault("quality.gap", GAP_MUST, f"{bars} missing ({_by_symbol(by_symbol)})", GAP_WRITE, excerpt=shown)]


def _nothing_left(findings: list[_Finding]) -> Fault:
    dropped = ", ".join(f"{found.check.name} {found.count}" for found in findings if found.policy == "drop" and found.count)
    write = "Repair the source; a policy that drops every row leaves nothing to trade."
    return Fault("quality", "must leave at least one row", f"none after dropping ({dropped or 'nothing'})", write)


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


def _gap_report(gaps: tuple[Gaps, ...], quality: Quality) -> dict[str, object]:
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

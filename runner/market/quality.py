"""The quality gate: bars pass, are left out or are refused, each kind of fault by its declared policy, and all are counted.

1. `clean` makes NaN and infinite values null, so that checks have one way to see that a number isn't there.
2. Each check of `CHECKS` marks offending rows; `_finding` counts them per symbol.
3. `_refusals` turns findings under the policy `error` into faults, raised together.
4. `_kept` leaves out rows under the policy `drop` and sorts what remains by symbol and instant.
5. `_report` says all of it in plain JSON values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from runner.errors import DataError, Fault
from runner.market.checks import CHECKS, VALUES, Check
from runner.market.origin import FILE, ROW, SHOWN, excerpt, stamp_text
from runner.spec.quality import Quality

__all__ = ["Gated", "gate", "quality_faults"]

NAMED = 10
"""Symbols named with their counts in a fault; the report names all."""


@dataclass(frozen=True, slots=True)
class Gated:
    """What came through the gate."""

    frame: pl.DataFrame
    """Kept rows, sorted by symbol name and `known`, each pair once; volume null where unknown."""
    report: dict[str, object]
    """Plain JSON values: `rows_read`, `rows_kept`, `checks`, `symbols`, `notes`."""


@dataclass(frozen=True, slots=True)
class _Finding:
    check: Check
    policy: str
    mask: pl.Series
    rows: pl.DataFrame
    symbols: Mapping[str, int]


def quality_faults(quality: Quality) -> list[Fault]:
    """Return what is wrong with the policies themselves: a missing price can't be kept."""
    if quality.missing != "keep":
        return []
    write = (
        "A fill could use the missing price, and there is none to use; write quality.missing: drop to leave such rows out."
    )
    return [Fault("quality.missing", "must be error or drop", "keep", write)]


def gate(frame: pl.DataFrame, quality: Quality, *, notes: tuple[str, ...] = ()) -> Gated:
    """Judge stamped rows by the policies; `notes` are carried into the report.

    Raises DataError with one fault per check that found something under the policy `error`.
    """
    clean, unknown = _clean(frame)
    findings = [_finding(check, clean, quality) for check in CHECKS]
    faults = _refusals(findings)
    if faults:
        raise DataError(faults)
    kept = _kept(clean, findings)
    if kept.height == 0:
        raise DataError(_nothing_left(findings))
    return Gated(kept, _report(frame, kept, findings, (*notes, *unknown)))


def _clean(frame: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Make what isn't a finite number null, and negative zero zero: equal rows must have equal bits."""
    # Adding zero would clear the sign as well, but polars takes such an addition out of the query.
    finite = [
        pl.when(pl.col(name) == 0).then(0.0).when(pl.col(name).is_finite()).then(pl.col(name)).alias(name) for name in VALUES
    ]
    clean = frame.with_columns(finite)
    unknown = clean["volume"].null_count()
    return clean, (f"volume is unknown (NaN) in {_rows(unknown)}",) if unknown else ()


def _finding(check: Check, frame: pl.DataFrame, quality: Quality) -> _Finding:
    mask = check.mask(frame)
    rows = frame.filter(mask)
    counts = rows.group_by("symbol").len().sort("symbol")
    return _Finding(check, getattr(quality, check.name), mask, rows, dict(counts.iter_rows()))


def _refusals(findings: list[_Finding]) -> list[Fault]:
    return [
        Fault(
            f"quality.{found.check.name}",
            found.check.must,
            f"not so in {_rows(found.rows.height)} ({_by_symbol(found.symbols)})",
            found.check.write,
            excerpt=excerpt(found.rows, found.check.shown),
        )
        for found in findings
        if found.policy == "error" and found.rows.height
    ]


def _nothing_left(findings: list[_Finding]) -> Fault:
    dropped = ", ".join(f"{found.check.name} {found.rows.height}" for found in findings if found.policy == "drop")
    write = "Repair the source; a policy that drops every row leaves nothing to trade."
    return Fault("quality", "must leave at least one row", f"none after dropping ({dropped})", write)


def _kept(frame: pl.DataFrame, findings: list[_Finding]) -> pl.DataFrame:
    dropped = pl.repeat(value=False, n=frame.height, dtype=pl.Boolean, eager=True)
    for found in findings:
        if found.policy == "drop":
            dropped |= found.mask
    return frame.filter(~dropped).sort("symbol", "known")


def _report(frame: pl.DataFrame, kept: pl.DataFrame, findings: list[_Finding], notes: tuple[str, ...]) -> dict[str, object]:
    return {
        "rows_read": frame.height,
        "rows_kept": kept.height,
        "checks": {found.check.name: _finding_report(found) for found in findings},
        "symbols": _symbol_report(kept),
        "notes": list(notes),
    }


def _finding_report(found: _Finding) -> dict[str, object]:
    first = found.rows.head(SHOWN)
    stamps = stamp_text(first.schema["timestamp"]).alias("stamp")
    shown = first.select(FILE, ROW, "symbol", stamps, *VALUES)
    return {
        "policy": found.policy,
        "count": found.rows.height,
        "symbols": dict(found.symbols),
        "first": shown.to_dicts(),
    }


def _symbol_report(kept: pl.DataFrame) -> dict[str, object]:
    """Rows and the first and last instant at which a bar of the symbol was known."""
    spans = kept.group_by("symbol").agg(pl.len(), pl.col("known").min().alias("first"), pl.col("known").max().alias("last"))
    return {
        symbol: {"rows": rows, "first": _iso(first), "last": _iso(last)}
        for symbol, rows, first, last in spans.sort("symbol").iter_rows()
    }


def _iso(ns: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ns // 1_000)).isoformat().replace("+00:00", "Z")


def _by_symbol(symbols: Mapping[str, int]) -> str:
    named = [f"{symbol} {count}" for symbol, count in list(symbols.items())[:NAMED]]
    more = len(symbols) - len(named)
    return ", ".join([*named, f"and {more} more symbols"] if more else named)


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"

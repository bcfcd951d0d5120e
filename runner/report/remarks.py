"""What a reader must know beside the figures: orders that didn't happen, positions marked at prices that went stale.

A table of good figures can hide that most orders were refused. Each remark is short and has its numbers.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from runner.market.left_out import share
from runner.market.tape import Tape
from runner.report.columns import numbers, words
from runner.report.metrics import Metrics
from runner.report.trips import Trip, refused, trips
from runner.tables import Tables
from runner.trading.kernel.layout import REFUSERS, SIZING

__all__ = ["outside_remarks", "remarks"]


NONE: Mapping[str, str] = MappingProxyType({})
NOTABLE = frozenset({"coarse", "duplicate_equal", "split", "unit", "outlier", "reuse", "spread"})
"""Checks whose kept rows may have made or unmade a trade."""
LEAST_YEARS = 0.5
"""Holidays lie unevenly: in less time the sessions of a year can't be counted."""
MOST_APART = 0.03
"""How far the sessions counted in a year may be from those declared, as a fraction of them."""
MOST_SESSIONS = 365
EVENTS = "events"
"""Key of `quality.json` under which event files stand beside the streams."""
MOST_OUTSIDE = 0.05
"""Share of the rows read that may lie outside the hours without a word."""


def remarks(
    tables: Tables,
    tape: Tape,
    quality: Mapping[str, Any],
    *,
    metrics: Metrics,
    sessions_per_year: int,
    undefined: Mapping[str, str] = NONE,
) -> list[str]:
    """Return the remarks of a run, none if there is nothing to say.

    Args:
        tables: The run's tables.
        tape: The bars it ran on.
        quality: What `quality.json` holds: stream → what the quality gate found, and what was read of events.
        metrics: The run's metrics.
        sessions_per_year: Trading days in a year, as declared.
        undefined: Rules that were never defined → why, as `engine.undefined` finds them.
    """
    return [
        *_miscounted(metrics, sessions_per_year),
        *outside_remarks(_streams(quality)),
        *_judged(_streams(quality)),
        *_eventless(quality),
        *_undefined(undefined),
        *_rejected(tables),
        *_expired(tables),
        *_refused(tables),
        *_tripped(tables),
        *_unfilled(tables),
        *_stale(tables, tape),
    ]


def _streams(quality: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was found of market data, without what was read of events."""
    return {name: report for name, report in quality.items() if name != EVENTS}


def _miscounted(metrics: Metrics, declared: int) -> Iterator[str]:
    """Say that volatility and its ratios are annualised with another number of sessions than a year turned out to have."""
    sessions, years = metrics.get("sessions"), metrics.get("years")
    if not isinstance(sessions, int) or not isinstance(years, float) or years < LEAST_YEARS:
        return
    found = sessions / years
    if abs(found - declared) > MOST_APART * declared:
        yield (
            f"{sessions:,} sessions were measured in {years:.2f} years, {found:.0f} a year, but timezone.sessions_per_year"
            f" is {declared}: volatility, Sharpe and Sortino are annualised with that, and would be"
            f" {(found / declared) ** 0.5:.2f} times as large. Write timezone.sessions_per_year:"
            f" {min(round(found), MOST_SESSIONS)}."
        )


def outside_remarks(quality: Mapping[str, Any]) -> Iterator[str]:
    """Say where more than a few rows of a stream were left out because they lie outside the hours."""
    for stream, report in quality.items():
        rows, read = report.get("left_out", {}).get("out_of_session", 0), report.get("rows_read", 0)
        if rows > MOST_OUTSIDE * read:
            yield (
                f"{rows:,} of {read:,} rows ({share(rows, read)}) of the {stream} lie outside the hours and were left out"
                " (timezone.out_of_session: drop)."
            )


def _judged(quality: Mapping[str, Any]) -> Iterator[str]:
    """Say which rows were changed or left out, and which were kept though they look wrong."""
    for stream, report in quality.items():
        for name, check in report.get("checks", {}).items():
            policy, count = check["policy"], check["count"]
            if count and (policy in {"drop", "repair"} or (policy == "keep" and name in NOTABLE)):
                rows = "row" if count == 1 else "rows"
                was = "was" if count == 1 else "were"
                done = {"drop": f"{was} left out", "repair": f"{was} repaired", "keep": f"looked wrong and {was} kept"}
                yield f"quality.{name}: {count:,} {rows} of the {stream} {done[policy]}."


def _eventless(quality: Mapping[str, Any]) -> Iterator[str]:
    """Say which files of events had none: what asks for them never came true."""
    for name, read in quality.get(EVENTS, {}).items():
        if not read["events"]:
            yield f"events.{name}: {'; '.join(read['notes']).rstrip('.')}."


def _undefined(undefined: Mapping[str, str]) -> Iterator[str]:
    """Say which rules did nothing because they had no value at any row, those of one cause together."""
    for cause in dict.fromkeys(undefined.values()):
        rules = [rule for rule, why in undefined.items() if why == cause]
        were, them = ("was", "it") if len(rules) == 1 else ("were", "them")
        yield f"{' and '.join(rules)} {were} never defined, so nothing came of {them}: {cause}."


def _rejected(tables: Tables) -> Iterator[str]:
    reasons = words(tables.orders, "refusal")
    total = reasons.size
    for reason in np.unique(reasons[reasons != ""]).tolist():
        yield f"{int(np.sum(reasons == reason)):,} of {total:,} orders were rejected: {reason}."


def _expired(tables: Tables) -> Iterator[str]:
    status = words(tables.orders, "status")
    over = status == "expired"
    if over.any():
        whole = int(np.sum(over & (numbers(tables.orders, "filled") == 0)))
        yield (
            f"{int(over.sum()):,} of {status.size:,} orders expired (order.time_in_force), {whole:,} of them without a fill."
        )


def _refused(tables: Tables) -> Iterator[str]:
    lines = refused(tables.refusals)
    rules, allowed = words(tables.refusals, "rule")[lines], numbers(tables.refusals, "allowed")[lines]
    for rule in sorted({*rules.tolist()} - {REFUSERS[SIZING]}):  # sizes have remarks of their own
        stopped = int(np.sum((rules == rule) & (allowed == 0)))
        reduced = int(np.sum((rules == rule) & (allowed != 0)))
        parts = [f"stopped {stopped:,}" if stopped else "", f"reduced {reduced:,}" if reduced else ""]
        orders, were = ("orders", "they were") if stopped + reduced > 1 else ("order", "it was")
        yield f"{rule} {' and '.join(part for part in parts if part)} {orders} before {were} sent."


def _tripped(tables: Tables) -> Iterator[str]:
    """Say when a risk rule closed everything, and whether that was for good."""
    found = trips(tables.refusals)
    for rule in dict.fromkeys(trip.rule for trip in found):
        own = [trip for trip in found if trip.rule == rule]
        halt = next((trip for trip in own if trip.is_for_good), None)
        if halt is not None:
            yield f"{rule} halted the account on {_minute(halt)}: everything was closed, and nothing opened from then on."
        elif len(own) == 1:
            yield f"{rule} closed everything on {_minute(own[0])}."
        else:
            yield f"{rule} closed everything {len(own):,} times, first on {_minute(own[0])}, last on {_minute(own[-1])}."


def _minute(trip: Trip) -> str:
    return f"{np.datetime64(trip.ts, 'ns').astype('datetime64[m]')}Z".replace("T", " ")


def _unfilled(tables: Tables) -> Iterator[str]:
    count = int(np.sum(words(tables.orders, "status") == "unfilled"))
    if count:
        yield f"{count:,} order{'s were' if count > 1 else ' was'} still waiting when the data ended."


def _stale(tables: Tables, tape: Tape) -> Iterator[str]:
    """Name symbols still held whose data end before the last session."""
    if tape.rows == 0:
        return
    end = int(tape.session.max())
    held = words(tables.positions, "symbol")
    for code, symbol in enumerate(tape.symbols):
        changes = np.flatnonzero(held == symbol)
        rows = tape.session[tape.offsets[code] : tape.offsets[code + 1]]
        if changes.size and rows.size and numbers(tables.positions, "quantity")[changes[-1]] != 0 and rows[-1] < end:
            last = np.datetime64(int(rows[-1]), "D")
            yield f"{symbol} is still held though its data end on {last}: it is marked at its last price from then on."

"""The data up to a session's end, read with and without what comes after it.

Later rows are withheld behind the source, before ticker lives, gaps and the quality gate are looked at. A gate that leaves a
row out because of the rows that follow it, as the policy `outlier: drop` does, knows more than anybody did then. Sessions in
which rows were left out are among those that are tried.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.random import Generator

from runner.engine.audit.leak import Leak, first_difference, row_text
from runner.errors import RunnerError
from runner.market.load import MarketData
from runner.market.tape import Tape
from runner.tables import Column, Table

__all__ = ["leaks_of_data", "session_days"]

EPOCH = date(1970, 1, 1)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

ENDS = 3
"""Sessions that are tried wherever they are, and at most so many in which rows were left out."""


def session_days(market: MarketData, generator: Generator) -> tuple[int, ...]:
    """Return session dates to cut after, in days since 1970, ascending: some anywhere, some in which rows were left out."""
    days = np.unique(np.concatenate([tape.session for tape in market.tapes.values()]))[:-1]
    anywhere = generator.choice(days, min(ENDS, days.size), replace=False) if days.size else days
    named = sorted({day for report in market.quality.values() for day in _left_out(report)})
    doubtful = [day for day in named if days.size and days[0] <= day <= days[-1]]
    return tuple(sorted({*anywhere.tolist(), *doubtful[:ENDS]}))


def leaks_of_data(
    market: MarketData, days: Sequence[int], reload: Callable[[str], MarketData], on_progress: Callable[[float], None]
) -> tuple[list[Leak], list[str]]:
    """Return the first row of each stream that is another one without later rows, and what couldn't be tried.

    Args:
        market: The data of the run.
        days: Session dates to cut after.
        reload: Reads the data of the run up to a session date, written YYYY-MM-DD.
        on_progress: Told the share that is done.
    """
    leaks: dict[str, Leak] = {}
    untried: list[str] = []
    for number, day in enumerate(days):
        end = (EPOCH + timedelta(days=day)).isoformat()
        try:
            part = reload(end)
        except RunnerError as error:
            untried.append(f"data until {end} alone can't be read: {error.faults[0].where} {error.faults[0].must}")
            continue
        for stream in (stream for stream in market.tapes if stream not in leaks):
            found = next(_differing(market.tapes[stream], part.tapes.get(stream), day), None)
            leaks |= {stream: found} if found else {}
        on_progress((number + 1) / len(days))
    return list(leaks.values()), untried


def _left_out(report: object) -> Iterator[int]:
    """Yield the dates of the rows that a gate's policies left out, as far as they are named."""
    checks: Mapping[str, Any] = report.get("checks", {}) if isinstance(report, Mapping) else {}
    for check in checks.values():
        if check.get("policy") == "drop":
            for row in check["first"]:
                found = DAY.match(str(row.get("stamp", "")))
                if found:
                    yield (date.fromisoformat(found[0]) - EPOCH).days


def _differing(whole: Tape, part: Tape | None, day: int) -> Iterator[Leak]:
    """Yield the first row of each symbol up to a session that differs."""
    for symbol, name in enumerate(whole.symbols):
        with_future, without = _rows(whole, symbol, day), _rows(part or _empty(whole), symbol, day)
        row = first_difference(with_future, without)
        if row is not None:
            there = with_future if row < with_future["ts"].size else without
            differing = [key for key in with_future if first_difference({key: with_future[key]}, without) == row]
            now, then = (row_text(each, row, *differing[:3]) for each in (with_future, without))
            detail = f"the quality gate, or what comes before it, knew rows after {EPOCH + timedelta(days=day)}"
            yield Leak(f"a row of {whole.stream}", name, int(there["ts"][row]), None, now, then, detail)


def _rows(tape: Tape, symbol: int, day: int) -> Table:
    """Return one symbol's rows up to a session date."""
    if symbol >= tape.offsets.size - 1:
        return {name: column[:0] for name, column in _columns(tape).items()}
    own = slice(int(tape.offsets[symbol]), int(tape.offsets[symbol + 1]))
    kept = tape.session[own] <= day
    return {name: column[own][kept] for name, column in _columns(tape).items()}


def _columns(tape: Tape) -> dict[str, Column]:
    return {"ts": tape.ts, "opened": tape.opened, **tape.columns}


def _empty(tape: Tape) -> Tape:
    """Return a tape without symbols, for a stream that isn't there."""
    nothing = {name: column[:0] for name, column in tape.columns.items()}
    index = tape.ts[:0]
    return Tape((), index, index, tape.session[:0], tape.symbol[:0], nothing, tape.offsets[:1], tape.stream)

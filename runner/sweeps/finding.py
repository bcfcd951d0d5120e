"""Finds runs and sweeps among those of an index: by name, tag, date, status and their figures.

A condition is in the language of `runner.sweeps.where`, over the metrics and `name`, `status`, `kind`, `mode`, `engine`,
`lanes`. A run that lacks one of the figures it speaks of isn't found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from runner.archive.index import Entry, index
from runner.errors import ConfigError, Fault, did_you_mean
from runner.sweeps.where import condition_of

__all__ = ["Wanted", "found", "list_runs"]

FACTS = ("name", "status", "kind", "mode", "engine", "lanes")
WHERE = "EXPRESSION"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for; None lets everything pass."""

    name: str | None = None
    tag: str | None = None
    status: str | None = None
    kind: str | None = None
    since: str | None = None
    """UTC date, `YYYY-MM-DD`, from which on runs began."""
    until: str | None = None
    """UTC date up to which they did, itself included."""
    where: str | None = None
    """A condition, e.g. `sharpe > 1 and max_drawdown > -0.2`."""


def list_runs(runs: str | Path = "runs", **wanted: Any) -> list[Entry]:
    """Return the runs and sweeps below a folder, the latest first.

    Args:
        runs: The folder that run directories go to.
        **wanted: The keys of `Wanted`: `name`, `tag`, `status`, `kind`, `since`, `until`, `where`.

    Raises:
        ConfigError: If a date or the condition can't be read.
    """
    return found(index(Path(runs).expanduser()), Wanted(**wanted))


def found(entries: Sequence[Entry], wanted: Wanted) -> list[Entry]:
    """Return the entries that are wanted, in their order; raises ConfigError as `list_runs` does."""
    faults = [
        Fault(f"--{name}", "must be a date of the calendar", value, "Write YYYY-MM-DD, e.g. 2026-01-31.", "command line")
        for name, value in (("since", wanted.since), ("until", wanted.until))
        if value is not None and not _is_date(value)
    ]
    if faults:
        raise ConfigError(faults)
    kept = [entry for entry in entries if _is_wanted(entry, wanted)]
    return kept if wanted.where is None else _holding(kept, entries, wanted.where)


def _is_wanted(entry: Entry, wanted: Wanted) -> bool:
    day = entry.created[:10]
    return (
        wanted.name in {None, entry.name}
        and (wanted.tag is None or wanted.tag in entry.tags)
        and wanted.status in {None, entry.status}
        and wanted.kind in {None, entry.kind}
        and (wanted.since is None or day >= wanted.since)
        and (wanted.until is None or day <= wanted.until)
    )


def _holding(kept: Sequence[Entry], known: Sequence[Entry], text: str) -> list[Entry]:
    condition = condition_of(text, "command line", where=WHERE)
    names = {*FACTS, *(name for entry in known for name in entry.metrics)}
    faults = [
        condition.fault(column, "must be a figure of some run", name, did_you_mean(name, names))
        for name, column in condition.names.items()
        if name not in names and known
    ]
    if faults:
        raise ConfigError(faults)
    rows = [(entry, _values(entry)) for entry in kept]
    is_there = [all(values.get(name) is not None for name in condition.names) for _, values in rows]
    return [
        entry
        for (entry, values), has_all in zip(rows, is_there, strict=True)
        if has_all and condition.holds(values.__getitem__)
    ]


def _values(entry: Entry) -> Mapping[str, Any]:
    return {**entry.metrics, **{name: getattr(entry, name) for name in FACTS}}


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

"""All runs and sweeps below a folder, with what one wants to know of each before opening it.

1. `index` walks `runs/<name>/<stamp>`, and reads of each folder its manifest, its metrics and its notes (`_run`, `_sweep`).
2. What is finished doesn't change any more: it is remembered in `runs/.index.json`, by the modification time, size and
   inode of the files that it was read from, so that ten thousand runs are listed in a fraction of a second.
3. `entry_of` finds one by its id. Ids are compared with those that are there, and never made into paths.

The remembered rows are a convenience: without them, or with a file that can't be read, everything is read anew. They prove
nothing; `verify` reads the runs themselves.
"""

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from runner.archive.files import json_of, write_text
from runner.archive.notes import NOTES, notes_of
from runner.errors import RunError

__all__ = ["INDEX", "Entry", "Figure", "entry_of", "index"]

INDEX = ".index.json"
FORMAT = 1
RUN, SWEEP = "manifest.json", "sweep.json"
JOURNAL = "journal.sqlite"

Figure = float | int | str | None
Stamp = list[list[int]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One run, sweep or session."""

    id: str
    """`<name>/<stamp>`, below the folder of runs."""
    kind: Literal["run", "sweep", "session"]
    """A session is a run on a live feed, with a journal."""
    name: str
    """What its runs are called: the folder it is in."""
    status: str
    """`RUNNING`, `DONE`, `FAILED`, `INTERRUPTED`; `UNREADABLE` where the manifest can't be read, and `error` says why."""
    created: str
    """UTC instant, ISO 8601; empty where it isn't known."""
    finished: str | None = None
    mode: str = ""
    """`backtest`, `replay`, `paper` or `live`; of a sweep empty."""
    engine: str = ""
    spec_hash: str = ""
    result_digest: str | None = None
    metrics: Mapping[str, Figure] = field(default_factory=dict)
    """Figures by name: of a run all metrics, of a sweep those of its best lane that its verdict has."""
    lanes: int | None = None
    """Lanes of a sweep."""
    headline: str = ""
    """A sweep's verdict in a sentence."""
    remarks: tuple[str, ...] = ()
    """What must be known beside a run's figures."""
    error: str | None = None
    """Why it failed."""
    tags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """Texts, oldest first."""

    def path(self, runs: Path) -> Path:
        """Return its folder.

        Args:
            runs: The folder that was indexed.
        """
        return runs / self.id


def index(runs: Path) -> list[Entry]:
    """Return everything below a folder of runs, the latest first; nothing where the folder isn't there."""
    known = _remembered(runs / INDEX)
    found: dict[str, tuple[Stamp, Entry]] = {}
    for folder in _folders(runs):
        own = f"{folder.parent.name}/{folder.name}"
        stamp = _stamp(folder)
        if stamp is None:
            continue
        kept = known.get(own)
        found[own] = kept if kept is not None and kept[0] == stamp else (stamp, _read(own, folder))
    lasting = {own: each for own, each in found.items() if each[1].status != "RUNNING"}
    if lasting != known:
        _remember(runs / INDEX, lasting)
    return sorted((entry for _, entry in found.values()), key=lambda each: (each.created, each.id), reverse=True)


def entry_of(runs: Path, asked: str) -> Entry | None:
    """Return the entry of an id, None if there is no such; an id is only ever compared, so it can't lead elsewhere."""
    return next((entry for entry in index(runs) if entry.id == asked), None)


def _folders(runs: Path) -> Iterator[Path]:
    """Yield `<name>/<stamp>` folders; links to folders elsewhere don't count, nor what begins with a dot."""
    if not runs.is_dir():
        return
    for name in _inside(runs):
        for stamp in _inside(name):
            yield Path(stamp)


def _inside(folder: str | os.PathLike[str]) -> list[str]:
    with os.scandir(folder) as found:
        return [each.path for each in found if not each.name.startswith(".") and each.is_dir(follow_symlinks=False)]


def _stamp(folder: Path) -> Stamp | None:
    """Return what tells the files apart that an entry is read from; None if the folder is no run."""
    found = [_file_stamp(folder / name) for name in (RUN, SWEEP, NOTES)]
    return [each for each in found if each] if found[0] or found[1] else None


def _file_stamp(path: Path) -> list[int]:
    try:
        there = os.stat(path)  # noqa: PTH116 - a third of the time of a Path's, thirty thousand times
    except OSError:
        return []
    return [there.st_mtime_ns, there.st_size, there.st_ino]


def _read(own: str, folder: Path) -> Entry:
    name = folder.parent.name
    try:
        if (folder / RUN).is_file():
            entry = _run(own, folder, _json(folder / RUN))
        else:
            entry = _sweep(own, folder, _json(folder / SWEEP))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        kind: Literal["run", "sweep"] = "run" if (folder / RUN).is_file() else "sweep"
        return Entry(own, kind, name, "UNREADABLE", "", error=f"{type(error).__name__}: {error}")
    return entry


def _run(own: str, folder: Path, manifest: Mapping[str, Any]) -> Entry:
    has_figures = (folder / "metrics.json").is_file()
    is_session = (folder / JOURNAL).is_file() or manifest.get("mode") in {"paper", "live"}
    tags, notes = _said(folder)
    return Entry(
        id=own,
        kind="session" if is_session else "run",
        name=folder.parent.name,
        status=str(manifest["status"]),
        created=str(manifest["created"]),
        finished=manifest.get("finished"),
        mode=str(manifest.get("mode", "")),
        engine=str(manifest.get("engine", "")),
        spec_hash=str(manifest.get("spec_hash", "")),
        result_digest=manifest.get("result_digest"),
        metrics=_json(folder / "metrics.json") if has_figures else {},
        remarks=tuple(map(str, manifest.get("remarks") or ())),
        error=manifest.get("error"),
        tags=tags,
        notes=notes,
    )


def _sweep(own: str, folder: Path, facts: Mapping[str, Any]) -> Entry:
    has_verdict = (folder / "verdict.json").is_file()
    verdict: Mapping[str, Any] = _json(folder / "verdict.json") if has_verdict else {}
    figures: dict[str, Figure] = {
        name: value for name, value in verdict.items() if isinstance(value, int | float) and name != "format"
    }
    if verdict.get("metric"):
        figures[str(verdict["metric"])] = verdict.get("best_metric")
    tags, notes = _said(folder)
    return Entry(
        id=own,
        kind="sweep",
        name=folder.parent.name,
        status=str(facts["status"]),
        created=str(facts["started"]),
        metrics=figures,
        lanes=facts.get("lanes"),
        headline=str(verdict.get("headline", "")),
        error=facts.get("error"),
        tags=tags,
        notes=notes,
    )


def _said(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return tags and notes; notes that were tampered with are told by `verify` and by who shows them, not here."""
    try:
        found = notes_of(folder)
    except RunError:
        return (), ("(notes.json isn't as it was written)",)
    return found.tags, tuple(note.text for note in found.notes)


def _json(path: Path) -> dict[str, Any]:
    found = json_of(path)
    if not isinstance(found, dict):
        raise TypeError(f"{path.name} is no mapping")
    return found


def _remembered(path: Path) -> dict[str, tuple[Stamp, Entry]]:
    try:
        found = _json(path)
        if found["format"] != FORMAT:
            return {}
        return {own: (stamp, _entry(row)) for own, (stamp, row) in found["entries"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _entry(row: Mapping[str, Any]) -> Entry:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Entry(**values)


def _remember(path: Path, found: Mapping[str, tuple[Stamp, Entry]]) -> None:
    rows = {own: [stamp, asdict(entry)] for own, (stamp, entry) in found.items()}
    # Whoever may read the runs may list them, also where nothing can be written.
    with contextlib.suppress(OSError):
        write_text(path, json.dumps({"format": FORMAT, "entries": rows}))

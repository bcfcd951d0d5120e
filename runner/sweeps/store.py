"""The trial store: what became of every trial on the same data, whichever sweep made it, in files that are never changed.

    <runs>/.trials/<data digest>/
      ledger.jsonl     one line per segment, each with the hash of the one before (`ledger.py`)
      segments/        parquet files named by their SHA-256, one for each time results were added
      bases/           whole specs, which those of lanes are told by (`kept_specs.py`)
      claims/          locks of batches that are being run (`claims.py`)
      writing          held by everyone who writes a segment

1. `append` writes a segment under a temporary name, forces it to disk and renames it; then it takes the ledger's lock and
   adds the line. A process killed in between leaves a segment without a line: whoever opens the store adds it, and whoever
   has it open does, in a long ledger not at once (`LOOKED_EVERY`).
2. `refresh` takes in what others have added, by the ledger's new lines.
3. `known` finds trials. A file that isn't what it is named by, or no segment at all, is told (`told`) and left alone.

A trial that failed before the store was opened counts as tried and is tried again; one that failed since then is known to
have failed, whoever tried it.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runner.archive.directory import unwritable
from runner.archive.files import own_folder, sha256_of
from runner.archive.locks import locked, swept_out
from runner.archive.segments import Matrix, read_matrix, read_rows, segment_columns, segment_name, write_segment
from runner.archive.shield import shielded
from runner.errors import Fault, RunError
from runner.sweeps.anchor import anchor_of, anchored, check_anchor, head_of
from runner.sweeps.kept_specs import Base, keep_base, kept_values
from runner.sweeps.ledger import Entry, Ledger, Line
from runner.sweeps.results import Results
from runner.sweeps.trial_index import DONE, FAILED, TRY_AGAIN, Rows, Spots, TrialIndex, keys_of

__all__ = ["FOLDER", "Known", "TrialFound", "TrialStore", "Tried"]

FOLDER = ".trials"
"""Folder beside the runs."""
METRIC = "metrics."
"""Begins the name of a metric's column: a metric may be called as another column is."""
SPEC_COLUMNS = ("spec_hash", "strategy", "base", "changes", "start")
RETURNS = "returns"
LOOKED_EVERY = 16
"""What killed processes left is looked for by whoever opens, and when the ledger has grown by one in so many lines."""


@dataclass(frozen=True, slots=True, eq=False)
class Tried:
    """Lanes that were tried, with what it takes to try them again."""

    results: Results
    """Lanes without a trial, as those that couldn't be made, are passed over."""
    spec_hash: Sequence[str]
    """[K]"""
    strategy: Sequence[str]
    """[K] what was tried; see `trial.py`."""
    changes: Sequence[str]
    """[K] from `Base.changes`."""
    base: Base
    start: int | None
    """UTC nanoseconds that all of them are measured from."""
    keeps_returns: NDArray[np.bool_] | None = None
    """[K] whose session returns are kept; None keeps those of all that are done."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of some trials that were asked for."""

    results: Results
    """`number` is the place among those asked for, ascending."""
    has_returns: NDArray[np.bool_]
    """[K] whose returns were kept; those of others are NaN."""


@dataclass(frozen=True, slots=True)
class TrialFound:
    """One trial, with the run that it is."""

    trial: str
    status: str
    error: str
    digest: str
    metrics: dict[str, float | int | str | None]
    spec_hash: str
    strategy: str
    """What was tried; see `trial.py`."""
    spec: dict[str, Any]
    """Plain values of its spec."""
    start: int | None
    """UTC nanoseconds that it was measured from."""
    data_digest: str


class TrialStore:
    """Trials on the same data; threads may share one."""

    def __init__(self, folder: Path) -> None:
        """Read what is there without writing anything; use `open` to add to it.

        Raises:
            RunError: If the ledger isn't sound.
        """
        self.folder = folder
        self._segments: list[str] = []
        self._fresh: dict[str, tuple[str, Rows]] = {}
        """Segments that were just written, which needn't be read again."""
        self._looked_next = 0
        """Lines of the ledger from which on the segments are looked through again."""
        self._aside: dict[str, Fault] = {}
        self._differing: dict[int, Fault] = {}
        self._index = TrialIndex()
        self._guard = threading.RLock()
        self._ledger = Ledger(folder / "ledger.jsonl", folder.name)
        self._rank_of_failed = TRY_AGAIN
        head = anchor_of(folder)
        self._take_in(self._ledger.read())
        check_anchor(folder, self._ledger, head)
        self._rank_of_failed = FAILED

    @classmethod
    def open(cls, runs: Path, data_digest: str) -> "TrialStore":
        """Open the store of some data to add to it; it is made if it isn't there.

        Args:
            runs: Folder that run directories go to.
            data_digest: From `runner.sweeps.trial.data_digest`.

        Raises:
            RunError: If it can't be written, or its ledger isn't sound.
        """
        folder = runs / FOLDER / data_digest
        try:
            folder.parent.parent.mkdir(parents=True, exist_ok=True)
            for each in (folder.parent, folder, *(folder / name for name in ("segments", "bases", "claims"))):
                own_folder(each, exist_ok=True)
            swept_out(folder / "writing", (folder / "segments").glob(".*.tmp"), (folder / "bases").glob(".*.tmp"))
            store = cls(folder)
            store._rank_of_failed = TRY_AGAIN
            if any(store._unlisted()):
                store._list_segments()
            store._rank_of_failed = FAILED
        except OSError as error:
            raise RunError(unwritable(folder, error)) from error
        return store

    @property
    def data_digest(self) -> str:
        """Of the data that its trials are about."""
        return self.folder.name

    @property
    def claims(self) -> Path:
        """Folder of the locks of batches."""
        return self.folder / "claims"

    @property
    def told(self) -> tuple[Fault, ...]:
        """What isn't as it must be, and is left aside."""
        with self._guard:
            return (*self._aside.values(), *self._differing.values())

    @property
    def trials_counted(self) -> int:
        """How many distinct trials were ever made on these data, by whomever and whatever version, those that failed too."""
        return self._ledger.trials

    @property
    def specs_counted(self) -> int:
        """How many distinct strategies these were; a newer version, or another start, makes a new trial of the same one."""
        return self._ledger.specs

    @property
    def head(self) -> dict[str, int | str]:
        """How far the ledger is, for the sweep that used it."""
        return {"data": self.data_digest, **asdict(head_of(self._ledger))}

    def append(self, tried: Tried) -> None:
        """Add results; when it returns they survive whatever happens.

        Raises:
            RunError: If they can't be written, or the ledger isn't sound.
        """
        rows = np.array([row for row, trial in enumerate(tried.results.trial) if trial], dtype=np.int64)
        if not rows.size:
            return
        try:
            with shielded(), self._guard:
                with locked(self.folder / "writing", is_shared=True):
                    keep_base(self.folder / "bases", tried.base)
                    columns = _columns_of(tried, rows)
                    name, digest = write_segment(self.folder / "segments", columns)
                self._fresh = {name: (digest, self._rows(columns))}
                self._list_segments()
                if name in self._aside:
                    # What was torn or lost under this name was just written anew.
                    del self._aside[name]
                    self._add(name, self._fresh[name][1])
                self._fresh = {}
        except OSError as error:
            raise RunError(unwritable(self.folder, error)) from error

    def refresh(self) -> None:
        """Take in what other processes have added.

        Raises:
            RunError: If the ledger isn't sound.
        """
        with self._guard:
            self._take_in(self._ledger.read())

    def is_known(self, trials: Sequence[str]) -> NDArray[np.bool_]:
        """Return for each trial whether `known` has it."""
        found = np.zeros(len(trials), dtype=np.bool_)
        found[self._spots(trials).asked] = True
        return found

    def known(self, trials: Sequence[str], *, with_returns: bool = True) -> Known:
        """Return what is known of trials, as far as it was taken in.

        Args:
            trials: Trials, e.g. of all lanes of a sweep in their order.
            with_returns: Whether session returns are read; of many trials, few of which have any, `returns` takes less.
        """
        spots = self._spots(trials)
        columns = read_rows(*self._parts(spots), without=(*SPEC_COLUMNS, RETURNS))
        places, found = self.returns(trials) if with_returns else (np.empty(0, np.int64), np.empty((0, 0)))
        has_returns = np.isin(spots.asked, places)
        returns = np.full((spots.asked.size, found.shape[1]), np.nan)
        returns[has_returns] = found
        return Known(_results_of(spots.asked, columns, returns), has_returns)

    def returns(self, trials: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the session returns of those trials that have them kept.

        Returns:
            Their places among those asked for, ascending, and [K, T] their returns.
        """
        return read_matrix(*self._parts(self._spots(trials)), RETURNS)

    def matching(self, prefix: str) -> list[str]:
        """Return the trials whose hex digits begin so, ascending."""
        first, last = (int(prefix.ljust(16, digit), 16) for digit in "0f")
        with self._guard:
            return [f"{key:016x}" for key in self._index.between(first, last).tolist()]

    def found(self, trial: str) -> TrialFound:
        """Return one trial with its spec.

        Raises:
            KeyError: If it isn't known.
            RunError: If its spec can't be made again.
        """
        spots = self._spots([trial], least=TRY_AGAIN)
        if not spots.asked.size:
            raise KeyError(trial)
        columns = read_rows(*self._parts(spots), without=(RETURNS,))
        row: dict[str, Any] = {name: cells[0] for name, cells in columns.items()}
        return TrialFound(
            trial=trial,
            status=row["status"],
            error=row["error"],
            digest=row["digest"],
            metrics={name.removeprefix(METRIC): cell for name, cell in row.items() if name.startswith(METRIC)},
            spec_hash=row["spec_hash"],
            strategy=row["strategy"],
            spec=kept_values(self.folder / "bases", row["base"], row["changes"], row["spec_hash"]),
            start=row["start"],
            data_digest=self.data_digest,
        )

    def _spots(self, trials: Sequence[str], *, least: int = FAILED) -> Spots:
        with self._guard:
            return self._index.spots(keys_of(trials), least=least)

    def _parts(self, spots: Spots) -> tuple[list[tuple[Path, NDArray[np.int64]]], NDArray[np.int64]]:
        """Return segments with the rows that are wanted of each, and the places of all these rows."""
        order = np.argsort(spots.segment, kind="stable")
        borders = np.flatnonzero(np.diff(spots.segment[order]))
        parts = [
            (self._path(self._segments[int(spots.segment[part[0]])]), spots.row[part])
            for part in np.split(order, borders + 1)
            if part.size
        ]
        return parts, spots.asked[order]

    def _path(self, name: str) -> Path:
        return self.folder / "segments" / name

    def _unlisted(self) -> list[str]:
        """Return the files among the segments that have no line and weren't told of; of others' not each time.

        A folder of thousands of files is looked through as often as its ledger has grown by a share of its lines.
        """
        if self._fresh and len(self._ledger.lines) < self._looked_next:
            found = [*self._fresh]
        else:
            found = [path.name for path in (self.folder / "segments").iterdir()]
            self._looked_next = len(self._ledger.lines) * (LOOKED_EVERY + 1) // LOOKED_EVERY
        listed, aside = self._ledger.segments, self._aside
        return sorted(name for name in found if name not in listed and name not in aside and not _is_temporary(name))

    def _list_segments(self) -> None:
        """Add a line for each segment that has none."""
        self._ledger.append(self._entries)
        anchored(self.folder, self._ledger)

    def _entries(self, fresh: Sequence[Line]) -> Iterator[Entry]:
        self._take_in(fresh)
        for name in self._unlisted():
            found = self._fresh.get(name) or self._read(name)
            if found is not None:
                digest, rows = found
                yield Entry(name, digest, *self._index.unknown(rows))
                self._add(name, rows)  # only what has its line counts

    def _take_in(self, lines: Sequence[Line]) -> None:
        for line in lines:
            own = self._fresh.get(line.segment)
            found = own or self._read(line.segment, line.sha256)
            if found is not None:
                self._add(line.segment, found[1])

    def _read(self, name: str, sha256: str | None = None) -> tuple[str, Rows] | None:
        """Return the SHA-256 and the rows of a file, None if it is no segment, which is told.

        Args:
            name: The file.
            sha256: What the ledger says; None if it says nothing.
        """
        path = self._path(name)
        digest = sha256_of(path) if path.is_file() else ""
        if sha256 is not None and digest != sha256:
            must = f"must be the file with the SHA-256 {sha256[:16]}… of the ledger"
            self._leave(name, must, "another" if digest else "missing")
            return None
        if name != segment_name(digest):
            self._leave(name, "must be named by its SHA-256", "torn, changed or foreign")
            return None
        try:
            rows = self._rows(segment_columns(path, ("trial", "strategy", "status", "digest")))
        except (ValueError, TypeError) as error:
            self._leave(name, "must be a segment of trials", str(error))
            return None
        return digest, rows

    def _rows(self, columns: Mapping[str, Any]) -> Rows:
        failed = np.array([status != "DONE" for status in columns["status"]])
        rank = np.where(failed, self._rank_of_failed, DONE).astype(np.int8)
        digests = [digest or "0" * 16 for digest in columns["digest"]]
        return Rows(keys_of(columns["trial"]), keys_of(columns["strategy"]), keys_of(digests), rank)

    def _add(self, name: str, rows: Rows) -> None:
        self._segments.append(name)
        for key in self._index.add(len(self._segments) - 1, rows).tolist():
            must = "must come to the same whenever it is tried"
            write = "Something it does depends on chance or on the time; the first of its results counts."
            self._differing[key] = Fault(f"trial {key:016x}", must, "two results", write)

    def _leave(self, name: str, must: str, was: str) -> None:
        """Tell that a file can't be trusted, and leave it."""
        write = "It is left aside, and its trials are run again; move it away."
        self._aside[name] = Fault(str(self._path(name)), must, was, write)


def _is_temporary(name: str) -> bool:
    return name.startswith(".") and name.endswith(".tmp")


def _columns_of(tried: Tried, rows: NDArray[np.int64]) -> dict[str, Sequence[Any] | Matrix]:
    """Return rows of results as a segment has them."""
    results, places = tried.results, rows.tolist()
    is_done = np.array([results.status[row] == "DONE" for row in places])
    keeps = is_done if tried.keeps_returns is None else is_done & tried.keeps_returns[rows]
    columns: dict[str, Sequence[Any] | Matrix] = {
        name: [cells[row] for row in places]
        for name, cells in (
            ("trial", results.trial),
            ("spec_hash", tried.spec_hash),
            ("strategy", tried.strategy),
            ("status", results.status),
            ("error", results.error),
            ("digest", results.digest),
            ("changes", tried.changes),
        )
    }
    columns |= {"base": [tried.base.name] * len(places), "start": [tried.start] * len(places)}
    columns |= {f"{METRIC}{name}": [cells[row] for row in places] for name, cells in results.metrics.items()}
    if keeps.any() and results.returns.shape[1]:
        columns[RETURNS] = Matrix(results.returns[rows], keeps)
    return columns


def _results_of(places: NDArray[np.int64], columns: Mapping[str, Any], returns: NDArray[np.float64]) -> Results:
    return Results(
        number=places.astype(np.int64),
        trial=columns.get("trial", []),
        status=columns.get("status", []),
        error=columns.get("error", []),
        digest=columns.get("digest", []),
        metrics={name.removeprefix(METRIC): cells for name, cells in columns.items() if name.startswith(METRIC)},
        returns=returns,
    )

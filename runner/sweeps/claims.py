"""Several processes, and several threads of each, share the batches of one sweep instead of running each of them twice.

1. A batch is claimed by locking a file of its name. The system frees the lock however its holder ends, so that what a
   killed process left is there for the next (`Claims`).
2. Whoever has claimed a batch looks whether its trials are known by now: its last holder stored them before letting go.
3. Whoever finds everything claimed or known waits and looks again (`SharedWork.take`). A holder that hasn't given a sign of
   life for `PATIENCE` seconds counts as stuck, and the batch is taken from it. Should it go on after all, some trials are
   run twice, and the store keeps the first result.
"""

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from runner.archive.directory import unwritable
from runner.archive.locks import Held, pause, taken
from runner.errors import RunError
from runner.sweeps.store import TrialStore

__all__ = ["PATIENCE", "Claims", "SharedWork", "Taken", "batch_key"]

PATIENCE = 600.0
"""Seconds without a sign of life after which the holder of a batch counts as stuck."""
PAUSE = 0.2
"""Seconds between two looks at what others have done."""


def batch_key(trials: Sequence[str]) -> str:
    """Return the name that a batch has in every process that runs it: 32 hex digits over its trials, in their order."""
    return hashlib.sha256(" ".join(trials).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims of batches, as files of a folder."""

    folder: Path

    @contextmanager
    def claim(self, key: str, *, patience: float | None = None) -> Iterator[Held | None]:
        """Claim a batch until the context ends; None if somebody else has it.

        Args:
            key: From `batch_key`.
            patience: Seconds without a `beat` after which it is taken from its holder; None never does.

        Raises:
            RunError: If the folder can't be written.
        """
        held = self.taken(key, patience=patience)
        try:
            yield held
        finally:
            if held is not None:
                held.release()

    def taken(self, key: str, *, patience: float | None = None) -> Held | None:
        """Return the claim of a batch, which its holder releases; as `claim`."""
        try:
            return taken(self.folder / key, patience=patience)
        except OSError as error:
            raise RunError(unwritable(self.folder, error)) from error

    def tidy(self) -> None:
        """Remove the files that killed processes left."""
        for path in self.folder.iterdir():
            held = taken(path)
            if held is not None:
                held.release()


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch that its holder runs; a context that ends with letting go of it."""

    place: int
    """Of the batch, among all batches."""
    missing: NDArray[np.int64]
    """Places of the trials in the batch that are to be run, ascending."""
    _held: Held

    def beat(self) -> None:
        """Say that the batch is being worked on; more often than every `PATIENCE` seconds."""
        self._held.beat()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.release()


class SharedWork:
    """The batches of a sweep that are still to be run, by whom ever; threads may share one.

    Processes share work as far as their batches are the same, so batches are made of all lanes of a sweep, known or not.
    """

    def __init__(self, store: TrialStore, batches: Sequence[Sequence[str]], *, patience: float = PATIENCE) -> None:
        """Lay out the work.

        Args:
            store: Where results are; it must be the one that results are added to.
            batches: Trials of each batch; an empty trial is nobody's work.
            patience: See `PATIENCE`.
        """
        self._store = store
        self._batches = [tuple(batch) for batch in batches]
        self._patience = patience
        self._claims = Claims(store.claims)
        self._claims.tidy()
        self._pending = dict.fromkeys(range(len(self._batches)))
        self._guard = threading.Lock()

    @property
    def is_done(self) -> bool:
        """Whether everything was known when somebody looked last."""
        return not self._pending

    def take(self, *, waits: bool = True) -> Taken | None:
        """Return a batch to run; None if everything is known, or if nothing can be had now and nobody waits.

        The holder stores what every missing trial came to, done or failed, before letting go; what isn't stored is handed
        out again.

        Args:
            waits: Whether to wait for a batch while others are at work. Who holds batches that he has to store himself
                mustn't: he would wait for himself.

        Raises:
            RunError: If claims can't be written, or the ledger isn't sound.
        """
        while True:
            with self._guard:
                found = self._next()
                if found is not None or self.is_done or not waits:
                    return found
            pause(PAUSE)

    def _next(self) -> Taken | None:
        """Return a batch nobody holds, None if there is none; what is known by now is done with."""
        self._store.refresh()
        for place in list(self._pending):
            if not self._missing(place).size:
                del self._pending[place]
                continue
            held = self._claims.taken(batch_key(self._batches[place]), patience=self._patience)
            if held is None:
                continue
            self._store.refresh()  # its last holder stored results before letting go
            missing = self._missing(place)
            if missing.size:
                return Taken(place, missing, held)
            held.release()
            del self._pending[place]
        return None

    def _missing(self, place: int) -> NDArray[np.int64]:
        batch = self._batches[place]
        named = np.array([number for number, trial in enumerate(batch) if trial], dtype=np.int64)
        return named[~self._store.is_known([batch[number] for number in named])]

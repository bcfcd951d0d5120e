"""The journal's rows in SQLite, so that an acknowledged row survives whatever happens to the process.

- `locking_mode=EXCLUSIVE` before WAL: no shared memory file, no second connection, and with that neither the race that
  corrupted WAL files before SQLite 3.51.3 nor a second session.
- `synchronous=FULL`: a commit returns after the sync of the write-ahead log.
- A transaction is there whole or not at all; a torn one fails the checksum of its log and is dropped at the next opening.
- Rows are committed on a thread of their own, one transaction at a time, so that a slow disk doesn't stop the loop.
- Beside the database lies a high-water mark with number and hash of the last row that was acknowledged. It isn't synced; but
  it is written only after the rows are, so a journal that knows less than its mark has lost rows: a write-ahead log deleted,
  an old copy put back. It is quarantined.

Nothing is ever repaired here. What can't be read raises `Quarantined`; what can't be written raises `DiskFailed`, and after
that every commit does.
"""

import asyncio
import os
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from runner.errors import Fault, RunError
from runner.live.edge.lock import OWNER_ONLY, Lock, expect_local
from runner.live.journal import Quarantined
from runner.live.ports import DiskFailed, Row

__all__ = ["SqliteDisk"]

SCHEMA = """
CREATE TABLE meta(k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT;
CREATE TABLE journal(seq INTEGER PRIMARY KEY, utc_ns INT NOT NULL, mono_ns INT NOT NULL, kind TEXT NOT NULL, coid TEXT,
  exec_id TEXT, body TEXT NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE UNIQUE INDEX one_intent ON journal(coid) WHERE kind='INTENT';
CREATE UNIQUE INDEX one_fill ON journal(exec_id) WHERE kind IN ('FILL', 'FOREIGN');
CREATE INDEX anchors ON journal(seq) WHERE kind='SNAPSHOT';
"""
PRAGMAS = (
    "PRAGMA locking_mode=EXCLUSIVE",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA mmap_size=0",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA journal_size_limit=67108864",
)
COLUMNS = "seq, utc_ns, mono_ns, kind, coid, exec_id, body, prev, hash"
OLDEST = (3, 37, 0)
"""The first SQLite with strict tables."""
SEQ_BYTES = 8
HASH_BYTES = 32


class SqliteDisk:
    """`journal.sqlite` in a run directory, held by this process alone."""

    def __init__(self, folder: Path, account_lock: Path | None = None) -> None:
        """Lock the folder and open its journal, a new one if there is none.

        Args:
            folder: the run directory.
            account_lock: a file that stands for the account on this machine, so that two run directories don't trade one
                account; None for whoever only looks at the journal.

        Raises:
            RunError: the folder is no place for a journal, or another session has it.
            Quarantined: the file isn't a journal, or has lost rows that were acknowledged.
        """
        if sqlite3.sqlite_version_info < OLDEST:
            raise RunError(Fault("sqlite", "must be 3.37 or newer", sqlite3.sqlite_version))
        expect_local(folder)
        self._locks = [Lock(folder / "journal.lock", "a journal")]
        self._path = folder / "journal.sqlite"
        self._mark = -1
        self._failure: str | None = None
        self._thread = ThreadPoolExecutor(1, "journal")
        self._connection: sqlite3.Connection | None = None
        try:
            if account_lock is not None:
                self._locks.append(Lock(account_lock, "an account"))
            self._connection = self._open()
            self._mark = self._checked_mark(folder / "journal.mark")
        except BaseException:
            self.close()
            raise

    def head(self) -> dict[str, str]:
        """Return the head of the journal."""
        with _reading(), closing(self._db.execute("SELECT k, v FROM meta ORDER BY k")) as found:
            return dict(found.fetchall())

    async def found(self, head: dict[str, str]) -> None:
        """Write the head."""
        await self._on_thread("INSERT INTO meta(k, v) VALUES (?, ?)", list(head.items()), None)

    def rows(self, after: int = 0) -> Iterator[Row]:
        """Yield the rows in order."""
        query = f"SELECT {COLUMNS} FROM journal WHERE seq > ? ORDER BY seq"  # noqa: S608 - the names are constants
        with _reading(), closing(self._db.execute(query, (after,))) as found:
            yield from map(Row._make, found)

    def anchor(self) -> int:
        """Return the last snapshot's number."""
        with _reading(), closing(self._db.execute("SELECT max(seq) FROM journal WHERE kind='SNAPSHOT'")) as found:
            return int(found.fetchone()[0] or 0)

    async def commit(self, rows: Sequence[Row]) -> None:
        """Commit the rows in one transaction."""
        query = f"INSERT INTO journal({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - likewise
        last = rows[-1]
        await self._on_thread(query, rows, last.seq.to_bytes(SEQ_BYTES, "big") + last.hash)

    def close(self) -> None:
        """Close file and lock."""
        self._thread.shutdown(wait=True)
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._mark >= 0:
            os.close(self._mark)
            self._mark = -1
        for lock in self._locks:
            lock.release()

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise DiskFailed("the journal is closed")
        return self._connection

    def _open(self) -> sqlite3.Connection:
        try:
            # Created here, because SQLite would let others read it.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY))
        except OSError as problem:
            raise RunError(
                Fault(str(self._path), "must be a file that can be written", problem.strerror or "", "Check the disk.")
            ) from None
        connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            with _reading():
                for pragma in PRAGMAS:
                    connection.execute(pragma).fetchall()
                connection.execute("BEGIN IMMEDIATE")
                if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
                    for statement in SCHEMA.split(";\n"):
                        connection.execute(statement)
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _checked_mark(self, path: Path) -> int:
        mark = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY)
        try:
            self._expect_kept(os.pread(mark, SEQ_BYTES + HASH_BYTES, 0))
        except BaseException:
            os.close(mark)
            raise
        return mark

    def _expect_kept(self, known: bytes) -> None:
        if not known:
            return
        seq = int.from_bytes(known[:SEQ_BYTES], "big")
        with _reading():
            row = self._db.execute("SELECT hash FROM journal WHERE seq = ?", (seq,)).fetchone()
        if row is None or row[0] != known[SEQ_BYTES:]:
            raise Quarantined(seq, "it was acknowledged once and is missing or another now")

    async def _on_thread(self, query: str, values: Sequence[tuple[object, ...]], mark: bytes | None) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self._write, query, values, mark)

    def _write(self, query: str, values: Sequence[tuple[object, ...]], mark: bytes | None) -> None:
        if self._failure is not None:
            raise DiskFailed(self._failure)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(query, values)
            self._db.execute("COMMIT")
            if mark is not None:
                os.pwrite(self._mark, mark, 0)
        except (sqlite3.Error, OSError) as problem:
            self._failure = str(problem)
            raise DiskFailed(self._failure) from None


@contextmanager
def _reading() -> Iterator[None]:
    """Tell a file that isn't ours, or not any more, from one that another process has."""
    try:
        yield
    except sqlite3.OperationalError as problem:
        raise RunError(
            Fault("journal.sqlite", "must be readable and writable, and free", str(problem), "Check disk and permissions.")
        ) from None
    except (sqlite3.DatabaseError, UnicodeDecodeError) as problem:
        raise Quarantined(0, f"SQLite can't read it: {problem}") from None

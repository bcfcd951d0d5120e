"""One session per run directory and one per account: a lock that dies with its process.

The kernel lets go of an advisory lock when the process ends, however it ends, so there are no stale ones. Network file
systems don't keep that promise, nor the journal's; they are refused.
"""

import errno
import fcntl
import os
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from runner.errors import Fault, RunError

__all__ = ["Lock", "account_lock", "expect_local"]

REMOTE = frozenset(
    {"9p", "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs", "gfs2", "lustre", "ncpfs"}
    | {"nfs", "nfs4", "smb2", "smb3", "smbfs"}
)
"""Kinds of file systems on which neither locks nor syncs are to be relied on."""
OWNER_ONLY = 0o600


class Lock:
    """A lock held from construction to `release`."""

    def __init__(self, path: Path, what: str) -> None:
        """Take the lock.

        Raises:
            RunError: another process has it, or the folder can't be written to.
        """
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY)
        except OSError as problem:
            raise RunError(_unwritable(path, problem)) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            holder = os.pread(self._file, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            if problem.errno not in {errno.EAGAIN, errno.EACCES}:
                raise RunError(_unwritable(path, problem)) from None
            raise RunError(
                Fault(str(path), f"{what} is for one session at a time", f"locked by pid {holder}", "Stop that one first.")
            ) from None
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        except OSError as problem:
            os.close(self._file)
            raise RunError(_unwritable(path, problem)) from None

    def release(self) -> None:
        """Let go; the file stays, so that two processes never lock two files of one name."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def account_lock(fingerprint: str, address: str, environment: Mapping[str, str]) -> Path:
    """Return the file that stands for an account on this machine, whichever run directories trade it; its folder is made.

    It lies where programs of this user keep their state: `$XDG_STATE_HOME/runner`, `~/.local/state/runner`, or below the
    folder for temporary files where nobody may write there.

    Args:
        fingerprint: of the account.
        address: where its venue is reached.
        environment: where the folder is looked up.
    """
    state = Path(environment.get("XDG_STATE_HOME", ""))
    homes = [state if state.is_absolute() else Path("~/.local/state").expanduser(), Path(tempfile.gettempdir())]
    name = f"{sha256(f'{fingerprint}|{address}'.encode()).hexdigest()[:16]}.lock"
    for folder in (homes[0] / "runner" / "accounts", homes[1] / f"runner-{os.getuid()}" / "accounts"):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder / name
    must = "must be a folder for what programs of this user keep"
    raise RunError(Fault("XDG_STATE_HOME", must, str(homes[0]), "Set it to a folder you may write to."))


def expect_local(folder: Path, mounts: str | None = None) -> None:
    """Raise RunError unless a folder exists on a file system whose syncs and locks hold.

    Args:
        folder: the run directory.
        mounts: text of `/proc/self/mountinfo`, None to read it; where there is none, nothing is known and nothing refused.
    """
    if not folder.is_dir():
        raise RunError(Fault(str(folder), "must be a folder that exists", "", "A journal is kept in a run directory."))
    if mounts is None:
        known = Path("/proc/self/mountinfo")
        mounts = known.read_text("utf-8", "replace") if known.exists() else ""
    kind = _kind_of(folder.resolve(), mounts)
    if kind in REMOTE:
        raise RunError(
            Fault(str(folder), "must lie on a disk of this machine", kind, "Network file systems lose locks and syncs.")
        )


def _kind_of(folder: Path, mounts: str) -> str:
    """Return the kind of the file system with the longest mount point above a folder, empty if none is known."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = Path(fields[4].encode().decode("unicode_escape"))
        if folder.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), right.split(" ")[0]
    return kind


def _unwritable(path: Path, problem: OSError) -> Fault:
    return Fault(str(path), "must be a file that can be written", problem.strerror or "", "Check disk and permissions.")

"""Where a run comes from: code, environment, project."""

import hashlib
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import runner
from runner.archive.redact import Redactor

__all__ = ["code_of", "environment_of", "project_of"]

MOST_DIFF_BYTES = 1_000_000


def code_of() -> dict[str, str]:
    """Return Runner's version and the SHA-256 over its source files, by path and content."""
    root = Path(runner.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return {"version": runner.__version__, "digest": digest.hexdigest()}


def environment_of() -> dict[str, Any]:
    """Return interpreter, machine and the versions of every installed package."""
    packages = {str(dist.metadata["Name"]): dist.version for dist in metadata.distributions() if dist.metadata["Name"]}
    return {
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpu": _cpu(),
        "packages": dict(sorted(packages.items(), key=lambda item: item[0].lower())),
    }


def _cpu() -> str:
    """Return the processor's model name where the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def project_of(directory: Path, redact: Redactor) -> tuple[dict[str, Any] | None, str]:
    """Return the git state of the user's project and its uncommitted difference; (None, "") outside a checkout.

    The difference covers tracked files, secrets replaced; beyond 1 MB only its digest is kept.
    """
    sha = _git(directory, "rev-parse", "HEAD")
    if sha is None:
        return None, ""
    diff = redact(_git(directory, "diff", "HEAD", "--no-color", "--no-ext-diff", "--", ".") or "")
    changed = _git(directory, "status", "--porcelain", "--", ".") or ""
    state = {
        "sha": sha.strip(),
        "dirty": bool(changed.strip()),
        "untracked": sorted(line[3:] for line in changed.splitlines() if line.startswith("??")),
        "diff_sha256": hashlib.sha256(diff.encode()).hexdigest() if diff else None,
    }
    return state, diff if len(diff) <= MOST_DIFF_BYTES else ""


def _git(directory: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, no shell
            ["git", "-C", str(directory), *words],  # noqa: S607 - git is looked up where the user has it
            capture_output=True,
            check=False,
            timeout=10,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None

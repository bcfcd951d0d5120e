"""The command as a user runs it, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def runner(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `runner WORDS` in a folder to its end, with more in its environment."""
    return subprocess.run(
        [sys.executable, "-m", "runner", *words],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

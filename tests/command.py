"""The command as a user runs it, in a process of its own.

A new interpreter needs two seconds to import what a run needs, and tests run the command hundreds of times. So a command
is a fork of a process that has imported everything and done nothing yet (`tests/ready_command.py`): its own memory, folder,
environment, streams and exit code. What an interpreter settles when it starts, such as its hash seed, a fork can't change:
whoever asks for that gets a new interpreter.
"""

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

PATIENCE = 240.0
"""Seconds a command may take."""
SETTLED = ("PYTHON", "NUMBA_", "POLARS_", "OMP_", "OPENBLAS_", "TZ")
"""How variables begin that are read once, when a process or a library starts."""
FORKS = hasattr(os, "fork") and sys.platform == "linux"


def runner(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `runner WORDS` in a folder to its end, with more in its environment."""
    if not FORKS or any(name.startswith(SETTLED) for name in environment):
        return new_runner(*words, cwd=cwd, **environment)
    with tempfile.TemporaryDirectory() as folder:
        said, complained = Path(folder, "stdout"), Path(folder, "stderr")
        asked = {
            "words": words,
            "cwd": str(cwd),
            "environment": {**os.environ, **environment},
            "stdout": str(said),
            "stderr": str(complained),
            "patience": PATIENCE,
        }
        code = _answer(asked)
        return subprocess.CompletedProcess(words, code, said.read_text(), complained.read_text())


def new_runner(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `runner WORDS` in a new interpreter."""
    return subprocess.run(
        [sys.executable, "-m", "runner", *words],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@cache
def _ready() -> subprocess.Popen[str]:
    """Start the process that commands are forked from; it ends with this one."""
    root = Path(__file__).parents[1]
    path = os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-m", "tests.ready_command"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _answer(asked: dict[str, object]) -> int:
    """Return the exit code of a forked command; negative for the signal that ended it, as `subprocess` has it."""
    ready = _ready()
    assert ready.stdin is not None
    assert ready.stdout is not None
    ready.stdin.write(json.dumps(asked) + "\n")
    ready.stdin.flush()
    answer = json.loads(ready.stdout.readline())
    if answer["late"]:
        raise subprocess.TimeoutExpired(["runner"], PATIENCE)
    return int(answer["code"])

"""The command as a user runs it, in a process of its own.

A new interpreter needs two seconds to import what a run needs, and tests run the command hundreds of times. So a command
is a fork of a process that has imported everything and done nothing yet (`tests/ready_command.py`): its own memory, folder,
environment, streams and exit code. What an interpreter settles when it starts, such as its hash seed, a fork can't change:
whoever asks for that gets a new interpreter.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from tests.asked_command import asked

PATIENCE = 240.0
"""Seconds a command in a new interpreter may take; a fork has the patience of the test that asks."""
SETTLED = ("PYTHON", "NUMBA_", "POLARS_", "OMP_", "OPENBLAS_", "TZ")
"""How variables begin that are read once, when a process or a library starts."""
ROOT = Path(__file__).parents[1]


def runner(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `runner WORDS` in a folder to its end, with more in its environment."""
    if any(name.startswith(SETTLED) for name in environment):
        return new_runner(*words, cwd=cwd, **environment)
    with Path(os.devnull).open() as nothing, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        streams = (nothing.fileno(), said.fileno(), complained.fileno())
        code = asked(ready(), list(words), str(cwd), {**os.environ, **environment}, streams)
        return subprocess.CompletedProcess(words, code, _text(said), _text(complained))


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
def ready() -> str:
    """Return the socket of the process that commands are forked from; it ends with this one."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.ready_command", f"{folder}/ready"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    _hold(process)
    return f"{folder}/ready"


def shell_command(folder: Path) -> dict[str, str]:
    """Put a `runner` that asks the ready process into a folder, and return what a shell's environment needs for it."""
    program = folder / "runner"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -E "{ROOT / "tests/asked_command.py"}" "$@"\n')
    program.chmod(0o755)
    return {"RUNNER_READY": ready()}


def _hold(process: "subprocess.Popen[str]") -> None:
    """Keep the other end of its standard input open until this process ends."""
    atexit.register(process.communicate)


def _text(file: "tempfile._TemporaryFileWrapper[bytes]") -> str:
    file.seek(0)
    return str(file.read().decode())

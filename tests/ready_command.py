"""A process that has imported the command and forks one for every line it reads: `python -m tests.ready_command`.

A line is a command in JSON: words, folder, environment, files for its streams, seconds of patience; the answer its exit
code. Nothing but imports happens here before the forks, so that none inherits a thread, a pool or anything decided.
"""

import json
import os
import signal
import sys
import time
from importlib import import_module
from typing import Any

from runner.cli.main import main

IMPORTED = (
    "runner.cli.run",
    "runner.cli.sweep",
    "runner.archive.run",
    "exchange_calendars",
    "hydra._internal.core_plugins",
    "numba.np.arraymath",
    "numba.np.npyimpl",
    "numba.np.polynomial",
    "numba.typed",
)
"""What most commands come to import."""


def serve() -> None:
    """Answer until whoever asks is gone."""
    for name in IMPORTED:
        import_module(name)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            return _become(asked)
        print(json.dumps(_ended(child, asked["patience"])), flush=True)
    return None


def _become(asked: dict[str, Any]) -> None:
    """Be the command: leave through the interpreter's own end, as a command does."""
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    _streams(asked["stdout"], asked["stderr"])
    sys.path[0] = asked["cwd"]  # as `python -m` has it
    sys.argv = ["runner", *asked["words"]]
    main()


def _streams(stdout: str, stderr: str) -> None:
    """Have nothing to read, and write into files."""
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, stdout, os.O_WRONLY | os.O_CREAT),
        (2, stderr, os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)


def _ended(child: int, patience: float) -> dict[str, Any]:
    """Wait for a child as long as there is patience."""
    until = time.monotonic() + patience
    while (found := os.waitpid(child, os.WNOHANG))[0] == 0:
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return {"late": True}
        time.sleep(0.005)
    return {"late": False, "code": os.waitstatus_to_exitcode(found[1])}


if __name__ == "__main__":
    serve()

"""A process that has imported the command and forks one for everybody who asks: `python -m tests.ready_command SOCKET`.

Who asks connects to the socket, hands over three files for the streams and a line of JSON: words, folder, environment. The
answer is the exit code. Nothing but imports happens here before the forks, so that none inherits a thread, a pool or
anything decided. It ends when nobody holds its standard input any more.
"""

import json
import os
import selectors
import socket
import sys
from importlib import import_module
from typing import Any

from runner.cli.main import main

MUCH = 1 << 20
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


def serve(path: str) -> None:
    """Answer until whoever started this is gone."""
    for name in IMPORTED:
        import_module(name)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    waiting = selectors.DefaultSelector()
    waiting.register(listener, selectors.EVENT_READ)
    waiting.register(0, selectors.EVENT_READ)
    print("ready", flush=True)
    while all(key.fileobj is listener for key, _ in waiting.select()):
        asking, _ = listener.accept()
        if os.fork() == 0:
            waiting.close()
            listener.close()
            return _answer(asking)
        asking.close()
        _reap()
    return None


def _reap() -> None:
    """Let those who have answered go."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _answer(asking: socket.socket) -> None:
    """Fork the command, and say how it ended; as `subprocess` has it, negative for a signal."""
    text, streams, _, _ = socket.recv_fds(asking, MUCH, 3)
    while not text.endswith(b"\n"):
        text += asking.recv(MUCH)
    child = os.fork()
    if child == 0:
        asking.close()
        return _become(json.loads(text), streams)
    for stream in (*streams, 0, 1, 2):
        os.close(stream)  # whoever reads what the command writes waits for the last writer
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    asking.sendall(f"{code}\n".encode())
    os._exit(0)


def _become(asked: dict[str, Any], streams: list[int]) -> None:
    """Be the command: leave through the interpreter's own end, as a command does."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    # The interpreter's own were made for other files; these say and buffer as it would have them.
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # noqa: SIM115 - not a path, and open to the end
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False)  # noqa: SIM115 - the same
    sys.stderr = sys.__stderr__ = open(2, "w", 1, errors="backslashreplace", closefd=False)  # noqa: SIM115 - the same
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.path[0] = asked["cwd"]  # as `python -m` has it
    sys.argv = ["runner", *asked["words"]]
    main()


if __name__ == "__main__":
    serve(sys.argv[1])

"""`runner` for a shell: ask the process at the socket RUNNER_READY for the command, and end as it did.

Run without the site's packages (`python -S -E`), so that it costs no more than an interpreter.
"""

import json
import os
import socket
import sys
from pathlib import Path


def asked(path: str, words: list[str], cwd: str, environment: dict[str, str], streams: tuple[int, int, int]) -> int:
    """Return the exit code of a command with these words, folder, environment and streams."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(path)
        line = json.dumps({"words": words, "cwd": cwd, "environment": environment}).encode() + b"\n"
        sent = socket.send_fds(asking, [line], list(streams))
        asking.sendall(line[sent:])
        with asking.makefile() as answer:
            return int(answer.readline())


if __name__ == "__main__":
    code = asked(os.environ["RUNNER_READY"], sys.argv[1:], str(Path.cwd()), dict(os.environ), (0, 1, 2))
    sys.exit(code if code >= 0 else 128 - code)

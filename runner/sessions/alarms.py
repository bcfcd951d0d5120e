"""Alarms of a session: on the terminal, in the run directory, on the status page, and at an address of the user's.

Ringing never waits: a thread hands the lines on, and when it can't keep up they are dropped and counted (`QueuedAlarm`).
"""

import json
import os
import sys
import time
import urllib.request
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPException
from io import StringIO
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

from runner.errors import ConfigError, Fault
from runner.live.edge.alarm import QueuedAlarm
from runner.live.edge.lock import OWNER_ONLY
from runner.market.tickdb.secret import Secret

__all__ = ["ALARMS", "Alarms", "webhook_of"]

ALARMS = "alarms.log"
MOST_KEPT = 200
POST_SECONDS = 5.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
NS = 1_000_000_000


class Alarms:
    """One session's alarm port."""

    def __init__(self, folder: Path, webhook: Secret | None = None, terminal: TextIO | None = sys.stderr) -> None:
        """Begin to listen; lines are appended to `alarms.log`, and printed on a terminal if there is one."""
        self.kept: deque[tuple[int, str, str]] = deque(maxlen=MOST_KEPT)
        """UTC nanoseconds, code and detail of the latest."""
        self.count = 0
        handle = os.open(folder / ALARMS, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY)
        self._file = os.fdopen(handle, "a", encoding="utf-8")
        self._queue = QueuedAlarm(_Both(self._file, terminal, webhook))

    def ring(self, code: str, detail: str) -> None:
        """Hand over one line."""
        self.count += 1
        self.kept.append((time.time_ns(), code, detail))
        self._queue.ring(code, detail)

    def stop(self) -> None:
        """Write out what waits."""
        self._queue.stop()
        self._file.close()


class _Both(StringIO):
    """Writes lines to a file, to the terminal, and posts them; only ever used by the queue's thread."""

    def __init__(self, file: TextIO, terminal: TextIO | None, webhook: Secret | None) -> None:
        super().__init__()
        self._outs = (file,) if terminal is None else (file, terminal)
        self._webhook = webhook

    def write(self, text: str) -> int:
        """Write to all."""
        for out in self._outs:
            with suppress(OSError, ValueError):
                out.write(text)
        if self._webhook is not None and text.strip():
            _post(self._webhook, text.strip())
        return len(text)

    def flush(self) -> None:
        """Flush all."""
        for out in self._outs:
            with suppress(OSError, ValueError):
                out.flush()


def webhook_of(variable: str | None, environment: Mapping[str, str]) -> Secret | None:
    """Return the address that alarms are posted to, from the environment; None for none.

    Raises:
        ConfigError: The variable is named and not set, or holds no address.
    """
    if variable is None:
        return None
    address = environment.get(variable, "")
    if not _is_safe(address):
        fix = f"Set the environment variable {variable} to an address that begins with https://."
        raise ConfigError(Fault("session.alert_url", "must name a variable that holds an address", variable, fix))
    return Secret(address)


def _is_safe(address: str) -> bool:
    """Return whether what is posted stays unread on its way: by TLS, or on this machine; the address may hold a token."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


class _Unmoved(urllib.request.HTTPRedirectHandler):
    """Follows nobody to another address: what is posted was meant for this one."""

    def redirect_request(self, *_: object) -> None:
        """Say that there is no other request."""


def _post(webhook: Secret, line: str) -> None:
    """Post one line as JSON; whatever an address does, or answers, must not keep anything from going on."""
    body = json.dumps({"text": line}).encode()
    request = urllib.request.Request(webhook.reveal(), body, {"Content-Type": "application/json"})  # noqa: S310 - checked above
    opener = urllib.request.build_opener(_Unmoved)
    with suppress(OSError, ValueError, HTTPException), opener.open(request, timeout=POST_SECONDS):
        return

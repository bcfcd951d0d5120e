"""A live session while it runs: the parts of its status, replaced as they change, and the kill switch."""

import hashlib
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from runner.archive.index import Entry
from runner.live.edge.kill_watch import KILL_FILE
from runner.report.live_status import LiveStatus, read_status
from runner.report.session_page import session_parts
from runner.ui.frame import framed, link
from runner.ui.message import Response
from runner.ui.pages.run import json_of

__all__ = ["can_be_stopped", "has_session", "session_events", "session_page"]

EVERY = 1.0
"""Seconds between two looks at the status."""
SILENT = 5.0
"""Seconds without a new status after which a session that hasn't ended is called silent."""
LONGEST = 6 * 3600.0
"""Seconds that one stream lasts; a browser that still listens opens another."""
ORDER = ("state", "pnl", "connections", "positions", "orders", "limits", "log")


def has_session(entry: Entry, folder: Path) -> bool:
    """Return whether there is a session to watch or to stop in a folder."""
    return entry.kind == "session" or (folder / "journal.sqlite").is_file() or read_status(folder) is not None


def can_be_stopped(entry: Entry) -> bool:
    """Return whether there may be something to stop: one that came to its end never goes on, and is sealed."""
    return entry.status != "DONE"


def session_page(entry: Entry, folder: Path, key: str) -> Response:
    """Return the monitor; without script it shows the moment it was loaded."""
    parts = _parts(folder)
    left, right = ORDER[2:5], ORDER[5:]
    return framed(
        f"Session {entry.id}",
        f'<h1 id="session" data-id="{escape(entry.id)}">{escape(entry.id)}</h1>',
        f'<p class="about"><span id="alive" role="status">{escape(_alive(folder, read_status(folder)))}</span>'
        f" · {link('/run', 'The run', id=entry.id)}</p>",
        _part("state", parts),
        _kill_switch(entry) if can_be_stopped(entry) else "",
        _part("pnl", parts),
        f'<div class="panes"><div>{"".join(_part(name, parts) for name in left)}</div>'
        f"<div>{''.join(_part(name, parts) for name in right)}</div></div>",
        "<noscript><p>Without script this page shows one moment: load it again for the next.</p></noscript>",
        key=key,
        scripts=("session.js",),
    )


def session_events(folder: Path) -> Iterator[bytes]:
    """Yield the parts that changed, once a second: server-sent events whose data are JSON."""
    shown: dict[str, str] = {}
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        over = "over" if json_of(folder / "manifest.json").get("status") == "DONE" else ""
        parts = {**_parts(folder), "alive": escape(_alive(folder, read_status(folder))), "over": over}
        changed = {name: [_digest(html), html] for name, html in parts.items() if shown.get(name) != html}
        shown = parts
        yield f"data: {json.dumps(changed)}\n\n".encode() if changed else b": still here\n\n"
        time.sleep(EVERY)


def _part(name: str, parts: dict[str, str]) -> str:
    return f'<div id="part-{name}" data-digest="{_digest(parts[name])}">{parts[name]}</div>'


def _digest(html: str) -> str:
    """Return what tells whether a page has a part already: what is the same isn't replaced under somebody's eyes."""
    return hashlib.sha256(html.encode(errors="replace")).hexdigest()[:16]


def _parts(folder: Path) -> dict[str, str]:
    status = read_status(folder)
    killed = (folder / KILL_FILE).exists()
    asked = (
        '<p class="halted"><strong>The kill file is there:</strong> no session trades in this folder.</p>' if killed else ""
    )
    if status is None:
        waiting = "The session hasn't said anything yet: it writes <code>status.json</code> once a second while it runs."
        said = f"<p>{'The session has ended, and left no status.' if _has_ended(folder) else waiting}</p>"
        return {**dict.fromkeys(ORDER, ""), "state": asked + said}
    return {**session_parts(status), "state": asked + session_parts(status)["state"]}


def _has_ended(folder: Path) -> bool:
    return json_of(folder / "manifest.json").get("status") not in {None, "RUNNING"}


def _alive(folder: Path, status: LiveStatus | None) -> str:
    """Say how old the status is: a session that is dead or stuck says nothing, so somebody else must."""
    if status is None:
        return "ended" if _has_ended(folder) else "no word from the session"
    try:
        age = (datetime.now(UTC) - datetime.fromisoformat(status.written)).total_seconds()
    except (ValueError, TypeError):
        return "the session's last word bears no time"
    if status.state == "closed":
        return f"ended, last word at {status.written}"
    if age > SILENT:
        return f"SILENT for {age:,.0f} s: the session is dead or stuck; its orders may still fill at the venue"
    return "alive"


def _kill_switch(entry: Entry) -> str:
    name = escape(entry.id)
    return (
        '<div class="actions"><button type="button" class="danger" id="kill">Kill switch…</button>'
        '<output id="kill-said" role="status"></output></div>'
        '<dialog id="kill-dialog" aria-labelledby="kill-title"><form method="dialog">'
        '<h2 id="kill-title">Stop this session for good?</h2>'
        "<p>Everything that may still fill is cancelled, nothing new is sent, and no later session trades in this folder"
        " until somebody resumes it by hand. What is held stays held.</p>"
        f'<label class="field">To confirm, type <strong>{name}</strong>'
        '<input id="kill-confirm" autocomplete="off" spellcheck="false"></label>'
        '<div class="actions"><button type="button" class="danger" id="kill-now" disabled>Stop it now</button>'
        "<button>Leave it running</button></div></form></dialog>"
    )

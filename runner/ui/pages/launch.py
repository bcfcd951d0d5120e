"""Starting a run: choose what to begin with, edit it, see at once what is wrong with it, start it, watch it."""

import json
import time
from collections.abc import Iterator, Sequence
from html import escape

from runner.ui.edited import Complaint
from runner.ui.frame import framed, link, option
from runner.ui.launching import Launched, Launcher
from runner.ui.message import Response

__all__ = ["complaints_json", "launch_events", "launch_page", "launched_page"]

EVERY = 0.5
LONGEST = 6 * 3600.0


def launch_page(
    text: str, experiments: Sequence[str], launched: Sequence[Launched], *, chosen: str, source: str, key: str
) -> Response:
    """Return the editor.

    Args:
        text: YAML to begin with.
        experiments: What else there is to begin with.
        launched: Runs that were started here.
        chosen: The experiment that the text is.
        source: Id of the run that the text comes from, empty if it is an experiment.
        key: The page's key.
    """
    options = option("", "the default run", is_chosen=not chosen)
    options += "".join(option(name, name, is_chosen=name == chosen) for name in experiments)
    about = f"<p>The spec of {link('/run', source, id=source)}, to be changed and run again.</p>" if source else ""
    return framed(
        "Start a run",
        "<h1>Start a run</h1>",
        "<p>A run is described by one YAML text: which data, which signal, how orders fill and what they cost. Change any"
        " value below; it is checked while you type, and nothing runs before you press the button.</p>",
        '<form class="filter" action="/launch" method="get">'
        f'<label>Begin with <select name="experiment">{options}</select></label><button>Load</button></form>',
        about,
        '<label for="yaml">The run as YAML</label>'
        '<div class="editor"><pre id="lines" aria-hidden="true"></pre>'
        f'<textarea id="yaml" data-run="{escape(source)}" spellcheck="false" autocapitalize="off" autocomplete="off"'
        ' aria-describedby="said">'
        f"\n{escape(text)}</textarea></div>",
        '<div class="actions"><button type="button" id="start" disabled>Start this run</button>'
        '<span id="said" role="status">Checking needs script, which is off here.</span></div>',
        '<h2 id="wrong" hidden>What has to be mended</h2><ul class="faults" id="faults" aria-labelledby="wrong"></ul>',
        _started(launched),
        here="/launch",
        key=key,
        scripts=("launch.js",),
    )


def launched_page(launched: Launched, launcher: Launcher, key: str) -> Response:
    """Return what a run that was started here has said so far."""
    found = launcher.state(launched)
    return framed(
        f"Run {launched.number}",
        f'<h1 id="launched" data-number="{escape(launched.number)}">Run {launched.number}: {escape(launched.name)}</h1>',
        f'<p><span id="state" role="status">{escape(_said(launcher, launched))}</span> <span id="result">'
        f"{'· Result: ' + link('/run', found.run, id=found.run) if found.run else ''}</span></p>",
        f'<div class="actions"><button type="button" id="stop"{"" if found.is_running else " hidden"}>'
        "Interrupt this run</button></div>",
        '<h2>What it says</h2><pre class="output" id="output" tabindex="0" role="region" aria-label="Output">'
        f"{escape(found.output)}</pre>",
        here="/launch",
        key=key,
        scripts=("launched.js",),
    )


def launch_events(launched: Launched, launcher: Launcher) -> Iterator[bytes]:
    """Yield how far a run is, whenever that changed, until it has ended."""
    shown = ""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        found = launcher.state(launched)
        said = {"state": _said(launcher, launched), "output": found.output, "run": found.run, "over": not found.is_running}
        text = json.dumps(said)
        yield f"data: {text}\n\n".encode() if text != shown else b": still here\n\n"
        shown = text
        if not found.is_running:
            return
        time.sleep(EVERY)


def complaints_json(complaints: Sequence[Complaint]) -> list[dict[str, object]]:
    """Return complaints as the page's script wants them."""
    return [{"line": each.line, "where": each.where, "text": each.text, "excerpt": each.excerpt} for each in complaints]


def _said(launcher: Launcher, launched: Launched) -> str:
    found = launcher.state(launched)
    if found.is_running:
        return "running"
    return {0: "done", 130: "interrupted"}.get(found.exit_code or 0, f"failed with exit code {found.exit_code}")


def _started(launched: Sequence[Launched]) -> str:
    if not launched:
        return ""
    items = "".join(
        f"<li>{link('/launched', f'Run {each.number}: {each.name}', number=each.number)}</li>" for each in launched
    )
    return f"<h2>Started here</h2><ul>{items}</ul>"

"""The site: which function answers which path.

1. `answer` lets the guard look first; then it finds the function of the method and path. What no function is for is 404.
2. `_entry` finds what an id means, in the index alone; 404 for everything that isn't in it, however it is spelled.
3. What changes something is in `POSTS`, and there only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

from runner.archive.index import Entry
from runner.errors import RunnerError
from runner.report.markup import verbatim
from runner.ui.edited import Checked, Editor, experiments
from runner.ui.entries import Entries
from runner.ui.frame import REPORT_POLICY, framed
from runner.ui.guard import Guard
from runner.ui.launching import Launched, Launcher
from runner.ui.message import Refused, Request, Response, json_response, text_response
from runner.ui.pages.compare import MOST_RUNS, compare_page
from runner.ui.pages.door import door
from runner.ui.pages.guide import guide_page
from runner.ui.pages.launch import complaints_json, launch_events, launch_page, launched_page
from runner.ui.pages.run import run_page, text_of
from runner.ui.pages.runs import runs_page
from runner.ui.pages.session import can_be_stopped, has_session, session_events, session_page
from runner.ui.pages.sweep import sweep_page
from runner.ui.stopping import stop_session
from runner.ui.style import STYLE
from runner.ui.trials import Tables

__all__ = ["Site"]

SCRIPTS = ("launch.js", "launched.js", "login.js", "session.js")
REPORTS = ("report.html", "sweep.html", "session.html")
"""Files of a run directory that are shown as they are."""
MOST_REPORT = 50_000_000
EVENTS = "text/event-stream; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that pages are made from."""

    guard: Guard
    entries: Entries
    launcher: Launcher
    editor: Editor
    working_directory: Path
    tables: Tables = field(default_factory=Tables)

    def answer(self, request: Request) -> Response:
        """Return the answer to a request.

        Raises:
            Refused: It isn't answered.
        """
        self.guard.expect(request)
        ways = self._posts() if request.method == "POST" else self._gets()
        way = ways.get(request.path)
        if way is None:
            raise Refused(404, "there is no such page")
        return way(request)

    def _gets(self) -> Mapping[str, Callable[[Request], Response]]:
        return {
            "/": self._start,
            "/run": self._run,
            "/report": self._report,
            "/compare": self._compare,
            "/sweep": self._sweep,
            "/session": self._session,
            "/session-events": self._session_events,
            "/launch": self._launch,
            "/launched": self._launched,
            "/launch-events": self._launch_events,
            "/help": lambda _: guide_page(),
            "/favicon.ico": lambda _: Response(b"", "image/x-icon"),
            "/static/style.css": lambda _: Response(STYLE.encode(), "text/css; charset=utf-8"),
            **{f"/static/{name}": self._script for name in SCRIPTS},
        }

    def _posts(self) -> Mapping[str, Callable[[Request], Response]]:
        return {
            "/login": self._login,
            "/check": self._check,
            "/start": self._start_run,
            "/interrupt": self._interrupt,
            "/kill": self._kill,
        }

    def _start(self, request: Request) -> Response:
        return runs_page(request, self.entries) if self.guard.is_known(request) else door()

    def _login(self, request: Request) -> Response:
        if not self.guard.is_token(request.json().get("token", "")):
            return json_response({"ok": False})
        cookie = f"{self.guard.cookie_name}={self.guard.keys.cookie}; HttpOnly; SameSite=Strict; Path=/"
        found = json_response({"ok": True})
        return Response(found.body, found.kind, headers={"Set-Cookie": cookie})

    def _script(self, request: Request) -> Response:
        name = request.path.removeprefix("/static/")
        return Response((files("runner.ui") / "static" / name).read_bytes(), "text/javascript; charset=utf-8")

    def _entry(self, request: Request) -> tuple[Entry, Path]:
        """Return what an id means, and its folder."""
        found = self.entries.find(request.one("id"))
        if found is None:
            raise Refused(404, "there is no such run")
        return found, self.entries.folder(found)

    def _run(self, request: Request) -> Response:
        entry, folder = self._entry(request)
        return run_page(entry, folder, has_session=has_session(entry, folder))

    def _report(self, request: Request) -> Response:
        _, folder = self._entry(request)
        for name in REPORTS:
            text = text_of(folder / name, most=MOST_REPORT)
            if text:
                return Response(text.encode(), headers={"Content-Security-Policy": REPORT_POLICY, "X-Frame-Options": "DENY"})
        raise Refused(404, "there is no report yet")

    def _compare(self, request: Request) -> Response:
        asked = request.all("id")
        found = [entry for entry in map(self.entries.find, asked) if entry is not None][:MOST_RUNS]
        return compare_page([(entry, self.entries.folder(entry)) for entry in found], len(asked))

    def _sweep(self, request: Request) -> Response:
        entry, folder = self._entry(request)
        return sweep_page(request, entry, folder, self.tables.read(folder / "trials.parquet"))

    def _session(self, request: Request) -> Response:
        return session_page(*self._entry(request), self.guard.keys.key)

    def _session_events(self, request: Request) -> Response:
        _, folder = self._entry(request)
        return Response(kind=EVENTS, stream=session_events(folder))

    def _launch(self, request: Request) -> Response:
        source, experiment = request.one("run"), request.one("experiment")
        known = experiments(self.working_directory)
        if source:
            entry = self.entries.find(source)
            if entry is None:
                raise Refused(404, "there is no such run")
            text = text_of(self.entries.folder(entry) / "spec.yaml")
        else:
            try:
                text = self.editor.text(experiment)
            except KeyError:
                raise Refused(404, "there is no such experiment") from None
            except RunnerError as error:
                return framed("Start a run", "<h1>Start a run</h1>", verbatim("What is wrong", str(error)), here="/launch")
        key = self.guard.keys.key
        return launch_page(text, known, self.launcher.all(), chosen=experiment, source=source, key=key)

    def _one_launched(self, number: str) -> Launched:
        found = self.launcher.find(number)
        if found is None:
            raise Refused(404, "no such run was started here")
        return found

    def _launched(self, request: Request) -> Response:
        return launched_page(self._one_launched(request.one("number")), self.launcher, self.guard.keys.key)

    def _launch_events(self, request: Request) -> Response:
        return Response(kind=EVENTS, stream=launch_events(self._one_launched(request.one("number")), self.launcher))

    def _checked(self, request: Request) -> Checked:
        asked = request.json()
        entry = self.entries.find(asked.get("run", ""))
        begun_with = "" if entry is None else text_of(self.entries.folder(entry) / "spec.yaml")
        return self.editor.checked(asked.get("yaml", ""), begun_with)

    def _check(self, request: Request) -> Response:
        found = self._checked(request)
        return json_response({"faults": complaints_json(found.complaints)})

    def _start_run(self, request: Request) -> Response:
        found = self._checked(request)
        if found.spec is None:
            return json_response({"number": "", "faults": complaints_json(found.complaints)})
        try:
            launched = self.launcher.launch(found.spec)
        except RunnerError as error:
            return text_response(str(error), 409)
        return json_response({"number": launched.number, "faults": []})

    def _interrupt(self, request: Request) -> Response:
        self.launcher.stop(self._one_launched(request.json().get("number", "")))
        return json_response({"ok": True})

    def _kill(self, request: Request) -> Response:
        asked = request.json()
        entry = self.entries.find(asked.get("id", ""))
        if entry is None or not has_session(entry, self.entries.folder(entry)):
            raise Refused(404, "there is no such session")
        if not can_be_stopped(entry):
            raise Refused(409, "this session has come to its end: runner panic cancels what may still fill at the venue")
        stop_session(entry, self.entries.folder(entry), asked.get("confirm", ""))
        return json_response({"ok": True})

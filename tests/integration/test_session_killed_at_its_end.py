"""A session that is killed while it ends: whatever it had written by then, the next process brings it to the same end.

One session is run, and its directory is copied as it is right before and right after each file is put in its place: that is
what a process leaves that is killed there. Every copy is then gone on with.
"""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import runner as face
from runner.archive.run import load
from runner.archive.seal import broken_seals
from runner.cli import restart, show, verify
from runner.errors import RunnerError
from runner.sessions.launch import restart_session
from runner.sessions.onlooker import Nobody
from runner.sessions.replay import replay
from tests.long import IS_LONG
from tests.market_of_three import WORDS, write_market

SAME = ("session.json", "gap.json", "quality.json", "metrics.json")
"""What a session leaves that doesn't say when and how long."""


class Deaths:
    """Copies of a directory, one for each moment at which its process might have been killed."""

    def __init__(self, to):
        self.to = to
        self.found = {}

    def at(self, place, moment):
        """Copy the run directory that a file is put into."""
        folder = place.parent
        if place.name == "ended.json" or self.found:
            name = f"{len(self.found):02d} {moment} {place.name}"
            self.found[name] = shutil.copytree(folder, self.to / name / folder.parent.name / folder.name)


def died_at(folder, mode):
    """Run a session, and return its directory and those that it would have left."""
    write_market(folder / "market.csv")
    deaths, put = Deaths(folder / "deaths"), Path.replace

    def watched(self, target):
        deaths.at(Path(target), "before")
        found = put(self, target)
        deaths.at(Path(target), "after")
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(Path, "replace", watched)
        run = face.run(overrides=[f"mode={mode}", *WORDS, "session.sessions=10", "data.path=market.csv"])
    return folder / run.path, deaths.found


@pytest.fixture(scope="module", params=["paper", "live"])
def session(request, tmp_path_factory):
    """A session of each mode, and what it would have left."""
    folder = tmp_path_factory.mktemp(request.param)
    return request.param, folder, *died_at(folder, request.param)


def results_of(folder):
    """Return what says how a session ended: the same files, and every table."""
    told = {name: json.loads((folder / name).read_text()) for name in SAME}
    told["session.json"] = {**told["session.json"], "venue_counts": None}
    return told, json.loads((folder / "manifest.json").read_text())["table_digests"]


def chosen(found):
    """Return the moments that are tried: all, or a few that differ."""
    names = list(found)
    ending = names[next(at for at, name in enumerate(names) if "after ended.json" in name) : -1]
    return ending if IS_LONG else [*ending[:: max(len(ending) // 5, 1)], ending[-1]]


def test_a_session_killed_while_it_writes_results_gets_them(session, monkeypatch):
    """The same tables, gap and counts, sealed, and a replay that agrees; nothing is traded again."""
    mode, folder, whole, found = session
    monkeypatch.chdir(folder)
    tried = chosen(found)

    for name in tried:
        again = restart_session(found[name], Nobody())
        assert (again.exit_code, again.run.status) == (0, "DONE"), name
        assert results_of(found[name]) == results_of(whole), name
        assert broken_seals(found[name]) == [], name
        assert not [path for path in found[name].rglob("*") if path.name.endswith(".tmp")], name
    assert len(tried) >= 5
    assert replay(found[tried[-1]]).is_same
    assert (found[tried[0]] / "decisions.jsonl").read_bytes() == (whole / "decisions.jsonl").read_bytes()
    assert mode == load(whole).manifest["mode"]


def test_a_session_killed_before_that_goes_on_or_says_why_not(session, monkeypatch):
    """On paper the tape's end is reached by another process; an account that died with its venue is no account any more."""
    mode, folder, whole, found = session
    monkeypatch.chdir(folder)
    name = next(name for name in found if "before ended.json" in name)

    if mode == "live":
        with pytest.raises(RunnerError, match="must have a venue that outlives the session"):
            restart_session(found[name], Nobody())
        return
    again = restart_session(found[name], Nobody())

    assert (again.exit_code, again.run.status) == (0, "DONE")
    assert results_of(found[name])[1] == results_of(whole)[1]
    told, first = (json.loads((each / "session.json").read_text()) for each in (found[name], whole))
    assert told["processes"] == 2
    assert told["counts"] == first["counts"]


def test_one_killed_when_all_was_written_is_over(session, monkeypatch):
    """There is nothing to go on with, and nothing changes."""
    _, folder, _, found = session
    monkeypatch.chdir(folder)
    last = list(found)[-1]

    with pytest.raises(RunnerError, match="isn't over"):
        restart_session(found[last], Nobody())

    assert broken_seals(found[last]) == []


KILLED = """
import os, signal, sys
from pathlib import Path
put = Path.replace
def replace(self, target):
    if Path(target).name == "fills.parquet":
        os.kill(os.getpid(), signal.SIGKILL)
    return put(self, target)
Path.replace = replace
from runner.cli.main import main
sys.argv[0] = "runner"
main()
"""


def test_a_process_that_is_killed_while_it_writes_leaves_a_directory_that_says_so(tmp_path, monkeypatch, capsys):
    """`runner show` says that its process is gone, `runner verify` that it hasn't ended, and `runner restart` ends it."""
    monkeypatch.chdir(tmp_path)
    write_market(tmp_path / "market.csv")
    words = ["mode=paper", *WORDS, "session.sessions=5"]
    done = subprocess.run([sys.executable, "-c", KILLED, *words], capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == -signal.SIGKILL, done.stderr
    (run,) = tmp_path.glob("runs/*/*")

    show.run([str(run)])
    with pytest.raises(RunnerError, match="must be a run that has ended"):
        verify.run(["--bytes", str(run)])
    shown = capsys.readouterr().out
    code = restart.run([str(run)])

    assert "runner restart goes on with it" in " ".join(shown.split())
    assert code == 0
    assert verify.run(["--bytes", str(run)]) == 0

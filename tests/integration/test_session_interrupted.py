"""A session that is asked to stop while it is still being put together, or whose reader has gone."""

import asyncio
import json
import os
import signal
import subprocess
import sys

import pytest

from runner.cli.run import run
from runner.live.edge.signals import listening
from runner.report.session_screen import SessionScreen
from tests.long import many
from tests.market_of_three import WORDS, write_market

STRUCK = """
import os, signal, sys
from runner.sessions import process
from runner.sessions.process import Process
at, number = sys.argv.pop(1), int(sys.argv.pop(1))
if at == "compiling":
    real = process.warmed
    def struck(*words, **more):
        os.kill(os.getpid(), number)
        return real(*words, **more)
    process.warmed = struck
else:
    real = Process._doors
    async def struck(self, until):
        os.kill(os.getpid(), number)
        return await real(self, until)
    Process._doors = struck
from runner.cli.main import main
main()
"""
"""A session that is sent a signal at one place of its beginning."""


@pytest.mark.parametrize(("at", "number"), [("compiling", signal.SIGINT), ("opening", signal.SIGTERM)][: many(1, 2)])
def test_f9_a_signal_before_it_sits_is_never_lost(tmp_path, at, number):
    """Nothing was sent: it ends at once, with exit code 130, and says that it was interrupted."""
    write_market(tmp_path / "market.csv")
    words = ["mode=live", *WORDS, "session.sessions=3"]
    done = subprocess.run(
        [sys.executable, "-c", STRUCK, at, str(int(number)), *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    (manifest,) = tmp_path.glob("runs/*/*/manifest.json")

    assert done.returncode == 130, done.stderr
    assert json.loads(manifest.read_text())["status"] == "INTERRUPTED"
    assert "Traceback" not in done.stderr


def test_f9_signals_mean_afterwards_what_they_did_before():
    """And what the process was told to ignore, as `nohup` does with a terminal that is closed, it goes on ignoring."""
    heard = []

    def before(*_):
        heard.append("before")

    async def listened():
        with listening(asyncio.get_running_loop(), lambda: heard.append("stop"), heard.append):
            for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1):
                os.kill(os.getpid(), number)
                await asyncio.sleep(0.01)

    old = signal.signal(signal.SIGHUP, signal.SIG_IGN), signal.signal(signal.SIGTERM, before)
    try:
        asyncio.run(listened())
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGHUP, old[0])
        signal.signal(signal.SIGTERM, old[1])

    assert heard == ["stop", "SIGUSR1", "before"]


@pytest.mark.parametrize("gone", [SystemExit(1), OSError(5, "input/output error")], ids=["pipe", "terminal"])
def test_a_reader_that_has_gone_ends_nothing(tmp_path, monkeypatch, gone):
    """`runner mode=live 2>&1 | head -1`: orders aren't left to themselves because nobody reads any more."""

    def show(*_):
        raise gone

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(SessionScreen, "show", show)
    monkeypatch.setattr(SessionScreen, "stage", show)
    write_market(tmp_path / "market.csv")

    code = run(["mode=live", *WORDS, "session.sessions=3"])

    (folder,) = tmp_path.glob("runs/*/*")
    assert code == 0
    assert json.loads((folder / "manifest.json").read_text())["status"] == "DONE"
    assert json.loads((folder / "session.json").read_text())["ended"] == "the market is over"

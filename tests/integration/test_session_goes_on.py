"""A session that goes on: never beside another process, after a latch by its operator's word, and no longer than it was told to."""

import json
import os
from types import SimpleNamespace

import pytest

from runner.cli import restart, resume
from runner.cli.data_spec import data_spec
from runner.cli.run import run
from runner.errors import RunError
from runner.live.accounts.embedded import Embedded
from runner.live.edge.kill_watch import KILL_FILE, leave_kill_file
from runner.live.edge.lock import Lock, account_lock
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.journal import restore
from runner.live.setup import instruments_of
from runner.market.tickdb.days import days_window
from runner.market.tickdb.secret import Secret
from runner.report.session_screen import SessionScreen
from runner.sessions.process import UNTIL, Process
from runner.venue.server.settings import Settings
from runner.venue.server.venue import Venue
from tests.canary import CANARY
from tests.market_of_three import WORDS, write_market

KEY = f"{CANARY}-of-the-venue"
START = "2024-05-01"
ZONE = "America/New_York"


@pytest.fixture
def venue(tmp_path, monkeypatch):
    """A venue that runs by itself and outlives sessions, and the words of a session that joins it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNNER_EMBEDDED_KEY", KEY)
    write_market(tmp_path / "market.csv")
    tapes = data_spec(list(WORDS)).load().tapes
    from_ms = days_window(START, None, ZONE, 4_102_444_800_000)[0] - 1
    there = Venue(tapes, Settings(from_ms=from_ms, zone=ZONE, patience=60.0), key=Secret(KEY)).start()
    address = there.rest_url
    yield there, ["mode=live", *WORDS, f'session.start="{START}"', f"feed.base_url={address}", f"broker.base_url={address}"]
    there.stop()


def told(folder, name):
    return json.loads((folder / name).read_text())


def test_e12_a_session_that_was_latched_goes_on_after_its_operators_word(venue, tmp_path, monkeypatch, capsys):
    """Without it a restart halts again; with it the same session trades on, and its books are the venue's."""
    there, words = venue
    show = SessionScreen.show

    def kill(self, status):
        show(self, status)
        if status.state == "live" and status.positions:
            leave_kill_file(next(tmp_path.glob("runs/*/*")), "enough")

    with monkeypatch.context() as once:
        once.setattr(SessionScreen, "show", kill)
        once.setattr("runner.sessions.watch.EVERY", 0.01)
        halted = run(words)
    (folder,) = tmp_path.glob("runs/*/*")
    first = told(folder, "session.json")

    again = restart.run([str(folder)])
    resumed = resume.run([str(folder), "--reason", "looked into it"])
    on = restart.run([str(folder)])

    assert (halted, again, resumed, on) == (4, 4, 0, 0), capsys.readouterr().err
    assert first["ended"].startswith("kill file: enough")
    last = told(folder, "session.json")
    assert (last["ended"], last["processes"]) == ("the market is over", 3)
    assert told(folder, "certificate.json")["equal"]
    assert not (folder / KILL_FILE).exists()
    disk = SqliteDisk(folder)
    try:
        state, _, _ = restore(disk, instruments_of(disk.head()))
    finally:
        disk.close()
    held = {symbol: str(position.lots) for symbol, position in state.positions.items() if position.lots}
    truth = there.truth()
    assert held == {symbol: str(units) for symbol, units in truth["positions"].items()}
    assert len({order["client_order_id"] for order in truth["orders"]}) == len(truth["orders"]) > 0

    with pytest.raises(RunError, match="isn't over"):
        restart.run([str(folder)])


def test_f5_an_account_that_another_session_has_is_refused(venue, tmp_path):
    """Before anything is sent, by the process that has it; two strategies would take each other's fills for their own."""
    there, words = venue
    lock = Lock(account_lock(Embedded(base_url=there.rest_url).fingerprint, there.rest_url, os.environ), "an account")

    with pytest.raises(RunError, match=f"an account is for one session at a time, was locked by pid {os.getpid()}"):
        run(words)

    lock.release()
    (folder,) = tmp_path.glob("runs/*/*")
    assert told(folder, "manifest.json")["status"] == "FAILED"
    assert there.truth()["orders"] == []


def test_f4_a_session_that_runs_is_not_gone_on_with(tmp_path, monkeypatch):
    """Whoever tries is told which process has it, and not a byte of its directory changes."""
    monkeypatch.chdir(tmp_path)
    write_market(tmp_path / "market.csv")
    run(["mode=paper", *WORDS, "session.sessions=2"])
    (folder,) = tmp_path.glob("runs/*/*")
    manifest = {**told(folder, "manifest.json"), "status": "RUNNING"}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    lock = Lock(folder / "session.lock", "a run directory")
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    with pytest.raises(RunError, match="locked by pid"):
        restart.run([str(folder)])

    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    lock.release()


def test_a_session_lasts_as_long_as_it_was_told_to_over_all_its_processes():
    """By the market's time at which the first one began; one that goes on doesn't begin to count anew."""
    directory = SimpleNamespace(manifest={})
    directory.update = directory.manifest.update
    process = SimpleNamespace(session=SimpleNamespace(until="1h"), directory=directory)
    times = iter([10**18, 10**18 + 5 * 10**9])

    ends = [Process._until(process, SimpleNamespace(clock=SimpleNamespace(utc_ns=lambda now=now: now))) for now in times]

    assert ends == [10**18 + 3_600 * 10**9] * 2
    assert directory.manifest == {UNTIL: ends[0]}

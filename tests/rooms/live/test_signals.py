"""A real process and real signals: how a session ends from outside."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runner.cli.panic import run as panic
from runner.errors import ConfigError, RunError
from runner.live.edge.kill_watch import leave_kill_file
from runner.live.model import Status
from tests.live_journals import fill, folded, intent, opened, writing

ROOT = Path(__file__).parents[3]
CHILD = """
import asyncio, sys
from pathlib import Path
from runner.live.brokers.plain import PlainContract
from runner.live.edge.alarm import QueuedAlarm
from runner.live.edge.clock import MachineChance, MachineClock
from runner.live.edge.kill_watch import KillWatch
from runner.live.edge.signals import listening
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.model import Quote, SessionState
from runner.live.ports import Action, Ports
from runner.live.session import Session
from tests.live_bench import EPOCH, INSTRUMENTS, PROFILE, BenchStream, BenchVenue, Quiet, setup
from dataclasses import replace

class Machine:
    def __init__(self):
        self.clock = MachineClock()
    @property
    def now(self):
        return self.clock.utc_ns() - EPOCH
    def after(self, delay, happening):
        asyncio.get_running_loop().call_later(delay / 1e9, happening)

async def main():
    folder = Path(sys.argv[1])
    stream = BenchStream()
    venue = BenchVenue(Machine(), stream)
    profile = replace(PROFILE, visible_ns=50_000_000)
    watch = KillWatch(folder, every=0.05)
    ports = Ports(MachineClock(), MachineChance(), venue, stream, SqliteDisk(folder), QueuedAlarm(sys.stdout), watch)
    session = Session(ports, setup(profile=profile, drain_ns=20 * 10**9), PlainContract(INSTRUMENTS), Quiet())
    running = asyncio.create_task(session.run())
    ears = listening(asyncio.get_running_loop(), session.stop, watch.ask)
    ears.__enter__()
    while not (hasattr(session, "journal") and session.state.session is SessionState.LIVE):
        await asyncio.sleep(0.01)
        if running.done():
            sys.exit(running.result())
    session.on_quote(Quote("XYZ", 9_999, 10_001, ports.clock.mono_ns()))
    from runner.live.gate import Wanted
    coid = session.orders.submit(Wanted("XYZ", 1, 10, 10_000))
    while not session.state.orders[coid].is_acked:
        await asyncio.sleep(0.01)
    if "stubborn" in sys.argv:
        venue.always[Action.CANCEL] = "drop"
    print("working", coid, flush=True)
    code = await running
    print("open", sum(order.status == "open" for order in venue.orders), flush=True)
    watch.stop()
    ports.alarm.stop()
    sys.exit(code)

asyncio.run(main())
"""


def session(folder, *words):
    """Start a session in a process of its own; return it once an order of it works."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), *words],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout.readline().startswith("working")
    return process


def ended(process):
    """Return exit code and what was printed."""
    out, _ = process.communicate(timeout=60)
    return process.returncode, out


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_f9_a_signal_ends_a_session_in_order(tmp_path, number):
    """Orders are cancelled, the last line is written, exit code 0."""
    process = session(tmp_path)
    process.send_signal(number)

    code, out = ended(process)
    state, _ = folded(tmp_path)

    assert (code, "open 0" in out) == (0, True)
    assert [order.status for order in state.orders.values()] == [Status.CANCELED]


def test_f9_a_second_interrupt_ends_it_at_once_with_what_is_left(tmp_path):
    """The venue doesn't cancel: after the second interrupt it ends with three, and the line of its end is there."""
    process = session(tmp_path, "stubborn")
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1.5)
    process.send_signal(signal.SIGINT)

    code, out = ended(process)
    state, _ = folded(tmp_path)

    assert code == 3
    assert "ALARM LEFT" in out
    assert state.session == "closed"


def test_sigusr1_and_the_kill_file_latch(tmp_path):
    """Both halt the session with exit code 4, and the latch is in the journal."""
    for name, ask in (
        ("one", lambda process, _: process.send_signal(signal.SIGUSR1)),
        ("two", lambda _, folder: leave_kill_file(folder, "enough")),
    ):
        folder = tmp_path / name
        folder.mkdir()
        process = session(folder)
        ask(process, folder)
        code, out = ended(process)

        assert (code, "open 0" in out) == (4, True)
        assert folded(folder)[0].killed in {"SIGUSR1", "kill file: enough"}


def test_panic_stops_a_living_session(tmp_path, capsys):
    """The kill file is left, the session cancels and ends, and panic says that nothing may fill any more."""
    process = session(tmp_path)

    code = panic([str(tmp_path)])

    assert code == 0
    assert ended(process)[0] == 4
    assert "No order of this session may still fill." in capsys.readouterr().out


def test_panic_tells_a_session_that_does_not_end(tmp_path, capsys):
    """The session can't cancel: panic doesn't wait for ever and says that it still lives."""
    process = session(tmp_path, "stubborn")
    try:
        code = panic([str(tmp_path)], patience=0.5)
    finally:
        process.kill()
        ended(process)

    assert code == 3
    assert "still has its journal" in capsys.readouterr().out


def test_panic_latches_a_dead_session_and_lists_what_may_fill(tmp_path, capsys):
    """The process is long gone: its journal is latched, and the orders nobody knows the end of are told."""
    with opened(tmp_path) as disk:
        asyncio.run(writing(disk, [intent(1), fill(1), intent(2), fill(2, quantity=4), intent(3)]))

    code = panic([str(tmp_path), "--reason", "holiday", "--no-cancel"])
    out = capsys.readouterr().out

    assert code == 3
    assert "q-0000001" not in out
    assert "q-0000002  buy XYZ  6 of 10 lots open  partial" in out
    assert "q-0000003  buy XYZ  10 of 10 lots open  unknown" in out
    assert "held: XYZ 14 lots" in out
    assert folded(tmp_path)[0].killed == "holiday"
    assert (tmp_path / "KILL").read_text() == "holiday\n"


def test_panic_says_when_the_journal_can_not_be_trusted(tmp_path, capsys):
    """Five, and where to look instead."""
    with opened(tmp_path) as disk:
        asyncio.run(writing(disk, [intent(1)]))
    (tmp_path / "journal.sqlite").write_bytes(b"nothing of the kind" * 1_000)

    assert panic([str(tmp_path)]) == 5
    assert "venue's own list" in capsys.readouterr().out
    assert (tmp_path / "KILL").exists()


@pytest.mark.parametrize(("words", "error"), [([], ConfigError), (["a", "b"], ConfigError), (["--fast", "a"], ConfigError)])
def test_panic_wants_one_run_directory(words, error):
    """What it is to stop has to be said, and nothing else."""
    with pytest.raises(error):
        panic(words)


def paper(folder, status):
    """Write the folder of a paper session."""
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"mode": "paper", "status": status, "created": "2026-01-05"}))
    return folder


def test_panic_ends_a_paper_session_and_waits_for_it(tmp_path, capsys):
    """The kill file is all it needs; by the id of its run as well."""
    folder = paper(tmp_path / "runs" / "x" / "20260105T143000Z-0123abcd", "DONE")

    assert panic(["0123abcd", "--runs", str(tmp_path / "runs"), "--reason", "enough"]) == 0
    assert (folder / "KILL").read_text() == "enough\n"
    assert "The paper session has ended (DONE)" in capsys.readouterr().out


def test_panic_tells_a_paper_session_that_does_not_end(tmp_path, capsys):
    """It hangs, or was killed: the file is there, and the exit code says that it isn't over."""
    folder = paper(tmp_path / "x", "RUNNING")

    assert panic([str(folder)], patience=0.1) == 3
    assert (folder / "KILL").exists()
    assert "hasn't ended" in capsys.readouterr().out


def test_panic_knows_that_the_embedded_venue_ends_with_its_session(tmp_path, capsys):
    """An order that a dead session left there is nowhere any more."""
    with opened(tmp_path) as disk:
        asyncio.run(writing(disk, [intent(1)]))
    (tmp_path / "spec.yaml").write_text("broker:\n  kind: embedded\n")

    assert panic([str(tmp_path)]) == 0
    assert "The embedded venue has ended with its session" in capsys.readouterr().out


def test_panic_refuses_a_folder_that_is_no_session_s(tmp_path):
    """No journal, no session: nothing is written there."""
    with pytest.raises(RunError, match="run directory of a paper or live session"):
        panic([str(tmp_path)])
    assert list(tmp_path.iterdir()) == []

"""Whoever looks on holds nobody up, and the last word on a session is that it is closed."""

import asyncio
import threading
import time
from types import SimpleNamespace

from runner.report.live_status import LiveStatus
from runner.sessions.onlooker import Nobody
from runner.sessions.watch import Watch


class Alarms:
    def __init__(self):
        self.rung = []
        self.count = 0
        self.kept = []

    def ring(self, code, detail):
        self.rung.append((code, detail))


def watch_over(folder, monkeypatch, look):
    """Return a watch whose looks are those of a function, and its alarms."""
    monkeypatch.setattr("runner.sessions.watch.status_of", look)
    monkeypatch.setattr("runner.sessions.watch.EVERY", 0.01)
    spec = SimpleNamespace(name="a", mode=SimpleNamespace(kind="live"))
    prepared = SimpleNamespace(spec=spec, pipeline=SimpleNamespace(rules=()))
    directory = SimpleNamespace(path=folder, manifest={"created": "now"})
    alarms = Alarms()
    sitting = SimpleNamespace(live=None, why="asked to stop")
    return Watch(directory, prepared, "venue", sitting, alarms, Nobody()), alarms


def live(*_):
    return LiveStatus("a", "live", "live", "")


def test_a_slow_disk_does_not_hold_up_the_loop(tmp_path, monkeypatch):
    """A status that takes seconds to be written is written beside it; one that is late doesn't take the last one's place."""
    told, hurry = [], threading.Event()

    def slowly(_, status):
        if status.state != "closed":
            hurry.wait(10)
        told.append(status.state)

    monkeypatch.setattr("runner.sessions.watch.leave_status", slowly)
    watch, _ = watch_over(tmp_path, monkeypatch, live)

    async def sitting():
        began = time.monotonic()
        for _ in range(20):
            await asyncio.sleep(0.005)
        return time.monotonic() - began

    took = asyncio.run(_then(watch.over(sitting()), hurry.set))
    watch.closed()

    assert took < 5
    assert told[-1] == "closed"


async def _then(awaited, after):
    found = await awaited
    after()
    return found


def test_looking_that_fails_ends_nothing(tmp_path, monkeypatch):
    """One alarm, and the end is told all the same."""

    def broken(*_):
        raise ZeroDivisionError

    watch, alarms = watch_over(tmp_path, monkeypatch, broken)

    async def sitting():
        await asyncio.sleep(0.05)
        return 0

    assert asyncio.run(watch.over(sitting())) == 0
    assert watch.closed().state == "closed"
    assert {code for code, _ in alarms.rung} == {"STATUS"}
    assert (tmp_path / "status.json").is_file()


def test_the_log_is_in_the_order_of_time(tmp_path, monkeypatch):
    """An alarm that rang before an order is before it, though both were looked at later."""
    watch, alarms = watch_over(tmp_path, monkeypatch, live)
    alarms.kept, alarms.count = [(10**18, "LATE", "first")], 1

    watch.say("second")
    alarms.kept, alarms.count = [*alarms.kept, (2 * 10**18, "LATE", "third")], 2

    assert [each.text for each in watch.closed().log] == ["LATE: first", "second", "LATE: third", "ended: asked to stop"]

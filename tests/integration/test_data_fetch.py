"""`runner data fetch` against a service on this machine: what travels, what is kept, and where the key is."""

import base64
import hashlib
import os
import pty
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pytest

from tests.own_cache import own_cache
from tests.rooms.market.tickdb.loopback import serving
from tests.rooms.market.tickdb.service import KEY, MINUTE, Service, klines, ms

HOUR, DAY = 60 * MINUTE, 1_440 * MINUTE
START = ms("2024-01-01")
HOURS = klines(START + n * HOUR for n in range(100 * 24))
"""A hundred days of hours, a thousand of them per request: the store's first part has 30 days, the next one 60 days."""
MARKET = ("data=tickdb", "data.type=crypto", "data.interval=1h", "data.start='2024-01-01'", "universe.symbols=[BTCUSDT]")
RUN = ("timezone=crypto", "quality.split=keep", "quality.unit=keep", "quality.stale=keep", "quality.outlier=keep")


class Stalling(Service):
    """Answers so many requests; the next one waits until it is released."""

    def __init__(self, market, served):
        super().__init__(market)
        self.served = served
        self.stalled, self.released = threading.Event(), threading.Event()

    def answer(self, path, params, headers):
        if len(self.asked) == self.served:
            self.stalled.set()
            self.released.wait(30)
        return super().answer(path, params, headers)


def command(address, *words):
    return [sys.executable, "-m", "runner", *words, *MARKET, f"data.base_url={address}", "data.rate_per_minute=10000"]


def environment(folder, **more):
    kept = {name: value for name, value in os.environ.items() if name != "TICKDB_API_KEY"}
    return {**kept, "XDG_CACHE_HOME": str(folder / "cache"), "TICKDB_API_KEY": KEY, **more}


def told(folder, words, **more):
    """Run a command to its end."""
    return subprocess.run(
        words, cwd=folder, env=environment(folder, **more), capture_output=True, text=True, check=False, timeout=120
    )


def rows_of(output):
    """Return what the table says of a symbol: fetched, were there, requests."""
    (found,) = re.findall(r"BTCUSDT +([\d,]+) +([\d,]+) +([\d,]+)", output)
    return tuple(int(number.replace(",", "")) for number in found)


def stamps(folder):
    """Return the stamps of every chunk in the store, in ms, ascending."""
    chunks = sorted((folder / "cache").rglob("*.parquet"))
    return sorted(stamp // 10**6 for chunk in chunks for stamp in pl.read_parquet(chunk)["timestamp"].dt.epoch("ns"))


def windows(asked):
    """Return the first and last instant of each request for bars, in ms."""
    return [(int(each["start_time"]), int(each["end_time"])) for path, each, _ in asked if path == "/v1/market/kline"]


def test_a_second_fetch_asks_for_what_is_missing_only(tmp_path):
    """A longer window fetches its new end, the same window nothing, not even with a key at hand."""
    service = Service({"BTCUSDT": HOURS})
    with serving(service) as address:
        first = told(tmp_path, command(address, "data", "fetch", "data.end='2024-01-31'"))
        asked = len(service.asked)
        longer = told(tmp_path, command(address, "data", "fetch", "data.end='2024-02-09'"))
        missing = windows(service.asked[asked:])
        asked = len(service.asked)
        again = told(tmp_path, command(address, "data", "fetch", "data.end='2024-02-09'"), TICKDB_API_KEY="")

    assert (first.returncode, longer.returncode, again.returncode) == (0, 0, 0), first.stderr + longer.stderr + again.stderr
    assert [rows_of(done.stdout)[:2] for done in (first, longer, again)] == [(744, 0), (216, 744), (0, 960)]
    assert rows_of(again.stdout)[2] == 0
    assert missing
    assert all(start >= ms("2024-02-01") - DAY and end <= ms("2024-02-10") for start, end in missing)
    assert len(service.asked) == asked
    assert stamps(tmp_path) == [bar.time for bar in HOURS[:960]]


def test_a_fetch_that_was_killed_goes_on_where_it_was(tmp_path):
    """Killed in the second of two parts; the next process keeps the first part and completes the window."""
    service = Stalling({"BTCUSDT": HOURS}, served=2)
    with serving(service) as address:
        words = command(address, "data", "fetch", "data.end='2024-03-30'")
        killed = subprocess.Popen(words, cwd=tmp_path, env=environment(tmp_path), stderr=subprocess.PIPE)
        assert service.stalled.wait(60)
        killed.send_signal(signal.SIGKILL)
        killed.communicate(timeout=30)
        service.released.set()
        held, asked = stamps(tmp_path), len(service.asked)
        done = told(tmp_path, words)

    assert killed.returncode == -signal.SIGKILL
    assert held == [bar.time for bar in HOURS[: 30 * 24]]
    assert done.returncode == 0, done.stderr
    assert rows_of(done.stdout)[:2] == (60 * 24, 30 * 24)
    assert min(start for start, _ in windows(service.asked[asked:])) >= START + 30 * DAY - HOUR
    assert stamps(tmp_path) == [bar.time for bar in HOURS[: 90 * 24]]


def test_progress_is_seen_while_rows_arrive(tmp_path):
    """On a terminal: what is being fetched and its share, 72 of 90 days, while the service still keeps the rest back."""
    service = Stalling({"BTCUSDT": HOURS}, served=2)
    ours, theirs = pty.openpty()
    with serving(service) as address:
        words = command(address, "data", "fetch", "data.end='2024-03-30'")
        with subprocess.Popen(
            words,
            cwd=tmp_path,
            env=environment(tmp_path, TERM="xterm", COLUMNS="100"),
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
        ) as running:
            os.close(theirs)
            seen = b""
            while not re.search(rb"fetching BTCUSDT[^%]* 80%", seen):
                seen += os.read(ours, 4_096)
            assert service.stalled.wait(30)
            assert running.poll() is None
            service.released.set()
            threading.Thread(target=_drain, args=(ours,), daemon=True).start()
            output, _ = running.communicate(timeout=60)

    assert running.returncode == 0
    assert rows_of(output.decode())[0] == 90 * 24


def _drain(terminal):
    """Read what is left, so that the process can't wait for a reader; the terminal ends with an error."""
    try:
        while os.read(terminal, 4_096):
            pass
    except OSError:
        os.close(terminal)


def test_a_missing_key_is_named_by_its_variable(tmp_path):
    """Before anything is asked or written; exit code 2, no traceback."""
    service = Service({"BTCUSDT": HOURS})
    with serving(service) as address:
        done = told(tmp_path, command(address, "data", "fetch", "data.key_env=MY_KEY"))

    assert done.returncode == 2
    assert "data.key_env: must name a variable that is set, was MY_KEY. Set the environment variable MY_KEY" in done.stderr
    assert "Traceback" not in done.stderr
    assert service.asked == []
    assert list(tmp_path.rglob("*")) == []


def test_a_refused_key_is_told_without_it(tmp_path):
    """The service says no; the message names the variable, exit code 2."""
    wrong = "tk-wrong-9c3a77"
    with serving(Service({"BTCUSDT": HOURS})) as address:
        done = told(tmp_path, command(address, "data", "fetch", "data.end='2024-01-31'"), TICKDB_API_KEY=wrong)

    assert done.returncode == 2
    assert "TICKDB_API_KEY" in done.stderr
    assert "Traceback" not in done.stderr
    assert wrong not in done.stdout + done.stderr


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """Fetch, check, show and run on fetched data; return the folder and all that was said."""
    folder = tmp_path_factory.mktemp("everything")
    with serving(Service({"BTCUSDT": HOURS})) as address:
        days = "data.end='2024-02-09'"
        verbs = [("data", "fetch", days), ("data", "check", days, *RUN), ("data", "show", days, *RUN), (days, *RUN)]
        own = own_cache(folder)
        done = [told(folder, command(address, *words), XDG_CACHE_HOME=own) for words in verbs]
    for each in done:
        assert each.returncode == 0, each.stderr
    return folder, "".join(each.stdout + each.stderr for each in done)


def test_the_key_is_in_no_byte_that_is_written(everything):
    """Neither in the store nor on the page nor in the run directory nor in what was said: plain, encoded or hashed."""
    folder, said = everything
    files = [path for path in folder.rglob("*") if path.is_file()]

    written = {str(path): path.read_bytes() for path in files}
    for path in (path for path in files if path.suffix == ".parquet"):
        written[f"{path} unpacked"] = pl.read_parquet(path).write_csv().encode()
    written |= {"what was said": said.encode(), "names of files": "\n".join(written).encode()}

    assert {"manifest.json", "spec.yaml", "data.html", "quality.json"} <= {Path(name).name for name in written}
    assert [name for name, data in written.items() for form in _forms(KEY) if form in data] == []


def test_a_run_reads_what_was_fetched(everything):
    """The page and the run's report speak of the store's rows."""
    folder, said = everything

    assert "bars  960 rows of 1 symbol, known 2024-01-01 01:00Z to 2024-02-10 00:00Z" in said
    assert "stamps mean what the source says: interval 1h (the run's timezone says 1min)" in said
    (page,) = folder.rglob("data.html")
    assert "960 bars · 1 symbol" in page.read_text()


def _forms(key):
    data = key.encode()
    return [
        data,
        base64.b64encode(data).rstrip(b"="),
        data.hex().encode(),
        hashlib.sha256(data).hexdigest().encode(),
        hashlib.md5(data).hexdigest().encode(),
    ]

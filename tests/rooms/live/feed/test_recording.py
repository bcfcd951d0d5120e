"""Everything received is recorded, and what was made of it is made again to the bit."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import RunError
from runner.live.edge.feed_files import FeedFiles, feed_files
from runner.live.feed.dialects.tickdb import TickDb
from runner.live.feed.inputs import HEARD, OPENED, TICK, Input, Torn, packed, unpacked
from runner.live.feed.messages import Channel
from runner.live.feed.recording import Recording, head, replayed
from runner.live.ports import DiskFailed
from tests.feed_bench import EPOCH, EVENTS, MINUTE, MS, PAIR, SECOND, Bench, BenchRecorder, book, plan, pong, text, trade

KINDS = st.sampled_from([HEARD, OPENED, TICK])
INPUTS = st.lists(
    st.builds(Input, KINDS, st.integers(0, 9), st.integers(0, 2**62), st.integers(-(2**62), 2**62), st.binary(max_size=40)),
    max_size=8,
)


@given(inputs=INPUTS)
def test_what_is_written_is_read(inputs):
    """Any bytes, new lines and nothing at all among them."""
    assert list(unpacked(b"".join(packed(each) for each in inputs))) == inputs


@given(inputs=INPUTS.filter(bool), data=st.data())
def test_a_torn_end_is_told_and_not_believed(inputs, data):
    """Cut anywhere: whole records before it, and how much lies behind."""
    whole = b"".join(packed(each) for each in inputs)
    at = data.draw(st.integers(0, len(whole) - 1))

    found = list(unpacked(whole[:at]))

    kept = [each for each in found if isinstance(each, Input)]
    torn = [each for each in found if isinstance(each, Torn)]
    assert kept == inputs[: len(kept)]
    assert sum(len(packed(each)) for each in kept) + sum(each.length for each in torn) == at
    assert len(torn) == (at > sum(len(packed(each)) for each in kept))


@given(inputs=INPUTS.filter(bool), data=st.data())
def test_a_flipped_bit_is_noticed(inputs, data):
    """From there on nothing is believed; a flip in a stamp alone is all that may pass, as records say nothing twice."""
    whole = bytearray(b"".join(packed(each) for each in inputs))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= 1 << data.draw(st.integers(0, 7))

    found = [each for each in unpacked(bytes(whole)) if isinstance(each, Input)]

    wanted = {(each.kind, each.body) for each in inputs}
    assert all((each.kind, each.body) in wanted for each in found)


ASKED = plan(streams=("bars", "depth", "trades"), levels=2, events=EVENTS, touch=Channel.DEPTH)


def busy(bench, seconds):
    """Let a lot happen: trades, books, nonsense, broken connections."""
    for k in range(seconds * 4):
        at = k * SECOND // 4
        bench.venue.at(at, trade(PAIR[k % 2], at, 100 + k % 11, k % 3), book(PAIR[k % 2], at, [(str(9 + k % 2), "1")]))
    bench.venue.at(30 * SECOND, b"nonsense", trade("BTCUSDT", 0, "x"), book("ETHUSDT", 0, [("12", "1")]))
    bench.world.at(75 * SECOND, lambda: [socket.end() for socket in bench.venue.live])


def test_a_session_is_played_again_to_the_bit():
    """The same instants, with what was lost and found between them."""
    bench = Bench(ASKED)
    busy(bench, 150)

    lived = bench.run(150)

    again = list(replayed(bench.recorder.recording(), ASKED, TickDb(PAIR)))
    assert len(lived) > 1_000
    assert any(each.gapped for each in lived)
    assert repr(again) == repr(lived)


def test_what_a_slow_consumer_did_not_get_is_left_out_again():
    """It takes an instant every second: newer books take the place of older ones, and the recording knows."""
    import asyncio  # noqa: PLC0415

    asked = plan(streams=("depth",), levels=1, bars=None, events=EVENTS, touch=Channel.DEPTH, waiting=50)
    bench = Bench(asked)
    busy(bench, 60)
    taken = []

    async def slowly(feed):
        for _ in range(40):
            taken.append(await anext(feed))
            await asyncio.sleep(1)

    bench.run(0, slowly, consume=False)

    again = list(replayed(bench.recorder.recording(), asked, TickDb(PAIR)))
    assert bench.feed.health().counts["instants superseded"] > 50
    assert repr(again[: len(taken)]) == repr(taken)


def test_what_led_to_an_instant_is_kept_before_it_is_handed_on():
    """Whoever decides on it can be shown why, whatever happens to the process then."""
    bench = Bench(plan())
    busy(bench, 130)
    unkept = []

    class Watching(BenchRecorder):
        def put(self, record):
            super().put(record)

    bench.doors.recorder.__class__ = Watching

    async def look(feed):
        async for _ in feed:
            unkept.append(len(bench.recorder.waiting))
            if len(unkept) == 2:
                break

    bench.run(0, look, consume=False)

    assert unkept == [0, 0]


def test_a_recording_of_another_plan_is_refused():
    """Its instants would be other ones."""
    recording = Recording(inputs=(), torn=(), plan="{}")

    with pytest.raises(RunError, match="recorded with the same"):
        list(replayed(recording, plan(), TickDb(PAIR)))


def test_a_disk_that_is_full_ends_the_feed():
    """Nothing is decided on that nobody can be shown afterwards."""

    class Full(BenchRecorder):
        def flush(self):
            if self.waiting and bench.world.now > 65 * SECOND:
                raise DiskFailed("no space left")
            super().flush()

        def close(self):
            self.is_closed = True

    bench = Bench(plan(), recorder=Full(plan()))
    busy(bench, 130)

    bench.run(130)

    assert [(each.ts - EPOCH) // MINUTE for each in bench.instants] == [1]
    assert "the recording can't be written: no space left" in str(bench.failure)
    assert bench.alarm.rang[-1][0] == "FEED OVER"


# --- files ---------------------------------------------------------------------------------------------------------------


def told(number):
    return packed(Input(HEARD, 1, number, number, b"x" * 1_000))


def numbers(recording):
    return [each.mono_ns for each in recording.inputs]


def test_files_are_bounded_and_read_in_their_order(tmp_path):
    """Each begins with its head; together they are one session."""
    files = FeedFiles(tmp_path / "feed", lambda part: head(plan(), part), most_bytes=10_000)
    for number in range(100):
        files.put(told(number))
        files.flush()
    files.close()

    (recording,) = Recording.read(feed_files(tmp_path / "feed"))

    sizes = [path.stat().st_size for path in (tmp_path / "feed").iterdir()]
    assert numbers(recording) == list(range(100))
    assert len(sizes) > 9
    assert max(sizes) < 13_000
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "feed").iterdir()} == {0o600}
    assert (tmp_path / "feed").stat().st_mode & 0o777 == 0o700


def test_a_restart_goes_on_beside_what_is_there(tmp_path):
    """Nothing is written over, a torn end stays as it is, and a session is its own."""
    for session in range(2):
        files = FeedFiles(tmp_path, lambda part: head(plan(), part))
        files.put(told(session))
        files.close()
        with next(iter(sorted(tmp_path.iterdir(), reverse=True))).open("ab") as last:
            last.write(b"text 1 2 3 100")
    (tmp_path / "000003.feed").touch()

    found = list(Recording.read(feed_files(tmp_path)))

    assert [numbers(each) for each in found] == [[0], [1]]
    assert [len(each.torn) for each in found] == [1, 2]


def test_a_missing_file_is_noticed(tmp_path):
    """What it held can't be guessed."""
    files = FeedFiles(tmp_path, lambda part: head(plan(), part), most_bytes=100)
    for number in range(3):
        files.put(told(number))
        files.flush()
    files.close()
    (tmp_path / "000002.feed").unlink()

    with pytest.raises(RunError, match="must be part 2"):
        list(Recording.read(feed_files(tmp_path)))


@pytest.mark.parametrize("content", [b"hello\n", packed(Input(HEARD, 1, 1, 1, b"x"))])
def test_a_file_of_something_else_is_refused(tmp_path, content):
    """Or torn from the first byte on, which says nothing."""
    (tmp_path / "000001.feed").write_bytes(content)

    if content.startswith(b"hello"):
        assert list(Recording.read(feed_files(tmp_path))) == []
    else:
        with pytest.raises(RunError):
            list(Recording.read(feed_files(tmp_path)))


def test_a_folder_that_can_not_be_written_is_told(tmp_path):
    """When the session begins, not when the first message comes."""
    (tmp_path / "feed").write_text("a file")

    with pytest.raises(DiskFailed):
        FeedFiles(tmp_path / "feed", lambda part: head(plan(), part))


CHILD = """
import sys
from pathlib import Path
from runner.live.edge.feed_files import FeedFiles
from runner.live.feed.inputs import HEARD, Input, packed
from runner.live.feed.recording import head
from tests.feed_bench import plan
files = FeedFiles(Path(sys.argv[1]), lambda part: head(plan(), part), most_bytes=200_000)
number = 0
while True:
    for _ in range(50):
        number += 1
        files.put(packed(Input(HEARD, 1, number, number, b"x" * 100)))
    files.flush()
    print(number, flush=True)
"""


def test_a_killed_process_loses_nothing_that_was_flushed(tmp_path):
    """Every record that was handed to the operating system is there, in order and without a gap."""
    root = Path(__file__).parents[4]
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, text=True)
    for _ in range(100):
        flushed = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    child.stdout.close()
    child.wait()

    (recording,) = Recording.read(feed_files(tmp_path))

    assert numbers(recording) == list(range(1, len(recording.inputs) + 1))
    assert len(recording.inputs) >= flushed


def test_no_secret_is_in_a_recording():
    """The feed never sees one: what is sent with a handshake is put there below it."""
    bench = Bench(plan())
    busy(bench, 5)

    bench.run(5)

    sent = [json.loads(said) for socket in bench.venue.sockets for _, said in socket.sent]
    assert {tuple(sorted(each)) for each in sent} == {("cmd", "data"), ("cmd",)}
    assert b"api_key" not in bench.recorder.file()
    assert pong(0)["data"]["timestamp"] == EPOCH // MS
    assert text(b"as it is") == b"as it is"

"""The operator's word that a latch may come off: kept in the journal, good for one start, taken back by another latch."""

import asyncio

import pytest

from runner.cli.resume import run as resume
from runner.errors import ConfigError, RunError
from runner.live.edge.kill_watch import KILL_FILE, leave_kill_file
from runner.live.edge.lock import Lock
from runner.live.events import Kill, Permit, event_of, json_of
from runner.live.fold import apply
from runner.live.model import Permission, State, Status
from runner.live.panic import latch_journal
from runner.live.ports import Action
from runner.live.resume import permit
from runner.live.snapshot import parse, text
from tests.live_bench import INSTRUMENTS, Bench
from tests.live_journals import folded, intent, opened, writing

WORD = Permission("looked into it", adjusts=False, absent=())


def play(scenario, **told):
    return Bench(**told).run(scenario)


def test_the_next_session_takes_the_latch_off_and_no_other_does():
    """One start trades again; latched once more, the word is used up."""

    async def scenario(bench):
        await bench.live()
        bench.session.latch("test")
        assert await bench.ended() == 4
        await permit(bench.disk, bench.clock, INSTRUMENTS, WORD)
        await bench.live()
        assert bench.state.killed is None
        assert bench.disk.bodies("RESUME") == [{"reason": "looked into it"}]
        bench.session.latch("again")
        assert await bench.ended() == 4
        bench.begin()
        assert await bench.ended() == 4
        assert bench.state.killed == "again"

    play(scenario)


def test_a_start_that_does_not_get_to_it_uses_the_word_up():
    """The account doesn't agree: halted, and halted at the start after that, though the account does then."""

    async def scenario(bench):
        await bench.live()
        bench.session.latch("test")
        assert await bench.ended() == 4
        await permit(bench.disk, bench.clock, INSTRUMENTS, WORD)
        bench.venue.positions["XYZ"] += 1
        bench.begin()
        assert await bench.ended() == 4
        bench.venue.positions["XYZ"] -= 1
        bench.begin()
        assert await bench.ended() == 4
        assert bench.disk.bodies("RESUME") == []

    play(scenario)


def test_what_the_word_allows_goes_with_it():
    """The venue's word for a difference, and an order that isn't there: both hold for that one start."""

    async def scenario(bench):
        await bench.live()
        bench.venue.always[Action.QUERY] = "drop"
        bench.venue.plan(Action.PLACE, "drop")
        coid = bench.buy()
        await bench.wait(40)
        bench.session.latch("test")
        assert await bench.ended() == 3
        bench.venue.always.clear()
        bench.venue.positions["XYZ"] += 1
        await permit(bench.disk, bench.clock, INSTRUMENTS, Permission("it is so", adjusts=True, absent=(coid,)))
        await bench.live()
        assert bench.order(coid).status is Status.NOT_PLACED
        assert bench.state.position("XYZ") == 1
        assert bench.state.permission is None

    play(scenario)


def test_a_latch_after_the_word_takes_it_back():
    """Panic has the last word, on a journal that was latched already."""

    async def scenario(bench):
        await bench.live()
        bench.session.latch("test")
        assert await bench.ended() == 4
        await permit(bench.disk, bench.clock, INSTRUMENTS, WORD)
        state = await latch_journal(bench.disk, bench.clock, INSTRUMENTS, "no")
        assert state.permission is None
        bench.begin()
        assert await bench.ended() == 4

    play(scenario)


def test_the_word_outlives_a_snapshot_and_its_line_is_canonical():
    """Written and read back it is the same, in a line of its own and within a state."""
    state = State(INSTRUMENTS)
    event = Permit("why", adjusts=True, absent=("q-1", "q-2"))
    apply(state, Kill("test"))
    apply(state, event)

    assert event_of("PERMIT", json_of(event)) == event
    assert parse(text(state), INSTRUMENTS).permission == Permission("why", adjusts=True, absent=("q-1", "q-2"))
    with pytest.raises(ValueError, match="not a list of texts"):
        event_of("PERMIT", '{"absent":[1],"adjusts":true,"reason":"why"}')


def latched(folder, *events):
    with opened(folder) as disk:
        asyncio.run(writing(disk, [*events, Kill("test")]))


def test_the_verb_leaves_the_word_and_takes_the_kill_file_away(tmp_path, capsys):
    """What was latched and what may still fill is told; the next session finds the word."""
    latched(tmp_path, intent(1))
    leave_kill_file(tmp_path, "enough")

    code = resume([str(tmp_path), "--reason", "all clear", "--adjust", "--absent", "q-0000001"])
    out = capsys.readouterr().out

    assert code == 0
    assert "latched: test" in out
    assert "q-0000001" in out
    assert not (tmp_path / KILL_FILE).exists()
    assert folded(tmp_path)[0].permission == Permission("all clear", adjusts=True, absent=("q-0000001",))


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["a", "b", "--reason", "x"],
        ["a"],
        ["a", "--reason", ""],
        ["a", "--reason", "x\n"],
        ["a", "--reason", "x" * 201],
        ["--fast", "a"],
    ],
)
def test_the_verb_wants_one_run_directory_and_a_reason(words):
    """Both have to be said, and nothing else."""
    with pytest.raises(ConfigError):
        resume(words)


def test_nothing_to_resume_and_orders_nobody_asked_about_are_refused(tmp_path):
    """All that is wrong at once, and nothing is written."""
    with opened(tmp_path) as disk:
        asyncio.run(writing(disk, [intent(1)]))

    with pytest.raises(RunError) as refused:
        resume([str(tmp_path), "--reason", "x", "--absent", "q-0000009"])

    assert [fault.where for fault in refused.value.faults] == ["--absent", "resume"]
    assert "q-0000001" in str(refused.value)
    assert folded(tmp_path)[0].permission is None


def test_a_session_that_lives_can_not_be_resumed(tmp_path):
    """Its journal is its own; the kill file stays."""
    latched(tmp_path)
    leave_kill_file(tmp_path, "enough")
    lock = Lock(tmp_path / "journal.lock", "a journal")
    try:
        with pytest.raises(RunError, match="one session at a time"):
            resume([str(tmp_path), "--reason", "x"])
    finally:
        lock.release()
    assert (tmp_path / KILL_FILE).exists()


def test_a_journal_that_can_not_be_trusted_is_not_resumed(tmp_path, capsys):
    """Five, and the kill file stays."""
    latched(tmp_path)
    leave_kill_file(tmp_path, "enough")
    (tmp_path / "journal.sqlite").write_bytes(b"nothing of the kind" * 1_000)

    assert resume([str(tmp_path), "--reason", "x"]) == 5
    assert "can't be trusted" in capsys.readouterr().out
    assert (tmp_path / KILL_FILE).exists()


def test_a_folder_without_a_journal_is_no_session_s(tmp_path):
    """Nothing is written there."""
    with pytest.raises(RunError, match="run directory of a live session"):
        resume([str(tmp_path), "--reason", "x"])
    assert list(tmp_path.iterdir()) == []

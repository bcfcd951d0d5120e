"""The journal: what was acknowledged is there, in order, unaltered, or nothing is traded on it."""

import asyncio
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import RunError
from runner.live.edge.clock import MachineClock
from runner.live.edge.lock import expect_local
from runner.live.edge.sqlite_disk import SqliteDisk
from runner.live.events import KINDS, Kill, canonical, event_of, json_of
from runner.live.invariant import Broken
from runner.live.journal import Journal, Quarantined, head_hash, restore, row_hash
from runner.live.model import SessionState, State, Status
from runner.live.ports import Action, DiskFailed
from runner.live.snapshot import parse, text
from tests.live_bench import INSTRUMENTS, MS, SECOND, Bench, setup
from tests.live_journals import fill, folded, intent, opened, writing, written


def altered(folder, statement, *values):
    """Change the file behind the journal's back, hash chain and all indices as they are."""
    connection = sqlite3.connect(folder / "journal.sqlite")
    with connection:
        connection.execute(statement, values)
    connection.close()


def test_what_is_written_is_read_again(tmp_path):
    """A journal folds into the state it was written from, line for line."""
    state = written(tmp_path)

    again, seq = folded(tmp_path)

    assert seq == 11
    assert text(again) == text(state)
    assert again.position("XYZ") == 50


def test_it_goes_on_where_it_ended(tmp_path):
    """A second session appends to the chain of the first."""
    written(tmp_path, 2)
    with opened(tmp_path) as disk:
        asyncio.run(writing(disk, [intent(3), fill(3)]))

    state, seq = folded(tmp_path)

    assert (seq, state.intents, state.position("XYZ")) == (7, 3, 30)


def test_a_snapshot_is_the_fold_of_what_was_before(tmp_path):
    """From the anchor and from the beginning the state is the same."""
    with opened(tmp_path) as disk:
        journal = asyncio.run(writing(disk, [intent(1), fill(1), intent(2)]))
        journal = asyncio.run(_snapshotted(disk))

    assert text(folded(tmp_path)[0]) == text(folded(tmp_path, is_full=True)[0]) == text(journal.state)


async def _snapshotted(disk):
    journal = Journal(disk, MachineClock(), restore(disk, dict(INSTRUMENTS)))
    running = asyncio.create_task(journal.run())
    journal.snapshot()
    journal.append(fill(2))
    await journal.flush()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return journal


def test_a_snapshot_that_is_not_the_fold_is_refused(tmp_path):
    """Whoever reads all lines holds each snapshot to them."""
    with opened(tmp_path) as disk:
        asyncio.run(writing(disk, [intent(1)]))
        lying = Journal(disk, _clock(), restore(disk, dict(INSTRUMENTS)))
        lying.state.late_fills = 7
        asyncio.run(disk.commit([lying.stamped(_snapshot_of(lying.state))]))

    with pytest.raises(Quarantined, match="snapshot"):
        folded(tmp_path, is_full=True)


def _clock():
    return Bench().clock


def _snapshot_of(state):
    return KINDS["SNAPSHOT"](text(state))


@pytest.mark.parametrize("column", ["utc_ns", "mono_ns", "kind", "coid", "body", "prev", "hash"])
@pytest.mark.parametrize("seq", [1, 6, 11])
def test_g4_any_altered_column_quarantines(tmp_path, column, seq):
    """One bit of any column of any line: the chain says which line it was."""
    written(tmp_path)
    old = {
        "utc_ns": "utc_ns + 1",
        "mono_ns": "mono_ns - 1",
        "kind": "'GATE'",
        "coid": "coalesce(coid, '') || 'x'",
        "body": "replace(body, '0', '1')",
        "prev": "zeroblob(32)",
        "hash": "zeroblob(32)",
    }
    if seq == 1 and column == "body":
        old["body"] = "replace(body, 'code', 'core')"
    altered(tmp_path, f"UPDATE journal SET {column} = {old[column]} WHERE seq = ?", seq)

    with pytest.raises(Quarantined):
        folded(tmp_path)


@pytest.mark.parametrize("where", [0.001, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.999])
def test_g4_flipped_bytes_of_the_file_quarantine_or_change_nothing(tmp_path, where):
    """A byte anywhere in the file: either SQLite or the chain sees it, or it lies where nothing is kept."""
    state = written(tmp_path, 40)
    path = tmp_path / "journal.sqlite"
    content = bytearray(path.read_bytes())
    content[int(len(content) * where)] ^= 0x41
    path.write_bytes(content)

    try:
        again, _ = folded(tmp_path)
    except (Quarantined, RunError):
        return
    assert text(again) == text(state)


@pytest.mark.parametrize("statement", ["DELETE FROM journal WHERE seq = 4", "DELETE FROM journal WHERE seq = 1"])
def test_g4_a_missing_line_quarantines(tmp_path, statement):
    """A gap in the numbers is a gap."""
    written(tmp_path)
    altered(tmp_path, statement)

    with pytest.raises(Quarantined):
        folded(tmp_path)


def test_g4_an_altered_head_quarantines(tmp_path):
    """The first line's chain begins with the head: another account's journal is no journal of ours."""
    written(tmp_path)
    altered(tmp_path, "UPDATE meta SET v = 'other' WHERE k = 'account'")

    with pytest.raises(Quarantined):
        folded(tmp_path)


def test_g4_a_session_on_a_quarantined_journal_ends_with_five():
    """Nothing is asked of the venue, nothing is written, the bell rings."""

    async def scenario(bench):
        await bench.live()
        await bench.working()
        bench.session.stop()
        assert await bench.ended() == 0
        bench.disk.kept[3] = bench.disk.kept[3]._replace(body="{}")
        count, rows = len(bench.venue.asked), len(bench.disk.kept)
        bench.begin()

        assert await bench.ended() == 5
        assert (len(bench.venue.asked), len(bench.disk.kept)) == (count, rows)
        assert "QUARANTINED" in bench.bells.codes()

    Bench().run(scenario)


def test_g5_a_deleted_write_ahead_log_is_noticed(tmp_path):
    """Acknowledged rows that lay in the log alone are missing: the mark beside the journal knows."""
    disk = SqliteDisk(tmp_path)
    asyncio.run(writing(disk, [intent(1), fill(1), intent(2)]))
    saved = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    disk.close()
    for name, content in saved.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "journal.sqlite-wal").unlink()

    with pytest.raises(Quarantined):
        folded(tmp_path)


def test_g5_an_old_copy_is_noticed(tmp_path):
    """A backup put in the place of the journal knows less than was acknowledged."""
    written(tmp_path, 2)
    old = (tmp_path / "journal.sqlite").read_bytes()
    with opened(tmp_path) as disk:
        asyncio.run(writing(disk, [intent(3)]))
    (tmp_path / "journal.sqlite").write_bytes(old)

    with pytest.raises(Quarantined, match="acknowledged"):
        folded(tmp_path)


def test_g5_a_restored_journal_that_the_venue_knows_more_than_halts():
    """Rows are gone without a trace on disk: the venue's order of our name shows it, and it is cancelled."""

    async def scenario(bench):
        await bench.live()
        await bench.working(10)
        kept = [row for row in bench.disk.kept if row.kind not in {"INTENT", "ACK"}]
        first = bench.disk.kinds().index("INTENT")
        assert kept[:first] == bench.disk.kept[:first]
        await bench.die()
        bench.disk.kept = bench.disk.kept[:first]
        bench.begin()
        await bench.until(lambda: hasattr(bench.session, "journal") and bench.state.killed is not None)

        assert "journal doesn't know" in bench.state.killed
        await bench.until(lambda: bench.venue.orders[0].status == "canceled")

    Bench().run(scenario)


def test_g6_folder_that_is_missing_or_read_only_or_remote_is_refused(tmp_path):
    """Before anything else: the folder is there, is ours, and on a disk of this machine."""
    with pytest.raises(RunError, match="folder that exists"):
        SqliteDisk(tmp_path / "gone")
    mounts = f"36 35 98:0 / / rw - ext4 /dev/root rw\n37 35 0:41 / {tmp_path} rw - nfs4 server:/x rw\n"
    with pytest.raises(RunError, match="nfs4"):
        expect_local(tmp_path, mounts)
    expect_local(tmp_path, mounts.replace("nfs4", "xfs"))
    (tmp_path / "journal.lock").mkdir()
    with pytest.raises(RunError, match="can be written"):
        SqliteDisk(tmp_path)


def test_g9_a_second_connection_is_refused(tmp_path):
    """While a journal is open nobody else gets in, not even around the lock: the file itself is held."""
    with opened(tmp_path):
        other = sqlite3.connect(tmp_path / "journal.sqlite", timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("SELECT count(*) FROM journal").fetchone()
        other.close()


def test_g9_the_file_is_kept_as_the_proof_needs_it(tmp_path):
    """Exclusive, write-ahead, every commit synced."""
    with opened(tmp_path) as disk:
        found = [
            disk._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("locking_mode", "journal_mode", "synchronous")
        ]

    assert found == ["exclusive", "wal", 2]
    assert not (tmp_path / "journal.sqlite-shm").exists()


def test_g8_the_write_ahead_log_does_not_grow_for_ever(tmp_path):
    """Thousands of commits later the log is no larger than a few checkpoints."""

    async def many(disk):
        await disk.found(setup().head())
        journal = Journal(disk, _clock(), restore(disk, dict(INSTRUMENTS)))
        for number in range(1, 1_501):
            await disk.commit([journal.stamped(intent(number)), journal.stamped(fill(number))])

    with opened(tmp_path) as disk:
        asyncio.run(many(disk))
        size = (tmp_path / "journal.sqlite-wal").stat().st_size

    assert size < 8 * 1024 * 1024


def test_f4_second_session_on_a_run_directory_is_refused(tmp_path):
    """The message names the process that has it."""
    with opened(tmp_path), pytest.raises(RunError, match=f"locked by pid {os.getpid()}"):
        SqliteDisk(tmp_path)


def test_f5_second_run_directory_of_an_account_is_refused(tmp_path):
    """Two directories, one account: the account has a lock of its own."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    lock = tmp_path / "account.lock"
    with opened(tmp_path / "one", account_lock=lock), pytest.raises(RunError, match="an account is for one session"):
        SqliteDisk(tmp_path / "two", lock)
    with opened(tmp_path / "two", account_lock=lock):
        pass


def test_i18_files_are_their_owners_alone(tmp_path):
    """Whatever the umask, nobody else reads a journal."""
    old = os.umask(0)
    try:
        written(tmp_path)
    finally:
        os.umask(old)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}, modes


@pytest.mark.parametrize("failure", ["No space left on device", "Input/output error"])
def test_g1_g2_an_intent_that_is_not_kept_is_never_sent(failure):
    """The disk refuses: no request leaves, the session halts, the latch outlives it, and nothing is tried again."""

    async def scenario(bench):
        await bench.live()
        _, order = await bench.working(10)
        bench.disk.fails = failure
        commits = bench.disk.commits
        coid = bench.buy(5, 9_990)
        assert await bench.ended() == 4

        assert bench.order(coid).status is Status.NOT_PLACED
        assert not bench.at_venue(coid)
        assert order.status == "canceled"
        assert bench.switch.latched
        assert bench.disk.commits == commits + 1

    Bench().run(scenario)


def test_g1_a_full_disk_fails_the_commit_and_every_one_after_it(tmp_path):
    """SQLite's own limit stands for the full device: the transaction isn't there, and none is tried again."""
    with opened(tmp_path) as disk:
        asyncio.run(writing(disk, [intent(1)]))
        pages = disk._db.execute("PRAGMA page_count").fetchone()[0]
        disk._db.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(DiskFailed):
            asyncio.run(writing(disk, [intent(2, symbol="XYZ"), *_large(3)]))
        disk._db.execute("PRAGMA max_page_count=100000")
        with pytest.raises(DiskFailed):
            asyncio.run(disk.commit([restore_next(disk)]))

    assert folded(tmp_path)[1] == 1


def _large(first):
    return [KINDS["DENY"]("XYZ", "TEST", "x" * 5_000) for _ in range(first, first + 20)]


def restore_next(disk):
    return Journal(disk, _clock(), restore(disk, dict(INSTRUMENTS))).stamped(intent(2))


def test_g2_a_file_that_can_not_be_opened_refuses_at_the_beginning(tmp_path):
    """A journal that can't be written is not begun."""
    written(tmp_path)
    path = tmp_path / "journal.sqlite"
    path.unlink()
    path.symlink_to("/dev/full")

    with pytest.raises(RunError, match="can be written"):
        SqliteDisk(tmp_path)


def test_g3_a_torn_transaction_is_gone_as_a_whole(tmp_path):
    """The last bytes of the log are torn off: the transactions before are there, the torn one isn't at all."""
    disk = SqliteDisk(tmp_path)
    asyncio.run(writing(disk, [intent(1), fill(1)]))
    whole = (tmp_path / "journal.sqlite-wal").stat().st_size
    mark = (tmp_path / "journal.mark").read_bytes()
    asyncio.run(writing(disk, [intent(2), fill(2)]))
    saved = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    disk.close()
    torn = len(saved["journal.sqlite-wal"]) - 100
    assert torn > whole
    for name, content in saved.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "journal.sqlite-wal").write_bytes(saved["journal.sqlite-wal"][:torn])
    (tmp_path / "journal.mark").write_bytes(mark)  # it was never acknowledged

    state, seq = folded(tmp_path)

    assert (seq, state.intents) == (2, 1)


def test_g7_a_slow_disk_degrades_and_orders_wait():
    """A second and a half for one sync: nothing leaves before its line. More than two: degraded, until it is over."""

    async def scenario(bench):
        await bench.live()
        bench.disk.delay_ns = 1_500 * MS
        coid = bench.buy()
        await bench.until(lambda: bench.venue.sent(Action.PLACE))
        assert "INTENT" in bench.disk.kinds()
        assert bench.state.session is SessionState.LIVE
        await bench.until(lambda: bench.order(coid).is_acked)
        bench.disk.delay_ns = 2_400 * MS
        late = bench.buy(5)
        await bench.until(lambda: bench.state.session is SessionState.DEGRADED)
        await bench.until(lambda: not bench.order(late).status.is_live)
        bench.disk.delay_ns = MS
        await bench.until(lambda: bench.state.session is SessionState.LIVE)

        assert bench.order(late).status is Status.NOT_PLACED
        assert len(bench.venue.sent(Action.PLACE)) == 1

    Bench().run(scenario)


def test_an_order_that_waited_too_long_for_its_line_is_not_sent():
    """Its validity is half over before the disk has it: it is dropped with proof, not sent late."""

    async def scenario(bench):
        await bench.live()
        bench.disk.delay_ns = 3 * SECOND
        coid = bench.buy()
        await bench.until(lambda: not bench.order(coid).status.is_live)

        assert bench.order(coid).status is Status.NOT_PLACED
        assert bench.disk.bodies("INTENT")
        assert not bench.venue.sent(Action.PLACE)

    Bench().run(scenario)


def test_batches_share_a_commit_and_urgent_lines_do_not_wait():
    """Lines that aren't urgent wait for company a few milliseconds; an urgent one takes all before it along at once."""

    async def scenario(bench):
        journal = Journal(bench.disk, bench.clock, (State(dict(INSTRUMENTS)), 0, b"\0" * 32))
        running = asyncio.create_task(journal.run())
        journal.append(intent(1))
        await journal.durable(1)
        soon = bench.world.now
        for number in range(5):
            journal.append(fill(1, exec_id=f"x{number}", quantity=1))
        await journal.durable(6)
        later = bench.world.now
        journal.append(fill(1, exec_id="x9", quantity=1))
        journal.append(Kill("test"))
        await journal.durable(8)
        last = bench.world.now
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

        assert bench.disk.commits == 3
        assert soon <= MS
        assert 5 * MS <= later - soon <= 7 * MS
        assert last - later <= MS

    Bench().run(scenario)


def test_an_event_that_can_not_follow_leaves_no_trace():
    """`Broken` before anything: the state is as it was, and no line is in the journal."""

    async def scenario(bench):
        journal = Journal(bench.disk, bench.clock, (State(dict(INSTRUMENTS)), 0, b"\0" * 32))
        before = text(journal.state)
        with pytest.raises(Broken):
            journal.append(fill(1))

        assert (text(journal.state), journal.appended) == (before, 0)

    Bench().run(scenario)


WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)


@given(st.integers(1, 2**70), WORDS, st.integers(-(2**70), 2**70))
def test_events_have_one_text_and_come_back_from_it(number, word, fee):
    """The canonical text of an event reads as the same event, whatever the size of its numbers."""
    for event in (intent(1, price=number, coid=word), fill(1, each=number, fee=fee, exec_id=word)):
        assert event_of(event.kind, json_of(event)) == event
        assert json_of(event_of(event.kind, json_of(event))) == json_of(event)


@pytest.mark.parametrize("body", ["{}", "[]", "3", '{"reason": 1, "more": 2}'])
def test_a_line_with_other_fields_is_no_event(body):
    """What no version has written isn't read as something near it."""
    with pytest.raises(ValueError, match="KILL"):
        event_of("KILL", body)
    with pytest.raises(ValueError, match="no kind"):
        event_of("NOPE", body)


def test_no_two_lines_have_one_hash_form():
    """Moving a letter from one column to the next changes the hash."""
    row = written_row()

    moved = row._replace(kind=row.kind[:-1], coid=row.kind[-1] + row.coid)

    assert row_hash(row) != row_hash(moved)
    assert head_hash({"a": "bc"}) != head_hash({"ab": "c"})


def written_row():
    journal = Journal(Bench().disk, _clock(), (State(dict(INSTRUMENTS)), 0, b"\0" * 32))
    return journal.stamped(intent(1))


def test_a_snapshot_text_comes_back_as_the_same_state(tmp_path):
    """Parsing and writing again gives the same letters; a state of another day doesn't."""
    state = written(tmp_path)

    again = parse(text(state), dict(INSTRUMENTS))

    assert text(again) == text(state)
    again.orders_today += 1
    assert text(again) != text(state)
    assert canonical({"b": 1, "a": [1]}) == '{"a":[1],"b":1}'


def test_the_journal_lies_where_it_is_looked_for(tmp_path):
    """The names of the files are the ones the documents tell."""
    written(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"journal.sqlite", "journal.lock", "journal.mark"}
    assert isinstance(tmp_path, Path)

"""Anchors: a ledger that has lost lines is noticed, also when nothing of it is left."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import RunError
from runner.sweeps.anchor import Head, anchored, lost_heads
from runner.sweeps.ledger import Entry, Ledger
from runner.sweeps.store import TrialStore
from tests.tried_trials import tried

DATA = "00112233445566ff"


def trial(number):
    """Return the name of a trial."""
    return f"{number:016x}"


def stored(runs, count):
    """Return a store with so many trials, a segment and a line each."""
    store = TrialStore.open(runs, DATA)
    for number in range(count):
        store.append(tried([trial(number)]))
    return store


def test_a_sound_ledger_passes(tmp_path):
    """However often it is opened, read and written on."""
    stored(tmp_path, 2)
    stored(tmp_path, 3)

    assert TrialStore(tmp_path / ".trials" / DATA).trials_counted == 3


@given(count=st.integers(1, 3), data=st.data())
def test_lines_missing_at_the_end_are_noticed(tmp_path_factory, count, data):
    """One, some or all of them, with their segments or without; whoever opens it is told what to write."""
    runs = tmp_path_factory.mktemp("runs")
    store = stored(runs, count)
    path = store.folder / "ledger.jsonl"
    kept = data.draw(st.integers(0, count - 1), "lines kept")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:kept]))
    if data.draw(st.booleans(), "segments gone"):
        shutil.rmtree(store.folder / "segments")

    for opened in (lambda: TrialStore(store.folder), lambda: TrialStore.open(runs, DATA)):
        with pytest.raises(RunError, match=rf"must hold the {count} lines .*, was {kept} lines.*forgets {count} trials"):
            opened()


def test_a_whole_folder_that_is_gone_is_noticed(tmp_path):
    """The anchor lies elsewhere."""
    stored(tmp_path, 2)
    shutil.rmtree(tmp_path / ".trials")

    with pytest.raises(RunError, match="must hold the 2 lines"):
        TrialStore.open(tmp_path, DATA)


def test_another_history_of_the_same_length_is_noticed(tmp_path):
    """A sound ledger of other trials isn't this one."""
    store = stored(tmp_path / "runs", 1)
    other = TrialStore.open(tmp_path / "other", DATA)
    other.append(tried([trial(7)]))
    shutil.copy(other.folder / "ledger.jsonl", store.folder / "ledger.jsonl")

    with pytest.raises(RunError, match="was others"):
        TrialStore(store.folder)


def test_forgetting_is_possible_and_has_to_be_meant(tmp_path):
    """Without the anchor counting begins anew."""
    store = stored(tmp_path, 2)
    shutil.rmtree(store.folder)
    (tmp_path / ".anchors" / DATA).unlink()

    assert stored(tmp_path, 1).trials_counted == 1


def test_an_anchor_never_goes_back(tmp_path):
    """Whoever knows fewer lines, because he read earlier, doesn't write over who knows more."""
    store = stored(tmp_path, 1)
    early = Ledger(store.folder / "ledger.jsonl", DATA)
    early.read()
    stored(tmp_path, 3)

    anchored(store.folder, early)
    (store.folder / "ledger.jsonl").write_bytes(b"")

    with pytest.raises(RunError, match="must hold the 3 lines"):
        TrialStore(store.folder)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"lines": 1}'])
def test_an_anchor_that_cannot_be_read_is_told(tmp_path, content):
    """It is never taken for none."""
    store = stored(tmp_path, 1)
    (tmp_path / ".anchors" / DATA).write_text(content)

    with pytest.raises(RunError, match=rf"\.anchors/{DATA}: must be as it was written"):
        TrialStore(store.folder)


def test_a_sweep_remembers_the_ledger_it_was_counted_in(tmp_path):
    """Also when folder and anchor are gone; what was only added since is fine."""
    store = stored(tmp_path, 2)
    facts = {"ledgers": [store.head]}
    stored(tmp_path, 3)
    assert list(lost_heads(tmp_path, facts)) == []

    shutil.rmtree(tmp_path / ".trials")
    shutil.rmtree(tmp_path / ".anchors")

    assert [(data, head.lines, lines) for data, head, lines in lost_heads(tmp_path, facts)] == [(DATA, 2, 0)]


def test_the_head_is_the_last_line(tmp_path):
    """Its number, its hash, and how many trials were counted by then."""
    ledger = Ledger(tmp_path / "ledger.jsonl", DATA)
    ledger.append(lambda _: [Entry("a", "b", 2, 1), Entry("c", "d", 3, 1)])
    store = stored(tmp_path, 2)

    line = Ledger(store.folder / "ledger.jsonl", DATA)
    line.read()
    assert store.head == {"data": DATA, "lines": 2, "hash": line.lines[-1].hash, "trials": 2}
    assert Head(2, ledger.lines[-1].hash, 5).trials == ledger.trials

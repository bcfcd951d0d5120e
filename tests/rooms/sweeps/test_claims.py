"""Claims: one holder per batch, whoever they are, and no batch that is nobody's for good."""

import os
import sys
import threading
import time

import numpy as np
import pytest

from runner.archive.locks import taken
from runner.errors import RunError
from runner.sweeps.claims import Claims, SharedWork, batch_key
from runner.sweeps.store import TrialStore
from tests.tried_trials import trial, tried

DATA = "00112233445566ff"
BATCHES = [[trial(1), trial(2)], [trial(3), ""], [trial(4)]]


def grown_old(path, seconds):
    """Let the last sign of life of a claim be so long ago."""
    os.utime(path, (time.time() - seconds,) * 2)


def test_a_batch_has_one_holder_and_is_free_again_afterwards(tmp_path):
    """Others get None meanwhile, other batches stay free, and nothing is left of it."""
    claims = Claims(tmp_path)

    with claims.claim("one") as first, claims.claim("one") as second, claims.claim("two") as other:
        held = [each is not None for each in (first, second, other)]
    with claims.claim("one") as again:
        assert again is not None
    assert held == [True, False, True]
    assert list(tmp_path.iterdir()) == []


def test_a_claim_ends_with_what_goes_wrong_under_it(tmp_path):
    """An error lets go of it."""
    claims = Claims(tmp_path)
    with pytest.raises(ValueError, match="broken"), claims.claim("one"):
        raise ValueError("broken")

    assert claims.taken("one") is not None


def test_a_holder_without_a_sign_of_life_loses_its_batch(tmp_path):
    """After as many seconds as the other is patient; letting go late takes nothing from the new holder."""
    claims = Claims(tmp_path)
    stuck = claims.taken("one")
    grown_old(tmp_path / "one", 100)

    assert claims.taken("one", patience=200) is None
    assert claims.taken("one") is None
    thief = claims.taken("one", patience=50)
    stuck.beat()
    stuck.release()
    assert thief is not None
    assert claims.taken("one", patience=50) is None


def test_a_sign_of_life_keeps_the_batch(tmp_path):
    """A beat counts from now."""
    claims = Claims(tmp_path)
    held = claims.taken("one")
    grown_old(tmp_path / "one", 100)
    held.beat()

    assert claims.taken("one", patience=50) is None


def test_the_age_of_a_file_that_a_killed_process_left_does_not_matter(tmp_path):
    """Nobody holds it, and whoever claims it now holds it from now on."""
    claims = Claims(tmp_path)
    (tmp_path / "one").touch()
    grown_old(tmp_path / "one", 1000)

    assert claims.taken("one", patience=50) is not None
    assert claims.taken("one", patience=50) is None


def test_many_threads_never_hold_one_file_at_once(tmp_path):
    """Taking, letting go and unlinking as fast as they can: never two of them inside."""
    inside, most, turns, before = [], [], [], sys.getswitchinterval()

    def run():
        for _ in range(500):
            held = taken(tmp_path / "x")
            if held is not None:
                inside.append(1)
                time.sleep(0.0001)
                most.append(len(inside))
                inside.pop()
                held.release()
                turns.append(1)

    threads = [threading.Thread(target=run) for _ in range(6)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)

    assert set(most) == {1}
    assert len(turns) > 6
    assert not (tmp_path / "x").exists()


class Disturbed(TrialStore):
    """A store that somebody else adds to as soon as it has looked what there is."""

    then = staticmethod(lambda: None)

    def refresh(self):
        super().refresh()
        then, self.then = self.then, lambda: None
        then()


def test_what_another_stores_between_looking_and_claiming_is_not_run_again(tmp_path):
    """He lets go after storing, so whoever has the claim looks once more."""
    theirs, mine = TrialStore.open(tmp_path, DATA), Disturbed.open(tmp_path, DATA)
    held, work = SharedWork(theirs, BATCHES[:1]).take(), SharedWork(mine, BATCHES[:1])

    def store_and_let_go():
        with held:
            theirs.append(tried(BATCHES[0]))

    mine.then = store_and_let_go

    assert work.take() is None


def test_work_is_handed_out_batch_by_batch_until_everything_is_known(tmp_path):
    """What is known already isn't handed out, of a batch that is known in part only the rest is, and unnamed lanes never."""
    store = TrialStore.open(tmp_path, DATA)
    store.append(tried([trial(1), trial(4)]))
    work, done = SharedWork(store, BATCHES), []

    while (batch := work.take()) is not None:
        with batch:
            done.append((batch.place, batch.missing.tolist()))
            store.append(tried([BATCHES[batch.place][number] for number in batch.missing]))

    assert done == [(0, [1]), (1, [0])]
    assert work.is_done
    assert list(store.claims.iterdir()) == []


def test_who_does_not_wait_is_told_that_nothing_can_be_had(tmp_path):
    """All batches are held by himself; once one is let go of without results it is handed out again."""
    store = TrialStore.open(tmp_path, DATA)
    work = SharedWork(store, BATCHES)
    held = [work.take(waits=False) for _ in BATCHES]

    nothing = work.take(waits=False)
    with held[1]:
        pass
    again = work.take(waits=False)

    assert [each.place for each in held] == [0, 1, 2]
    assert (nothing, work.is_done, again.place) == (None, False, 1)


def test_who_waits_gets_what_another_drops(tmp_path):
    """He looks again until there is something."""
    one, other = (SharedWork(TrialStore.open(tmp_path, DATA), BATCHES[:1]) for _ in range(2))
    held, found = one.take(), []
    waiting = threading.Thread(target=lambda: found.append(other.take()))
    waiting.start()
    waiting.join(0.05)
    is_waiting = waiting.is_alive()
    with held:
        pass
    waiting.join(30)

    assert is_waiting
    assert found[0].missing.tolist() == [0, 1]


def test_who_waits_is_done_when_another_has_stored_everything(tmp_path):
    """Failures count: they aren't run in circles."""
    theirs = TrialStore.open(tmp_path, DATA)
    one, other = SharedWork(theirs, BATCHES[:1]), SharedWork(TrialStore.open(tmp_path, DATA), BATCHES[:1])
    with one.take():
        assert other.take(waits=False) is None
        theirs.append(tried(BATCHES[0], failed=BATCHES[0][:1]))

    assert other.take() is None


def test_a_stuck_process_loses_its_batch_to_who_waits(tmp_path):
    """After the patience of the one who waits; both results are the same, and the trial counts once."""
    theirs, mine = TrialStore.open(tmp_path, DATA), TrialStore.open(tmp_path, DATA)
    stuck = SharedWork(theirs, BATCHES[:1]).take()
    work = SharedWork(mine, BATCHES[:1], patience=50)
    grown_old(mine.claims / batch_key(BATCHES[0]), 100)

    batch = work.take()
    with batch:
        mine.append(tried(BATCHES[0]))
    with stuck:
        theirs.append(tried(BATCHES[0]))

    assert np.array_equal(batch.missing, [0, 1])
    assert (work.take(), mine.trials_counted) == (None, 2)
    assert TrialStore.open(tmp_path, DATA).told == ()


def test_leftovers_of_killed_processes_are_tidied_up(tmp_path):
    """Files of batches nobody holds, and only those."""
    store = TrialStore.open(tmp_path, DATA)
    (store.claims / "left").touch()
    held = Claims(store.claims).taken("held")

    SharedWork(store, [])

    assert [path.name for path in store.claims.iterdir()] == ["held"]
    held.release()


def test_claims_that_cannot_be_written_are_said(tmp_path):
    """In the words of all run folders."""
    with pytest.raises(RunError, match="must be a folder that can be written"):
        Claims(tmp_path / "nowhere").taken("one")

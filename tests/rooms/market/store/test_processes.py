"""Several processes and a sudden death: the series stays consistent and no finished window is lost."""

import itertools
import multiprocessing
import os
import random
import signal
import time

import pytest

from runner.market.store import Store
from runner.market.store import store as store_module
from tests.rooms.market.store.service import Service, rows_of

KILLS = int(os.environ.get("RUNNER_TEST_KILLS", "20"))
"""Processes that are killed; more find rarer moments."""


def clock():
    return 5_000


def hammer(folder, log, seed):
    """Fill windows drawn at random, all over the same series."""
    store_module.FIRST_PART, store_module.FEW = 64, 0
    store, service, drawn = Store(folder), Service(log=log), random.Random(seed)
    for _ in range(25):
        start = drawn.randrange(0, 1_900)
        window = (start, start + drawn.randrange(1, 100))
        store.fill(service, "A", window, now=clock)
        assert store.read(service.fetch_key("A"), window).frame.equals(rows_of("A", *window))


def fill_and_tell(folder, told):
    """Fill small windows one after another; write down each that is finished."""
    store, service = Store(folder), Service()
    with told.open("a") as file:
        for start in range(0, 10_000, 20):
            store.fill(service, "A", (start, start + 20), now=clock)
            file.write(f"{start}\n")
            file.flush()


@pytest.fixture
def spawning():
    return multiprocessing.get_context("spawn")


def test_two_processes_fill_the_same_series_and_ask_for_nothing_twice(tmp_path, spawning):
    """Both read what the service has, whichever of them fetched it, and every instant was asked for once."""
    log = tmp_path / "asked"
    processes = [spawning.Process(target=hammer, args=(tmp_path / "store", log, seed)) for seed in (1, 2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)

    assert [process.exitcode for process in processes] == [0, 0]
    asked = sorted((int(start), int(end)) for _, start, end in (line.split() for line in log.read_text().splitlines()))
    assert all(one[1] <= following[0] for one, following in itertools.pairwise(asked))


def test_a_kill_loses_no_finished_window(tmp_path, spawning):
    """Whenever the process is killed, what it had told as finished is there and whole, and leftovers can be removed."""
    folder, told, drawn = tmp_path / "store", tmp_path / "told", random.Random(3)
    store, service = Store(folder), Service()
    told.touch()
    deaths = 0

    for _ in range(KILLS):
        before = told.stat().st_size
        process = spawning.Process(target=fill_and_tell, args=(folder, told))
        process.start()
        while told.stat().st_size == before and process.is_alive():
            time.sleep(0.001)
        time.sleep(drawn.uniform(0, 0.02))
        deaths += process.is_alive()
        os.kill(process.pid, signal.SIGKILL)
        process.join(60)
        finished = {int(line) for line in told.read_text().splitlines() if line}
        for start in finished:
            assert store.missing(service.fetch_key("A"), (start, start + 20)) == []
        store.tidy()
        first, last = min(finished), max(finished) + 20
        assert store.read(service.fetch_key("A"), (first, last)).frame.equals(rows_of("A", first, last))

    assert deaths

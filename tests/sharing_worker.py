"""One of several processes that share the batches of a sweep: `python sharing_worker.py RUNS DATA BATCHES SIZE [STILL]`.

It says `at work` once it has opened the store, and every batch that it stored; each batch takes a moment. With STILL it
stands still within the batch at that place.
"""

import signal
import sys
import time
from pathlib import Path

from runner.sweeps.claims import SharedWork
from runner.sweeps.store import TrialStore
from tests.tried_trials import trial, tried


def batches_of(count: int, size: int) -> list[list[str]]:
    """Return the trials of each batch."""
    return [[trial(place * size + each) for each in range(size)] for place in range(count)]


def main(runs: str, data: str, count: str, size: str, still: str = "") -> None:
    """Run batches until all are known."""
    store = TrialStore.open(Path(runs), data)
    batches = batches_of(int(count), int(size))
    work = SharedWork(store, batches)
    print("at work", flush=True)
    while (batch := work.take()) is not None:
        with batch:
            if str(batch.place) == still:
                print("still", flush=True)
                signal.pause()
            time.sleep(0.003)
            store.append(tried([batches[batch.place][number] for number in batch.missing.tolist()]))
            print(batch.place, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Rows that came over a network, kept: each chunk under the digest of its bytes, each series with an index of its windows.

    <store>/series/<SHA-256 of the series' key>.json    which windows are held, in which chunks
    <store>/chunks/<first two digits>/<SHA-256 of the file>.parquet
    <store>/locks/                                      empty files that processes lock

A chunk is written before the index that names it, and both appear by renaming a finished file, so a process that dies at
any moment leaves chunks nobody names, never an index that names a chunk which isn't there.
"""

from runner.market.store.kept import default_store, kept
from runner.market.store.store import Filled, Kept, Store
from runner.market.store.stored import Stored, changed_notes

__all__ = ["Filled", "Kept", "Store", "Stored", "changed_notes", "default_store", "kept"]

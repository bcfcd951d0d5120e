"""Which sources are read through a store: those whose rows come over a network."""

from runner.market.fetch import Fetchable
from runner.market.source import Source
from runner.market.store.edge import now, store_folder
from runner.market.store.store import Store
from runner.market.store.stored import Advance, Stored

__all__ = ["default_store", "kept"]


def default_store(source: object) -> Store:
    """Return the store a source declares in its field `store`, or the user's own."""
    declared = getattr(source, "store", None)
    return Store(store_folder(declared if isinstance(declared, str) else None))


def kept(source: Source, on_progress: Advance = lambda _symbol, _share: None) -> Source:
    """Return a source that reads through a store if its rows are worth keeping, any other as it is."""
    return Stored(source, default_store(source), now, on_progress) if isinstance(source, Fetchable) else source

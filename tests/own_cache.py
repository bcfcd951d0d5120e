"""A cache directory for a test alone, so that nobody's data are there; what was compiled is everybody's."""

from pathlib import Path

from runner.compiler.generated import FOLDER
from runner.market.store.edge import store_folder

__all__ = ["own_cache"]


def own_cache(folder: Path) -> str:
    """Make one below a folder and return its path, for `XDG_CACHE_HOME`: compiling everything anew takes half a minute."""
    kernels = store_folder().parent / FOLDER
    kernels.mkdir(parents=True, exist_ok=True)
    own = folder / "cache" / FOLDER
    own.parent.mkdir(parents=True, exist_ok=True)
    if not own.is_symlink():
        own.symlink_to(kernels, target_is_directory=True)
    return str(folder / "cache")

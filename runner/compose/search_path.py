"""Where Hydra looks for files: the user's directories first, the packaged ones last, all through the strict source.

`hydra.searchpath` and Hydra's own `--config-dir` can only add behind what is there, so a user's `conf/slippage/mine.yaml`
would be found but a `conf/config.yaml` never; and both read files without the strict reader. The plugin puts the open
reading's directories in the place of Hydra's `main` entry. Without an open reading it leaves Hydra alone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hydra.core.config_search_path import ConfigSearchPath, SearchPathElement
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin

from runner.compose.reading import Directory, Reading, current_reading, packaged_conf, reading_of
from runner.compose.source import StrictSource

__all__ = ["ReadingSearchPath", "config_directories"]


class ReadingSearchPath(SearchPathPlugin):
    """Puts the open reading's directories into Hydra's search path."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Replace the entries of plain files by strict ones."""
        reading = current_reading()
        if reading is None:
            return
        path = search_path.get_path()
        kept = [entry for entry in path if entry.provider != "main"]
        strict = [
            SearchPathElement("main", f"{StrictSource.scheme()}://{directory.path.as_posix()}")
            for directory in reading.directories
        ]
        path[:] = [*kept, *strict]


@contextmanager
def config_directories(
    directories: Sequence[Directory],
    *,
    packaged: Path | None = None,
    config_name: str = "config",
) -> Iterator[Reading]:
    """Make Hydra read these directories, the first winning, then the packaged one, strictly; collect what it reads.

    Works around `hydra.main` as well as around `compose`; see `user_directories` for the directories of a command line. One
    that is reached by two names, like `conf` in a source checkout, counts once.
    """
    plugins = Plugins.instance()
    plugins.register(StrictSource)
    plugins.register(ReadingSearchPath)
    with reading_of(tuple(_listed(directories, packaged or packaged_conf())), config_name) as reading:
        yield reading


def _listed(directories: Sequence[Directory], packaged: Path) -> Iterator[Directory]:
    seen: set[Path] = set()
    for directory in [*directories, Directory(packaged.resolve(), "packaged conf")]:
        if directory.path not in seen:
            yield directory
        seen.add(directory.path)

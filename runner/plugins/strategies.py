"""The user's own Backtrader strategy: a class in a file of `strategies/`, found by its name.

Files are read as those of operators are: their text says which classes they have, and only the file of the one that is asked
for is run.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from runner.errors import Fault, StrategyError, did_you_mean
from runner.plugins.definition import tree_of
from runner.plugins.files import Folder, PluginFile, files_of
from runner.plugins.imported import import_file, line_in

__all__ = ["OwnStrategy", "own_strategy"]

WHERE = "engine.strategy"


@dataclass(frozen=True, slots=True)
class OwnStrategy:
    """A Backtrader strategy of the user's."""

    name: str
    file: PluginFile
    made: type[Any]
    """The class."""

    @contextmanager
    def told(self) -> Iterator[None]:
        """Tell what the strategy raises by file and line.

        Raises:
            StrategyError: Instead of what it raised.
        """
        try:
            yield
        except (Exception, SystemExit) as error:
            line = line_in(self.file, error)
            if line is None:
                raise
            was = ": ".join(part for part in (type(error).__name__, " ".join(str(error).split())) if part)
            text = self.file.source.decode().splitlines()[line - 1].strip()
            fault = Fault(self.file.at(line), f"{self.name} must run to its end", was, "Mend the line.", excerpt=text)
            raise StrategyError(self.name, self.file.shown, fault) from error


def own_strategy(name: str, params: Mapping[str, object], folders: Iterable[Folder]) -> OwnStrategy | list[Fault]:
    """Return the strategy of a name, or everything that keeps it from being had.

    Args:
        name: The class.
        params: What it is to be given.
        folders: Where its file may be; the first folder's counts.

    Raises:
        ConfigError: If a file can't be read.
    """
    found = {file: _classes(file) for file in files_of(folders)}
    files = [file for file, classes in found.items() if name in classes]
    if not files:
        known = [each for classes in found.values() for each, is_strategy in classes.items() if is_strategy]
        broken = [fault for file in found if isinstance(fault := tree_of(file), Fault)]
        must = "must be a Backtrader strategy in a file of strategies/"
        return [Fault(WHERE, must, name, did_you_mean(name, known)), *broken]
    if len(files) > 1:
        places = " and ".join(file.shown for file in files)
        return [Fault(WHERE, "must be in one file alone", f"{name} in {places}", "Rename one of them.")]
    module = import_file(files[0])
    if isinstance(module, Fault):
        return [module]
    made = getattr(module, name)
    if not _is_strategy(made):
        write = f"Write class {name}(bt.Strategy)."
        return [Fault(WHERE, "must be a class made from backtrader.Strategy", f"{name} in {files[0].shown}", write)]
    faults = _unknown(made, params)
    return faults or OwnStrategy(name, files[0], made)


def _classes(file: PluginFile) -> Mapping[str, bool]:
    """Return the classes at the top of a file, and whether each says that it is a strategy; none if it isn't Python."""
    tree = tree_of(file)
    classes = (each for each in ([] if isinstance(tree, Fault) else tree.body) if isinstance(each, ast.ClassDef))
    return {each.name: any(ast.unparse(base).endswith("Strategy") for base in each.bases) for each in classes}


def _is_strategy(made: object) -> bool:
    return isinstance(made, type) and any(
        base.__name__ == "Strategy" and base.__module__.partition(".")[0] == "backtrader" for base in made.__mro__
    )


def _unknown(made: Any, params: Mapping[str, object]) -> list[Fault]:
    known = tuple(made.params._getkeys())  # noqa: SLF001 - Backtrader's only way to ask
    return [
        Fault(f"engine.params.{name}", f"must be a parameter of {made.__name__}", name, did_you_mean(name, known))
        for name in params
        if name not in known
    ]

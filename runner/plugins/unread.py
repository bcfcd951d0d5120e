"""Files that aren't Python: nobody's concern until a name is asked for that nobody else has, which they may hold."""

import re
from dataclasses import replace

from runner.errors import Fault
from runner.plugins.files import PluginFile

__all__ = ["UnreadFiles"]


class UnreadFiles:
    """The files that can't be read, and the names that were missed."""

    def __init__(self) -> None:
        """Begin without any."""
        self._files: list[tuple[PluginFile, Fault]] = []
        self._missed: dict[Fault, set[str]] = {}

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._files)

    def add(self, file: PluginFile, fault: Fault) -> None:
        """Count a file among them."""
        self._files.append((file, fault))

    def miss(self, name: str) -> bool:
        """Note that a name is missed, which the files may hold whose text has it, or else any; tell whether one has it."""
        having = [each for each in self._files if re.search(rb"\b%s\b" % re.escape(name.encode()), each[0].source)]
        for _, fault in having or self._files:
            self._missed.setdefault(fault, set()).add(name)
        return bool(having)

    def mentioning(self, text: bytes) -> tuple[Fault, ...]:
        """Return what is wrong with the files that have a text."""
        return tuple(fault for file, fault in self._files if text in file.source)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with the files that may hold what was missed."""
        return tuple(
            replace(fault, must=f"{fault.must}; it may hold {' and '.join(sorted(names))}")
            for fault, names in self._missed.items()
        )

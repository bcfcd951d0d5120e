"""Where every value of a configuration came from: the file and line, or the command line.

1. The defaults list says which files were merged, in which order, and where each one's keys went (`# @package`).
2. `_lay` puts each file's values over what was there, the way Hydra merges: mappings key by key, anything else whole.
3. Overrides come last. `origins_of` keeps what is left in the end, and gives a value that an interpolation brought in the
   place of the expression.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hydra.core.default_element import ResultDefault
from hydra.core.override_parser.types import Override

from runner.compose.overrides import COMMAND_LINE, key_path
from runner.compose.reading import Reading
from runner.strict_yaml import KeyPath, key_text

__all__ = ["Origin", "origin_of", "origins_of", "package_path", "source_of"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was written."""

    shown: str
    """The file as messages call it, or `command line`."""
    line: int | None = None
    """Line of the value, from 1; None on the command line."""
    column: int | None = None
    """Column of the value's first character, from 1."""

    def __str__(self) -> str:
        return self.shown if self.line is None else f"{self.shown}:{self.line}"


def origins_of(
    values: Mapping[str, Any],
    defaults: Iterable[ResultDefault],
    overrides: Iterable[Override],
    reading: Reading,
) -> dict[str, Origin]:
    """Return the origin of every key path of the values, mappings and lists included."""
    laid: dict[KeyPath, Origin] = {}
    for default in defaults:
        file = reading.files.get(str(default.config_path))
        if file is not None:
            package = package_path(default.package)
            content = {key: value for key, value in file.document.value.items() if key != "defaults"}
            shown, marks = file.shown, file.document.marks

            def in_file(path: KeyPath, *, skip: int = len(package), shown: str = shown, marks: Any = marks) -> Origin:
                mark = marks.get(path[skip:])
                return Origin(shown, mark.line, mark.column) if mark else Origin(shown)

            _lay(laid, package, content, in_file)
    for override in overrides:
        if not override.is_delete():
            _lay(laid, key_path(override.key_or_group), override.value(), lambda _: Origin(COMMAND_LINE))
    return dict(_kept(values, laid, (), Origin("")))


def source_of(origins: Mapping[str, Origin], path: Sequence[str | int]) -> str:
    """Return where the value at the path was written, or else the mapping it should stand in; empty if nobody knows."""
    for length in range(len(path), 0, -1):
        origin = origins.get(key_text(tuple(path[:length])))
        if origin is not None:
            return str(origin)
    return ""


def origin_of(where: str, origins: Mapping[str, Origin]) -> Origin | None:
    """Return the origin of a key path as it is written, or of the nearest mapping above it; None if nobody knows."""
    while where:
        if where in origins:
            return origins[where]
        where = where[: max(where.rfind("."), where.rfind("["), 0)]
    return None


def package_path(package: str | None) -> KeyPath:
    """Return where a file's keys go."""
    return tuple(package.split(".")) if package else ()


def _lay(laid: dict[KeyPath, Origin], path: KeyPath, value: Any, origin_at: Callable[[KeyPath], Origin]) -> None:
    if not isinstance(value, dict):
        for below in [known for known in laid if known[: len(path)] == path]:
            del laid[below]
    if path:
        laid[path] = origin_at(path)
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        _lay(laid, (*path, key), item, origin_at)


def _kept(value: Any, laid: Mapping[KeyPath, Origin], path: KeyPath, above: Origin) -> Iterable[tuple[str, Origin]]:
    origin = laid.get(path, above)
    if path and origin.shown:
        yield key_text(path), origin
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from _kept(item, laid, (*path, key), origin)

"""What was read: values, where each stood, and what is wrong with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from runner.errors import Fault

__all__ = ["Document", "KeyPath", "Mark", "Problem", "key_text"]

KeyPath = tuple[str | int, ...]
"""Keys and list positions from the top of a document down to a value."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text, as an editor shows it: both count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault and the value it is about; an empty path is the document as a whole."""

    path: KeyPath
    fault: Fault


@dataclass(frozen=True, slots=True)
class Document:
    """What a text said, where it said it, and what is wrong with it."""

    value: dict[str, Any]
    """Plain dicts, lists, text, numbers, booleans and None; empty where nothing could be read."""
    marks: Mapping[KeyPath, Mark] = field(default_factory=lambda: MappingProxyType({}))
    """Where each value stands: a scalar's own first character, a mapping's or list's key."""
    problems: tuple[Problem, ...] = ()
    """What is wrong, in the order of the text."""
    is_readable: bool = True
    """False if some of the text couldn't be read: a key that isn't in `value` may still be in the file."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The problems' faults, in the order of the text."""
        return tuple(problem.fault for problem in self.problems)


def key_text(path: KeyPath) -> str:
    """Return the path as users write it: `universe.symbols[0]`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")

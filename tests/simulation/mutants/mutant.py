"""A bug that is planted for the length of one test, and taken out again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Graft:
    """One function in the place of another."""

    owner: Any
    name: str
    make: Callable[[Any], Any]
    """Given the real one, returns what takes its place."""


@dataclass(frozen=True)
class Mutant:
    """One bug."""

    name: str
    story: str
    """What somebody might have thought."""
    grafts: tuple[Graft, ...]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """Let the bug live."""
        real = [(graft, _get(graft.owner, graft.name)) for graft in self.grafts]
        try:
            for graft, function in real:
                _set(graft.owner, graft.name, graft.make(function))
            yield
        finally:
            for graft, function in real:
                _set(graft.owner, graft.name, function)


def mutant(story, *grafts):
    """Return what names a bug: `name = mutant(story, (owner, attribute, make) …)`."""
    return story, tuple(Graft(*graft) for graft in grafts)


def named(module):
    """Return the mutants of a module, by the names they are assigned to."""
    return tuple(
        Mutant(name, *value)
        for name, value in vars(module).items()
        if isinstance(value, tuple) and len(value) == 2 and value[1] and isinstance(value[1][0], Graft)
    )


def _get(owner, name):
    return owner.__dict__[name]


def _set(owner, name, value):
    setattr(owner, name, value)

"""The user's own kinds: classes in files of `strategies/` that configurations choose by their word.

1. `declared_kinds` finds the classes in the text of the files; nothing is run.
2. A kind that is asked for has its file imported, its class looked at (`_unsound`), and is from then on like any other.
3. `tried` has the kinds of a run tried, with the numbers that the run gives them (`kind_trial`).

Only files of the folder are imported, and of these only those whose kinds are chosen.
"""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from runner.errors import Fault
from runner.kinds import FolderKinds
from runner.plugins.declared_kinds import DeclaredKind, declared_kinds
from runner.plugins.files import Folder, PluginFile, files_of
from runner.plugins.imported import import_file
from runner.plugins.kind_trial import ARGUMENTS, CLASSES, ROW_FUNCTIONS, broken
from runner.plugins.unread import UnreadFiles
from runner.spec.kind import Kind, Spec

__all__ = ["OwnKinds"]


class OwnKinds:
    """A lookup of the kinds that Runner brings, and of those that the user's files define."""

    def __init__(self, shipped: FolderKinds, folders: Iterable[Folder]) -> None:
        """Read the files of the folders and find what they define; nothing is imported.

        Raises:
            ConfigError: If a file can't be read.
        """
        self._shipped = shipped
        self._declared: dict[tuple[str, str], list[DeclaredKind]] = {}
        self._made: dict[tuple[str, str], type[Kind] | None] = {}
        self._noted: dict[Fault, None] = {}
        self._unread = UnreadFiles()
        self._nameless: list[DeclaredKind] = []
        for file in files_of(folders):
            found = declared_kinds(file)
            if isinstance(found, Fault):
                self._unread.add(file, found)
                continue
            for each in found:
                if each.name:
                    self._declared.setdefault((each.family, each.name), []).append(each)
                else:
                    self._nameless.append(each)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What keeps kinds that were asked for from being had."""
        return (*self._noted, *self._unread.faults)

    def broken(self) -> tuple[Fault, ...]:
        """Return what keeps any kind of the user's from being had; every file that defines one is run."""
        for family, name in self._declared:
            self.find(family, name)
        return (*self._noted, *self._unread.mentioning(b"runner.trading"))

    def names(self, family: str) -> tuple[str, ...]:
        """Return the kinds of a family, sorted."""
        own = {name for of, name in self._declared if of == family}
        return tuple(sorted({*self._shipped.names(family), *own}))

    def find(self, family: str, name: str) -> type[Kind] | None:
        """Return the class of a kind, None if nobody defines it or it can't be had; the latter has its fault noted."""
        key = (family, name)
        if key not in self._declared:
            found = self._shipped.find(family, name)
            if found is None and family in CLASSES:
                self._miss(family, name)
            return found
        if key not in self._made:
            faults = list(self._clashes(key))
            self._made[key] = None if faults else self._import(self._declared[key][0])
            self._noted |= dict.fromkeys(faults)
        return self._made[key]

    def having(self, family: str, key: str) -> tuple[str, ...]:
        """Return the kinds of a family that have a key; of the user's, those whose class has it in its text."""
        own = {each.name for (of, _), found in self._declared.items() if of == family for each in found if key in each.keys}
        return tuple(sorted({*self._shipped.having(family, key), *own}))

    def tried(self, value: object) -> tuple[list[Fault], tuple[PluginFile, ...]]:
        """Return what is wrong with the user's kinds within a value, such as a run, and the files they are from."""
        faults: list[Fault] = []
        files: dict[str, PluginFile] = {}
        for kind in _kinds_within(value):
            for key, ours in self._declared.items():
                if key[1] == kind.kind and isinstance(kind, CLASSES[key[0]]) and self.find(*key) is type(kind):
                    files[ours[0].file.name] = ours[0].file
                    faults += broken(kind, key[0], ours[0])
        return faults, tuple(files[name] for name in sorted(files))

    def _miss(self, family: str, name: str) -> None:
        """Note what may be the definition of a kind that nobody defines."""
        if not name:
            return
        self._unread.miss(name)
        for each in self._nameless:
            if each.family == family and name.encode() in each.file.source:
                write = f'Write kind: Literal["{name}"] = "{name}".'
                self._noted[Fault(each.at, f"{each.variable} must say by which word it is chosen", "", write)] = None

    def _clashes(self, key: tuple[str, str]) -> Iterator[Fault]:
        family, name = key
        ours = self._declared[key]
        write = "Choose another name."
        if name in self._shipped.names(family):
            yield Fault(ours[0].at, f"must not have the name of a kind of {family} that Runner brings", name, write)
        if len(ours) > 1:
            places = " and ".join(each.at for each in ours)
            yield Fault(ours[0].at, f"must be the only kind of {family} of its name", f"{name} in {places}", write)

    def _import(self, ours: DeclaredKind) -> type[Kind] | None:
        taken = list(_taken(ours))
        module = taken[0] if taken else import_file(ours.file)
        if isinstance(module, Fault):
            self._noted |= dict.fromkeys(taken or [module])
            return None
        made = getattr(module, ours.variable, None)
        faults = list(_unsound(made, ours))
        self._noted |= dict.fromkeys(faults)
        if faults or not (isinstance(made, type) and issubclass(made, Kind)):
            return None
        made.written_in = ours.at
        return made


def _taken(ours: DeclaredKind) -> Iterator[Fault]:
    """Yield a fault for each key that is called like something else of the family's class, or of every kind."""
    wanted = CLASSES[ours.family]
    own = {*dir(wanted), *ROW_FUNCTIONS.get(ours.family, ())} - wanted.model_fields.keys()
    for key in sorted(ours.keys & own):
        must = f"{ours.variable} must not have a key of this name, which stands for something else in {wanted.__name__}"
        yield Fault(ours.at, must, key, "Choose another name.")


def _unsound(made: object, ours: DeclaredKind) -> Iterator[Fault]:
    """Yield what is wrong with a class: what a type checker would tell, told to those who use none."""
    wanted = CLASSES[ours.family]
    if not (isinstance(made, type) and issubclass(made, wanted)):
        write = f"Write class {ours.variable}({wanted.__name__})."
        yield Fault(ours.at, f"{ours.variable} must be made from {wanted.__name__}", repr(made), write)
        return
    word = made.model_fields["kind"]
    if get_args(word.annotation) != (ours.name,) or not (word.is_required() or word.default == ours.name):
        yield Fault(
            ours.at,
            f"{ours.variable} must have its word as its kind",
            ours.name,
            f'Write kind: Literal["{ours.name}"] = "{ours.name}".',
        )
    if inspect.isabstract(made):
        missing = ", ".join(sorted(made.__abstractmethods__))
        yield Fault(ours.at, f"{ours.variable} must define {missing}", "", f"Write a method {missing}.")
    names = tuple(ROW_FUNCTIONS.get(ours.family, ()))
    had = [name for name in names if getattr(made, name, None) is not None]
    if names and not had:
        must = f"{ours.variable} must have {' or '.join(names)}, a row function"
        yield Fault(ours.at, must, "", " ".join(map(_row_function, names)))
    for name in had:
        function, held = getattr(made, name), inspect.getattr_static(made, name)
        taken = _arguments(function)
        if not isinstance(held, staticmethod):
            must = f"{ours.variable} must have {name} as a row function, which is no method"
            yield Fault(ours.at, must, repr(held), _row_function(name))
        elif taken is None or taken.count(",") != ARGUMENTS[name].count(","):
            was = repr(function) if taken is None else f"({taken})"
            yield Fault(ours.at, f"{ours.variable} must have {name} over ({ARGUMENTS[name]})", was, _row_function(name))


def _row_function(name: str) -> str:
    return f"Write def _{name}({ARGUMENTS[name]}) above the class, and {name} = staticmethod(_{name}) in it."


def _arguments(function: Any) -> str | None:
    """Return the names of what a function takes; None if it is none, or one that doesn't say."""
    try:
        return ", ".join(inspect.signature(getattr(function, "py_func", function)).parameters)
    except (TypeError, ValueError):
        return None


def _kinds_within(value: object) -> Iterator[Kind]:
    """Yield every kind in a value, however deep."""
    if isinstance(value, Kind):
        yield value
    if isinstance(value, Spec):
        for name in type(value).model_fields:
            yield from _kinds_within(getattr(value, name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _kinds_within(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _kinds_within(each)

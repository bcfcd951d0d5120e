"""All operators an expression may call: the shipped ones, and those of the user's files, imported when they are asked for.

Every name is known beforehand, so that a misspelt one finds its neighbour; the code of a file runs only if one of its
operators is called. A file that isn't Python is nobody's concern until a name is called that nobody else has.

An operator that can't be had has its fault noted, and asking for it raises `PoisonedError`, as every expression does that
can't be resolved for a reason which is noted already.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from runner.errors import Fault
from runner.plugins.declared import declared
from runner.plugins.definition import Definition
from runner.plugins.files import Folder, PluginFile, files_of
from runner.plugins.imported import import_file
from runner.plugins.sound import faults_of
from runner.plugins.unread import UnreadFiles
from runner.signal.builder import PoisonedError
from runner.signal.built_in import BUILT_IN
from runner.signal.expression import Call, Tree, parse
from runner.signal.foreign import is_near
from runner.signal.operator import Formula, Operator

__all__ = ["PluginOperators"]


class PluginOperators(Mapping[str, Operator]):
    """Operators by name."""

    def __init__(self, shipped: Mapping[str, Operator], folders: Iterable[Folder]) -> None:
        """Read the files of the folders and find what they make; nothing is imported.

        Raises:
            ConfigError: If a file can't be read.
        """
        self._shipped = shipped
        self._declared: dict[str, list[Definition]] = {}
        self._unread = UnreadFiles()
        self._noted: dict[Fault, None] = {}
        self._made: dict[str, Operator] = {}
        self._failed: set[str] = set()
        self._files: dict[str, PluginFile] = {}
        self._open: list[str] = []
        for file in files_of(folders):
            found = declared(file)
            if isinstance(found, Fault):
                self._unread.add(file, found)
                continue
            for each in found:
                self._declared.setdefault(each.name, []).append(each)
        for name in self._declared.keys() & BUILT_IN.keys():
            self._note(self._declared[name][0], f"must not have the name of a word of the language, {BUILT_IN[name]}", name)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What keeps operators that were asked for from being had."""
        return (*self._noted, *self._unread.faults)

    @property
    def files(self) -> tuple[PluginFile, ...]:
        """The files whose operators were asked for, sorted by name."""
        return tuple(self._files[name] for name in sorted(self._files))

    def own(self, operator: Operator) -> Definition | None:
        """Return where an operator is declared, None if it is a shipped one."""
        return self._declared[operator.name][0] if self._made.get(operator.name) is operator else None

    def __iter__(self) -> Iterator[str]:
        """Yield every known name."""
        yield from dict.fromkeys([*self._shipped, *self._declared])

    def __len__(self) -> int:
        return len(self._shipped.keys() | self._declared.keys())

    def __contains__(self, name: object) -> bool:
        """Tell whether a name is known, without importing anything."""
        return name in self._shipped or name in self._declared

    def __getitem__(self, name: str) -> Operator:
        """Return an operator, importing its file if it is the user's.

        Raises:
            KeyError: If nobody makes it.
            PoisonedError: If it can't be had; the fault is noted.
        """
        if name in self._made:
            return self._made[name]
        if name not in self._declared:
            return self._shipped[name] if name in self._shipped else self._unknown(name)
        made = None if name in self._failed else self._import(name)
        if made is None:
            self._failed.add(name)
            raise PoisonedError
        self._made[name] = made
        return made

    def _unknown(self, name: str) -> Operator:
        """Note the files that aren't Python: one of them may make the operator, and does if its text has the name.

        Raises:
            KeyError: If there are none, or if none has the name and another operator's is near it.
            PoisonedError: If one is likely to make it; its fault is noted, and mending it comes first.
        """
        if self._unread.miss(name) or (self._unread and not is_near(name, {*self, *BUILT_IN})):
            raise PoisonedError
        raise KeyError(name)

    def _import(self, name: str) -> Operator | None:
        """Return an operator of the user's, or note what is wrong with it."""
        ours = self._only(name)
        module = import_file(ours.file) if ours else None
        if ours is None or module is None:
            return None
        if isinstance(module, Fault):
            self._noted[module] = None
            return None
        made = vars(module).get(ours.variable)
        faults = faults_of(made, ours)
        self._noted |= dict.fromkeys(faults)
        if faults or not isinstance(made, Operator) or not self._is_whole(made, ours):
            return None
        self._files[ours.file.name] = ours.file
        return replace(made, own=ours.file.shown)

    def _only(self, name: str) -> Definition | None:
        """Return the one definition of a name, or note that there are others."""
        ours = self._declared[name]
        if name in self._shipped:
            self._note(ours[0], "must not have the name of an operator that Runner brings", name)
        if len(ours) > 1:
            places = " and ".join(each.at for each in ours)
            self._note(ours[0], "must be the only operator of its name", f"{name} in {places}")
        return ours[0] if len(ours) == 1 and name not in self._shipped else None

    def _is_whole(self, made: Operator, ours: Definition) -> bool:
        """Tell whether every operator that a formula calls can be had; a circle of formulas can't."""
        if not isinstance(made.body, Formula):
            return True
        if made.name in self._open:
            circle = [*self._open[self._open.index(made.name) :], made.name]
            self._note(ours, "must not depend on itself", " -> ".join(circle), "Break the circle.")
            return False
        self._open.append(made.name)
        try:
            return all(self._has(called) for called in _called(parse(made.body.expression, made.name)))
        finally:
            self._open.pop()

    def _has(self, name: str) -> bool:
        """Tell whether an operator can be had as far as we know; whether its name is known is said where it is called."""
        try:
            return self.get(name) is not None or name not in self
        except PoisonedError:
            return False

    def _note(self, ours: Definition, must: str, was: str, write: str = "Choose another name.") -> None:
        self._noted[Fault(ours.at, must, was, write)] = None


def _called(tree: Tree) -> Iterator[str]:
    """Yield the names of all operators an expression calls."""
    if isinstance(tree, Call):
        yield tree.operator
        for argument in (*tree.arguments, *(value for _, value in tree.named)):
            yield from _called(argument)

"""Which kinds a file defines, found in its text: nothing is run.

Those count that stand at the top of the file, are made from the class of a family or from one of its kinds, and say by which
word configurations choose them: `class Quiet(Slippage):` and in it `kind: Literal["quiet"] = "quiet"`.
"""

import ast
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from runner.kinds import FAMILIES
from runner.plugins.files import PluginFile

__all__ = ["DeclaredKind", "declared_kinds"]

HOMES: Mapping[str, str] = {family: home for family, home in FAMILIES.items() if home.startswith("runner.trading.")}
"""Family → the package that its class and its kinds are imported from; sources of data are Runner's own alone."""


@dataclass(frozen=True, slots=True)
class DeclaredKind:
    """A kind a file defines."""

    family: str
    name: str
    """What configurations call it."""
    variable: str
    """What the file calls it."""
    file: PluginFile
    line: int

    @property
    def at(self) -> str:
        """File and line of the definition."""
        return self.file.at(self.line)


def declared_kinds(file: PluginFile) -> tuple[DeclaredKind, ...]:
    """Return the kinds a file defines; none if it isn't Python, which is told when one of its names is asked for."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said when the file is imported, if it is
            tree = ast.parse(file.source, filename=str(file.path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    imported = dict(_imported(tree))
    families: dict[str, str] = {}
    found = []
    for each in tree.body:
        family = _family(each, imported, families) if isinstance(each, ast.ClassDef) else None
        if family is None or not isinstance(each, ast.ClassDef):
            continue
        families[each.name] = family
        found += [DeclaredKind(family, name, each.name, file, each.lineno) for name in _names(each)]
    return tuple(found)


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield names in the file and what they stand for."""
    for each in tree.body:
        if isinstance(each, ast.ImportFrom) and each.module and not each.level:
            yield from ((alias.asname or alias.name, f"{each.module}.{alias.name}") for alias in each.names)
        elif isinstance(each, ast.Import):
            yield from ((alias.asname, alias.name) for alias in each.names if alias.asname)


def _family(made: ast.ClassDef, imported: Mapping[str, str], families: Mapping[str, str]) -> str | None:
    """Return the family of a class by the classes it is made from, None if it is of none."""
    for base in made.bases:
        head, _, rest = ast.unparse(base).partition(".")
        if head in families:
            return families[head]
        target = f"{imported.get(head, head)}.{rest}"
        for family, home in HOMES.items():
            if target.startswith(f"{home}."):
                return family
    return None


def _names(made: ast.ClassDef) -> Iterator[str]:
    """Yield the word of `kind: Literal["word"]`."""
    for each in made.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.target.id == "kind":
            inner = each.annotation.slice if isinstance(each.annotation, ast.Subscript) else None
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                yield inner.value

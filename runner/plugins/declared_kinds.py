"""Which kinds a file defines, found in its text: nothing is run.

Those count that stand at the top of the file, are made from the class of a family or from one of its kinds, and say by which
word configurations choose them: `class Quiet(Slippage):` and in it `kind: Literal["quiet"] = "quiet"`.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from runner.errors import Fault
from runner.kinds import FAMILIES
from runner.plugins.definition import Definition, statements, tree_of
from runner.plugins.files import PluginFile

__all__ = ["DeclaredKind", "declared_kinds"]

HOMES: Mapping[str, str] = {family: home for family, home in FAMILIES.items() if home.startswith("runner.trading.")}
"""Family → the package that its class and its kinds are imported from; sources of data are Runner's own alone."""


@dataclass(frozen=True, slots=True)
class DeclaredKind(Definition):
    """A kind a file defines; its name is empty where it doesn't say by which word it is chosen."""

    family: str
    keys: frozenset[str]
    """The fields that its class has in its text."""


def declared_kinds(file: PluginFile) -> tuple[DeclaredKind, ...] | Fault:
    """Return the kinds a file defines, or what keeps it from being Python."""
    tree = tree_of(file)
    if isinstance(tree, Fault):
        return tree
    imported = dict(_imported(tree))
    families: dict[str, str] = {}
    found = []
    for each in statements(tree):
        family = _family(each, imported, families) if isinstance(each, ast.ClassDef) else None
        if family is None or not isinstance(each, ast.ClassDef):
            continue
        families[each.name] = family
        keys = frozenset(name for name, _ in _annotated(each))
        found += [DeclaredKind(name, each.name, file, each.lineno, family, keys) for name in list(_names(each)) or [""]]
    return tuple(found)


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield names in the file and what they stand for."""
    for each in statements(tree):
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
    for target, annotation in _annotated(made):
        inner = annotation.slice if target == "kind" and isinstance(annotation, ast.Subscript) else None
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def _annotated(made: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    """Yield the fields of a class and their types."""
    for each in made.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            outer = each.annotation.value if isinstance(each.annotation, ast.Subscript) else each.annotation
            if not each.target.id.startswith("_") and ast.unparse(outer).rpartition(".")[2] != "ClassVar":
                yield each.target.id, each.annotation

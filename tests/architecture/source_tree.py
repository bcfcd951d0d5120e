"""Runner's own source, parsed: each module with its dotted name below `runner` and its syntax tree."""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "runner"


@dataclass(frozen=True, slots=True)
class Module:
    name: str
    """Dotted name below `runner`, e.g. `market.sources.csv`; empty for the package itself."""
    path: Path
    tree: ast.Module

    def is_in(self, places):
        """Return whether the module is one of these places or lies inside one."""
        return any(self.name == place or self.name.startswith(f"{place}.") for place in places)

    def at(self, node):
        """Return file and line of a node, to point at."""
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"


@dataclass(frozen=True, slots=True)
class Import:
    module: Module
    target: str
    """Absolute dotted name; for `from a import b` it is `a.b`."""
    node: ast.stmt
    inside: str | None
    """Name of the function the import stands in, None at the top of the file."""
    is_for_types: bool
    """Whether only type checkers see it: it stands under `if TYPE_CHECKING`."""


@cache
def modules():
    """Return every module of the package, in the order of the paths."""
    return tuple(_module(path) for path in sorted(PACKAGE.rglob("*.py")))


@cache
def imports():
    """Return every import of every module, whatever it stands in."""
    return tuple(found for module in modules() for found in _imports(module, module.tree))


def _module(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path, ast.parse(path.read_text("utf-8"), filename=str(path)))


def _imports(module, node, inside=None, *, is_for_types=False):
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield from (Import(module, target, child, inside, is_for_types) for target in _targets(module, child))
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _imports(module, child, child.name, is_for_types=is_for_types)
        else:
            is_guard = isinstance(child, ast.If) and ast.unparse(child.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}
            yield from _imports(module, child, inside, is_for_types=is_for_types or is_guard)


def _targets(module, node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [f"{_absolute(module, node)}.{alias.name}" for alias in node.names]


def _absolute(module, node):
    if node.level == 0:
        return node.module
    package = ["runner", *module.name.split(".")]
    keep = len(package) - node.level + (module.path.name == "__init__.py")
    return ".".join([*package[:keep], *([node.module] if node.module else [])])

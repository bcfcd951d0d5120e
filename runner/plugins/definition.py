"""What stands in a file, found in its text: nothing is run."""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from runner.errors import Fault
from runner.plugins.files import PluginFile

__all__ = ["Definition", "statements", "tree_of"]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a file makes under a name."""

    name: str
    """What configurations and expressions call it."""
    variable: str
    """What the file calls it."""
    file: PluginFile
    line: int

    @property
    def at(self) -> str:
        """File and line of the definition."""
        return self.file.at(self.line)


def tree_of(file: PluginFile) -> ast.Module | Fault:
    """Return the syntax tree of a file, or what keeps it from being Python."""
    try:
        text = file.source.decode("utf-8-sig")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # said when the file is imported, if it is
            return ast.parse(text, filename=str(file.path))
    except SyntaxError as error:
        fix = "Mend the line, or move the file out of the folder."
        caret = f"{' ' * max(0, (error.offset or 1) - 1)}^"
        excerpt = f"{error.text.rstrip()}\n{caret}" if error.text else ""
        return Fault(file.at(error.lineno or 1), "must be Python", error.msg, fix, excerpt=excerpt)
    except (ValueError, RecursionError, MemoryError) as error:
        return Fault(file.shown, "must be Python", str(error), "Save the file as UTF-8 text.")


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements at the top of a file, and those under a condition there."""
    for statement in ast.iter_child_nodes(tree):
        if isinstance(statement, ast.If | ast.Try | ast.With | ast.ExceptHandler):
            yield from statements(statement)
        elif isinstance(statement, ast.stmt):
            yield statement

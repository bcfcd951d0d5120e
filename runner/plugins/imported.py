"""Runs the code of a file, once per content, and says in one line what it stumbles over.

The module goes by a name that says file and content, as machine code on disk asks for modules by their names. The import
path is not changed, nothing is written beside the file, and what is run are the bytes that were read: what is archived ran.
"""

import importlib.util
import sys
import traceback
from importlib.abc import InspectLoader, SourceLoader
from types import ModuleType

from runner.errors import Fault
from runner.plugins.files import PluginFile

__all__ = ["import_file", "line_in"]

PREFIX = "runner_strategies_"

PACKAGE = "Install the package; files of the folder don't import one another, so write what is shared where it is used."


class _Held(SourceLoader):
    """Loads a module from bytes that are held in memory; it knows no cache of bytecode."""

    def __init__(self, file: PluginFile) -> None:
        self._file = file

    def get_filename(self, fullname: str) -> str:
        """Return where the code is from."""
        del fullname
        return str(self._file.path)

    def get_data(self, path: str | bytes) -> bytes:
        """Return the code."""
        del path
        return self._file.source


def import_file(file: PluginFile) -> ModuleType | Fault:
    """Return the module of a file, imported before or now, or what its code stumbles over."""
    name = f"{PREFIX}{file.path.stem}_{file.digest[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_loader(name, _Held(file), origin=str(file.path))
    if spec is None or not isinstance(spec.loader, InspectLoader):
        raise ImportError(f"{file.path} can't be imported")
    spec.has_location = True
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the user's code raises is the user's to mend
        del sys.modules[name]
        fix = PACKAGE if isinstance(error, ImportError) else "Mend the line, or what it relies on."
        return Fault(file.at(line_in(file, error) or 1), "must run when it is imported", _words_of(error), fix)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def line_in(file: PluginFile, error: BaseException) -> int | None:
    """Return the line of a file that an error came from, the innermost one; None if it came from elsewhere."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(file.path)]
    return lines[-1] if lines else None


def _words_of(error: BaseException) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__

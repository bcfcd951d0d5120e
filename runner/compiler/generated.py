"""Loops written out for the functions they drive, so that the compiler can melt both into one.

A loop that is handed its function as a value costs a call per row. A loop that names its function costs none, but must then
exist once per function, and Numba finds only functions of files again in its disk cache, not closures. So the loop is text:

    1. `build` names the file after a digest of the text and of all that the functions it drives are made from.
    2. The file is written once, next to others of its kind in the user's cache directory.
    3. It is imported with the functions already in place; Numba keeps the machine code beside it.

Changed functions give another digest, hence another file: old machine code is never taken for new. A file that was deleted
is written again.
"""

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from runner.compiler import calls, memory
from runner.compiler.functions import Compiled, allocating_part, checked_part, part_of_kernel
from runner.compiler.ingredients import digest_of

__all__ = ["build"]

FOLDER = "runner/kernels"


def build(
    name: str,
    text: str,
    functions: Mapping[str, Callable[..., Any]],
    *,
    allocates: bool = False,
    is_checked: bool = False,
    is_marked: bool = False,
) -> ModuleType:
    """Return the module of a text whose functions may call the given ones by their names.

    Args:
        name: What the loops are for, e.g. `mean_rows`; part of the file's name.
        text: Python source; its decorators give explicit signatures and `cache=True`.
        functions: Name in the text → plain Python function, compiled as a part of whoever calls it.
        allocates: Whether the functions may make arrays.
        is_checked: Whether the functions are held to the ends of their arrays; the text says whether its own loops are.
        is_marked: Whether the functions are marked as parts already, and taken as they are.
    """
    digest = hashlib.sha256(text.encode() + (b"\0checked" if is_checked else b""))
    for own in (__file__, part_of_kernel.__code__.co_filename, calls.__file__, memory.__file__):
        digest.update(_digest_of(own))
    for called, function in sorted(functions.items()):
        digest.update(f"\0{called}\0".encode() + digest_of(function))
    path = _folder() / f"{name}_{digest.hexdigest()[:16]}.py"
    if not path.exists():
        _write(path, text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} can't be imported")
    module = importlib.util.module_from_spec(spec)
    # Machine code on disk names the module it belongs to, and is read back into the module of that name.
    sys.modules[path.stem] = module
    for called, function in functions.items():
        part = function if is_marked else _part(function, allocates=allocates, is_checked=is_checked)
        vars(module)[called] = part
    spec.loader.exec_module(module)
    return module


def _part(function: Callable[..., Any], *, allocates: bool, is_checked: bool) -> Compiled:
    if is_checked:
        return checked_part(function, allocates=allocates)
    return allocating_part(function) if allocates else part_of_kernel(function)


@cache
def _digest_of(path: str) -> bytes:
    return hashlib.sha256(Path(path).read_bytes()).digest()


@cache
def _folder() -> Path:
    """Return the folder of generated files, in the user's cache directory or, if that can't be written, a passing one."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - a home may be unknown
    folder = Path(home) / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="runner-kernels-"))


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all; two processes that write it at once write the same."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".tmp", delete=False, encoding="utf-8") as file:
        file.write(text)
    Path(file.name).replace(path)

"""What one composition reads: the directories it looks in, and every file it found there with its places and faults.

Hydra builds its sources itself and copies them at will, so they can't carry what was read. A `Reading` can: it is opened
by `config_directories`, found through a context variable by the search path and the source, and closed again.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner.errors import ConfigError, Fault
from runner.strict_yaml import Document, KeyPath

__all__ = ["ConfigFile", "Directory", "Reading", "current_reading", "packaged_conf", "reading_of", "user_directories"]


@dataclass(frozen=True, slots=True)
class Directory:
    """A folder of configurations."""

    path: Path
    """Absolute."""
    shown: str
    """What messages call it, e.g. `conf`."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One file as it was read and checked."""

    name: str
    """Group and option: `slippage/fixed_bps`, or `config`."""
    shown: str
    """The file as messages call it: `conf/slippage/fixed_bps.yaml`."""
    document: Document
    """What it says, with all that is wrong with it."""
    value: Mapping[str, Any]
    """What Hydra is given of it: the same without what was refused."""
    package: str | None
    """Where its `# @package` line puts it; None without one."""


@dataclass(slots=True)
class Reading:
    """Directories in order of precedence, and the files read from them so far."""

    directories: tuple[Directory, ...]
    primary: str = "config"
    """Name of the file a composition starts from."""
    files: dict[str, ConfigFile] = field(default_factory=dict)
    packages: dict[str, KeyPath] = field(default_factory=dict)
    """Where each file's keys ended up, once the defaults list is known."""
    known: dict[str, ConfigFile] = field(default_factory=dict)
    """Files that an earlier reading of the same directories has read: they aren't read again."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with the files read so far, with full key paths."""
        return tuple(fault for name in self.files for _, fault in self.problems_of(name))

    def problems_of(self, name: str) -> Iterator[tuple[KeyPath, Fault]]:
        """Yield each fault of a file with the key path of the configuration it is about."""
        package = self.package_of(name)
        for problem in self.files[name].document.problems:
            yield (*package, *problem.path), _placed(problem.fault, package) if problem.path else problem.fault

    def package_of(self, name: str) -> KeyPath:
        """Return where the file's keys go: as composed, else as its header or its folder says."""
        if name in self.packages:
            return self.packages[name]
        header = self.files[name].package
        package = name.rpartition("/")[0].replace("/", ".") if header is None else header.removeprefix("_global_").strip(".")
        return tuple(package.split(".")) if package else ()

    def shown_of(self, path: Path) -> str:
        """Return what messages call a directory."""
        return next((directory.shown for directory in self.directories if directory.path == path), str(path))


_CURRENT: ContextVar[Reading | None] = ContextVar("runner_reading", default=None)


def current_reading() -> Reading | None:
    """Return the reading that is open, None outside of `reading_of`."""
    return _CURRENT.get()


@contextmanager
def reading_of(
    directories: Sequence[Directory], primary: str, known: dict[str, ConfigFile] | None = None
) -> Iterator[Reading]:
    """Open a reading over the directories; the first that has a file wins, and `known` is shared with other readings."""
    reading = Reading(tuple(directories), primary, known={} if known is None else known)
    token = _CURRENT.set(reading)
    try:
        yield reading
    finally:
        _CURRENT.reset(token)


def packaged_conf() -> Path:
    """Return the configurations Runner comes with: inside the installed package, or beside it in a source checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "conf"
    return inside if inside.is_dir() else package.parent / "conf"


def user_directories(config_dirs: Sequence[Path], working_directory: Path | None) -> tuple[Directory, ...]:
    """Return the user's directories in order of precedence: each `--config-dir`, then `conf` in the working directory.

    Relative paths start at the working directory. A missing `conf` is no fault: the packaged one stands behind it.

    Raises:
        ConfigError: If a `--config-dir` is not a folder.
    """
    here = working_directory or Path()
    given = [Directory((here / path).resolve(), path.as_posix()) for path in config_dirs]
    faults = [
        Fault("--config-dir", "must be a folder", directory.shown, "Create it, or correct the path.", "command line")
        for directory in given
        if not directory.path.is_dir()
    ]
    if faults:
        raise ConfigError(faults)
    local = Directory((here / "conf").resolve(), "conf")
    return (*given, *((local,) if working_directory is not None and local.path.is_dir() else ()))


def _placed(fault: Fault, package: KeyPath) -> Fault:
    prefix = ".".join(str(key) for key in package)
    where = f"{prefix}.{fault.where}" if prefix else fault.where
    return Fault(where, fault.must, fault.was, fault.write, fault.source, fault.excerpt)

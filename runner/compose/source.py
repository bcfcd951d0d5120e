"""The source through which Hydra reads every YAML file that isn't Hydra's own: `strict:///absolute/directory`.

1. `_file` reads the bytes, unless there are more than the strict reader takes, and lets `strict_yaml` find what is wrong.
2. `checked_file` adds what only a configuration can have wrong: its defaults list, its interpolations, Hydra's own keys.
3. `load_config` hands Hydra what is left, so that composing goes on and later faults are found in the same pass.
"""

from copy import deepcopy
from pathlib import Path, PurePosixPath

from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigLoadError, ConfigResult, ConfigSource
from omegaconf import OmegaConf

from runner.compose.checks import checked_file
from runner.compose.reading import ConfigFile, current_reading
from runner.errors import ConfigError, Fault
from runner.strict_yaml import MAX_BYTES, Document, Problem, read, too_large

__all__ = ["StrictSource"]

_SUFFIX = ".yaml"
_HEADER_BYTES = 4096
"""How far into a file its `# @package` line is looked for."""


class StrictSource(ConfigSource):
    """A directory of YAML files, read strictly; paths never leave the directory."""

    @staticmethod
    def scheme() -> str:
        """Return the scheme of search-path entries this source serves."""
        return "strict"

    def load_config(self, config_path: str) -> ConfigResult:
        """Return what a file says, with what was refused left out; its faults are collected by the open reading."""
        name = config_path.removesuffix(_SUFFIX)
        if not self.is_config(name):
            raise ConfigLoadError(f"Config not found: {config_path}")
        file = self._file(name)
        return ConfigResult(
            provider=self.provider,
            path=self.full_path(),
            config=OmegaConf.create(deepcopy(dict(file.value))),
            header={"package": file.package},
        )

    def available(self) -> bool:
        """Return whether the directory exists."""
        return Path(self.path).is_dir()

    def is_group(self, config_path: str) -> bool:
        """Return whether the path is a folder of options."""
        return _is_inside(config_path) and (Path(self.path) / config_path).is_dir()

    def is_config(self, config_path: str) -> bool:
        """Return whether the path is a file."""
        name = config_path.removesuffix(_SUFFIX)
        return _is_inside(name) and (Path(self.path) / f"{name}{_SUFFIX}").is_file()

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """Return the options and groups below a group, sorted."""
        folder = Path(self.path) / config_path
        configs = {path.name.removesuffix(_SUFFIX) for path in folder.glob(f"*{_SUFFIX}") if path.is_file()}
        groups = {path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith(("_", "."))}
        wanted = {ObjectType.CONFIG: configs, ObjectType.GROUP: groups}
        return sorted(wanted[results_filter] if results_filter else configs | groups)

    def _file(self, name: str) -> ConfigFile:
        reading = current_reading()
        if reading is not None and name in reading.files:
            return reading.files[name]
        if reading is not None and name in reading.known:
            return reading.files.setdefault(name, reading.known[name])
        shown = f"{reading.shown_of(Path(self.path)) if reading else self.path}/{name}{_SUFFIX}"
        text, document = _read(Path(self.path) / f"{name}{_SUFFIX}", shown)
        file = checked_file(name, shown, text, document, is_primary=reading is not None and name == reading.primary)
        if reading is not None:
            reading.files[name] = reading.known[name] = file
        elif file.document.faults:
            raise ConfigError(file.document.faults)
        return file


def _is_inside(config_path: str) -> bool:
    path = PurePosixPath(config_path)
    return not path.is_absolute() and ".." not in path.parts


def _read(path: Path, shown: str) -> tuple[str, Document]:
    try:
        if path.stat().st_size > MAX_BYTES:
            return "", too_large(path.stat().st_size, shown)
        data = path.read_bytes()
    except OSError as error:
        fault = Fault(
            shown, "must be a file that can be read", error.strerror or type(error).__name__, "Check its permissions."
        )
        return "", Document({}, problems=(Problem((), fault),), is_readable=False)
    return data[:_HEADER_BYTES].decode("utf-8-sig", errors="replace"), read(data, shown)

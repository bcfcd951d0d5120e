"""From YAML files and overrides to one plain mapping, with every fault found on the way.

1. `checked_overrides` looks at each override by itself; `choosing_faults` compares those that choose files with the files.
2. `applied` lets Hydra compose what is sound; the strict source reads the files and collects their faults.
3. `resolved` makes plain values; `origins_of` says where each was written.
4. `_gathered` puts the faults together: files, overrides, interpolations, each once.

`composed_of` does the last two steps for a configuration that `hydra.main` has composed. A `Composer` composes any number of
times from the same folders and reads each file once.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hydra import version
from hydra._internal.hydra import Hydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict

from runner.compose.apply import Applied, applied
from runner.compose.checks import leaves
from runner.compose.composed import Composed
from runner.compose.interpolation import keys_read
from runner.compose.loader import Loader
from runner.compose.origins import origins_of, package_path, source_of
from runner.compose.overrides import checked_overrides, choosing_faults, is_choice
from runner.compose.reading import Reading, reading_of, user_directories
from runner.compose.resolve import resolved
from runner.compose.search_path import config_directories
from runner.errors import Fault
from runner.spec.kind import Kinds
from runner.spec.run import RunSpec
from runner.spec.sweep import BesideRun
from runner.strict_yaml import KeyPath, write

__all__ = ["VERSION_BASE", "Composer", "Configurations", "compose", "composed_of", "composing"]

VERSION_BASE = "1.3"
"""The Hydra behaviour configurations are written for."""


@dataclass(frozen=True, slots=True)
class Configurations:
    """The files that configurations are composed of."""

    config_name: str = "config"
    """The file to start from, without `.yaml`."""
    config_dirs: tuple[Path, ...] = ()
    """Directories whose files come before all others."""
    working_directory: Path | None = None
    """Its `conf` comes next, if there is one; relative paths start here."""
    packaged: Path | None = None
    """The last directory; None takes the one Runner comes with."""


@dataclass(frozen=True, slots=True)
class Composer:
    """Composes one configuration after another; see `composing`."""

    reading: Reading
    """What has been read so far; must be open."""
    kinds: Kinds | None
    loader: Loader = field(default_factory=Loader)
    """Knows which groups and options there are; composing takes another."""

    def composed(self, overrides: Sequence[str]) -> Composed:
        """Return a configuration, with what is wrong with it among its `faults`."""
        reading = self.reading
        with reading_of(reading.directories, reading.primary, reading.known) as fresh:
            return self._composed(overrides, fresh)

    def _composed(self, overrides: Sequence[str], reading: Reading) -> Composed:
        loader = Loader()
        Hydra("runner", loader)  # registers the resolvers of Hydra's own node and names the job
        checked = checked_overrides(overrides)
        misses = {
            id(override): choosing_faults(override, loader, self.kinds)
            for override in checked.sound
            if is_choice(override, loader)
        }
        sound = [override for override in checked.sound if misses.get(id(override)) is None]
        found = [*checked.faults, *(fault for fault in misses.values() if fault)]
        outcome = applied(sound, loader, reading, self.kinds)
        return _gathered(outcome, found, loader, reading)


@contextmanager
def composing(configurations: Configurations, kinds: Kinds | None = None) -> Iterator[Composer]:
    """Open the files of configurations, for as long as they are composed.

    Args:
        configurations: Which files.
        kinds: As for `compose`.

    Raises:
        ConfigError: If one of `config_dirs` is not a folder.
    """
    version.setbase(VERSION_BASE)
    directories = user_directories(configurations.config_dirs, configurations.working_directory)
    name, packaged = configurations.config_name, configurations.packaged
    with config_directories(directories, packaged=packaged, config_name=name) as reading:
        yield Composer(reading, kinds)


def compose(
    overrides: Sequence[str] = (),
    *,
    config_name: str = "config",
    config_dirs: Sequence[Path] = (),
    working_directory: Path | None = None,
    packaged: Path | None = None,
    kinds: Kinds | None = None,
) -> Composed:
    """Compose a configuration; what is wrong with it is in the `faults` of what is returned.

    Args:
        overrides: As on the command line: `["slippage=none", "signal.params.lookback=10"]`.
        config_name: The file to start from, without `.yaml`.
        config_dirs: Directories whose files come before all others.
        working_directory: Its `conf` comes next, if there is one; relative paths start here.
        packaged: The last directory; None takes the one Runner comes with.
        kinds: Looks up the classes behind `kind`, so that keys which no file lists can be set without `+`, and kinds that no
            file names are known; None takes only what files list.

    Raises:
        ConfigError: If one of `config_dirs` is not a folder.
    """
    files = Configurations(config_name, tuple(config_dirs), working_directory, packaged)
    with composing(files, kinds) as composer:
        return composer.composed(overrides)


def composed_of(config: DictConfig, hydra_config: DictConfig, reading: Reading) -> Composed:
    """Return what `hydra.main` has composed while the reading was open.

    Args:
        config: What the task function is given.
        hydra_config: `HydraConfig.get()`.
        reading: From `config_directories`; must still be open.
    """
    lines = [*hydra_config.overrides.hydra, *hydra_config.overrides.task]
    overrides = tuple(OverridesParser.create().parse_overrides(lines))
    whole = OmegaConf.create({"hydra": hydra_config})
    with open_dict(whole):
        whole.merge_with(config)
    loader = Loader()
    loader.defaults = loader.compute_defaults_list(reading.primary, lines, RunMode.RUN).defaults
    return _gathered(Applied(whole, overrides, ()), [], loader, reading)


def _gathered(outcome: Applied, found: Sequence[Fault], loader: Loader, reading: Reading) -> Composed:
    """Return what was composed, with the faults of overrides, files and interpolations, each key's said once."""
    composed, unresolved = _plain(outcome, loader, reading)
    gaps = _gaps(outcome, reading)
    in_files = [problem for name in reading.files for problem in reading.problems_of(name)]
    misfits = [(path, fault) for path, fault in outcome.faults if not _is_explained(path, gaps)]
    said = {path for path, _ in [*in_files, *outcome.faults] if path}
    unsaid = [(path, fault) for path, fault in unresolved if path not in said]
    faults = (*found, *(fault for _, fault in [*in_files, *misfits, *unsaid]))
    return replace(composed, faults=faults, said=frozenset(said | {path for path, _ in unsaid}), gaps=gaps)


def _gaps(outcome: Applied, reading: Reading) -> frozenset[KeyPath]:
    """Return where unreadable files would have gone, everywhere if nothing could be composed."""
    gaps = {reading.package_of(name) for name, file in reading.files.items() if not file.document.is_readable}
    return frozenset(gaps if outcome.config is not None else {()})


def _is_explained(path: KeyPath, gaps: frozenset[KeyPath]) -> bool:
    """Return whether a file that couldn't be read explains why a key isn't there."""
    return any(path[: len(gap)] == gap for gap in gaps if path)


def _plain(outcome: Applied, loader: Loader, reading: Reading) -> tuple[Composed, list[tuple[KeyPath, Fault]]]:
    if outcome.config is None:
        return Composed({}), []
    hydra_node = outcome.config.hydra
    reading.packages.update({str(default.config_path): package_path(default.package) for default in loader.defaults})
    is_whole = all(file.document.is_readable for file in reading.files.values())
    own = OmegaConf.masked_copy(outcome.config, [str(key) for key in outcome.config if key != "hydra"])
    values, faults = resolved(own, is_whole=is_whole)
    settings = [override for override in outcome.overrides if not is_choice(override, loader)]
    origins = origins_of(values, loader.defaults, settings, reading)
    runs, sweep = values.pop("runs", "runs"), values.pop("sweep", {})
    if values.get("name", "") is None:
        values["name"] = _strategy_of(values) or _name_of(hydra_node)
    faults += [(("runs",), _not_a_folder(runs))] if not isinstance(runs, str) or not runs else []
    faults += _astray(loader, reading)
    lines = [str(override.input_line) for override in outcome.overrides if not override.is_hydra_override()]
    composed = Composed(
        values,
        MappingProxyType(origins),
        MappingProxyType(_choices(hydra_node)),
        tuple(lines),
        str(runs),
        sweep,
        str(hydra_node.runtime.choices.get("hydra/sweeper")),
        str(hydra_node.runtime.choices.get("hydra/launcher")),
        keys_read(leaves(OmegaConf.to_container(own))),
        MappingProxyType(_hydra_files(values, lines, hydra_node)),
    )
    return composed, [(path, _sourced(fault, source_of(origins, path))) for path, fault in faults]


def _strategy_of(values: dict[str, Any]) -> str:
    """Return the class that decides instead of the signal, empty where none does."""
    engine = values.get("engine")
    strategy = engine.get("strategy") if isinstance(engine, dict) else None
    return strategy if isinstance(strategy, str) else ""


def _name_of(hydra_node: Any) -> str:
    """Return the name of a run that has none of its own: that of its signal option."""
    return (_choices(hydra_node).get("signal") or "run").rpartition("/")[2]


def _sourced(fault: Fault, source: str) -> Fault:
    return replace(fault, source="" if source == fault.where else source)


def _astray(loader: Loader, reading: Reading) -> list[tuple[KeyPath, Fault]]:
    """Return a fault for each file whose keys go nowhere a run has keys: its `# @package` line is missing."""
    known = {*RunSpec.model_fields, *BesideRun.model_fields, "runs", "hydra"}
    faults = []
    for default in loader.defaults:
        file = reading.files.get(str(default.config_path))
        path = package_path(default.package)
        if file is not None and path and path[0] not in known:
            must = f"must say where its keys go, because a run has no {path[0]}"
            faults.append((path[:1], Fault(file.shown, must, "", "Begin the file with the line `# @package _global_`.")))
    return faults


def _not_a_folder(runs: Any) -> Fault:
    return Fault("runs", "must be the name of a folder", str(runs), 'Write it as text, e.g. runs: "runs".')


def _choices(hydra_node: Any) -> dict[str, str | None]:
    chosen = OmegaConf.to_container(hydra_node.runtime.choices)
    beside = ("hydra/", *BesideRun.model_fields)
    return {str(key): value for key, value in dict(chosen).items() if not str(key).startswith(beside)}  # type: ignore[arg-type]


def _hydra_files(values: dict[str, Any], lines: list[str], hydra_node: Any) -> dict[str, str]:
    return {
        "config.yaml": write(values),
        "overrides.yaml": write(lines),
        "hydra.yaml": OmegaConf.to_yaml(OmegaConf.create({"hydra": hydra_node})),
    }

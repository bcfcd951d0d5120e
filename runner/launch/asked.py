"""Runs as Python asks for them: by overrides, or by a spec."""

from collections.abc import Sequence
from pathlib import Path

from runner.archive.run import Run
from runner.compose import Composed, compose
from runner.compose.swept import undecided_axes
from runner.errors import ConfigError, Fault
from runner.launch.how import Launch
from runner.launch.launch import launch
from runner.prepare import known_kinds, prepare, prepare_spec
from runner.spec.run import RunSpec

__all__ = ["configure", "run"]


def configure(overrides: Sequence[str] = (), *, config_dirs: Sequence[str | Path] = ()) -> RunSpec:
    """Return the spec that overrides make of the shipped configuration, without running it.

    Args:
        overrides: As on the command line: `["signal.params.lookback=10", "slippage=none"]`.
        config_dirs: Folders of YAML files that add to the shipped ones and come before them.

    Raises:
        ConfigError: With every fault found.
    """
    return prepare(_composed(overrides, config_dirs)).spec


def run(
    spec: RunSpec | None = None,
    *,
    overrides: Sequence[str] = (),
    config_dirs: Sequence[str | Path] = (),
    runs: str | Path | None = None,
) -> Run:
    """Run a strategy and write its run directory.

    Args:
        spec: A spec made in Python or by `runner.configure`; None composes the configuration.
        overrides: As on the command line; not together with a spec.
        config_dirs: Folders of YAML files that add to the shipped ones and come before them.
        runs: Folder that run directories go to; None takes the configuration's, or `runs`.

    Raises:
        RunnerError: The configuration, the data or the folder is not what it must be; nothing is left half-written.
        ValueError: Both a spec and overrides are given.
    """
    if spec is not None:
        if not isinstance(spec, RunSpec):
            raise TypeError(f"spec must be a RunSpec, was {type(spec).__name__}; overrides are given as overrides=[...]")
        if overrides or config_dirs:
            raise ValueError("give a spec or overrides, not both: a spec is complete; change it with spec.model_copy")
        return launch(prepare_spec(spec), Launch(runs=Path(runs or "runs")))
    composed = _composed(overrides, config_dirs)
    return launch(prepare(composed), Launch(composed=composed, runs=Path(runs or composed.runs)))


def _composed(overrides: Sequence[str], config_dirs: Sequence[str | Path]) -> Composed:
    if isinstance(overrides, str):
        raise TypeError(f'overrides must be a list of texts, was one text; write overrides=["{overrides}"]')
    folders = [Path(folder) for folder in config_dirs]
    composed = compose(overrides, config_dirs=folders, working_directory=Path.cwd(), kinds=known_kinds())
    axes = undecided_axes(composed)
    if axes:
        write = "Give each axis one value among the overrides, or run the sweep on the command line."
        raise ConfigError(Fault("sweep.axes", "must be left to sweeps, because this is one run", ", ".join(axes), write))
    return composed

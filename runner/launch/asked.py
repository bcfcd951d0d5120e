"""Runs as Python asks for them: by overrides, or by a spec."""

from collections.abc import Sequence
from pathlib import Path

from runner.compose import Composed, compose
from runner.compose.swept import undecided_axes
from runner.errors import ConfigError, Fault
from runner.launch.how import Launch
from runner.prepare import Prepared, known_kinds, prepare, prepare_spec
from runner.spec.run import RunSpec

__all__ = ["asked", "configure"]


def configure(overrides: Sequence[str] = (), *, config_dirs: Sequence[str | Path] = ()) -> RunSpec:
    """Return the spec that overrides make of the shipped configuration, without running it.

    Args:
        overrides: As on the command line: `["signal.params.lookback=10", "slippage=none"]`.
        config_dirs: Folders of YAML files that add to the shipped ones and come before them.

    Raises:
        ConfigError: With every fault found.
    """
    return prepare(_composed(overrides, config_dirs)).spec


def asked(
    spec: RunSpec | None = None,
    *,
    overrides: Sequence[str] = (),
    config_dirs: Sequence[str | Path] = (),
    runs: str | Path | None = None,
) -> tuple[Prepared, Launch]:
    """Return the run that is asked for, checked and compiled, and how it was asked for; see `runner.run`."""
    if spec is not None:
        if not isinstance(spec, RunSpec):
            raise TypeError(f"spec must be a RunSpec, was {type(spec).__name__}; overrides are given as overrides=[...]")
        if overrides or config_dirs:
            raise ValueError("give a spec or overrides, not both: a spec is complete; change it with spec.model_copy")
        return prepare_spec(spec), Launch(runs=Path(runs or "runs"))
    composed = _composed(overrides, config_dirs)
    return prepare(composed), Launch(composed=composed, runs=Path(runs or composed.runs))


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

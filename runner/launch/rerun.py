"""A run started again from its directory, as it was or with something changed; the configuration it came from isn't needed.

1. The resolved spec of the run is where overrides start: `slippage.bps=5` changes a value, and `slippage=none` takes another
   option of a group, whose keys replace all of the section.
2. The user's files are those that the run has kept; files of today are used for what those don't have.
3. The new run's manifest says which run it is one of.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from runner.archive.record import manifest_of
from runner.archive.run import Run
from runner.archive.seal import INPUTS
from runner.compose import compose
from runner.compose.validate import spec_of
from runner.errors import ConfigError, Fault, RunError
from runner.kinds import FolderKinds
from runner.launch.how import Launch
from runner.launch.kept_inputs import found_inputs, inputs_of, relaid
from runner.launch.launch import launch
from runner.launch.rebuild import kept_plugins, kept_values, refuse_foreign
from runner.plugins import OwnKinds, default_folders
from runner.prepare import prepare_spec
from runner.spec.run import RunSpec
from runner.strict_yaml import read, write

__all__ = ["rerun"]

START = "rerun"
"""The file that overrides start from."""


def rerun(path: str | Path, overrides: Sequence[str] = (), how: Launch | None = None, *, run_code: bool = False) -> Run:
    """Run a run again.

    Args:
        path: Its directory.
        overrides: As on the command line.
        how: How it was asked for; its manifest names the run.
        run_code: Whether Python files that came out of an archive may be run.

    Raises:
        RunnerError: If it can't be run; nothing is left half-written.
    """
    folder = Path(path).resolve()
    manifest = manifest_of(folder)
    if not (folder / "spec.yaml").is_file():
        fix = "Give the directory of a run; a sweep is started again by its command line."
        raise RunError(Fault(str(folder), "must be a run directory with its spec", "no spec.yaml", fix))
    refuse_foreign(folder, run_code=run_code)
    asked = how or Launch(runs=folder.parent.parent)
    values = kept_values(folder)
    if (folder / INPUTS).is_dir():
        inputs = inputs_of(values, manifest.get("data_digests") or {})
        found = found_inputs(values, inputs, [folder / INPUTS]).found
        values = relaid(values, found, asked.runs.expanduser().resolve() / ".inputs" / folder.name)
    folders = (*kept_plugins(folder), *default_folders())
    kinds = OwnKinds(FolderKinds(), folders)
    spec = _changed(values, list(overrides), kinds)
    own = f"{folder.parent.name}/{folder.name}"
    return launch(prepare_spec(spec, folders=folders), replace(asked, composed=None, rerun_of=own))


def _changed(values: dict[str, Any], overrides: list[str], kinds: OwnKinds) -> RunSpec:
    """Return the spec that values are with overrides; raises ConfigError with all that is wrong."""
    if not overrides:
        return spec_of(values, kinds=kinds)
    chosen = [word for word in overrides if _is_choice(word, values)]
    kept = {key: value for key, value in values.items() if key not in {_key(word) for word in chosen}}
    defaults = [{_key(word): _option(word)} for word in chosen]
    with tempfile.TemporaryDirectory(prefix="runner-rerun-") as scratch:
        text = write({"defaults": [*defaults, "_self_"], **kept})
        (Path(scratch) / f"{START}.yaml").write_text(text, encoding="utf-8")
        words = [word for word in overrides if word not in chosen]
        composed = compose(
            words, config_name=START, config_dirs=[Path(scratch)], working_directory=Path.cwd(), kinds=kinds
        )  # fmt: skip
        if composed.faults:
            raise ConfigError(composed.faults)
        return spec_of(composed.values, kinds=kinds)


def _key(word: str) -> str:
    return word.partition("=")[0]


def _is_choice(word: str, values: dict[str, Any]) -> bool:
    """Return whether an override takes another option of a group: its key is a section, and it is given a name."""
    return isinstance(values.get(_key(word)), dict) and not word.partition("=")[2].startswith("{")


def _option(word: str) -> Any:
    document = read(f"option: {word.partition('=')[2]}", "command line")
    if document.problems:
        raise ConfigError([problem.fault for problem in document.problems])
    return document.value["option"]

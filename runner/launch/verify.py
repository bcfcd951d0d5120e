"""Whether a run is what it says: its bytes are those that were written, and made again it comes to the same.

1. The seal: every file of the folder, byte by byte (`runner.archive.seal`).
2. The data: the very files that were read, wherever they are (`kept_inputs`).
3. The run is made again from its directory alone (`rebuild`), if what it is made from is whole.
4. What differs is named, the first layer first (`differing`): the record, the spec, Runner's code, the user's own files, the
   environment, the data, the kernel, the result. A layer may differ without the result doing so; what counts is the result.

Of a sweep the bytes are checked; its trials are made again by `runner materialise`. Of a session likewise, whose journal is
replayed by `runner replay`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runner.archive.directory import FORMATS
from runner.archive.record import MANIFEST, SWEEP_FACTS, is_sweep, manifest_of
from runner.archive.seal import INPUTS, SEAL, Broken, broken_seals, seal_digest
from runner.errors import Fault, RunError, RunnerError
from runner.launch.differing import LAYERS, Difference, made_from, result_differences
from runner.launch.kept_inputs import Whereabouts, found_inputs, inputs_of
from runner.launch.progress import Progress, Silent
from runner.launch.rebuild import PLUGINS, Source, kept_spec, kept_values, rebuilt, refuse_foreign
from runner.spec.run import canonical_json

__all__ = ["Verdict", "verify"]

FIRST_SEALED = 2
"""The first version of run directories and sweeps that are sealed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying a run came to."""

    path: Path
    broken: tuple[Broken, ...]
    """Files that aren't as they were written."""
    is_sealed: bool
    """Whether there was a seal to hold them against; runs older than seals have none."""
    seal: str | None
    """The digest that stands for all files, to be written down elsewhere."""
    is_rebuilt: bool = False
    """Whether the run was made again."""
    why_not: str = ""
    """Why it wasn't."""
    differences: tuple[Difference, ...] = ()
    """Files that were changed since, then the first layer first."""
    result_digest: str | None = None
    """Of the run made again."""

    @property
    def is_same(self) -> bool:
        """Whether nothing was changed and the same came out; of what wasn't made again, whether nothing differs."""
        if not self.is_rebuilt:
            return not self.broken and not self.differences
        return not self.broken and not any(each.layer in {"record", "result"} for each in self.differences)

    @property
    def first(self) -> Difference | None:
        """The first thing that differs; None if nothing does."""
        return self.differences[0] if self.differences else None


def verify(
    path: str | Path,
    *,
    data: Sequence[str | Path] = (),
    bytes_only: bool = False,
    run_code: bool = False,
    progress: Progress | None = None,
) -> Verdict:
    """Say whether a run directory is as it was written, and comes to the same when it is made again.

    Args:
        path: The run directory, or a sweep's folder.
        data: Files or folders in which the input data are looked for, if they aren't where they were.
        bytes_only: Whether to leave it at the bytes.
        run_code: Whether Python files that came out of an archive may be run.
        progress: Is told how far it is.

    Raises:
        RunError: If that can't be asked: it is no run directory, the run hasn't ended or has failed, its data are nowhere.
    """
    folder = Path(path)
    broken = tuple(broken_seals(folder))
    found = Verdict(folder, broken, is_sealed=True, seal=seal_digest(folder), differences=tuple(map(_of_file, broken)))
    is_record_changed = any(each.name in {MANIFEST, SWEEP_FACTS} for each in broken)
    manifest = _told(folder, is_changed=is_record_changed)
    status, version = manifest.get("status"), manifest.get("format")
    if status == "RUNNING":
        fix = "Wait until it has ended; if its process is gone, it was killed, and there is nothing to verify."
        raise RunError(Fault(str(folder), "must be a run that has ended", "RUNNING", fix))
    if is_record_changed:
        return replace(found, why_not="what it says of itself was changed")
    if version not in FORMATS:
        must = f"must be of format {' or '.join(map(str, FORMATS))}"
        raise RunError(Fault(str(folder), must, repr(version), "Verify it with the Runner that wrote it."))
    if version < FIRST_SEALED and not (folder / SEAL).is_file():
        found = Verdict(folder, (), is_sealed=False, seal=None)
    if bytes_only:
        return replace(found, why_not="only the bytes were asked for")
    if is_sweep(folder):
        return replace(found, why_not="a sweep's trials are made again one by one: runner materialise TRIAL")
    if status != "DONE":
        return replace(found, why_not=f"it ended as {status}: {manifest.get('error')}")
    if manifest.get("mode") not in {"backtest", "replay"}:
        return replace(
            found, why_not=f"mode={manifest.get('mode')} depends on the moment: runner replay goes through it again"
        )
    return _made_again(found, manifest, [Path(each) for each in data], progress or Silent(), run_code=run_code)


def _told(folder: Path, *, is_changed: bool) -> dict[str, Any]:
    """Return what a folder says of itself, nothing where a change of it has made that unreadable; raises RunError."""
    try:
        return manifest_of(folder)
    except RunError:
        if not is_changed:
            raise
        return {}


def _of_file(broken: Broken) -> Difference:
    return Difference(_layer_of(broken.name), broken.name, "", broken.how)


def _layer_of(name: str) -> str:
    first = name.partition("/")[0]
    known = {"spec.yaml": "spec", PLUGINS: "plugin source", INPUTS: "data"}
    is_result = name.endswith(".parquet") or name in {"metrics.json", "sensitivity.json", "quality.json", "report.html"}
    return known.get(first, "result" if is_result else "record")


def _made_again(
    found: Verdict, manifest: Mapping[str, Any], data: Sequence[Path], progress: Progress, *, run_code: bool
) -> Verdict:
    folder = found.path
    if any(each.layer in {"record", "spec", "plugin source"} for each in found.differences):
        return _sorted(replace(found, why_not="what it would be made from was changed"))
    values = kept_values(folder)
    differences = [*found.differences, *_spec_differences(folder, manifest, values), *_plugin_differences(folder, manifest)]
    if any(each.layer in {"spec", "plugin source"} and each.then for each in differences):
        why = "what it would be made from was changed"
        return _sorted(replace(found, differences=tuple(differences), why_not=why))
    refuse_foreign(folder, run_code=run_code)
    where = _data_of(folder, manifest, values, data)
    moved = {**where.found, **where.changed} if data or (folder / INPUTS).is_dir() else None
    try:
        with rebuilt(Source(folder, manifest, values, moved), progress) as again:
            differences += made_from(manifest, again.manifest)
            differences += result_differences(folder, manifest, again)
            done = replace(found, is_rebuilt=True, result_digest=again.result_digest)
    except RunnerError as error:
        if not where.changed:
            raise
        done = replace(found, why_not=f"its data have changed, and don't pass: {error.faults[0]}")
        differences += [Difference("data", each.name, f"{each.sha256[:16]}…", "other bytes") for each in where.changed]
    return _sorted(replace(done, differences=tuple(dict.fromkeys(differences))))


def _sorted(verdict: Verdict) -> Verdict:
    certain = set(map(_of_file, verdict.broken))
    found = sorted(verdict.differences, key=lambda each: (each not in certain, LAYERS.index(each.layer)))
    return replace(verdict, differences=tuple(found))


def _spec_differences(folder: Path, manifest: Mapping[str, Any], values: Mapping[str, Any]) -> list[Difference]:
    """Return how the spec that is kept differs from the one that was run, and how today's Runner understands it."""
    kept = hashlib.sha256(canonical_json(values).encode()).hexdigest()
    said = str(manifest["spec_hash"])
    if kept != said:
        return [Difference("spec", "spec.yaml", said[:16], kept[:16])]
    today = kept_spec(folder, values)
    if today.hash == said:
        return []
    new = sorted(set(_flat(today.model_dump(mode="json"))) - set(_flat(values)))
    return [Difference("spec", "keys that this version adds", "", ", ".join(new))]


def _flat(values: Any, path: str = "") -> list[str]:
    if isinstance(values, dict) and values:
        return [leaf for key, inner in values.items() for leaf in _flat(inner, f"{path}.{key}" if path else str(key))]
    return [path]


def _plugin_differences(folder: Path, manifest: Mapping[str, Any]) -> list[Difference]:
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((folder / PLUGINS).glob("*.py"))}
    said: Mapping[str, str] = manifest["plugins"]
    names = [name for name in dict.fromkeys((*said, *there)) if said.get(name) != there.get(name)]
    return [
        Difference("plugin source", name, (said.get(name) or "none")[:16], (there.get(name) or "none")[:16])
        for name in names
    ]


def _data_of(
    folder: Path, manifest: Mapping[str, Any], values: Mapping[str, Any], data: Sequence[Path]
) -> Whereabouts:  # fmt: skip
    inputs = inputs_of(values, manifest["data_digests"])
    given = data or ([folder / INPUTS] if (folder / INPUTS).is_dir() else [])
    where = found_inputs(values, inputs, given)
    if where.missing:
        fix = "Write --data with the file, or a folder that has it at any depth."
        raise RunError(
            [
                Fault(each.name, f"must be there, with the SHA-256 {each.sha256[:16]}…", "missing", fix)
                for each in where.missing
            ]
        )
    return where

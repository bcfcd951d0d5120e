"""From a composed configuration to everything a run needs, with all faults at once.

    1. The YAML files' own faults, found while composing.
    2. The spec: types, bounds, unknown keys and kinds.
    3. The signal section: every expression compiled, even where other sections are broken.
    4. The market's policies, and what the data source can tell without reading rows.

Nothing is written and no row is read; a broken configuration leaves no trace.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from runner.compose import Composed, Origin, origin_of
from runner.compose.validate import faults_of, spec_of
from runner.engine.pipeline import Pipeline, compile_pipeline
from runner.errors import ConfigError, Fault, NotYetError, did_you_mean
from runner.kinds import FolderKinds
from runner.market.load import config_faults
from runner.market.source import Source
from runner.market.store import kept
from runner.market.tape import BAR_COLUMNS
from runner.signal.compile import compile_signal
from runner.signal.registry import operators
from runner.signal.vocabulary import Vocabulary
from runner.spec.run import RunSpec
from runner.spec.signal import Signal

__all__ = ["Prepared", "composed_spec", "prepare", "prepare_spec", "sourced"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that can be launched."""

    spec: RunSpec
    pipeline: Pipeline
    source: Source


def prepare(composed: Composed) -> Prepared:
    """Check a composed configuration and compile it.

    Raises:
        ConfigError: With every fault of every section, each with the file and line it came from.
        NotYetError: If the words are right but this version can't do it.
    """
    spec, faults = composed_spec(composed)
    faults += _signal_faults(composed.values.get("signal")) if spec is None else _spec_faults(spec)
    if spec is None or faults:
        raise ConfigError(sourced(faults, composed.origins))
    return _compiled(spec)


def composed_spec(composed: Composed) -> tuple[RunSpec | None, list[Fault]]:
    """Return the spec of a composed configuration, None if it isn't one, and every fault of files and values."""
    faults = list(composed.faults)
    try:
        spec = spec_of(
            composed.values, kinds=FolderKinds(), origins=composed.origins, said=composed.said, gaps=composed.gaps
        )
    except ConfigError as error:
        return None, [*faults, *error.faults]
    return spec, faults


def prepare_spec(spec: RunSpec) -> Prepared:
    """Check a spec made in Python and compile it; raises as `prepare` does.

    It is validated again: `model_copy(update=…)` and `model_construct` let anything through.
    """
    unknown = sorted(set(vars(spec)) - set(RunSpec.model_fields))
    strays = [Fault(name, "must be a field of RunSpec", name, did_you_mean(name, RunSpec.model_fields)) for name in unknown]
    values = {name: value for name, value in spec.model_dump(warnings=False).items() if name not in unknown}
    faults = [*strays, *faults_of(values, kinds=FolderKinds())]
    if faults:
        raise ConfigError(faults)
    spec = spec_of(values, kinds=FolderKinds())
    faults = _spec_faults(spec)
    if faults:
        raise ConfigError(faults)
    return _compiled(spec)


def _compiled(spec: RunSpec) -> Prepared:
    if spec.mode.kind in {"paper", "live"}:
        fix = "Write mode=backtest or mode=replay; paper and live trading come in a later version."
        raise NotYetError(Fault("mode.kind", "must be backtest or replay in this version", spec.mode.kind, fix))
    pipeline = compile_pipeline(spec, _vocabulary())
    return Prepared(spec, pipeline, _source(spec))


def _vocabulary() -> Vocabulary:
    return Vocabulary({"bars": BAR_COLUMNS}, operators())


def _source(spec: RunSpec) -> Source:
    if not isinstance(spec.data, Source):
        raise TypeError(f"{spec.data!r} is not a data source")
    return kept(spec.data)


def _spec_faults(spec: RunSpec) -> list[Fault]:
    """Return what is wrong with a spec whose types are right."""
    policies = config_faults(universe=spec.universe, window=spec.window, timezone=spec.timezone, quality=spec.quality)
    return [*_compile_faults(spec.signal), *policies, *_source(spec).check(spec.universe)]


def _signal_faults(section: Any) -> Sequence[Fault]:
    """Return the faults of those expressions of a broken section that can be looked at.

    What isn't sound itself is stood in for, so that it causes no faults elsewhere: it has its own already.
    """
    numbers = {name: value if _is_number(value) else 1.0 for name, value in _mapping(section, "params").items()}
    texts = {name: text if isinstance(text, str) and text else "close" for name, text in _mapping(section, "nodes").items()}
    rules = {part: _mapping(section, "long").get(part) for part in ("enter", "exit")}
    sound = {part: text if isinstance(text, str) and text else "close > 0" for part, text in rules.items()}
    try:
        signal = Signal.model_validate({"params": numbers, "nodes": texts, "long": sound})
    except ValidationError:
        return []
    return _compile_faults(signal)


def _mapping(section: Any, key: str) -> dict[str, Any]:
    """Return what stands under a key if it is a mapping, else nothing."""
    found = section.get(key) if isinstance(section, dict) else None
    return found if isinstance(found, dict) else {}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compile_faults(signal: Signal) -> Sequence[Fault]:
    try:
        compile_signal(signal, _vocabulary())
    except ConfigError as error:
        return error.faults
    return []


def sourced(faults: Iterable[Fault], origins: Mapping[str, Origin]) -> list[Fault]:
    """Say which file and line each fault's value came from, where it doesn't yet."""
    found = ((fault, None if fault.source else origin_of(fault.where, origins)) for fault in faults)
    return [replace(fault, source=str(origin)) if origin else fault for fault, origin in found]

"""From a composed configuration to everything a run needs, with all faults at once.

    1. The YAML files' own faults, found while composing.
    2. The spec: types, bounds, unknown keys and kinds.
    3. The signal section: every expression compiled, even where other sections are broken, and the user's operators with it.
    4. The market's policies, and what the data source can tell without reading rows.

Nothing is written and no row is read; a broken configuration leaves no trace. Runs that have parts in common are prepared
with one `Once`: what depends on these parts is worked out for the first of them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec
from typing import Any

from pydantic import ValidationError

from runner.compose import Composed, Origin, origin_of
from runner.compose.ineffective import ineffective_faults
from runner.compose.sections import sweep_of
from runner.compose.validate import faults_of, spec_of
from runner.engine.choice import engine_faults
from runner.engine.clocks import pipeline_faults
from runner.engine.event_windows import event_faults
from runner.engine.pipeline import Pipeline, beside, compile_pipeline, measured_faults
from runner.engine.session_choice import session_faults
from runner.errors import ConfigError, Fault, did_you_mean
from runner.kinds import FolderKinds
from runner.market.offers import EVERYTHING, Offer, without_hours
from runner.market.run_data import run_data_faults
from runner.market.source import Source
from runner.market.store import kept
from runner.market.streams import STREAMS, Stream
from runner.once import Once
from runner.plugins import (
    Folder,
    OwnKinds,
    OwnStrategy,
    PluginFile,
    PluginOperators,
    default_folders,
    machine_code_faults,
    own_strategy,
)
from runner.signal.compile import NOTHING_BESIDE, compile_signal, texts_of
from runner.signal.graph import Graph
from runner.signal.operator import ValueType
from runner.signal.parsed import parsed_of
from runner.signal.registry import operators
from runner.signal.span import span_of
from runner.signal.steps import Steps
from runner.signal.vocabulary import Vocabulary
from runner.spec.kind import Kind, Spec
from runner.spec.run import RunSpec
from runner.spec.signal import Rule, Signal
from runner.spec.universe import Universe
from runner.trading.slippage import Slippage

__all__ = [
    "Prepared",
    "composed_spec",
    "known_kinds",
    "prepare",
    "prepare_again",
    "prepare_sound",
    "prepare_spec",
    "prepare_unread",
    "sourced",
]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run that can be launched."""

    spec: RunSpec
    pipeline: Pipeline
    source: Source
    vocabulary: Vocabulary
    """What its expressions may speak of."""
    strategy: OwnStrategy | None = None
    """The user's Backtrader strategy, which decides instead of the signal."""
    kinds: tuple[PluginFile, ...] = ()
    """The user's files whose kinds it has."""

    @property
    def plugins(self) -> tuple[PluginFile, ...]:
        """The user's files whose operators the expressions call, those of his kinds, and that of his strategy."""
        own = self.vocabulary.operators
        files = [*(own.files if isinstance(own, PluginOperators) else ()), *self.kinds]
        files += [] if self.strategy is None else [self.strategy.file]
        return tuple({file.name: file for file in files}.values())


def prepare(composed: Composed) -> Prepared:
    """Check a composed configuration and compile it.

    Raises:
        ConfigError: With every fault of every section, each with the file and line it came from.
    """
    spec, faults = composed_spec(composed)
    if spec is None:
        raise ConfigError(sourced([*faults, *_signal_faults(composed.values)], composed.origins))
    if faults:
        once = Once()
        faults += [*_spec_faults(spec, once, _tried(spec, once)), *ineffective_faults(spec, composed.origins)]
        raise ConfigError(sourced(faults, composed.origins))
    return prepare_sound(spec, composed.origins, Once())


def prepare_sound(spec: RunSpec, origins: Mapping[str, Origin], once: Once) -> Prepared:
    """Check and compile a spec whose values are sound by themselves; raises as `prepare` does.

    Args:
        spec: The run.
        origins: Key path → where it was written, as `Composed.origins`.
        once: Is handed in for each of several runs that have sections in common.
    """
    own = _tried(spec, once)
    faults = [*_spec_faults(spec, once, own), *ineffective_faults(spec, origins)]
    if faults:
        raise ConfigError(sourced(faults, origins))
    try:
        return _compiled(spec, once, own.files)
    except ConfigError as error:
        raise ConfigError(sourced(error.faults, origins)) from error


def composed_spec(composed: Composed) -> tuple[RunSpec | None, list[Fault]]:
    """Return the spec of a composed configuration, None if it isn't one, and every fault of files and values."""
    faults, kinds = list(composed.faults), known_kinds()
    sweep = sweep_of(composed, kinds)
    faults += sweep if isinstance(sweep, list) else []
    try:
        spec = spec_of(composed.values, kinds=kinds, origins=composed.origins, said=composed.said, gaps=composed.gaps)
    except ConfigError as error:
        return None, [*faults, *error.faults, *kinds.faults]
    return spec, faults


def known_kinds(once: Once | None = None) -> OwnKinds:
    """Return the kinds that Runner brings, and the user's own; with `once` those that it knows already."""
    if once is None:
        return OwnKinds(FolderKinds(), default_folders())
    return once("kinds", lambda: OwnKinds(FolderKinds(), _folders(once)))


def _folders(once: Once) -> tuple[Folder, ...]:
    """Return where the user's own files are: in the usual folders, unless the runs were given others."""
    return once("folders", default_folders)


def prepare_spec(spec: RunSpec, *, folders: tuple[Folder, ...] | None = None) -> Prepared:
    """Check a spec made in Python and compile it; raises as `prepare` does.

    It is validated again: `model_copy(update=…)` and `model_construct` let anything through.

    Args:
        spec: The run.
        folders: Where the user's own files are; None takes the usual folders.
    """
    once = Once()
    once("folders", default_folders if folders is None else lambda: folders)
    unknown = sorted(set(vars(spec)) - set(RunSpec.model_fields))
    strays = [Fault(name, "must be a field of RunSpec", name, did_you_mean(name, RunSpec.model_fields)) for name in unknown]
    values = {name: value for name, value in spec.model_dump(warnings=False).items() if name not in unknown}
    kinds = known_kinds(once)
    faults = [*strays, *faults_of(values, kinds=kinds), *kinds.faults]
    if faults:
        raise ConfigError(faults)
    spec = spec_of(values, kinds=kinds)
    own = _tried(spec, once)
    faults = [*_spec_faults(spec, once, own), *ineffective_faults(spec)]
    if faults:
        raise ConfigError(faults)
    return _compiled(spec, once, own.files)


def prepare_again(spec: RunSpec, words: Vocabulary, once: Once) -> Prepared:
    """Compile a spec that another process found sound, without a look at its data, which may not be here.

    Args:
        spec: The run.
        words: The other's `Prepared.vocabulary`; its operators don't count, those that are known here do.
        once: As for `prepare_sound`.

    Raises:
        ConfigError: If the user's own files here don't do for it.
    """
    own = _tried(spec, once)
    if own.faults:
        raise ConfigError(own.faults)
    if not isinstance(spec.data, Source):
        raise TypeError(f"{spec.data!r} is not a data source")
    known = once("own operators", lambda: PluginOperators(operators(), default_folders()))
    vocabulary = once("words", lambda: replace(words, operators=known), words)
    faults = _compile_faults(spec.signal, vocabulary, once, _beside(spec, once))
    if faults:
        raise ConfigError(faults)
    return _piped(spec, spec.data, vocabulary, once, own.files)


def prepare_unread(
    spec: RunSpec,
    *,
    streams: Mapping[str, Sequence[str]],
    without_hours: frozenset[str],
    folders: tuple[Folder, ...],
) -> Prepared:
    """Compile a spec that was run before, without a look at its data, which may be gone.

    Args:
        spec: The run.
        streams: Stream → its columns, as the data gave them then: `Vocabulary.streams`.
        without_hours: `Vocabulary.without_hours` of then.
        folders: Where the user's own files are.

    Raises:
        ConfigError: If it can't be compiled any more.
    """
    once = Once()
    once("folders", lambda: folders)
    own = _tried(spec, once)
    if own.faults:
        raise ConfigError(own.faults)
    if not isinstance(spec.data, Source):
        raise TypeError(f"{spec.data!r} is not a data source")
    groups = {name: tuple(sorted(map(str, members))) for name, members in spec.universe.groups.items()}
    known = PluginOperators(operators(), folders)
    symbols = len(spec.universe.symbols)
    words = Vocabulary(streams, known, tuple(spec.events), tuple(groups), without_hours, {}, groups, symbols)
    faults = _compile_faults(spec.signal, words, once, _beside(spec, once))
    if faults:
        raise ConfigError(faults)
    return _piped(spec, spec.data, words, once, own.files)


def _compiled(spec: RunSpec, once: Once, kind_files: tuple[PluginFile, ...]) -> Prepared:
    source = _source(spec, once)
    return _piped(spec, source, _vocabulary(spec, source, once), once, kind_files)


def _piped(
    spec: RunSpec, source: Source, vocabulary: Vocabulary, once: Once, kind_files: tuple[PluginFile, ...]
) -> Prepared:  # fmt: skip
    pipeline = compile_pipeline(spec, vocabulary, _graph(spec.signal, vocabulary, _beside(spec, once), once))
    strategy = once("strategy", lambda: _strategy(spec, _folders(once)), spec.engine)
    faults = [*pipeline_faults(pipeline, vocabulary.streams), *engine_faults(spec, pipeline)]
    if isinstance(strategy, list):
        raise ConfigError([*faults, *strategy])
    if faults:
        raise ConfigError(faults)
    return Prepared(spec, pipeline, source, vocabulary, strategy, kind_files)


def _strategy(spec: RunSpec, folders: tuple[Folder, ...]) -> OwnStrategy | list[Fault] | None:
    """Return the user's Backtrader strategy, or what keeps it from being had; None where there is none to run."""
    if spec.engine.kind != "backtrader" or spec.engine.strategy is None or find_spec("backtrader") is None:
        return None
    return own_strategy(spec.engine.strategy, spec.engine.params, folders)


@dataclass(frozen=True, slots=True)
class _Tried:
    """What trying the user's kinds of a run came to."""

    faults: tuple[Fault, ...]
    files: tuple[PluginFile, ...]
    """The files that the kinds are from."""


def _tried(spec: RunSpec, once: Once) -> _Tried:
    # A signal has no kinds; runs that differ in it alone need one look.
    parts = [part for name, part in vars(spec).items() if name != "signal"]
    return once("tried", lambda: _tried_of(parts, once), *parts)


def _tried_of(parts: Sequence[Any], once: Once) -> _Tried:
    kinds = known_kinds(once)
    found = [once("tried part", partial(kinds.tried, part), part) for part in parts if isinstance(part, (Spec, dict))]
    files = {file.name: file for _, own in found for file in own}
    return _Tried(tuple(fault for own, _ in found for fault in own), tuple(files[name] for name in sorted(files)))


def _beside(spec: RunSpec, once: Once) -> Mapping[str, tuple[str, ValueType]]:
    return once("beside", lambda: beside(spec), spec.sizing, spec.slippage, spec.order)


def _graph(signal: Signal, vocabulary: Vocabulary, others: Mapping[str, tuple[str, ValueType]], once: Once) -> Graph:
    """Return the graph of the signal and of the expressions beside it, whose order is that of their columns."""

    def compiled() -> Graph:
        texts = texts_of(signal, others)
        parsed = once("parsed", lambda: parsed_of(texts, others), also=tuple(texts.items()))
        names = tuple(others.items()), frozenset(signal.params)
        steps = once("steps", lambda: Steps(parsed), parsed, vocabulary, also=names)
        return compile_signal(signal, vocabulary, beside=others, parsed=parsed, steps=steps)

    return once("graph", compiled, signal, vocabulary, also=tuple(others.items()))


def _vocabulary(spec: RunSpec, source: Source, once: Once, *, is_sound: bool = True) -> Vocabulary:
    """Return what a run's expressions may speak of.

    Args:
        spec: The run.
        source: Where its market data come from.
        once: What is known already.
        is_sound: Whether the time-zone policy is free of faults; session hours that it fails to name are its own fault.
    """
    parts = (source, spec.universe, spec.timezone, spec.events)
    return once("vocabulary", lambda: _vocabulary_of(spec, source, _folders(once), is_sound=is_sound), *parts, also=is_sound)


def _vocabulary_of(spec: RunSpec, source: Source, folders: tuple[Folder, ...], *, is_sound: bool) -> Vocabulary:
    offers = source.offers(spec.universe)
    hourless = without_hours(offers, spec.timezone) if is_sound else frozenset[str]()
    groups, symbols = spec.universe.groups, len(spec.universe.symbols)
    return _words(offers, spec.events, groups, hourless=hourless, symbols=symbols, folders=folders)


def _words(
    offers: Mapping[Stream, Offer],
    events: Iterable[str],
    groups: Mapping[str, Iterable[str]],
    *,
    hourless: frozenset[str] = frozenset(),
    symbols: int = 0,
    folders: tuple[Folder, ...] | None = None,
) -> Vocabulary:
    """Return the words for what a source offers, in the order of streams: bars decide where there are any.

    Args:
        offers: Stream → what the source has of it.
        events: Names of the event files.
        groups: Grouping → its groups.
        hourless: Streams some rows of which have no session hours.
        symbols: How many symbols the universe has, 0 where it can't be told.
        folders: Where the user's own files are; None takes the usual folders.
    """
    streams: dict[str, tuple[str, ...]] = {stream: offers[stream].columns for stream in STREAMS if stream in offers}
    elsewhere: dict[str, tuple[str, ...]] = {
        stream: each.columns for stream, each in EVERYTHING.items() if stream not in offers
    }
    known = PluginOperators(operators(), default_folders() if folders is None else folders)
    members = {name: tuple(sorted(map(str, each))) for name, each in groups.items()}
    return Vocabulary(streams, known, tuple(events), tuple(groups), hourless, elsewhere, members, symbols)


def _source(spec: RunSpec, once: Once) -> Source:
    data = spec.data
    return once("source", lambda: _kept(data), data)


def _kept(data: Kind) -> Source:
    if not isinstance(data, Source):
        raise TypeError(f"{data!r} is not a data source")
    return kept(data)


def _spec_faults(spec: RunSpec, once: Once, tried: _Tried) -> list[Fault]:
    """Return what is wrong with a spec whose types are right."""
    parts = [part for name, part in vars(spec).items() if name != "signal"]
    rest = once("rest", lambda: _rest_of(spec, once, tried), *parts)
    # A kind that is broken can't be asked for its expressions, nor for its events.
    signal = _compile_faults(spec.signal, rest.vocabulary, once, NOTHING_BESIDE if tried.faults else _beside(spec, once))
    return [*signal, *rest.faults]


@dataclass(frozen=True, slots=True)
class _Rest:
    """What a spec's sections beside the signal come to."""

    vocabulary: Vocabulary
    faults: tuple[Fault, ...]


def _rest_of(spec: RunSpec, once: Once, tried: _Tried) -> _Rest:
    source = _source(spec, once)
    market = (spec.universe, spec.window, spec.timezone, spec.quality, spec.events)
    policies = once("policies", lambda: run_data_faults(spec), *market)
    vocabulary = _vocabulary(spec, source, once, is_sound=not policies)
    own = tried.faults
    events = event_faults(spec.slippage, spec.events) if isinstance(spec.slippage, Slippage) and not own else []
    offered = once("offered", lambda: source.check(spec.universe), source, spec.universe)
    return _Rest(vocabulary, (*events, *measured_faults(spec), *session_faults(spec), *own, *policies, *offered))


def _signal_faults(values: Mapping[str, Any]) -> Sequence[Fault]:
    """Return the faults of those expressions of a broken configuration that can be looked at.

    What isn't sound itself is stood in for, so that it causes no faults elsewhere: it has its own already.
    """
    section = values.get("signal")
    events, groups = _mapping(values, "events"), _mapping(values.get("universe"), "groups")
    known = {str(name): each if isinstance(each, Mapping) else {} for name, each in groups.items()}
    vocabulary = _words(_offered(values), map(str, events), known)
    stream, columns = next(iter(vocabulary.streams.items()))
    number = f"{stream}.{columns[0]}" if len(vocabulary.streams) > 1 else columns[0]
    rules = _rules(section, number)
    # Not validated: a name that is no name has its fault already, and the expressions that use it have none.
    signal = Signal.model_construct(
        params={str(name): _sound_parameter(value) for name, value in _mapping(section, "params").items()},
        nodes={str(name): _text_or(text, number) for name, text in _mapping(section, "nodes").items()},
        long=rules.get("long"),
        short=rules.get("short"),
        target=rules.get("target"),
    )
    return _compile_faults(signal, vocabulary, Once())


def _rules(section: Any, number: str) -> dict[str, Any]:
    """Return the rules of a broken section, one that stands in where there is none."""
    always = f"{number} > 0"
    sides = {side: _mapping(section, side) for side in ("long", "short") if _mapping(section, side)}
    rules: dict[str, Any] = {
        side: Rule.model_construct(enter=_text_or(rule.get("enter"), always), exit=_text_or(rule.get("exit"), always))
        for side, rule in sides.items()
    }
    target = section.get("target") if isinstance(section, dict) else None
    if target is not None and not rules:
        return {"target": _text_or(target, number)}
    return rules or {"long": Rule.model_construct(enter=always, exit=always)}


def _offered(values: Mapping[str, Any]) -> Mapping[Stream, Offer]:
    """Return what the data of a broken configuration offer; everything, if data or universe are what is broken."""
    section, kinds = _mapping(values, "data"), known_kinds()
    found = kinds.find("data", str(section.get("kind")))
    if found is None:
        return EVERYTHING
    try:
        source = found.model_validate(section, context=kinds)
        universe = Universe.model_validate(_mapping(values, "universe"))
    except ValidationError:
        return EVERYTHING
    return source.offers(universe) or EVERYTHING if isinstance(source, Source) else EVERYTHING


def _mapping(section: Any, key: str) -> dict[str, Any]:
    """Return what stands under a key if it is a mapping, else nothing."""
    found = section.get(key) if isinstance(section, dict) else None
    return found if isinstance(found, dict) else {}


def _text_or(text: object, otherwise: str) -> str:
    return text if isinstance(text, str) and text else otherwise


def _sound_parameter(value: object) -> int | float | str:
    """Return a parameter, or one that stands in: a length of time for what looks like one."""
    if isinstance(value, str):
        return value if span_of(value) else "1min" if re.search("[a-z]", value) else 1.0
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 1.0


def _compile_faults(
    signal: Signal,
    vocabulary: Vocabulary,
    once: Once,
    others: Mapping[str, tuple[str, ValueType]] = NOTHING_BESIDE,
) -> Sequence[Fault]:
    """Return the faults of the signal's expressions, and of those that stand in other sections."""
    try:
        graph = _graph(signal, vocabulary, others, once)
    except ConfigError as error:
        return [*error.faults, *_plugin_faults(None, vocabulary)]
    return once("plugins", lambda: _plugin_faults(graph, vocabulary), graph, vocabulary)


def _plugin_faults(graph: Graph | None, vocabulary: Vocabulary) -> Sequence[Fault]:
    """Return what is wrong with the user's files whose operators were called, and with those operators of a graph."""
    own = vocabulary.operators
    if not isinstance(own, PluginOperators):
        return []
    return own.faults if graph is None or own.faults else machine_code_faults(graph, own)


def sourced(faults: Iterable[Fault], origins: Mapping[str, Origin]) -> list[Fault]:
    """Say which file and line each fault's value came from, where it doesn't yet."""
    found = ((fault, None if fault.source else origin_of(fault.where, origins)) for fault in faults)
    return [replace(fault, source=str(origin)) if origin else fault for fault, origin in found]

"""Runs held side by side: what was asked for differently and what that touches, what came of it, and equity over time.

1. `asked_differently` compares the resolved specs key by key; a key that one run lacks is shown as such.
2. `_signatures` writes every node and rule out with the values of its parameters and the nodes it uses: two runs have the
   same node if these texts are the same, whatever it is called elsewhere. What a change of the market or of its policies
   touches is every node; what a change of costs or risk touches is none.
3. Figures by name, and equity as each run has it.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.archive.run import Run, load
from runner.errors import ConfigError, Fault
from runner.launch.rebuild import kept_values
from runner.tables import Table

__all__ = ["ABSENT", "Asked", "Change", "Comparison", "asked_differently", "compare"]

FEWEST = 2
ABSENT = "—"
MARKET = ("data", "universe", "window", "timezone", "quality", "events")
OUTPUT = ("name", "report")
SIDES = ("long", "short")


@dataclass(frozen=True, slots=True)
class Change:
    """A key that isn't the same in all runs."""

    key: str
    values: tuple[str, ...]
    """Per run, as YAML has it; a dash where the run has no such key."""
    effect: str
    """What it touches, in words."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for differently, and what that touches."""

    changes: tuple[Change, ...]
    nodes: tuple[str, ...]
    """Nodes and rules that aren't the same in all runs, or are computed on another market."""
    same_nodes: tuple[str, ...]

    @property
    def told(self) -> str:
        """What is to be said of the nodes, in a sentence or two."""
        if not self.nodes:
            return "Every node is the same."
        same = f" The same: {', '.join(self.same_nodes)}." if self.same_nodes else ""
        return f"Nodes that differ: {', '.join(self.nodes)}.{same}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several runs side by side."""

    runs: tuple[Run, ...]
    names: tuple[str, ...]
    """What tells them apart: their folders."""
    asked: Asked
    metrics: Mapping[str, tuple[float | int | str | None, ...]]
    """Metric → its value per run."""
    equity: tuple[Table, ...]
    """Per run."""

    @property
    def is_same(self) -> bool:
        """Whether all came to the same, to the last bit."""
        return len({run.result_digest for run in self.runs}) == 1


def compare(paths: Sequence[str | Path]) -> Comparison:
    """Hold runs side by side.

    Args:
        paths: At least two run directories.

    Raises:
        ConfigError: If there are fewer.
        RunError: If one isn't a run that is done.
    """
    if len(paths) < FEWEST:
        raise ConfigError(Fault("compare", "must be given at least two runs", str(len(paths)), "Write runner compare A B."))
    runs = tuple(load(path) for path in paths)
    metrics = [run.metrics for run in runs]
    equity = tuple(run.table("equity") for run in runs)
    return Comparison(
        runs=runs,
        names=tuple(f"{run.path.resolve().parent.name}/{run.path.resolve().name}" for run in runs),
        asked=asked_differently([kept_values(run.path) for run in runs]),
        metrics={name: tuple(each.get(name) for each in metrics) for name in dict.fromkeys(n for m in metrics for n in m)},
        equity=equity,
    )


def asked_differently(specs: Sequence[Mapping[str, Any]]) -> Asked:
    """Return how specs differ.

    Args:
        specs: Their plain values.
    """
    flat = [dict(_leaves(values, "")) for values in specs]
    differing = [
        key for key in dict.fromkeys(key for each in flat for key in each) if len({each.get(key) for each in flat}) > 1
    ]
    touches_market = any(key.partition(".")[0] in MARKET for key in differing)
    signatures = [_signatures(_mapping(values.get("signal"))) for values in specs]
    names = list(dict.fromkeys(name for each in signatures for name in each))
    is_same = {name: not touches_market and len({each.get(name) for each in signatures}) == 1 for name in names}
    changed = tuple(name for name in names if not is_same[name])
    return Asked(
        changes=tuple(
            Change(key, tuple(each.get(key, ABSENT) for each in flat), _effect(key, specs, changed)) for key in differing
        ),
        nodes=changed,
        same_nodes=tuple(name for name in names if is_same[name]),
    )


def _leaves(value: Any, path: str) -> list[tuple[str, str]]:
    if isinstance(value, dict) and value:
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, f"{path}.{key}" if path else str(key))]
    return [(path, _shown(value))]


def _shown(value: Any) -> str:
    words = {None: "null", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else str(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping as it is; a spec that was changed by hand may hold anything, which is as good as nothing."""
    return value if isinstance(value, Mapping) else {}


def _effect(key: str, specs: Sequence[Mapping[str, Any]], changed: Sequence[str]) -> str:
    """Return what a key touches, in words."""
    section, _, rest = key.partition(".")
    if section in MARKET:
        return "the market: every node, decision and fill"
    if section == "signal":
        touched = sorted(
            {name for values in specs for name in _readers(_mapping(values.get("signal")), rest)} & set(changed)
        )
        return f"nodes: {', '.join(touched)}" if touched else "no node"
    if section == "report":
        is_measure = rest in {"measured_from", "equity_every"}
        return "what is measured" if is_measure else "what is written, not what is computed"
    return "nothing that is computed" if section in OUTPUT else "orders and fills; no node"


def _expressions(signal: Mapping[str, Any]) -> dict[str, str]:
    """Return nodes and rules by name."""
    found = {str(name): str(text) for name, text in _mapping(signal.get("nodes")).items()}
    for side in SIDES:
        found |= {f"{side}.{rule}": str(text) for rule, text in _mapping(signal.get(side)).items() if text is not None}
    return found | ({"target": str(signal["target"])} if signal.get("target") else {})


def _names(text: str) -> set[str]:
    """Return the names in an expression; one that can't be read as such has none."""
    try:
        return {node.id for node in ast.walk(ast.parse(text.strip(), mode="eval")) if isinstance(node, ast.Name)}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()


def _signatures(signal: Mapping[str, Any]) -> dict[str, str]:
    """Return each node and rule written out: its text, and that of everything it uses."""
    expressions, params = _expressions(signal), _mapping(signal.get("params"))
    found: dict[str, str] = {}

    def written(name: str, above: frozenset[str]) -> str:
        if name not in found:
            text = " ".join(expressions[name].split())
            used = sorted(_names(text) - above - {name})
            parts = [f"{each}={written(each, above | {name})}" for each in used if each in expressions]
            parts += [f"{each}={_shown(params[each])}" for each in used if each in params]
            found[name] = f"({text}|{'|'.join(parts)})"
        return found[name]

    return {name: written(name, frozenset()) for name in expressions}


def _readers(signal: Mapping[str, Any], key: str) -> set[str]:
    """Return the nodes and rules that a key of the signal section reaches, e.g. `params.lookback`."""
    kind, _, own = key.partition(".")
    expressions = _expressions(signal)
    start = {own} if kind in {"nodes", "params"} else {key}
    reached = {name for name in start if name in expressions}
    fresh = start
    while fresh:
        fresh = {name for name, text in expressions.items() if name not in reached and _names(text) & (fresh | start)}
        reached |= fresh
    return reached
